"""What agents did and used, grouped: sums of the parts are the totals, and what no agent tells stays unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import RunState
from locust_tui.domain.world import RunStatus, World

from .run_spans import Trace
from .slots import owner_of

GROUPS = ("orchestrator", "type", "phase", "workstream")
NOBODY = ""
"""Group of what belongs to none."""
_FAILED = frozenset({RunState.FAILED, RunState.KILLED, RunState.LOST})


@dataclass(frozen=True, slots=True)
class Used:
    """What samples say that a run used; None: nobody looked."""

    cpu_s: float | None = None
    peak_rss_kib: float | None = None
    read_bytes: float | None = None
    written_bytes: float | None = None


@dataclass(frozen=True, slots=True)
class AgentFigures:
    """Of one group, or of all together. Everything adds up but `peak_rss_kib`, which is the greatest single run's."""

    group: str
    agents: int = 0
    """Subjects by agent type: a workstream whose attempts were of two types counts as two."""
    runs: int = 0
    live: int = 0
    busy_h: float = 0.0
    idle_h: float = 0.0
    """Hours in which a live run waited, was limited, paused, stalled, or between turns."""
    done: int = 0
    failed: int = 0
    restarts: int = 0
    """Second and later attempts."""
    cpu_s: float | None = None
    peak_rss_kib: float | None = None
    read_bytes: float | None = None
    written_bytes: float | None = None
    tokens: int | None = None
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Utilisation:
    """Points; None with a reason. Two measures, for a full cap and a well-fed one differ."""

    capacity: float | None
    """Busy agent hours over cap times elapsed hours."""
    capacity_reason: str
    dispatch: float | None
    """Busy agent hours over the hours in which agents could have been busy: min(cap, live + ready) over time."""
    dispatch_reason: str
    elapsed_h: float


def agent_metrics(
    plan: Plan, world: World, spans: Trace, by: str, used: Mapping[str, Used] | None = None
) -> tuple[list[AgentFigures], AgentFigures]:
    """(one row a group in plan order, the totals). `by` is one of GROUPS; `used` is by run."""
    hours: dict[str, list[float]] = {}
    for span in spans.spans:
        hours.setdefault(span.run, [0.0, 0.0])[not span.busy] += (span.end - span.begin) / 3600.0
    key = _KEYS[by]
    groups: dict[str, list[RunStatus]] = {group: [] for group in _order(plan, by)}
    for run in world.runs.values():
        groups.setdefault(key(plan, run), []).append(run)
    used = used or {}
    rows = [_figures(group, runs, hours, used) for group, runs in groups.items() if runs]
    return rows, _figures("total", world.runs.values(), hours, used)


def utilisation(plan: Plan, spans: Trace, began: float | None, now: float) -> Utilisation:
    """Capacity utilisation and dispatch efficiency from `began` to `now`."""
    elapsed = 0.0 if began is None else max(0.0, now - began) / 3600.0
    cap, busy = plan.resources.max_agents, spans.busy_s / 3600.0
    demand = spans.demand(cap) / 3600.0
    why_capacity = "no time has passed" if not elapsed else "the plan has no cap" if not cap else ""
    return Utilisation(
        None if why_capacity or not cap else 100.0 * busy / (cap * elapsed),
        why_capacity,
        100.0 * busy / demand if demand > 0 else None,
        "" if demand > 0 else "there was nothing to do",
        elapsed,
    )


def _figures(
    group: str, runs: Iterable[RunStatus], hours: Mapping[str, list[float]], used: Mapping[str, Used]
) -> AgentFigures:
    runs = list(runs)
    seen = [used.get(r.id) or Used() for r in runs]
    busy, idle = (sum(hours.get(r.id, (0.0, 0.0))[i] for r in runs) for i in (0, 1))
    cpu = [r.cpu_s if r.cpu_s is not None else u.cpu_s for r, u in zip(runs, seen, strict=True)]
    peaks = [
        p for r, u in zip(runs, seen, strict=True) for p in (r.max_rss_kib, u.peak_rss_kib) if p is not None
    ]
    figures = AgentFigures(
        group,
        agents=len({(r.subject, r.agent_type) for r in runs}),
        runs=len(runs),
        live=sum(r.live for r in runs),
        busy_h=busy,
        idle_h=idle,
        done=sum(r.state is RunState.EXITED for r in runs),
        failed=sum(r.state in _FAILED for r in runs),
        restarts=sum(r.attempt > 1 for r in runs),
    )
    tokens = [r.tokens for r in runs if r.tokens is not None]
    return replace(
        figures,
        cpu_s=_sum(cpu),
        peak_rss_kib=max(peaks, default=None),
        read_bytes=_sum(u.read_bytes for u in seen),
        written_bytes=_sum(u.written_bytes for u in seen),
        tokens=sum(tokens) if tokens else None,
        cost_usd=_sum(r.cost_usd for r in runs),
    )


def _sum(values: Iterable[float | None]) -> float | None:
    """None where not one is known."""
    known = [v for v in values if v is not None]
    return sum(known) if known else None


def _phase_of(plan: Plan, run: RunStatus) -> str:
    workstream = plan.workstreams.get(run.subject)
    return (workstream.phase if workstream is not None else None) or NOBODY


_KEYS: dict[str, Callable[[Plan, RunStatus], str]] = {
    "orchestrator": lambda plan, run: owner_of(plan, run.subject) or NOBODY,
    "type": lambda plan, run: run.agent_type,
    "phase": _phase_of,
    "workstream": lambda plan, run: run.subject,
}


def _order(plan: Plan, by: str) -> tuple[str, ...]:
    match by:
        case "orchestrator":
            return tuple(plan.orchestrators)
        case "phase":
            return tuple(plan.phases)
        case "workstream":
            return tuple(plan.workstreams)
    return tuple(plan.agents)
