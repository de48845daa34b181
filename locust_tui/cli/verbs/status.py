"""`status`: the state of the plan, now or at a moment, once or whenever it changes; or what changed since one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...errors import NotFoundError, UsageError
from ..command import Settings, verb
from ..moment import AT_HELP, MOMENT, MomentType
from ..output import ascii_only, columns, painter, put, put_json
from ..past import state_at
from ..target import State, Target, find_target, read_state

if TYPE_CHECKING:
    from ...domain.snapshot import Snapshot

LAST = "last"


class _Since(MomentType):
    """A moment, or where the cockpit was left last."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        return _LastSeen() if value == LAST else super().convert(value, param, ctx)


class _LastSeen(float):
    """Stands for `last` until the plan is known."""


@verb("status")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="The whole state as one JSON document.")
@click.option("--at", type=MOMENT, metavar="T", help=AT_HELP)
@click.option(
    "--since",
    type=_Since(),
    metavar="T",
    help='What changed since then, as diff T; "last": since the cockpit was open here.',
)
@click.option("--watch", is_flag=True, help="Print it again whenever something changed, until interrupted.")
def command(
    settings: Settings, plan: Path | None, as_json: bool, at: float | None, since: float | None, watch: bool
) -> int:
    """Show the state of the plan. Never starts a worker."""
    target = find_target(settings, plan)
    if watch and (at is not None or since is not None):
        raise UsageError(
            "--watch shows the present; --at and --since look back", help="leave one of them out"
        )
    if since is not None:
        from .diff import print_differences

        begin = _left_at(target) if isinstance(since, _LastSeen) else since
        print_differences(settings, target, begin, at, as_json=as_json)
        return 0
    if not watch:
        show(settings, state_at(target, at), as_json=as_json)
        return 0
    from ..announcing import Teller
    from ..watching import wakeups

    seen: tuple[int, int | None] | None = None
    tell = Teller(target)
    for _ in wakeups(target):
        state = read_state(target)
        if seen != (state.world.revision, state.worker_pid):
            seen = (state.world.revision, state.worker_pid)
            tell(show(settings, state, as_json=as_json, line=True))
    return 0


def _left_at(target: Target) -> float:
    """When a cockpit of this user last showed the plan. NotFoundError where none did."""
    from ...client.away import last_seen
    from ...client.seen import seen_path

    found = last_seen(seen_path(target.folder))
    if found is None:
        raise NotFoundError(
            "no cockpit of yours has shown this plan yet", help="--since 14h, or any other time"
        )
    return found.at


def show(settings: Settings, state: State, *, as_json: bool, line: bool = False) -> Snapshot:
    """Print a state once, and return it; `line`: JSON on one line."""
    snapshot = state.snapshot()
    if as_json:
        from ...report.status_json import status_document

        put_json(status_document(snapshot), line=line)
    else:
        from ...report.status_text import status_text

        put(status_text(snapshot, paint=painter(settings), ascii_only=ascii_only(), width=columns()))
    return snapshot
