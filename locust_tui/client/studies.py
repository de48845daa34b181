"""What the cockpit has computed on demand: one method a study, each answered with values of `domain.studies`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from locust_tui.domain.events import Event
    from locust_tui.domain.snapshot import ForecastView, Snapshot
    from locust_tui.domain.studies.baseline import BaselineStudy
    from locust_tui.domain.studies.figures import FiguresStudy
    from locust_tui.domain.studies.forecast_study import ForecastStudy
    from locust_tui.domain.studies.moments import Differences, Moment, TimeAxis
    from locust_tui.domain.studies.report import ReportGround
    from locust_tui.domain.studies.risks import RiskMove
    from locust_tui.domain.studies.strategies import StrategyStudy
    from locust_tui.domain.studies.timeline import Timeline


class Studies(Protocol):
    """NotFoundError where there is no plan to look at, StoreError where the record cannot be read."""

    async def forecast(self) -> ForecastStudy:
        """When the plan will probably end, what moves it, what it rests on, and how it stood at the ends of past weeks."""

    async def time_axis(self) -> TimeAxis | None:
        """The whole record as a line; None while nothing is on it."""

    async def events_until(self, revision: int, count: int) -> tuple[Event, ...]:
        """The last events of the record up to a revision, the latest first."""

    async def find_moment(self, text: str) -> Moment:
        """The moment that somebody typed. UsageError where it cannot be understood, NotFoundError."""

    async def as_of(self, moment: Moment, *, forecast: bool = True) -> Snapshot:
        """What a viewer saw at a moment. Without `forecast` one that is at hand is shown, else that there is none."""

    async def differences(self, before: Moment, after: Moment) -> Differences:
        """What is otherwise at the later of two moments."""

    async def baseline(self) -> BaselineStudy:
        """What was agreed, and every change of the plan since; without baselines where nothing has started."""

    async def timeline(self, *, gates: bool = True, forecast: ForecastView | None = None) -> Timeline:
        """Planned, actual and expected dates of everything. `gates`: shut phase gates hold what they hold; `forecast`:
        one at hand, for the bands of its dates."""

    async def figures(self) -> FiguresStudy:
        """Earned value, flow, KPIs and success, as they are now."""

    async def strategies(self, together: tuple[str, ...] = ()) -> StrategyStudy:
        """Every strategy beside the plan as it is, and those of `together` as one. NotFoundError for an unknown one."""

    async def risk_history(self, risk: str) -> tuple[RiskMove, ...]:
        """How a risk came to where it stands, oldest first."""

    async def report(self, week: int | None, worker_pid: int | None) -> ReportGround:
        """What the weekly report is made of: of a past week as it stood at its end, of the present one (None) as it is.

        `worker_pid`: of the worker that lives now. UsageError for a week that has not begun.
        """

    async def keep_report(self, name: str, text: str) -> str:
        """Write a report beside the record, whole or not at all; where it stands. NotFoundError without a record."""
