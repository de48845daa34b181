"""`events`: the event log, whole, from a moment on, or as it grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ...analysis.moments import AtWeek
from ...errors import NotFoundError, UsageError
from ..command import Settings, verb
from ..moment import MOMENT, RecordMoment, moment_in, seconds_of
from ..output import ascii_only, json_text, painter, put, put_json
from ..target import Target, find_target, require_state

if TYPE_CHECKING:
    from ...domain.events import Event

PAGE = 2_000


@verb("events")
@click.argument("subject", metavar="[ID]", required=False)
@click.option("--follow", "-f", is_flag=True, help="Go on printing as events happen, until interrupted.")
@click.option(
    "--since", type=MOMENT, metavar="T", help='From then on: 2025-12-01T14:30 (UTC), 15m, r812, "gate g2".'
)
@click.option("--at", type=MOMENT, metavar="T", help="As far as it went then; with --since: up to there.")
@click.option("--json", "as_json", is_flag=True, help="An array; with -f one object a line.")
def command(
    settings: Settings,
    subject: str | None,
    follow: bool,
    since: float | None,
    at: float | None,
    as_json: bool,
) -> int:
    """Print the event log, oldest first; with an ID what happened to that workstream, gate or run."""
    target = find_target(settings)
    require_state(target)
    if follow and at is not None:
        raise UsageError("-f goes on with the present; --at ends in the past", help="leave one of them out")
    seen, since = _beginning(target, since)
    if not follow:
        if at is not None:
            _print_up_to(settings, target, seen, subject, since, at, as_json=as_json)
        elif as_json:
            _print_array(target, seen, subject, since)
        else:
            _print_new(settings, target, seen, subject, since, as_json=False)
        return 0
    from ..watching import wakeups

    for _ in wakeups(target):
        seen = _print_new(settings, target, seen, subject, since, as_json=as_json)
    return 0


def _beginning(target: Target, since: float | None) -> tuple[int, float | None]:
    """The revision before the first event that is meant, or the time from which on it is counted."""
    if not isinstance(since, RecordMoment) or isinstance(since.point, AtWeek):
        return 0, seconds_of(target, since)
    from ...state.reader import ReadOnlyStore

    with ReadOnlyStore(target.folder.store) as store:
        return moment_in(store, since).revision - 1, None


def _pages(target: Target, after: int, subject: str | None, since: float | None) -> list[list[Event]]:
    from ...state.reader import ReadOnlyStore

    pages = []
    try:
        with ReadOnlyStore(target.folder.store) as store:
            while page := store.events(after, PAGE, subject, since):
                pages.append(page)
                after = page[-1].revision
    except NotFoundError:
        return pages
    return pages


def _print_new(
    settings: Settings, target: Target, after: int, subject: str | None, since: float | None, *, as_json: bool
) -> int:
    """Print what is newer than revision `after`; the revision of the last event printed."""
    from ...report.event_line import event_json, event_line

    paint, plain = painter(settings), ascii_only()
    for page in _pages(target, after, subject, since):
        if as_json:
            lines = [json_text(event_json(event), line=True) for event in page]
        else:
            lines = [event_line(event, paint=paint, ascii_only=plain) for event in page]
        put("\n".join(lines) + "\n")
        after = page[-1].revision
    return after


def _print_array(target: Target, after: int, subject: str | None, since: float | None) -> None:
    from ...report.event_line import event_json

    lines = [
        json_text(event_json(event), line=True)
        for page in _pages(target, after, subject, since)
        for event in page
    ]
    put("[\n  " + ",\n  ".join(lines) + "\n]\n" if lines else "[]\n")


def _print_up_to(
    settings: Settings,
    target: Target,
    after: int,
    subject: str | None,
    since: float | None,
    at: float,
    *,
    as_json: bool,
) -> None:
    """The log as far as it went at a moment."""
    from ...report.event_line import event_json, event_line
    from ...state.reader import ReadOnlyStore

    with ReadOnlyStore(target.folder.store) as store:
        last = moment_in(store, at).revision
        found = [e for e in store.events(after, None, subject, since) if e.revision <= last]
    if as_json:
        put_json([event_json(event) for event in found])
    else:
        paint, plain = painter(settings), ascii_only()
        put("".join(event_line(event, paint=paint, ascii_only=plain) + "\n" for event in found))
