"""The rules of a verdict, one by one: each looks at one number and says whether it is past its limit.

No standard exists for the limits; those of `VerdictLimits` are the ones practitioners quote most, and a plan may set its own.
"""

from __future__ import annotations

from collections.abc import Iterable

from locust_tui.domain.clock import plan_time, week_end
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Gate, Plan, VerdictLimits
from locust_tui.domain.snapshot import ForecastView, RiskView
from locust_tui.domain.states import (
    OPEN_GATE_STATES,
    AccountState,
    GateState,
    RunState,
    Verdict,
    WorkstreamState,
)
from locust_tui.domain.studies.verdict import Rule
from locust_tui.domain.world import RunStatus, WorkstreamStatus, World

from .accounts import closed_words, held_by_account
from .actuals import plan_start
from .due import is_past
from .progress import Progress
from .risks import is_answered
from .run_troubles import trouble
from .worktime import days_between

LONG_LIMIT_S = 900.0
"""An account that is limited for longer than this holds its work up."""
_STUCK = frozenset({WorkstreamState.FAILED, WorkstreamState.BLOCKED, WorkstreamState.NEEDS_INPUT})


@dataclass(frozen=True, slots=True)
class Judged:
    """What a verdict looks at besides plan and world."""

    progress: Progress
    forecast: ForecastView | None
    critical: frozenset[str]
    risks: tuple[RiskView, ...]
    worker_pid: int | None
    live: tuple[RunStatus, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """Plan, record and moment, and which part of the plan is judged."""

    plan: Plan
    world: World
    now: float
    judged: Judged
    works: tuple[str, ...]
    gates: tuple[Gate, ...]
    statuses: tuple[WorkstreamStatus, ...]
    """Of those of `works` of which anything is on record."""
    whole: bool
    """The plan itself: forecast, risks and accounts are its own."""

    @property
    def limits(self) -> VerdictLimits:
        return self.plan.verdict

    @property
    def first_week(self) -> bool:
        start = plan_start(self.plan, self.world)
        return plan_time(self.plan.calendar, start, self.now) < 1.0 - 1e-9


def off_track(look: Look) -> Iterable[Rule]:
    """The rules that say No."""
    if look.whole:
        yield _finish(look, "p50")
    shut = [(g, look.world.gate(g.id).state) for g in look.gates]
    yield _counted(
        "decisions", Verdict.NO, "gates on hold or killed",
        [
            f"gate {g.id} is {'killed' if state is GateState.KILLED else 'on hold'}"
            for g, state in shut
            if state in (GateState.KILLED, GateState.HOLD)
        ],
        unit="gates",
    )  # fmt: skip
    yield _gap(look, Verdict.NO)
    yield _index(look, Verdict.NO)
    late = [(g, d) for g, d in overdue(look) if d > look.limits.gate_days]
    yield _counted(
        "gates-overdue", Verdict.NO, "gates overdue by more than the limit",
        [f"gate {g.id} is {_days(d)} overdue" for g, d in late],
        value=max((d for _, d in overdue(look)), default=0.0), limit=look.limits.gate_days, unit="working days",
    )  # fmt: skip


def at_risk(look: Look) -> Iterable[Rule]:
    """The rules that say At Risk."""
    if look.whole:
        yield _finish(look, "p85")
    yield _gap(look, Verdict.AT_RISK)
    yield _index(look, Verdict.AT_RISK)
    late = [(g, d) for g, d in overdue(look) if d <= look.limits.gate_days]
    yield _counted(
        "gates-overdue", Verdict.AT_RISK, "gates overdue",
        [f"gate {g.id} is {_days(d)} overdue" for g, d in late],
        value=float(len(list(overdue(look)))), unit="gates",
    )  # fmt: skip
    yield _counted(
        "stuck", Verdict.AT_RISK, "critical work stuck for too long", list(_stuck(look)), unit="workstreams"
    )
    if look.judged.progress.expected is None or not look.whole:
        asks = "work that failed, or waits for an answer"
        yield _counted("stopped", Verdict.AT_RISK, asks, list(stopped(look)), unit="workstreams")
    stalled = [trouble(run) for run in look.judged.live if run.state is RunState.STALLED]
    yield _counted("stalled", Verdict.AT_RISK, "agents that stalled", stalled, unit="runs")
    if look.whole:
        shut = list(_shut_accounts(look))
        yield _counted("accounts", Verdict.AT_RISK, "accounts that hold work up", shut, unit="accounts")
        yield _counted(
            "risks",
            Verdict.AT_RISK,
            "risks triggered, or high without a response",
            list(_risks(look)),
            unit="risks",
        )
    past = list(_conditions(look))
    yield _counted("conditions", Verdict.AT_RISK, "conditions of a go past due", past, unit="conditions")


def _counted(
    id: str,
    answer: Verdict,
    asks: str,
    reasons: list[str],
    *,
    value: float | None = None,
    limit: float = 0.0,
    unit: str = "",
) -> Rule:
    """A rule that holds where there is anything to name."""
    number = float(len(reasons)) if value is None else value
    return Rule(id, answer, asks, number, limit, unit, bool(reasons), tuple(reasons))


def _finish(look: Look, which: str) -> Rule:
    """P50 behind the window's end is a No where the work alone is behind it, and else a risk, as P85 is: a gate's
    wait is people's to shorten."""
    window, f = look.plan.project.window, look.judged.forecast
    asks = f"finish, {which.upper()}, behind the end of the window"
    answer = Verdict.NO if which == "p50" else Verdict.AT_RISK
    if window is None or f is None or f.p50_week is None or f.p85_week is None:
        why = (
            "the plan has no window"
            if window is None
            else (f.reason if f is not None else "") or "no forecast"
        )
        end = window[1] if window is not None else None
        return Rule(f"forecast-{which}", answer, asks, None, end, "week", None, (), why)
    end, late = window[1], f.p50_week > window[1]
    by_gates = late and f.work_p50_week is not None and f.work_p50_week <= end
    words = f"finish P50 wk {f.p50_week:.1f}, window ends wk {end:g}"
    if which == "p50":
        why = f"the work alone: P50 wk {f.work_p50_week:.1f}" if by_gates else ""
        holds = late and not by_gates
        return Rule(
            "forecast-p50", answer, asks, f.p50_week, end, "week", holds, (words,) if holds else (), why
        )
    reasons: tuple[str, ...] = ()
    if by_gates:
        reasons = (f"{words}: by its gates, for the work alone P50 is wk {f.work_p50_week:.1f}",)
    elif f.p85_week > end and not late:
        reasons = (f"finish P85 wk {f.p85_week:.1f}, window ends wk {end:g}",)
    return Rule("forecast-p85", answer, asks, f.p85_week, end, "week", f.p85_week > end, reasons)


def _gap(look: Look, answer: Verdict) -> Rule:
    p, limits = look.judged.progress, look.limits
    limit = limits.gap_off_track if answer is Verdict.NO else limits.gap_at_risk
    asks = "verified progress behind plan"
    if p.value is None or p.expected is None:
        why = p.expected_reason if p.expected is None else p.reason
        return Rule("gap", answer, asks, None, limit, "points", None, (), why)
    gap = p.expected - p.value
    counts = answer is Verdict.AT_RISK or not look.first_week
    holds = gap >= limit and counts
    said = answer is Verdict.AT_RISK and gap >= limits.gap_off_track and not look.first_week
    words = f"progress {p.value:.0f} %, plan {p.expected:.0f} %: {gap:.0f} points behind"
    why = "" if counts else "not before the first plan week has ended"
    return Rule("gap", answer, asks, gap, limit, "points", holds, (words,) if holds and not said else (), why)


def _index(look: Look, answer: Verdict) -> Rule:
    p, limits = look.judged.progress, look.limits
    limit = limits.spi_off_track if answer is Verdict.NO else limits.spi_at_risk
    asks = "schedule performance index below"
    if p.spi is None or p.expected is None:
        why = p.expected_reason or "nothing was planned to be done yet"
        return Rule("spi", answer, asks, None, limit, "", None, (), why)
    enough = p.expected >= limits.spi_from
    off = p.spi < limits.spi_off_track and enough and not look.first_week
    if answer is Verdict.NO:
        why = (
            ""
            if enough and not look.first_week
            else f"counts from {limits.spi_from:g} points expected, behind week 1"
        )
        holds = off
    else:
        why, holds = "", p.spi < limit
    reasons = (f"schedule performance index {p.spi:.2f}, below {limit:g}",)
    said = answer is Verdict.AT_RISK and off
    return Rule("spi", answer, asks, p.spi, limit, "", holds, reasons if holds and not said else (), why)


def overdue(look: Look) -> Iterable[tuple[Gate, float]]:
    """Shut gates whose week is over, with working days since."""
    start = plan_start(look.plan, look.world)
    if start is None:
        return
    for gate in look.gates:
        if gate.week is None or look.world.gate(gate.id).state in OPEN_GATE_STATES:
            continue
        due = week_end(look.plan.calendar, start, gate.week)
        if look.now > due:
            yield gate, days_between(look.plan.calendar, start, due, look.now)


def _days(days: float) -> str:
    """ "4 working days", "less than a working day"."""
    if days < 1:
        return "less than a working day"
    return f"{int(days)} working day{'s' * (int(days) != 1)}"


def _stuck(look: Look) -> Iterable[str]:
    start = plan_start(look.plan, look.world)
    for status in look.statuses:
        if status.state not in _STUCK or status.since is None or status.id not in look.judged.critical:
            continue
        days = days_between(look.plan.calendar, start, status.since, look.now)
        if days > look.limits.stuck_days:
            words = "needs input" if status.state is WorkstreamState.NEEDS_INPUT else status.state.value
            yield f"critical workstream {status.id} {words} for {days:.0f} working days"


def stopped(look: Look) -> Iterable[str]:
    """Work that failed, waits for an answer or cannot go on, as its agent says: without dates there is no critical
    path to weigh it by."""
    for status in look.statuses:
        work, state = status.id, status.state
        if state is WorkstreamState.FAILED or state is WorkstreamState.NEEDS_INPUT:
            words = "failed" if state is WorkstreamState.FAILED else "needs input"
            yield f"{work} {words}: {status.reason}" if status.reason else f"{work} {words}"
        elif status.blocker and status.blocked_by:
            yield f"{work} is blocked, its agent says: {status.blocked_by}"


def _shut_accounts(look: Look) -> Iterable[str]:
    """Accounts that hold work up: for a person to mend, or by a limit that lasts longer than a pause."""
    for status in look.world.accounts.values():
        refused = status.state is AccountState.REFUSED
        lasts = (
            status.state is AccountState.LIMITED and (status.resets_at or look.now) - look.now > LONG_LIMIT_S
        )
        held = held_by_account(look.plan, look.world, status.id) if refused or lasts else []
        if held:
            what = f"account {status.id} was refused" if refused else closed_words(status, look.now)
            more = f" and {len(held) - 3} more" if len(held) > 3 else ""
            yield f"{what}: {', '.join(held[:3])}{more} wait{'s' * (len(held) == 1)}"


def _risks(look: Look) -> Iterable[str]:
    by_id = {r.id: r for r in look.plan.risks}
    for view in look.judged.risks:
        if view.state == "triggered" and by_id[view.id].response != "accept":
            yield f"risk {view.id} has triggered: {view.risk}"
        high = view.score >= look.limits.risk_score if view.scale == "levels" else view.level == "high"
        if view.state == "open" and high and not is_answered(by_id[view.id]):
            yield f"risk {view.id} scores {view.score:g} and has no response: {view.risk}"


def _conditions(look: Look) -> Iterable[str]:
    for gate in look.gates:
        status = look.world.gate(gate.id)
        if status.state is not GateState.CONDITIONAL or status.decision is None:
            continue
        for condition in status.decision.conditions:
            if is_past(condition.due, look.plan, look.world, look.now):
                yield f"condition of gate {gate.id} is past due: {condition.text}"
