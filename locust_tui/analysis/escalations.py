"""Escalations: of which kind an issue is, who is asked in which order, and what its time running out leads to."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping

from locust_tui.domain.coordination import EscalationReply, EscalationStatus
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.events import EscalationClosed, EscalationRaised, EscalationStepped
from locust_tui.domain.plan import DAY_S, EscalationRoute, Plan

from .addresses import OPERATOR, address

WORKSTREAM, CROSS_DOMAIN, ARCHITECTURE = "workstream", "cross-domain", "architecture"
TIMELINE, RESOURCE = "timeline", "resource"
KINDS = (WORKSTREAM, CROSS_DOMAIN, ARCHITECTURE, TIMELINE, RESOURCE)
ORCHESTRATOR, META = "orchestrator", "meta"
"""Stand in a route for whoever is that to the subject."""
TECH_REVIEW, STAKEHOLDERS = "tech-review", "stakeholders"
STEPS, ALL = "steps", "all"
_H = 3600.0
DEFAULTS: Mapping[str, EscalationRoute] = {
    WORKSTREAM: EscalationRoute(WORKSTREAM, (ORCHESTRATOR, META), 4 * _H),
    CROSS_DOMAIN: EscalationRoute(CROSS_DOMAIN, (META,), 4 * _H),
    ARCHITECTURE: EscalationRoute(ARCHITECTURE, (META, TECH_REVIEW), DAY_S, ALL),
    TIMELINE: EscalationRoute(TIMELINE, (META, STAKEHOLDERS), DAY_S),
    RESOURCE: EscalationRoute(RESOURCE, (META, STAKEHOLDERS), DAY_S),
}
"""Where the plan has no route of the kind."""
_TOGETHER = {TIMELINE: (TIMELINE, "timeline/resource", RESOURCE), RESOURCE: (RESOURCE, "timeline/resource", TIMELINE)}  # fmt: skip
"""Kinds that share a route where only one of them has one."""
_WORDS = (
    (TIMELINE, re.compile(r"\b(timelines?|deadlines?|schedules?|slip(s|ped)?|milestones?|delay(s|ed)?)\b", re.I)),
    (RESOURCE, re.compile(r"\b(resources?|capacity|budgets?|head-?count|more agents|agent slots)\b", re.I)),
)  # fmt: skip
_ARCHITECTURE = re.compile(r"\barchitectur\w*", re.I)


@dataclass(frozen=True, slots=True)
class Route:
    """Whom an escalation asks, by id; `within` is what each step has, in seconds; None: no end."""

    kind: str
    to: tuple[str, ...]
    mode: str
    within: float | None


def known_kinds(plan: Plan) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*KINDS, *(route.kind for route in plan.escalation))))


def classify(plan: Plan, subject: str, text: str) -> str:
    """Of which kind an issue is: architecture where it says so; cross-domain where it touches two orchestrators or
    none; timeline or resource by its words; else its workstream's."""
    if _ARCHITECTURE.search(text):
        return ARCHITECTURE
    if len(domains(plan, subject, text)) > 1:
        return CROSS_DOMAIN
    for kind, words in _WORDS:
        if words.search(text):
            return kind
    return WORKSTREAM if subject in plan.workstreams else CROSS_DOMAIN


def domains(plan: Plan, subject: str, text: str) -> frozenset[str]:
    """Orchestrators that an issue touches: the subject's, and those of the workstreams and orchestrators it names."""
    touched = (_domain(plan, id) for id in (subject, *_mentions(plan, subject, text)))
    return frozenset(owner for owner in touched if owner is not None)


def _domain(plan: Plan, id: str) -> str | None:
    workstream = plan.workstreams.get(id)
    if workstream is not None:
        return workstream.orchestrator
    return id if id in plan.orchestrators else None


def _mentions(plan: Plan, subject: str, text: str) -> Iterator[str]:
    """Ids that stand in the text. One that is a word of the language counts only where an arrow joins it to the subject."""
    names = {id: id for id in (*plan.workstreams, *plan.orchestrators)}
    names |= {o.alias: o.id for o in plan.orchestrators.values() if o.alias}
    joined = _neighbours(plan, subject)
    for name, id in names.items():
        if (not name.isalpha() or not name.islower() or id in joined) and re.search(
            rf"(?<![\w-]){re.escape(name)}(?![\w-])", text
        ):
            yield id


