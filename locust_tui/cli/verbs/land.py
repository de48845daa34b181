"""`land`: what has not come home yet, and clean-up of what has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ...errors import LocustTuiError, RefusedError, UsageError
from ...safe_text import safe
from ...signs import stands
from ..asking import connect
from ..command import Settings, verb
from ..in_git import in_git
from ..lookup import find_workstream
from ..output import narrate, put, put_json
from ..target import Target, find_target, read_state
from ..terminal import asks, can_ask

if TYPE_CHECKING:
    from ...domain.changes import LandRow, Ledger

_SHOWN = 5


@verb("land")
@click.argument("ids", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="The ledger, or what was removed, as one document.")
@click.option(
    "--clean", is_flag=True, help="Remove the worktrees whose work has come home (all, or those of IDS)."
)
@click.option("--discard", is_flag=True, help="With --clean ID: give up what has not; a trash ref keeps it.")
@click.option("--yes", is_flag=True, help="Give it up unasked.")
@click.option("--by", metavar="NAME", help="Who cleans up (default: the OS user).")
def command(
    settings: Settings,
    ids: tuple[str, ...],
    as_json: bool,
    clean: bool,
    discard: bool,
    yes: bool,
    by: str | None,
) -> int:
    """List what is uncommitted, unmerged or unpushed, of each worktree and of the main checkout."""
    from ...git.landing import land

    if discard and not (clean and ids):
        raise UsageError("--discard names what is given up", help="locust-tui land --clean --discard ID")
    target = find_target(settings)
    state = read_state(target)
    snapshot = state.snapshot(forecast=False)
    wanted = {find_workstream(snapshot, id).id for id in ids}
    ledger = in_git(target, state, land)
    rows = [row for row in ledger.rows if not wanted or row.workstream in wanted]
    states = {w.id: stands(w.state) for w in snapshot.workstreams}
    if discard and not yes:
        _ask_before_discarding([row for row in rows if row.held_back], states)
    if clean:
        return _clean(settings, target, rows, wanted, discard, by, as_json)
    if as_json:
        put_json(_document(ledger, rows))
        return 0
    for line in _lines(ledger, rows, states, main=not wanted):
        put(safe(line, oneline=True) + "\n")
    return 0


def _ask_before_discarding(rows: list[LandRow], states: dict[str, str]) -> None:
    """Return when nothing is given up, or a person at the terminal says yes to it. RefusedError otherwise."""
    if not rows:
        return
    lost = "; ".join(
        f"{row.workstream} ({states.get(row.workstream, 'not in the plan')}): {', '.join(row.held_back)}"
        for row in rows
    )
    if not can_ask():
        named = " ".join(row.workstream for row in rows)
        raise RefusedError(
            f"this gives up {lost}", help=f"if so: locust-tui land --clean --discard --yes {named}"
        )
    if not asks(f"give up {lost}; a trash ref keeps it"):
        raise RefusedError("nothing was discarded")


def _clean(
    settings: Settings,
    target: Target,
    rows: list[LandRow],
    wanted: set[str],
    discard: bool,
    by: str | None,
    as_json: bool,
) -> int:
    """Ask the worker for each: it knows what still runs. The first that was named and stays ends it with the refusal."""
    from ...client.requests import RemoveWorktree
    from ...report.figures import count

    missing = wanted - {row.workstream for row in rows}
    if missing:
        raise RefusedError(f"{', '.join(sorted(missing))}: no worktree", help="locust-tui land")
    removed: list[dict[str, str]] = []
    kept: list[dict[str, str]] = []
    if rows:
        with connect(settings, target) as connection:
            for row in rows:
                try:
                    reply = connection.ask(RemoveWorktree(row.workstream, discard, by))
                except LocustTuiError as error:
                    if wanted and not as_json:
                        raise
                    kept.append({"workstream": row.workstream, "why": error.message})
                else:
                    removed.append({"workstream": row.workstream, **reply.data})
    if as_json:
        put_json({"removed": removed, "kept": kept})
        return 4 if wanted and kept else int(bool(kept))
    for one in removed:
        put(safe(f"{one['workstream']}: removed {one['path']}, kept as {one['trash']}", oneline=True) + "\n")
    for one in kept:
        put(safe(one["why"], oneline=True) + "\n")
    if not rows:
        narrate("there are no worktrees")
    if kept:
        narrate(f"{len(kept)} of {count(len(rows), 'worktree stays', 'worktrees stay')}")
    return int(bool(kept))


def _lines(ledger: Ledger, rows: list[LandRow], states: dict[str, str], *, main: bool) -> list[str]:
    lines = []
    for row in rows:
        about = states.get(row.workstream, "not in the plan")
        came = "squashed into one commit" if row.squashed else "merged"
        home = "; ".join(row.held_back) or (f"{came}, may be cleaned" if row.merged else "nothing in it yet")
        size = f", {'' if row.size_complete else 'at least '}{row.size / 1e6:.0f} MB" if row.size else ""
        lines.append(f"{row.workstream}  {about}  {home}  ({row.branch}{size})")
        lines += [f"    {path}" for path in row.uncommitted[:_SHOWN]]
        if len(row.uncommitted) > _SHOWN:
            lines.append(f"    and {len(row.uncommitted) - _SHOWN} more")
        if row.pull_request:
            lines.append(f"    pull request {row.pull_request}")
    if main:
        here = "; ".join(ledger.main.held_back) or "nothing is left over"
        lines.append(f"{ledger.main.branch or 'no branch'}  {here}  ({ledger.main.path})")
        lines += [f"    {path}" for path in ledger.main.uncommitted[:_SHOWN]]
        if len(ledger.main.uncommitted) > _SHOWN:
            lines.append(f"    and {len(ledger.main.uncommitted) - _SHOWN} more")
        lines += [f"nobody knows what {stray} is" for stray in ledger.strays]
    return lines


def _document(ledger: Ledger, rows: list[LandRow]) -> dict[str, Any]:
    return {
        "integration": ledger.integration,
        "main": _row(ledger.main),
        "worktrees": [_row(row) for row in rows],
        "strays": list(ledger.strays),
    }


def _row(row: LandRow) -> dict[str, Any]:
    return {
        "workstream": row.workstream or None,
        "branch": row.branch,
        "path": row.path,
        "uncommitted": list(row.uncommitted),
        "unmerged": row.unmerged,
        "unpushed": row.unpushed,
        "upstream": row.upstream,
        "merged": row.merged,
        "squashed": row.squashed,
        "unfinished": row.unfinished,
        "stands_on": row.stands_on,
        "pull_request": row.pull_request,
        "problem": row.problem,
        "held_back": list(row.held_back),
        "size_bytes": row.size if row.workstream else None,
    }
