"""What agents ask for through their tools: questions, a look at the plan.

Pure: a request, the world and who speaks come in; events and the data told come out. Errors are the worker's words.
"""

from __future__ import annotations

import hashlib
from typing import Any

from locust_tui.analysis.addresses import superior
from locust_tui.analysis.needs import need_state
from locust_tui.client import requests as r
from locust_tui.domain.events import (
    Asked,
)
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import TaskState
from locust_tui.domain.world import RunStatus, World
from locust_tui.errors import RefusedError, UsageError
from locust_tui.safe_text import masked

from .told import Told

MOST_TEXT = 16_384
MOST_OPTION = 500
MOST_QUESTIONS = 20
"""Open at a time, of one run: nobody's inbox is flooded."""


def ask_person(world: World, request: r.AskPerson, run: RunStatus) -> Told:
    """An item in the inbox; the same question of the same run is the same item while it is open."""
    text = masked(request.text.strip())
    if not text or len(text) > MOST_TEXT or len(request.options) > 20:
        raise UsageError(f"a question has 1 to {MOST_TEXT} characters and at most 20 options")
    if any(not option.strip() or len(option) > MOST_OPTION for option in request.options):
        raise UsageError(f"an option has 1 to {MOST_OPTION} characters")
    if len(set(request.options)) < len(request.options):
        raise UsageError("two options are the same; a person could not tell them apart")
    same = request.key or hashlib.sha256(text.encode()).hexdigest()[:12]
    earlier = [a for a in world.asks.values() if a.run == run.id and a.ref == f"ask:{same}"]
    if earlier and (earlier[-1].open or earlier[-1].answered is not None):
        return Told({"item": earlier[-1].item})
    mine = [a for a in world.asks.values() if a.run == run.id and a.kind == "question"]
    if sum(a.open for a in mine) >= MOST_QUESTIONS:
        raise RefusedError(f"{run.id} has {MOST_QUESTIONS} open questions", help="wait for answers first")
    item = f"question:{run.id}:{len(mine) + 1}"
    what = text.splitlines()[0][:200]
    digest = _digest(item, text, *request.options)
    asked = Asked(item, "question", run.subject, run.id, what, text, request.options, digest, f"ask:{same}")
    return Told({"item": item}, (asked,))


def plan_around(plan: Plan, world: World, run: RunStatus) -> Told:
    """What the run's agent should know: its work, what that rests on, who waits for it, which gate it leads to."""
    workstream = plan.workstreams.get(run.subject)
    if workstream is None:
        return Told(_orchestrator_view(plan, world, run.subject))
    status = world.workstream(workstream.id)
    waiting = [
        {"id": w.id, "name": w.name, "condition": n.condition}
        for w in plan.workstreams.values()
        for n in w.needs
        if n.target == workstream.id
    ]
    states = [(n, need_state(n, plan, world)) for n in workstream.needs]
    needs = [{"id": n.target, "condition": n.condition, "met": s.met, "why": s.why} for n, s in states]
    return Told(
        {
            "workstream": workstream.id,
            "name": workstream.name,
            "instructions": workstream.instructions or "",
            "attempt": run.attempt,
            "sent_back": status.returned,
            "orchestrator": workstream.orchestrator,
            "phase": workstream.phase,
            "deliverables": [
                {
                    "id": d.id,
                    "name": d.name,
                    "verified": d.id in status.verified,
                    "checked": d.check is not None,
                }
                for d in workstream.deliverables
            ],
            "checked_at_the_end": [c.name for c in workstream.accept],
            "reviewers": list(workstream.reviewers),
            "needs": needs,
            "waited_for_by": waiting,
            "gates": [
                {"id": g.id, "name": g.name, "week": g.week, "criteria": [c.name for c in g.criteria]}
                for g in plan.gates_closing(workstream.phase)
            ],
            "branch": status.branch,
        }
    )


def plan_whole(plan: Plan, world: World) -> Told:
    """For a person: every workstream and gate."""
    return Told(_orchestrator_view(plan, world, ""))


def _orchestrator_view(plan: Plan, world: World, subject: str) -> dict[str, Any]:
    mine = [
        w for w in plan.workstreams.values() if subject not in plan.orchestrators or w.orchestrator == subject
    ]
    return {
        "orchestrator": subject,
        "above": superior(plan, subject),
        "quota": plan.resources.pools.get(subject),
        "unread_messages": sum(m.to == subject and m.read is None for m in world.messages.values()),
        "tasks": [
            {"id": t.id, "title": t.title, "priority": t.priority, "state": t.state.value}
            for t in world.tasks.values()
            if t.assignee == subject and t.state is TaskState.OPEN
        ],
        "workstreams": [
            {
                "id": w.id,
                "name": w.name,
                "state": world.workstream(w.id).state.value,
                "reported": world.workstream(w.id).reported,
                "blocker": world.workstream(w.id).blocked_by,
            }
            for w in mine
        ],
        "gates": [
            {"id": g.id, "name": g.name, "state": world.gate(g.id).state.value} for g in plan.gates.values()
        ],
    }


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
