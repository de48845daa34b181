"""Implements `Studies` over the plan in force and its record: each is computed in a thread, off the event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Concatenate, NamedTuple, ParamSpec, TypeVar

from locust_tui.errors import NotFoundError
from locust_tui.state.record_now import record_now

if TYPE_CHECKING:
    from locust_tui.domain.events import Event
    from locust_tui.domain.plan import Plan
    from locust_tui.domain.snapshot import ForecastView, Snapshot
    from locust_tui.domain.studies.baseline import BaselineStudy, PlanChange
    from locust_tui.domain.studies.figures import FiguresStudy
    from locust_tui.domain.studies.forecast_study import ForecastStudy
    from locust_tui.domain.studies.moments import Differences, Moment, TimeAxis
    from locust_tui.domain.studies.report import ReportGround
    from locust_tui.domain.studies.risks import RiskMove
    from locust_tui.domain.studies.strategies import StrategyStudy
    from locust_tui.domain.studies.timeline import Timeline
    from locust_tui.domain.world import World
    from locust_tui.state.async_reader import AsyncReader
    from locust_tui.state.reader import ReadOnlyStore

    from .forecast_study import ForecastLook
    from .time_travel import TimeTravel

P = ParamSpec("P")
T = TypeVar("T")


PAGE = 4_000
"""Events that are read at a time."""


class Ground(NamedTuple):
    """What a study rests on. The world is a copy that nobody changes, so that a thread may read it."""

    plan: Plan
    digest: str
    world: World
    at: float


class FeedStudies:
    """Each method is one study; NotFoundError where there is no plan to look at, StoreError where the record cannot
    be read."""

    def __init__(
        self, look: Callable[[], tuple[Plan, str, World] | None], reader: Callable[[], AsyncReader | None]
    ) -> None:
        """`look` gives plan, digest and world as the cockpit has them now; `reader` the record, where there is one."""
        self._look, self._reader = look, reader
        self._travel: TimeTravel | None = None
        self._forecast: ForecastLook | None = None
        self._plans_in_force: dict[str, Plan] = {}
        self._plan_changes: dict[int, tuple[PlanChange, ...]] = {}

    def ground(self) -> Ground:
        """Plan, world and moment as they are now."""
        found = self._look()
        if found is None:
            raise NotFoundError(
                "there is no plan that can be read", help="locust-tui check names what is wrong with it"
            )
        plan, digest, world = found
        return Ground(plan, digest, world.still(), record_now(world))

    async def _study(self, what: Callable[Concatenate[Ground, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `what` over the present ground in a thread."""
        return await asyncio.to_thread(what, self.ground(), *args, **kwargs)

    async def _read(self, what: Callable[[ReadOnlyStore], T], otherwise: T) -> T:
        """Any read of the record, off the loop; `otherwise` where there is none."""
        reader = self._reader()
        return otherwise if reader is None else await reader.read(what)

    async def _record(self, what: Callable[[ReadOnlyStore, TimeTravel], T]) -> T:
        """A read of earlier moments, off the loop; NotFoundError where there is no record."""
        from .time_travel import TimeTravel

        reader = self._reader()
        if reader is None:
            raise NotFoundError("nothing has been recorded yet")
        travel = self._travel = self._travel or TimeTravel()
        return await reader.read(lambda store: what(store, travel))

    async def forecast(self) -> ForecastStudy:
        """See `Studies.forecast`."""
        from .forecast_study import ForecastLook

        self._forecast = self._forecast or ForecastLook()
        return await self._forecast.look(self.ground(), self._reader())

    async def time_axis(self) -> TimeAxis | None:
        from locust_tui.state.history import time_axis

        return await self._read(time_axis, None)

    async def events_until(self, revision: int, count: int) -> tuple[Event, ...]:
        def found(store: ReadOnlyStore) -> tuple[Event, ...]:
            return tuple(reversed(store.events(max(0, revision - count), min(revision, count))))

        return await self._read(found, ())

    async def find_moment(self, text: str) -> Moment:
        return await self._record(lambda store, travel: travel.find(store, text))

    async def as_of(self, moment: Moment, *, forecast: bool = True) -> Snapshot:
        return await self._record(lambda store, travel: travel.snapshot(store, moment, forecast=forecast))

    async def differences(self, before: Moment, after: Moment) -> Differences:
        return await self._record(lambda store, travel: travel.differences(store, before, after))

    async def baseline(self) -> BaselineStudy:
        """See `Studies.baseline`."""
        from locust_tui.analysis.baseline import KINDS, baseline_study, wanted_plans

        events: list[Event] = await self._read(lambda store: store.events(kinds=KINDS), [])
        plans: dict[str, Plan] = {}
        for digest in wanted_plans(events, self._plan_changes):  # one by one: snapshots are read in between
            plans[digest] = await self._read_plan(digest)
        return await asyncio.to_thread(
            baseline_study, events, plans.__getitem__, time.time(), self._plan_changes
        )

    async def timeline(self, *, gates: bool = True, forecast: ForecastView | None = None) -> Timeline:
        """See `Studies.timeline`."""
        from locust_tui.analysis.timeline import timeline
        from locust_tui.analysis.timeline_bands import bands_of

        bands = bands_of(forecast)
        return await self._study(lambda g: timeline(g.plan, g.world, g.at, gates=gates, bands=bands))

    async def figures(self) -> FiguresStudy:
        """See `Studies.figures`."""
        from locust_tui.analysis.figures import KINDS, figures, plans_of

        events = await self._read_events(KINDS)
        known = self._plans_in_force
        plans = {digest: known.get(digest) or await self._read_plan(digest) for digest in plans_of(events)}
        self._plans_in_force = plans
        return await self._study(lambda g: figures(g.plan, g.world, g.at, events, plans))

    async def _read_events(self, kinds: Sequence[str]) -> list[Event]:
        """All events of these kinds, page by page: snapshots are read in between."""
        found: list[Event] = []
        while True:
            page: list[Event] = await self._read(
                partial(_page, found[-1].revision if found else 0, kinds), []
            )
            found += page
            if len(page) < PAGE:
                return found

    async def _read_plan(self, digest: str) -> Plan:
        reader = self._reader()
        if reader is None:
            raise NotFoundError("the record is gone")
        return await reader.read(lambda store: store.plan_of(digest)[0])

    async def strategies(self, together: tuple[str, ...] = ()) -> StrategyStudy:
        """See `Studies.strategies`."""
        from .strategy_look import look, text_of

        ground = self.ground()
        text = await self._read(lambda store: text_of(store, ground.digest), "")
        return await asyncio.to_thread(look, ground, text, together)

    async def risk_history(self, risk: str) -> tuple[RiskMove, ...]:
        """See `Studies.risk_history`."""
        from .risk_history import risk_history

        return await self._read(lambda store: risk_history(store, risk), ())

    async def report(self, week: int | None, worker_pid: int | None) -> ReportGround:
        """See `Studies.report`."""
        from .report_study import planned_ground, read_record, recorded_ground

        record = await self._read(read_record, None)
        ground = self.ground()
        if record is None:
            return await asyncio.to_thread(
                planned_ground, ground.plan, ground.digest, "", ground.at, week=week, world=ground.world
            )
        return await asyncio.to_thread(recorded_ground, record, ground.at, week=week, worker_pid=worker_pid)

    async def keep_report(self, name: str, text: str) -> str:
        """See `Studies.keep_report`."""
        from .kept_files import keep

        reader = self._reader()
        if reader is None:
            raise NotFoundError(
                "nothing has been recorded yet", help="locust-tui report --out FILE writes it"
            )
        return str(await asyncio.to_thread(keep, reader.path.parent / "reports" / name, text))


def _page(after: int, kinds: Sequence[str], store: ReadOnlyStore) -> list[Event]:
    return store.events(after, PAGE, kinds=kinds)
