"""Plans that were read before, by the digest of their content; kept per user, never beside the plan.

A cache that lay in a repository could show one plan and run another.
"""

from __future__ import annotations

import gc
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from locust_tui.domain.dataclass import dataclass

from .. import __version__
from ..domain.plan import Plan
from .problem import Problem

KEPT = 64
"""Plans that stay in the cache; the oldest go first."""


@dataclass(frozen=True, slots=True)
class ParsedPlan:
    """What one content means, whatever machine it is read on."""

    plan: Plan
    problems: tuple[Problem, ...]
    """Warnings only: a plan with errors is never kept."""
    programs: tuple[tuple[str, Problem], ...] = ()
    """Programs it starts, each with the warning that holds where the program is missing."""


def user_state_folder() -> Path:
    """`$XDG_STATE_HOME/locust-tui`: what this user's program remembers, outside any project."""
    base = os.environ.get("XDG_STATE_HOME") or ""
    root = Path(base) if base.startswith("/") else Path.home() / ".local" / "state"
    return root / "locust-tui"


@contextmanager
def collection_paused() -> Iterator[None]:
    """Building a plan makes no garbage cycles, and looking for them costs a third of its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@lru_cache(maxsize=1)
def _code_stamp() -> str:
    """Changes whenever the code that reads plans does, so that no reading outlives its reader."""
    here = Path(__file__).parent
    stamps = [
        f"{entry.name}{entry.stat().st_mtime_ns}"
        for folder in (
            here,
            here / "schema",
            here / "checks",
            here.parent / "domain",
            here.parent / "analysis",
        )
        for entry in os.scandir(folder)
        if entry.name.endswith(".py") and (folder.name != "analysis" or entry.name.startswith("soundness"))
    ]
    return __version__ + "".join(sorted(stamps))


def _file(digest: str, folder: str) -> Path:
    key = hashlib.sha256(f"{_code_stamp()}\0{folder}\0{digest}".encode()).hexdigest()[:40]
    return user_state_folder() / "plans" / f"{key}.json"


def recall(digest: str, folder: str, file: str) -> ParsedPlan | None:
    """The reading of this content, with problems that name `file`; None when it was never read."""
    import msgspec

    path = _file(digest, folder)
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    with open(fd, "rb") as stream:
        facts = os.fstat(fd)
        if (
            facts.st_uid != os.geteuid()
            or stat.S_IMODE(facts.st_mode) & 0o022
            or not stat.S_ISREG(facts.st_mode)
        ):
            return None
        data = stream.read()
    try:
        with collection_paused():
            parsed = msgspec.json.decode(data, type=ParsedPlan)
    except (msgspec.DecodeError, ValueError):
        path.unlink(missing_ok=True)
        return None
    return ParsedPlan(
        parsed.plan,
        tuple(replace(p, file=file) for p in parsed.problems),
        tuple((program, replace(p, file=file)) for program, p in parsed.programs),
    )


def remember(digest: str, folder: str, parsed: ParsedPlan) -> None:
    """Keep a reading. A folder that cannot be written only costs the next reading its speed."""
    import msgspec

    path = _file(digest, folder)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as stream:
            # every field is written out: filling in defaults costs a decoder of slotted classes four times more
            stream.write(msgspec.json.encode(parsed))
        os.replace(stream.name, path)
        _prune(path.parent)
    except OSError:
        return


def _prune(folder: Path) -> None:
    entries = sorted(((e.stat().st_mtime_ns, e.path) for e in os.scandir(folder)), reverse=True)
    for _, path in entries[KEPT:]:
        os.unlink(path)
