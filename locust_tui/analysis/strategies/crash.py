"""Crashing: more agents on critical work, the cheapest week first.

Source: PMBOK, schedule compression. Slope = (crash cost - normal cost) / (normal time - crash time); the cheapest set that
cuts every critical path is shortened, the path computed anew, until nothing is gained. An added agent takes `gain` of the time, once,
and none where there is nothing to divide (Brooks).
"""

from __future__ import annotations

from locust_tui.domain.plan import Strategy, Workstream
from locust_tui.domain.studies.strategies import CrewSet, Refusal
from locust_tui.errors import UsageError

from ..driving import EPSILON
from ..network import planned_duration
from .case import Case, Proposal, option
from .cut import cheapest_cut

GAIN = 0.7
"""Time with one more agent over the time with one; of a further agent nothing more is expected."""
_CREW = 2


def crash(case: Case, strategy: Strategy) -> Proposal:
    """Keys of the strategy: max_agents_per_workstream (2), gain (0.7), workstreams (all), further (false: only what is
    critical before anything is shortened)."""
    most = option(strategy, "max_agents_per_workstream", _CREW)
    gain = float(option(strategy, "gain", GAIN))
    if not 0 < gain < 1:
        raise UsageError(f"strategy {strategy.id}: a gain of {gain:g} shortens nothing", help="gain: 0.7")
    further = option(strategy, "further", False)
    before = case.schedule()
    among = option(strategy, "workstreams", ())
    floats = before.floats
    refused, offered, later = [], {}, {}
    for id, w in case.plan.workstreams.items():
        if not case.unfinished(id):
            continue
        why = _why_not(case, w, among, most)
        slack = floats[id]
        if not why and slack > EPSILON:
            later[id] = slope(case, w, gain)
            why = f"has float ({slack:.1f} weeks)"
        elif not why:
            offered[id] = slope(case, w, gain)
        if why:
            refused.append(Refusal(id, why))
    edits, weeks = _shortened(case, offered | later if further else offered, gain)
    taken = {edit.workstream for edit in edits}
    refused = [r for r in refused if r.subject not in taken]
    refused += [Refusal(id, "shortening it ends nothing earlier") for id in offered if id not in taken]
    if not edits:
        return Proposal((), tuple(refused), reason="nothing critical can be shortened")
    notes = [*_notes(most, gain)]
    if not further and (more := _later(case, edits, later, gain, weeks)):
        notes.append(more)
    return Proposal(edits, tuple(refused), tuple(notes))


def _why_not(case: Case, w: Workstream, among: tuple[str, ...], most: int) -> str:
    if begun := case.begun(w.id):
        return begun
    if among and w.id not in among:
        return "not among the strategy's workstreams"
    if w.crew is not None:
        return f"has {w.crew.agents} agents already"
    if w.run is not None:
        return "a command, and no agent, does it"
    if most < _CREW:
        return f"max_agents_per_workstream is {most}"
    verified = case.world.workstream(w.id).verified
    left = sum(1 for d in w.deliverables if d.id not in verified)
    if left < _CREW:
        return f"{left} open deliverable{'' if left == 1 else 's'}: a second agent has nothing to do"
    return ""


def slope(case: Case, w: Workstream, gain: float) -> float:
    """Cost of each week saved: dollars where the agent has a rate, else agent-weeks."""
    agent = case.plan.agents.get(w.agent or "")
    rate = agent.rate if agent is not None and agent.rate is not None else 1.0
    return (_CREW * gain - 1) * rate / (1 - gain)


def _shortened(case: Case, prices: dict[str, float], gain: float) -> tuple[tuple[CrewSet, ...], float]:
    """Crews in the order they are given, and the finish with them."""
    edits: tuple[CrewSet, ...] = ()
    left = dict(prices)
    schedule = case.schedule()
    while cut := cheapest_cut(schedule, left):
        tried = (*edits, *(CrewSet(id, _CREW, gain) for id in cut))
        after = case.after(tried).schedule()
        if after.weeks < schedule.weeks - EPSILON:
            edits, schedule = tried, after
        for id in cut:
            del left[id]
    for edit in sorted(
        edits, key=lambda e: -prices[e.workstream]
    ):  # what later cuts made idle, the dearest first
        others = tuple(e for e in edits if e is not edit)
        if case.after(others).schedule().weeks <= schedule.weeks + EPSILON:
            edits = others
    return edits, schedule.weeks


def _notes(most: int, gain: float) -> list[str]:
    notes = [
        f"with a second agent a workstream is expected to take × {gain:g} of its time: an assumption, taken once"
    ]
    if most > _CREW:
        notes.append(
            f"of the {most} agents it may have, the third and later ones are expected to gain nothing"
        )
    return notes


def _later(case: Case, edits: tuple[CrewSet, ...], later: dict[str, float], gain: float, weeks: float) -> str:
    """What is critical only once the rest is shortened, and what shortening that would bring."""
    critical = case.after(edits).schedule().critical
    now = [id for id in later if id in critical]
    if not now:
        return ""
    _, best = _shortened(case.after(edits), later, gain)
    words = f"{', '.join(now)} {'is' if len(now) == 1 else 'are'} critical after that"
    if best < weeks - EPSILON:
        words += f"; further: true shortens such work, too: {best:.1f} weeks"
    return words


def extra_agent_weeks(w: Workstream, crew: CrewSet) -> float:
    """Work of all its agents after, less before."""
    before = planned_duration(w)
    return crew.agents * crew.gain * before - before
