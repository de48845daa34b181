"""`ws diff`: what a workstream did in its worktree."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from ..errors import NotFoundError
from ..report.glyphs import Tone
from ..safe_text import safe
from .command import Settings
from .in_git import in_git
from .output import narrate, painter, put, put_json
from .target import State, Target

if TYPE_CHECKING:
    from ..domain.changes import Changes, Diff
    from ..git.workspace import Workspace

_LONGEST_LINE = 20_000


def show_diff(
    settings: Settings, target: Target, state: State, id: str, file: str | None, *, stat: bool, as_json: bool
) -> int:
    """Print it; a word on stderr for what is not committed and what was cut. Raises NotFoundError, GitError."""

    async def look(space: Workspace) -> tuple[Changes | None, Diff | None]:
        from ..git.looking import changes, diff

        found = await changes(space, id)
        if found is None or as_json:
            return found, None
        return found, await diff(space, id, file, stat=stat)

    found, diff = in_git(target, state, look)
    if found is None:
        raise NotFoundError(f"{id} has no worktree", help="worktree: true gives it one with its next attempt")
    if diff is None:
        put_json(_document(found))
        return 0
    paint = painter(settings)
    for line in diff.text.splitlines():
        put(paint(safe(line, limit=_LONGEST_LINE), _tone(line)) + "\n")
    if diff.cut:
        narrate(f"cut after {diff.limit} bytes; git -C {found.path} diff {found.since[:12]} shows all")
    if found.uncommitted:
        count = len(found.uncommitted)
        files = "1 file is" if count == 1 else f"{count} files are"
        narrate(f"{files} not committed and not in it: see locust-tui land {id}")
    return 0


def _tone(line: str) -> Tone:
    if line.startswith(("+++", "---", "diff ", "index ")):
        return Tone.QUIET
    return {"+": Tone.DONE, "-": Tone.FAILED, "@": Tone.RUNNING}.get(line[:1], Tone.PLAIN)


def _document(found: Changes) -> dict[str, Any]:
    from ..report.figures import iso

    told = dataclasses.asdict(found)
    told["commits"] = [{**c, "at": iso(c["at"])} for c in told["commits"]]
    return told
