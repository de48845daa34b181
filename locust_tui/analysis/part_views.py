"""What a viewer sees of each part of the plan: its phases, and its orchestrators with their own verdicts."""

from __future__ import annotations

import dataclasses

from locust_tui.domain.snapshot import OrchestratorView, PhaseView
from locust_tui.domain.states import WorkstreamState

from .addresses import has_agent
from .phases import phase_state
from .plan_index import PlanIndex
from .situation import Situation
from .slots import Slots, quota_of
from .spending import Spent
from .tally import Tally
from .verdict import Judged, part_verdict

_STUCK = frozenset({WorkstreamState.BLOCKED, WorkstreamState.FAILED, WorkstreamState.NEEDS_INPUT})


def phase_views(look: Situation, tally: Tally, index: PlanIndex) -> tuple[PhaseView, ...]:
    views = []
    for phase in look.plan.phases.values():
        members = index.members[phase.id]
        found = tally.of([index.position[m] for m in members])
        state = phase_state(look.plan, look.world, phase, members)
        weeks = str(phase.weeks) if phase.weeks is not None else ""
        views.append(PhaseView(phase.id, phase.name, weeks, state, found.value, found.expected))
    return tuple(views)


def orchestrator_views(
    look: Situation, tally: Tally, index: PlanIndex, slots: Slots, spending: Spent, judged: Judged
) -> tuple[OrchestratorView, ...]:
    views = []
    for o in look.plan.orchestrators.values():
        members = [m for m in o.workstreams if m in look.plan.workstreams]
        found = tally.of([index.position[m] for m in members])
        works = look.world.workstreams
        own = part_verdict(
            look.plan, look.world, look.now, dataclasses.replace(judged, progress=found), members, o.phases
        )
        views.append(
            OrchestratorView(
                id=o.id,
                name=o.name,
                alias=o.alias,
                workstreams=tuple(members),
                progress=found.value,
                expected_progress=found.expected,
                agents_running=slots.by_owner[o.id],
                quota=quota_of(look.plan, slots, o.id),
                focus=o.focus,
                weeks=str(o.weeks) if o.weeks is not None else "",
                blockers=tuple(
                    m for m in members if m in works and (works[m].state in _STUCK or works[m].blocked_by)
                ),
                spend=spending.orchestrators.get(o.id),
                agent=(o.agent or "") if has_agent(look.plan, {}, o.id) else "",
                verdict=own.answer,
                reasons=own.reasons,
                gap_at_risk=look.plan.verdict.gap_at_risk,
            )
        )
    return tuple(views)
