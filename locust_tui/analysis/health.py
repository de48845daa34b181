"""Named checks of a plan's, or an orchestrator's, health: each passes, fails, or cannot be told."""

from __future__ import annotations

from collections.abc import Callable

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.snapshot import OrchestratorView, RunView, Snapshot, WorkstreamView
from locust_tui.domain.states import AccountState, AlertState, RunState, Verdict, WorkstreamState


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    ok: bool | None
    """None: it cannot be told, which fails nothing."""
    said: str


@dataclass(frozen=True, slots=True)
class Scope:
    """What is looked at: the whole plan, or one orchestrator's part of it."""

    snapshot: Snapshot
    orchestrator: OrchestratorView | None

    @property
    def works(self) -> list[WorkstreamView]:
        mine = self.orchestrator
        return [w for w in self.snapshot.workstreams if mine is None or w.id in mine.workstreams]

    @property
    def live(self) -> list[RunView]:
        runs = [r for r in self.snapshot.runs if r.ended is None]
        if self.orchestrator is None:
            return runs
        return [
            r for r in runs if r.orchestrator == self.orchestrator.id or r.subject == self.orchestrator.id
        ]


def examine(scope: Scope, checks: tuple[str, ...]) -> list[Finding]:
    """One finding a check, in the order asked; every name must be one of CHECKS."""
    return [Finding(name, *_LOOKS[name](scope)) for name in checks]


_Said = tuple[bool | None, str]


def _progress(s: Scope) -> _Said:
    told = s.orchestrator or s.snapshot
    value, expected = told.progress, told.expected_progress
    if value is None or expected is None:
        return None, "no progress to compare with a plan" if value is None else "no dates in the plan"
    behind = expected - value
    words = f"{value:.0f} % verified, plan {expected:.0f} %"
    late = behind >= told.gap_at_risk
    return not late, f"{words}: {behind:.0f} points behind" if late else words


def _blockers(s: Scope) -> _Said:
    stuck = (WorkstreamState.BLOCKED, WorkstreamState.FAILED, WorkstreamState.NEEDS_INPUT)
    found = [w.id for w in s.works if w.state in stuck or w.blocker]
    return not found, f"{', '.join(found)} cannot go on" if found else "nothing is blocked"


def _quota(s: Scope) -> _Said:
    shut = [a for a in s.snapshot.accounts if a.state is not AccountState.OPEN]
    mine = {r.account for r in s.live}
    held = [a.id or "the only account" for a in shut if s.orchestrator is None or a.id in mine]
    if held:
        return False, f"{', '.join(held)} cannot be used now"
    running, cap = len(s.live), s.orchestrator.quota if s.orchestrator else s.snapshot.cap
    if cap is None:
        return True, f"{running} running, no cap"
    return running <= cap, f"{running} of {cap} slots taken"


def _stalled(s: Scope) -> _Said:
    silent = [r.id for r in s.live if r.state is RunState.STALLED]
    return not silent, f"{', '.join(silent)} stalled" if silent else f"{len(s.live)} running, none stalled"


def _agents(s: Scope) -> _Said:
    if s.snapshot.worker_pid is None and s.live:
        return None, f"no worker watches {len(s.live)} runs"
    latest = {r.subject: r for r in s.snapshot.runs}
    bad = (RunState.FAILED, RunState.LOST, RunState.UNKNOWN)
    ids = {w.id for w in s.works}
    found = [r.id for r in latest.values() if r.subject in ids and r.state in bad]
    return (
        not found,
        f"{', '.join(found)} did not end well" if found else f"{len(s.live)} running, none failed",
    )


def _gates(s: Scope) -> _Said:
    phases = {w.phase for w in s.works}
    gates = [g for g in s.snapshot.gates if s.orchestrator is None or g.closes in phases]
    late = [f"{g.id} is overdue" for g in gates if g.overdue]
    late += [f"{g.id} is {g.state.value}" for g in gates if g.state.value in ("hold", "killed", "recycled")]
    if not gates:
        return None, "no gate closes any of it"
    return not late, "; ".join(late) or f"{len(gates)} gate{'s' * (len(gates) > 1)}, none overdue"


def _budget(s: Scope) -> _Said:
    spend = s.orchestrator.spend if s.orchestrator else s.snapshot.spend
    budgets = spend.budgets if spend is not None else ()
    if not budgets:
        return None, "there is no budget"
    words = "; ".join(f"{b.measure} {b.points:.0f} % of the budget" for b in budgets)
    return all(b.points < b.warn for b in budgets), words


def _alerts(s: Scope) -> _Said:
    on = (AlertState.FIRING, AlertState.ACKNOWLEDGED)
    phases = {w.phase for w in s.works}
    found = [a for a in s.snapshot.alerts if a.state in on]
    if s.orchestrator is not None:
        found = [a for a in found if not a.scope or a.scope in phases]
    names = [a.key.rstrip("/") for a in found]
    return not names, f"{', '.join(names)} firing" if names else "no alert is firing"


def _worker(s: Scope) -> _Said:
    pid = s.snapshot.worker_pid
    return pid is not None, "no worker runs" if pid is None else f"pid {pid or 'of another namespace'}"


def _quality(s: Scope) -> _Said:
    missed = [f"{k.id} misses {k.target}" for k in s.snapshot.kpis if k.ok is False]
    judged = [k for k in s.snapshot.kpis if k.ok is not None]
    if not judged:
        return None, "no KPI can be judged yet"
    return not missed, "; ".join(missed) or f"{len(judged)} KPIs on target"


def _verdict(s: Scope) -> _Said:
    verdict = s.snapshot.verdict
    if verdict is Verdict.UNKNOWN:
        return None, "unknown"
    good = (Verdict.YES, Verdict.COMPLETE, Verdict.NOT_STARTED)
    return verdict in good, "; ".join((verdict.value, *s.snapshot.reasons[:1]))


_LOOKS: dict[str, Callable[[Scope], _Said]] = {
    "progress": _progress,
    "blockers": _blockers,
    "quota": _quota,
    "stalled": _stalled,
    "agents": _agents,
    "gates": _gates,
    "budget": _budget,
    "quality": _quality,
    "alerts": _alerts,
    "verdict": _verdict,
    "worker": _worker,
}
CHECKS: tuple[str, ...] = tuple(_LOOKS)
DEFAULT_CHECKS = ("progress", "blockers", "quota", "stalled", "gates", "budget")
