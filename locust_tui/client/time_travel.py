"""The plan as it was: snapshots of any moment of the record, and what is otherwise between two of them.

All of it reads the record and computes: call it in a thread.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from locust_tui.analysis.differences import KINDS, PlanAt, differences
from locust_tui.analysis.moments import FORMS, parse_point
from locust_tui.analysis.overview import build_snapshot
from locust_tui.analysis.snapshot_cache import SnapshotCache
from locust_tui.domain.studies.moments import Differences, Moment
from locust_tui.errors import NotFoundError, UsageError
from locust_tui.state.history import History, find_moment, warnings

if TYPE_CHECKING:
    from locust_tui.domain.plan import Plan
    from locust_tui.domain.snapshot import ForecastView, Snapshot
    from locust_tui.domain.world import World
    from locust_tui.state.reader import ReadOnlyStore

FORECASTS = 64
"""Forecasts of earlier moments that are kept."""


class TimeTravel:
    """Of one record. One call at a time; what is given out stays as it is."""

    def __init__(self) -> None:
        self.history = History()
        self._cache = SnapshotCache()
        self._plans: dict[str, Plan] = {}
        self._first: str | None = None
        self._forecasts: dict[tuple[str, int, float], ForecastView] = {}

    def find(self, store: ReadOnlyStore, text: str, now: float | None = None) -> Moment:
        """The moment that somebody typed, by the clock here as the cockpit shows it. UsageError for one that cannot be
        understood or is yet to come, NotFoundError."""
        now = time.time() if now is None else now
        try:
            point = parse_point(text, now, None)
        except (ValueError, OverflowError):
            raise UsageError(f'"{text}" is no moment', help=FORMS.replace(" (UTC)", "")) from None
        return find_moment(store, point, now)

    def world(self, store: ReadOnlyStore, revision: int) -> World:
        return self.history.world(store.connection, revision)

    def plan(self, store: ReadOnlyStore, world: World) -> tuple[Plan, str]:
        """The plan in force in `world`; before the first was, the first. NotFoundError where there never was one."""
        digest = world.project.plan_digest or self._first_plan(store)
        if digest not in self._plans:
            self._plans[digest] = store.plan_of(digest)[0]
        return self._plans[digest], digest

    def _first_plan(self, store: ReadOnlyStore) -> str:
        if self._first is None:
            row = store.connection.execute("SELECT digest FROM plans ORDER BY at LIMIT 1").fetchone()
            if row is None:
                raise NotFoundError("no plan has been in force yet")
            self._first = str(row[0])
        return self._first

    def snapshot(
        self, store: ReadOnlyStore, moment: Moment, *, path: str = "", forecast: bool = True
    ) -> Snapshot:
        """What a viewer saw at `moment`. Without `forecast` one that is at hand is shown, else that none was computed."""
        world = self.world(store, moment.revision)
        plan, digest = self.plan(store, world)
        key = digest, world.revision, moment.at
        if forecast and key not in self._forecasts:
            while len(self._forecasts) >= FORECASTS:
                del self._forecasts[next(iter(self._forecasts))]
            self._forecasts[key] = _forecast(plan, world, moment.at)
        return build_snapshot(
            plan, digest, path or world.project.plan_path, world, moment.at,
            worker_pid=world.project.worker_pid, forecast=self._forecasts.get(key), cache=self._cache,
        )  # fmt: skip

    def differences(
        self, store: ReadOnlyStore, before: Moment, after: Moment, *, forecast: bool = True
    ) -> Differences:
        """What is otherwise at the later of two moments, whichever is given first; `forecast`: its figures too."""
        if (after.revision, after.at) < (before.revision, before.at):
            before, after = after, before
        sides = []
        for moment in (before, after):
            snapshot = self.snapshot(store, moment, forecast=forecast)
            world = self.world(store, moment.revision)
            sides.append(PlanAt(self.plan(store, world)[0], world, snapshot))
        events = [e for e in store.events(before.revision, kinds=KINDS) if e.revision <= after.revision]
        told = warnings(store, after.revision, after=before.revision, chain=False)
        return differences(sides[0], sides[1], events, told)


def _forecast(plan: Plan, world: World, at: float) -> ForecastView:
    from locust_tui.analysis.forecast import forecast_in_passing

    return forecast_in_passing(plan, world, at)
