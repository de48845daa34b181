"""Fast-tracking: critical work begins before what it needs is finished, at the risk of rework.

Source: PMBOK, schedule compression: a finish-to-start relation becomes start-to-start with a lag of p % of the duration.
Mandatory order (`hard: true`) stays.
"""

from __future__ import annotations

from locust_tui.domain.plan import Need, NeedKind, Strategy, Workstream
from locust_tui.domain.studies.strategies import Edit, NeedLoosened, Refusal
from locust_tui.errors import UsageError

from ..driving import EPSILON
from .case import Case, Proposal, option

PERCENT = 50.0
_Pair = tuple[str, str]


def fast_track(case: Case, strategy: Strategy) -> Proposal:
    """Keys of the strategy: percent (50), workstreams (all)."""
    percent = float(option(strategy, "percent", PERCENT))
    if not 0 < percent < 100:
        raise UsageError(f"strategy {strategy.id}: {percent:g} is no part of the work", help="percent: 50")
    among = option(strategy, "workstreams", ())
    refused: dict[_Pair, str] = {}
    edits: dict[_Pair, Edit] = {}
    best = case.schedule()
    while True:
        found = {
            pair: NeedLoosened(*pair, f"{percent:g}%")
            for pair in _critical(case.after(tuple(edits.values())), among, refused)
            if pair not in edits
        }
        tried = {**edits, **found}
        after = case.after(tuple(tried.values())).schedule()
        if not found or after.weeks > best.weeks - EPSILON:
            break
        edits, best = tried, after
    kept = _without_idle(case, edits, best.weeks)
    idle = [pair for pair in edits if pair not in kept]
    refusals = [Refusal(f"{w} needs {target}", why) for (w, target), why in refused.items()]
    refusals += [Refusal(f"{w} needs {target}", "loosening it ends nothing earlier") for w, target in idle]
    if not kept:
        return Proposal((), tuple(refusals), reason="no critical need can be loosened")
    by_hand = _verified_by_hand(case, kept)
    notes = (f"verified only by a person, who then opens the way: {by_hand}",) if by_hand else ()
    return Proposal(tuple(kept.values()), tuple(refusals), notes)


def _critical(case: Case, among: tuple[str, ...], refused: dict[_Pair, str]) -> list[_Pair]:
    """Needs on critical paths that hold work until something is finished, and may be loosened; the others with why
    not go to `refused`."""
    schedule = case.schedule()
    network, critical = schedule.network, set(schedule.critical)
    found = []
    for w in case.plan.workstreams.values():
        if w.id not in critical or not case.unfinished(w.id):
            continue
        for need in w.needs:
            if need.target not in critical or need.kind is not NeedKind.DONE:
                continue
            ends = schedule.ef[network.index[need.target]]
            if abs(ends - schedule.es[network.index[w.id]]) > EPSILON:
                continue
            if why := _why_not(case, w, need, among):
                refused[w.id, need.target] = why
            else:
                found.append((w.id, need.target))
    return found


def _why_not(case: Case, w: Workstream, need: Need, among: tuple[str, ...]) -> str:
    if need.hard:
        return "hard: true, the order is mandatory"
    if among and w.id not in among:
        return "not among the strategy's workstreams"
    if begun := case.begun(w.id):
        return begun
    if not case.plan.workstreams[need.target].deliverables:
        return f"{need.target} names no deliverables: a part of it could not be verified"
    return ""


def _without_idle(case: Case, edits: dict[_Pair, Edit], weeks: float) -> dict[_Pair, Edit]:
    """Only those that the earlier finish needs: every other one would risk rework for nothing.

    A need may hold its work again where that moves it within its float; the last one first.
    """
    kept = dict(edits)
    schedule = case.after(tuple(kept.values())).schedule()
    for work, target in reversed(edits):
        index = schedule.network.index
        later = schedule.ef[index[target]] - schedule.es[index[work]]
        if later > schedule.total_float(work) + EPSILON:
            continue
        left = {pair: edit for pair, edit in kept.items() if pair != (work, target)}
        without = case.after(tuple(left.values())).schedule() if later > EPSILON else schedule
        if without.weeks <= weeks + EPSILON:
            kept, schedule = left, without
    return kept


def _verified_by_hand(case: Case, edits: dict[_Pair, Edit]) -> str:
    works = case.plan.workstreams
    targets = dict.fromkeys(target for _, target in edits)
    return ", ".join(t for t in targets if any(d.check is None for d in works[t].deliverables))
