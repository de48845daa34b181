"""What the plan's own words say against its dates, and names that differ in nothing but their spelling."""

from __future__ import annotations

from collections.abc import Iterator

from ...analysis.addresses import address
from ...analysis.soundness_words import DatedClaim, alike, dated_claims
from ...domain.plan import Plan
from ..findings import Findings
from ..tree import Tree, Where
from .places import item_place, name_place


def check_words(plan: Plan, tree: Tree, findings: Findings) -> None:
    """Notes on sentences with other weeks than the dates, and a warning of names that read alike."""
    for where, text, owner, by_words in _texts(plan, tree):
        for claim in dated_claims(plan, text, owner, by_words=by_words):
            findings.note("text-vs-dates", _said(plan, text, claim), _help(claim), at=where)
    places = dict(_names(plan, tree))
    for group in alike(tuple(places)):
        meant = {address(plan, {}, name) or name for name in group}
        if len(meant) == 1:
            continue
        quoted = " and ".join(f'"{name}"' for name in group)
        last = group[-1]
        findings.warning(
            "spelling",
            f"{quoted} differ in nothing but their spelling, and are different names",
            f"write {group[0]} in both places, or aliases: {{{last}: {group[0]}}}",
            at=places[last][0],
            key=places[last][1],
        )


def _texts(plan: Plan, tree: Tree) -> Iterator[tuple[Where, str, str | None, bool]]:
    """(where, words, whose workstreams are meant, whether these may be meant by a word of their names)."""
    for risk in plan.risks:
        if risk.mitigation:
            place = item_place(tree, "risks", risk.id, "id")
            if len(place) == 1:  # risks without ids are numbered
                place = ("risks", plan.risks.index(risk))
            yield (*place, "mitigation"), risk.mitigation, risk.owner, True
    for strategy in plan.strategies:
        if strategy.description:
            place = item_place(tree, "strategies", strategy.id, "id")
            yield (*place, "description"), strategy.description, None, True
    for id_, boss in plan.orchestrators.items():
        for key, text in (("focus", boss.focus), ("role", boss.role), ("instructions", boss.instructions)):
            if text:
                yield ("orchestrators", id_, key), text, id_, False
    if plan.meta is not None and plan.meta.instructions:
        yield ("meta", "instructions"), plan.meta.instructions, None, False


def _said(plan: Plan, text: str, claim: DatedClaim) -> str:
    sentence = text if len(text) <= 80 else f"… {claim.said} …"
    if not claim.works:
        return f'"{sentence}", but the plan ends with week {plan.last_week}'
    works = [plan.workstreams[id_] for id_ in claim.works]
    dated = " and ".join(
        f"{w.id}{f' ({w.name})' if w.name != w.id else ''} is planned for weeks {w.weeks}" for w in works[:3]
    )
    return f'"{sentence}", but {dated}'


def _help(claim: DatedClaim) -> str:
    if not claim.works:
        return "change the text, or the dates"
    about = claim.word or ", ".join(claim.works)
    return f"plan work on {about} for week {claim.week}, or change the text"


def _names(plan: Plan, tree: Tree) -> Iterator[tuple[str, tuple[Where, bool]]]:
    """Whatever a message or a need may be addressed by, with where it is written and whether that is a key.

    The first that is written of a name stays the one that is meant.
    """
    found: dict[str, tuple[Where, bool]] = {}

    def put(name: str, where: Where, key: bool = False) -> None:
        found.setdefault(name, (where, key))

    for section in ("workstreams", "orchestrators", "gates", "people", "notify", "channels", "aliases"):
        for name in getattr(plan, section):
            put(name, (section, name), True)
    for role, names in plan.people.items():
        for name in names:
            put(name, name_place(tree, ("people", role), name))
    if plan.meta is not None:
        put(plan.meta.id, ("meta", "id"))
    for gate in plan.gates.values():
        for name in gate.approvers:
            put(name, name_place(tree, ("gates", gate.id, "approvers"), name))
    for w in plan.workstreams.values():
        for name in w.reviewers:
            put(name, name_place(tree, ("workstreams", w.id, "reviewers"), name))
    for number, route in enumerate(plan.escalation):
        for name in route.to:
            put(name, name_place(tree, ("escalation", number, "to"), name))
    for alert in plan.alerts:
        for name in alert.notify:
            place = (*item_place(tree, "alerts", alert.name, "name"), "notify")
            put(name, name_place(tree, place, name))
    for risk in plan.risks:
        if risk.owner:
            put(risk.owner, (*item_place(tree, "risks", risk.id, "id"), "owner"))
    yield from found.items()
