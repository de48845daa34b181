"""What-if, side by side: each strategy's finish, cost, risk and changes beside the plan as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Plan, Strategy
from locust_tui.domain.studies.strategies import (
    CrewSet,
    CriterionSetAside,
    Deferred,
    Edit,
    NeedLoosened,
    Outcome,
    Preview,
    digest_of,
)
from locust_tui.domain.world import World
from locust_tui.errors import UsageError

from ..earned_cost import hours_of_a_week
from ..forecast import RUNS, SEED, forecast
from ..network import planned_duration
from ..progress import NO_DATES
from ..situation import has_dates
from .capacity import add_capacity, cost_at_most, levelled_weeks
from .case import Case, Proposal
from .crash import crash, extra_agent_weeks
from .descope import descope
from .edits import changes_of
from .fast_track import fast_track
from .offered import find_strategy, offered
from .waive import waive

_KINDS: dict[str, Callable[[Case, Strategy], Proposal]] = {
    "crash": crash,
    "fast-track": fast_track,
    "descope": descope,
    "waive": waive,
    "add-capacity": add_capacity,
}


@dataclass(frozen=True, slots=True)
class Settings:
    """How finishes are found. `gates` and `strict` are those of `forecast`."""

    strict: bool = False
    gates: bool = True
    runs: int = RUNS
    seed: int = SEED


DEFAULT = Settings()


def propose(case: Case, strategies: Sequence[Strategy]) -> Proposal:
    """One strategy, or several, each made on the plan that the one before leaves."""
    edits: tuple[Edit, ...] = ()
    if case.plan.workstreams and not any(map(case.unfinished, case.plan.workstreams)):
        return Proposal(reason="nothing is left to do")
    found = []
    for strategy in strategies:
        found.append(_KINDS[strategy.kind](case.after(edits), strategy))
        edits += found[-1].edits
    if len(found) == 1:
        return found[0]
    return Proposal(
        edits,
        tuple(r for p in found for r in p.refused),
        tuple(n for p in found for n in p.notes),
        "" if edits else "; ".join(f"{s.id}: {p.reason}" for s, p in zip(strategies, found, strict=True)),
    )


def chosen(plan: Plan, names: Sequence[str]) -> tuple[Strategy, ...]:
    """The strategies of these names. NotFoundError; UsageError where one is named twice."""
    found = tuple(find_strategy(plan, name) for name in names)
    if len({s.id for s in found}) < len(found):
        raise UsageError("a strategy is named twice", help="name each once")
    return found


def previews(
    plan: Plan,
    digest: str,
    world: World,
    now: float,
    names: Sequence[Sequence[str]] = (),
    settings: Settings = DEFAULT,
) -> tuple[Preview, ...]:
    """One for each group of names, or for each strategy the plan offers. `digest`: of the plan, for approvals."""
    groups = [chosen(plan, group) for group in names] or [(s,) for s in offered(plan)]
    case = Case.of(plan, world, now, strict=settings.strict)
    finish = partial(outcome, settings=settings)
    before = finish(case)
    return tuple(_preview(case, digest, before, group, finish) for group in groups)


def outcome(case: Case, settings: Settings = DEFAULT) -> Outcome:
    """When the plan ends: by the critical path, under its caps, and simulated."""
    if not case.plan.workstreams:
        return Outcome(None, reason="the plan has no workstreams")
    if not has_dates(case.plan):
        return Outcome(None, reason=NO_DATES)
    schedule = case.schedule()
    seen = forecast(
        case.plan, case.world, case.now, gates=settings.gates, runs=settings.runs, seed=settings.seed
    )
    weeks = round(schedule.weeks, 6)
    levelled = levelled_weeks(case)
    if levelled is not None:
        levelled = max(round(levelled, 6), weeks)
    return Outcome(weeks, seen.p50_week, seen.p85_week, seen.in_window, levelled, seen.reason)


def _preview(
    case: Case,
    digest: str,
    before: Outcome,
    group: tuple[Strategy, ...],
    finish: Callable[[Case], Outcome],
) -> Preview:
    made = propose(case, group)
    moves = [e for e in made.edits if not isinstance(e, CriterionSetAside)]
    after = case.after(made.edits)
    then = finish(after) if moves else before
    money, why = _money(case, group, made, then)
    return Preview(
        ids=tuple(s.id for s in group),
        name=" + ".join(s.name for s in group),
        kinds=tuple(s.kind for s in group),
        then=then,
        now=before,
        edits=made.edits,
        changes=changes_of(made.edits),
        refused=made.refused,
        notes=(*made.notes, *_what_holds(before, then)),
        risk=_risk(case, made.edits, group),
        agent_weeks=_agent_weeks(case, made.edits),
        money=money,
        money_reason=why,
        description="; ".join(s.description for s in group if s.description),
        reason=made.reason,
        digest=digest_of(digest, made.edits) if made.edits else "",
    )


def _what_holds(before: Outcome, then: Outcome) -> tuple[str, ...]:
    if before.weeks is None or then.weeks is None or before.p50 is None or then.p50 is None:
        return ()
    saved = before.weeks - then.weeks
    if before.levelled is not None and then.levelled is not None:
        saved = before.levelled - then.levelled
    simulated = before.p50 - then.p50
    if saved - simulated >= 0.5:
        return (
            f"of the {saved:.1f} weeks on the path the simulation keeps {simulated:.1f}: gates and other paths hold the rest",
        )
    return ()


def _agent_weeks(case: Case, edits: Sequence[Edit]) -> float:
    """Work of agents, in plan weeks of one, more than before."""
    works, total = case.plan.workstreams, 0.0
    for edit in edits:
        if isinstance(edit, CrewSet):
            total += extra_agent_weeks(works[edit.workstream], edit)
        elif isinstance(edit, Deferred):
            total -= planned_duration(works[edit.workstream])
    return total


def _money(case: Case, group: Sequence[Strategy], made: Proposal, then: Outcome) -> tuple[float | None, str]:
    """Dollars more than before: rates times working hours; the standing cost of added agents at most."""
    total, hours = 0.0, hours_of_a_week(case.plan.calendar)
    for edit in made.edits:
        if not isinstance(edit, (CrewSet, Deferred)):
            continue
        w = case.plan.workstreams[edit.workstream]
        agent = case.plan.agents.get(w.agent or "")
        if w.run is None and (agent is None or agent.rate is None):
            return None, f"no rate is known for the agent of {w.id}"
        weeks = extra_agent_weeks(w, edit) if isinstance(edit, CrewSet) else -planned_duration(w)
        total += weeks * hours * (agent.rate or 0.0 if agent is not None and w.run is None else 0.0)
    for strategy in group:
        if strategy.kind == "add-capacity" and made.edits:
            cost, why = cost_at_most(case, strategy, then.levelled or then.weeks)
            if cost is None:
                return None, why
            total += cost
    return total, ""


def _risk(case: Case, edits: Sequence[Edit], group: Sequence[Strategy]) -> str:
    """In words, of everything that is changed."""
    words = []
    if crews := [e for e in edits if isinstance(e, CrewSet)]:
        words.append(
            f"two agents have to agree on {_ids(e.workstream for e in crews)}; less may be gained than assumed"
        )
    if needs := [e for e in edits if isinstance(e, NeedLoosened)]:
        words.append(f"rework: {', '.join(f'{e.workstream} begins on unfinished {e.target}' for e in needs)}")
    if gone := [e for e in edits if isinstance(e, Deferred)]:
        left = sum(w.weight for w in case.plan.workstreams.values() if case.in_scope(w.id))
        points = sum(case.plan.workstreams[e.workstream].weight for e in gone)
        share = f"{points:g} of {left:g} points" if left else f"{points:g} points"
        words.append(f"a scope change: {_ids(e.workstream for e in gone)} with {share} leave this release")
    if owed := [e for e in edits if isinstance(e, CriterionSetAside)]:
        words.append(
            f"debt: {len(owed)} criteri{'on is' if len(owed) == 1 else 'a are'} not looked at before {owed[0].due}"
        )
    if any(s.kind == "add-capacity" for s in group) and edits:
        words.append("new agents cost time of those who know the work (Brooks)")
    return "; ".join(words)


def _ids(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))
