"""The record at any of its revisions: worlds folded forward from the nearest checkpoint, and moments found by name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import accumulate
from sqlite3 import Connection
from typing import TYPE_CHECKING

from locust_tui.analysis.actuals import plan_start
from locust_tui.analysis.moments import KINDS, AtEvent, AtRevision, AtWeek, Point, latest
from locust_tui.analysis.moments_axis import KINDS as MARK_KINDS
from locust_tui.analysis.moments_axis import is_repair, marks
from locust_tui.domain.clock import last_moment, week_of
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.events import Noted, WorkerStarted
from locust_tui.domain.fold import apply
from locust_tui.domain.studies.moments import Moment, TimeAxis
from locust_tui.domain.world import World
from locust_tui.errors import NotFoundError, UsageError, did_you_mean

from .log import event_of, hash_at, read_rows, revision_at

if TYPE_CHECKING:
    from .reader import ReadOnlyStore

EVERY = 500
"""Events between two checkpoints at first."""
MOST = 48
"""Checkpoints kept; with more, every second one goes and the distance doubles."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A world that nobody changes. The log's chained hash there tells whether it is still of this record."""

    revision: int
    hash: str
    world: World


class History:
    """Worlds of one record. It holds no connection: each call brings its own, one call at a time."""

    def __init__(self, every: int = EVERY, most: int = MOST) -> None:
        self._every, self._most = every, most
        self._kept: dict[int, Checkpoint] = {}
        self._cursor: Checkpoint | None = None
        """Where the last call came to: the next one is mostly a step from there."""

    def world(self, connection: Connection, revision: int) -> World:
        """The world after the events up to `revision` (the whole log where it is shorter). Nobody may change it."""
        base = self._nearest(connection, revision)
        if base is not None and base.revision == revision:
            return base.world
        world = base.world.still() if base is not None else World()
        for row in read_rows(connection, after=world.revision, upto=revision):
            apply(world, event_of(row))
            if world.revision % self._every == 0:
                self._keep(connection, world)
        self._cursor = Checkpoint(world.revision, hash_at(connection, world.revision), world)
        return world

    @property
    def checkpoints(self) -> Sequence[int]:
        """Revisions of those that are kept."""
        return sorted(self._kept)

    def _nearest(self, connection: Connection, revision: int) -> Checkpoint | None:
        """The latest one at or before `revision` that is of this record; others are forgotten."""
        near = [c for c in self._kept.values() if c.revision <= revision]
        if self._cursor is not None and self._cursor.revision <= revision:
            near.append(self._cursor)
        for found in sorted(near, key=lambda c: -c.revision):
            if hash_at(connection, found.revision) == found.hash:
                return found
            self._kept.pop(found.revision, None)
            if found is self._cursor:
                self._cursor = None
        return None

    def _keep(self, connection: Connection, world: World) -> None:
        if world.revision in self._kept:
            return
        here = Checkpoint(world.revision, hash_at(connection, world.revision), world.still())
        self._kept[world.revision] = here
        if len(self._kept) > self._most:
            self._every *= 2
            self._kept = {r: c for r, c in self._kept.items() if r % self._every == 0}


def find_moment(store: ReadOnlyStore, point: Point, now: float) -> Moment:
    """The revision and time of a point of the record.

    NotFoundError where nothing like it happened, UsageError where it is yet to come.
    """
    connection = store.connection
    if isinstance(point, AtRevision):
        return _of_revision(connection, point.revision)
    if isinstance(point, AtEvent):
        event = latest(point, store.events(kinds=KINDS))
        if event is None:
            raise _never(store, point)
        return Moment(event.revision, event.at)
    at = _end_of_week(store, point.week, now) if isinstance(point, AtWeek) else point
    if at > now:
        raise UsageError("that moment is yet to come", help="name one that has passed")
    return Moment(revision_at(connection, at), at)