def _neighbours(plan: Plan, subject: str) -> set[str]:
    """Workstreams that the subject needs, or that need it."""
    mine = plan.workstreams.get(subject)
    found = {need.target for need in mine.needs} if mine is not None else set()
    return found | {w.id for w in plan.workstreams.values() if any(n.target == subject for n in w.needs)}


def meta_of(plan: Plan) -> str:
    """The meta-orchestrator; whoever sits at the keyboard where there is none."""
    return plan.meta.id if plan.meta is not None else OPERATOR


def route_for(plan: Plan, kind: str, subject: str) -> Route:
    """The plan's route of this kind, else the default one, with names resolved for the subject."""
    written = {route.kind: route for route in reversed(plan.escalation)}
    names = _TOGETHER.get(kind, (kind,))
    found = next((written[name] for name in names if name in written), None) or DEFAULTS.get(
        kind, DEFAULTS[CROSS_DOMAIN]
    )
    to = tuple(dict.fromkeys(_party(plan, name, subject) for name in found.to))
    return Route(kind, to or (meta_of(plan),), found.mode, found.within)


def _party(plan: Plan, name: str, subject: str) -> str:
    if name == ORCHESTRATOR:
        workstream = plan.workstreams.get(subject)
        return (workstream.orchestrator if workstream is not None else None) or meta_of(plan)
    if name == META:
        return meta_of(plan)
    return address(plan, {}, name) or name


def raised(
    plan: Plan, id: str, kind: str, subject: str, what: str, detail: str = "", *, run: str = "",
    urgency: str = "medium", item: str = "",
) -> EscalationRaised:  # fmt: skip
    """The escalation on the way that its kind has in the plan."""
    route = route_for(plan, kind, subject)
    return EscalationRaised(
        id, kind, subject, what, detail, run, route.to, route.mode, route.within, urgency, item
    )


def may_answer(status: EscalationStatus) -> tuple[str, ...]:
    """Parties whose answer would count now: those who are waited for, and those who were before them."""
    if not status.open:
        return ()
    answered = {reply.party for reply in status.replies}
    asked = status.route if status.mode == ALL else status.route[: status.step + 1]
    return tuple(party for party in asked if party not in answered)


def can_pass_on(status: EscalationStatus) -> bool:
    return status.open and status.mode == STEPS and status.step + 1 < len(status.route)


def due_from(status: EscalationStatus, now: float) -> float | None:
    return None if status.within is None else now + status.within


def stepped(status: EscalationStatus, now: float) -> EscalationStepped | None:
    """What its time running out leads to: the next of its route; at the end, and where everybody is asked, it is
    told again. Never an answer. None while its time lasts."""
    if not status.open or status.due is None or now < status.due:
        return None
    silent = ", ".join(status.waits_for) or "anybody"
    if can_pass_on(status):
        return EscalationStepped(
            status.id, status.step + 1, due_from(status, now), f"no answer from {silent} in time"
        )
    why = f"no answer from {silent} in time: told again, nothing is approved by that"
    return EscalationStepped(status.id, status.step, due_from(status, now), why)


def closed(status: EscalationStatus, reply: EscalationReply) -> EscalationClosed | None:
    """The record of the decision, once the reply makes the answers complete; None while one is missing."""
    replies = (*status.replies, reply)
    if status.mode == ALL and {r.party for r in replies} < set(status.route):
        return None
    counted = [r for r in replies if r.party in status.route] if status.mode == ALL else [reply]
    decisions = list(dict.fromkeys(r.decision for r in counted))
    decision = decisions[0] if len(decisions) == 1 else "; ".join(f"{r.party}: {r.decision}" for r in counted)
    by = ", ".join(f"{r.by} for {r.party}" if r.by != r.party else r.by for r in counted)
    notes = (r.note for r in counted if r.note)
    context = "\n".join(dict.fromkeys(filter(None, (status.what, status.detail, *notes))))
    follows = "\n".join(dict.fromkeys(r.consequences for r in counted if r.consequences))
    return EscalationClosed(status.id, f"answered by {by}", decision, context, follows)


def digest_of(status: EscalationStatus) -> str:
    """What an answer is bound to: its words, its step and the answers so far."""
    parts = (status.id, status.what, status.detail, str(status.step), *(r.party for r in status.replies))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
