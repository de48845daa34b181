"""The forecast as the read verbs show it, and its study with the record behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..domain.snapshot import ForecastView
    from ..domain.studies.forecast_study import ForecastStudy
    from .target import State, Target


def forecast_view(state: State) -> ForecastView:
    """Finish and gates in plan weeks: with few enough runs that nobody waits, the same for the same record.

    The cockpit's headline has as many.
    """
    from ..analysis.forecast import forecast_in_passing

    return forecast_in_passing(state.plan, state.world, state.at)


def forecast_study(
    target: Target,
    state: State,
    *,
    gates: bool,
    strict: bool = False,
    as_planned: bool | None = None,
    runs: int | None = None,
    seed: int | None = None,
) -> ForecastStudy:
    """The forecast looked into, with how it stood at the ends of past weeks."""
    from ..analysis.forecast import RUNS, SEED
    from ..analysis.forecast_history import ForecastPast, forecast_study

    past = ForecastPast(
        gates=gates, strict=strict, as_planned=as_planned, seed=SEED if seed is None else seed
    )
    if target.has_record:
        from ..analysis.forecast_history import KINDS, plans_of
        from ..state.reader import ReadOnlyStore

        with ReadOnlyStore(target.folder.store) as store:
            events = [e for e in store.events(kinds=KINDS) if e.revision <= state.world.revision]
            past.take(events, {digest: store.plan_of(digest)[0] for digest in plans_of(events)})
    return forecast_study(
        state.plan, state.world, state.at, past, digest=state.digest, runs=RUNS if runs is None else runs
    )