def _of_revision(connection: Connection, revision: int) -> Moment:
    row = connection.execute("SELECT at FROM events WHERE revision = ?", (revision,)).fetchone()
    if row is None:
        newest = connection.execute("SELECT max(revision) FROM events").fetchone()[0]
        raise NotFoundError(
            f"the record has no revision {revision}",
            help=f"it goes from r1 to r{newest}" if newest else "nothing has been recorded yet",
        )
    return Moment(revision, row[0])


def _end_of_week(store: ReadOnlyStore, week: int, now: float) -> float:
    found, world = store.plan(), store.read_world()
    start = plan_start(found[0], world) if found is not None else None
    if found is None or start is None:
        raise NotFoundError("the plan has not been started, so it has no weeks yet", help="locust-tui up")
    calendar = found[0].calendar
    this = week_of(calendar, start, now)
    if not 1 <= week <= this:
        raise NotFoundError(
            f"week {week} has not begun" if week > this else "weeks are counted from 1",
            help=f"it is week {this}",
        )
    return min(now, last_moment(calendar, start, week))


def _never(store: ReadOnlyStore, point: AtEvent) -> NotFoundError:
    """Nothing like it happened: because there is no such thing, or because it did not come to that."""
    found = store.plan()
    plan = found[0] if found is not None else None
    if plan is None or point.kind not in ("gate", "work"):
        return NotFoundError(
            f'nothing like "{point}" is on the record', help="locust-tui events shows what is"
        )
    known = {k.casefold(): k for k in (plan.gates if point.kind == "gate" else plan.workstreams)}
    noun = "gate" if point.kind == "gate" else "workstream"
    if point.subject.casefold() not in known:
        return NotFoundError(
            f'no {noun} "{point.subject}"',
            help=did_you_mean(point.subject, known.values()) or f"locust-tui {noun[:4]} ls",
        )
    name = known[point.subject.casefold()]
    what = f"has never come to be {point.state}" if point.state else "has not been decided yet"
    return NotFoundError(f"{noun} {name} {what}", help=f"locust-tui events {name} shows what happened to it")


def time_axis(store: ReadOnlyStore) -> TimeAxis | None:
    """The whole record as a line; None while nothing is on it."""
    rows = store.connection.execute("SELECT at FROM events ORDER BY revision")
    stamps = tuple(accumulate((row[0] for row in rows), max))
    if not stamps:
        return None
    found, world = store.plan(), store.read_world()
    calendar = found[0].calendar if found is not None else None
    start = plan_start(found[0], world) if found is not None else None

    def moment(revision: int) -> Moment:
        at = stamps[revision - 1]
        return Moment(revision, at, week_of(calendar, start, at) if calendar is not None else 0)

    told = marks(store.events(kinds=MARK_KINDS))
    return TimeAxis(
        moment(1), moment(len(stamps)), told, stamps,
        calendar.week_s if calendar is not None else 604_800.0, start,
        warnings(store, len(stamps)),
    )  # fmt: skip


def warnings(store: ReadOnlyStore, revision: int, *, after: int = 0, chain: bool = True) -> tuple[str, ...]:
    """Why the record may not tell everything of what happened up to `revision`, one line each."""
    found = [
        f"r{event.revision}: {event.body.text}"
        for event in store.events(after, kinds=("noted",))
        if event.revision <= revision and isinstance(event.body, Noted) and is_repair(event)
    ]
    broken = store.verify() if chain else None
    if broken is not None and broken <= revision:
        found.append(f"from r{broken} on the log is not as it was written: its hashes do not agree")
    return tuple([f"the record may not tell everything: {words}" for words in found])


def death_after(store: ReadOnlyStore, world: World) -> str | None:
    """Words for a world whose worker was about to be replaced without having said goodbye; None elsewhere.

    Between the last thing that it wrote and its successor's first, nobody knows how long it lived.
    """
    following = store.events(world.revision, 1)
    if world.project.worker_pid is None or not following:
        return None
    body, at = following[0].body, following[0].at
    if not isinstance(body, WorkerStarted):
        return None
    when = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        f"worker {world.project.worker_pid} wrote nothing more and another started at {when}: "
        "it may not have been running any more"
    )
