"""`inbox`: everything that waits for a person."""

from __future__ import annotations

from pathlib import Path

import click

from ...errors import UsageError
from ..command import Settings, verb
from ..lookup import find_waiting
from ..moment import AT_HELP, MOMENT
from ..output import ascii_only, narrate, painter, put, put_json
from ..past import state_at
from ..target import State, find_target

_PLANS = (".yaml", ".yml", ".json")


@verb("inbox")
@click.argument("item", required=False)
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--at", type=MOMENT, metavar="T", help=AT_HELP)
@click.option("--full", is_flag=True, help="Everything that each answer is about, nothing cut.")
@click.option("--json", "as_json", is_flag=True, help="An array of items.")
def command(
    settings: Settings, item: str | None, plan: Path | None, at: float | None, full: bool, as_json: bool
) -> int:
    """List what waits for a person, what holds up the critical path first, then the oldest; with ITEM all of that one.

    Answer with: locust-tui answer ITEM CHOICE.
    """
    if item is not None and (item.endswith(_PLANS) or Path(item).exists()):
        if plan is not None:
            raise UsageError(f'"{item}" is a plan, and so is {plan}', help="locust-tui inbox ITEM PLAN")
        plan, item = Path(item), None
    state = state_at(find_target(settings, plan), at)
    snapshot = state.snapshot(forecast=False)
    one = find_waiting(snapshot, item) if item is not None else None
    if as_json:
        from ...report.status_json import inbox_document

        document = inbox_document(snapshot)
        put_json(document if one is None else document[snapshot.waiting.index(one)])
        return 0
    unread = len(snapshot.announcements)
    if unread and one is None and at is None:
        narrate(f"{unread} unread message{'s' if unread > 1 else ''}: locust-tui message show --unread")
    looks = _looks_due(state) if one is None and at is None else 0
    if looks:
        narrate(
            f"{looks} look{'s' if looks > 1 else ''} after the release {'are' if looks > 1 else 'is'} due:"
            " locust-tui success shows, locust-tui success record NAME records what you find"
        )
    if not snapshot.waiting and looks:
        return 0
    if not snapshot.waiting:
        narrate("nothing waits for a person" if at is None else "nothing waited for a person")
        return 0
    from ...report.inbox_text import inbox_lines, item_lines

    if one is not None or full:
        for w in snapshot.waiting if one is None else (one,):
            put("\n".join(item_lines(w, snapshot.at, ascii_only=ascii_only())) + "\n")
        return 0
    put("\n".join(inbox_lines(snapshot, paint=painter(settings), ascii_only=ascii_only())) + "\n")
    return 0


def _looks_due(state: State) -> int:
    """Looks after the release that wait for a person's word; their clock goes on when a finished plan's has stopped."""
    if not state.recorded:
        return 0
    from ...analysis.after_release import waits_for_person
    from ...state.record_now import record_now

    return len(waits_for_person(state.plan, state.world, record_now(state.world)))
