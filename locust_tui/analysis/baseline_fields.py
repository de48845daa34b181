"""One part of a plan against what it was: each field that differs, with its values and what it touches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from locust_tui.domain.criterion import Criterion, criterion_key
from locust_tui.domain.plan import Deliverable, Need
from locust_tui.domain.studies.baseline import ChangeClass, PlanChange

from .baseline_criteria import by_key, criteria_changes, criterion_changes, made
from .baseline_words import said
from .plan_parts import Pair

_CAME_OR_WENT = {
    "workstreams": ChangeClass.SCOPE,
    "phases": ChangeClass.SCOPE,
    "orchestrators": ChangeClass.PEOPLE,
    "gates": ChangeClass.CRITERIA,
    "milestones": ChangeClass.DATES,
    "kpis": ChangeClass.CRITERIA,
    "facts": ChangeClass.CRITERIA,
    "success": ChangeClass.CRITERIA,
    "after_release": ChangeClass.CRITERIA,
    "risks": ChangeClass.RISKS,
    "agents": ChangeClass.COMMANDS,
    "hooks": ChangeClass.COMMANDS,
    "notify": ChangeClass.PEOPLE,
    "escalation": ChangeClass.PEOPLE,
}
_FIELDS = {
    ChangeClass.DATES: {"weeks", "week", "window", "schedule", "due", "start", "start_date", "week_s", "workdays", "holidays", "hours", "timezone"},
    ChangeClass.NEEDS: {"needs", "closes", "opens", "mode"},
    ChangeClass.CRITERIA: {"criteria", "accept", "invariants", "measure", "check", "criterion", "must"},
    ChangeClass.LIMIT: {"low", "high", "above", "below", "minimum", "maximum", "unit", "target"},
    ChangeClass.SCOPE: {"deliverables", "phase", "orchestrator", "phases", "defer"},
    ChangeClass.ESTIMATES: {"weight", "estimate", "priority", "crew"},
    ChangeClass.PEOPLE: {"approvers", "min_approvals", "reviewers", "people", "owner", "to", "notify", "channels", "commands", "aliases", "within"},
    ChangeClass.COMMANDS: {"run", "instructions", "agent", "command", "kind", "model", "env", "cwd", "secrets", "git", "sandbox", "allow", "script", "shell", "cron", "event", "retry", "timeout", "worktree"},
}  # fmt: skip
_CLASS_OF = {name: kind for kind, names in _FIELDS.items() for name in names}
_OTHER = frozenset({"agents", "alerts", "monitors", "reports", "strategies", "resources"})
"""Sections whose fields are no agreement about the work, whatever they are called."""
_MADE_OF = frozenset({"phases", "workstreams"})


def field_changes(pair: Pair) -> Iterator[PlanChange]:
    """Every field of the pair that differs; a part that came or went is one change."""
    section, id_, old, new = pair
    if section == "plan":
        yield made(pair, id_, said(old, id_), said(new, id_), _class("plan", id_), section="plan", subject="")
    elif old is None or new is None:
        yield _came_or_went(pair)
        yield from _its_criteria(pair)
    else:
        if section == "risks" and (old.watch, old.link) != (new.watch, new.link):
            yield _watch(pair)
        for f in fields(new):
            if section == "risks" and f.name in ("watch", "link"):
                continue
            before, after = getattr(old, f.name), getattr(new, f.name)
            if before != after and not _follows(pair, f.name):
                yield from _field(pair, f.name, before, after)


def _watch(pair: Pair) -> PlanChange:
    """What a risk watches, whether it is measured for it or anyway."""
    before, after = (said(risk.watch or risk.link) for risk in (pair.old, pair.new))
    key = criterion_key("risk", pair.id)
    return made(pair, "watch", before or "none", after or "none", ChangeClass.RISKS, eased=not after, key=key)


def _class(section: str, field: str) -> ChangeClass:
    if section == "risks":
        return ChangeClass.RISKS
    if section in ("agents", "hooks"):
        return ChangeClass.COMMANDS
    if section in _OTHER:
        return ChangeClass.OTHER
    return _CLASS_OF.get(field, ChangeClass.OTHER)


def _came_or_went(pair: Pair) -> PlanChange:
    item = pair.new if pair.new is not None else pair.old
    name = said(getattr(item, "name", "") or getattr(item, "risk", "")) or pair.id or pair.section
    kind = _CAME_OR_WENT.get(pair.section, ChangeClass.OTHER)
    gone = pair.new is None
    eased = gone and kind in (ChangeClass.CRITERIA, ChangeClass.SCOPE, ChangeClass.RISKS)
    return made(pair, "", name if gone else "", "" if gone else name, kind, eased=eased)


def _its_criteria(pair: Pair) -> Iterator[PlanChange]:
    """The criteria of a gate that went; those of one that came are no change of what was agreed."""
    if pair.section == "gates" and pair.new is None:
        yield from criteria_changes(pair, pair.old.criteria, ())


def _follows(pair: Pair, field: str) -> bool:
    """Whether the field differs only because another one does, from which it was worked out."""
    section, _, old, new = pair
    if section == "workstreams" and field == "weight" and old.weeks and new.weeks and old.weeks != new.weeks:
        return bool(old.weight == old.weeks.duration and new.weight == new.weeks.duration)
    if section == "risks" and field == "score":
        return any(getattr(old, n) != getattr(new, n) for n in ("probability", "impact", "scale"))
    if section == "calendar" and field == "start":
        return bool(old.start_date != new.start_date)
    if section == "kpis" and field == "target":
        return any(
            getattr(old, n) != getattr(new, n)
            for n in ("low", "high", "above", "below", "minimum", "maximum")
        )
    return False


def follow_from_others(changes: Sequence[PlanChange]) -> set[PlanChange]:
    """Those of an orchestrator that phases and workstreams which differ as well may have led to."""
    dated = any(c.field in ("weeks", "phases") or not c.field for c in changes if c.section in _MADE_OF)
    members = any(
        c.field in ("orchestrator", "phase", "phases", "") for c in changes if c.section in _MADE_OF
    )
    return {
        c
        for c in changes
        if c.section == "orchestrators"
        and ((c.field == "weeks" and dated) or (c.field == "workstreams" and members))
    }


def _field(pair: Pair, field: str, before: Any, after: Any) -> Iterator[PlanChange]:
    if field == "needs":
        yield from _needs(pair, before, after)
    elif field in ("criteria", "accept", "invariants"):
        yield from criteria_changes(pair, before, after)
    elif field == "deliverables" and pair.section == "workstreams":
        yield from _deliverables(pair, before, after)
    elif isinstance(before, Criterion) or isinstance(after, Criterion):
        old = (before,) if before is not None else ()
        yield from criteria_changes(pair, old, (after,) if after is not None else (), label=field)
    else:
        eased = _eased_field(pair, field, before, after)
        kind = _class(pair.section, field)
        yield made(
            pair, field, said(before, field) or "none", said(after, field) or "none", kind, eased=eased
        )


def _needs(pair: Pair, before: Sequence[Need], after: Sequence[Need]) -> Iterator[PlanChange]:
    old, new = by_key(before, _need_key), by_key(after, _need_key)
    for target, need in new.items():
        if old.get(target) != need:
            yield made(
                pair, f"need {target}", _condition(old.get(target)), _condition(need), ChangeClass.NEEDS
            )
    for target, need in old.items():
        if target not in new:
            yield made(pair, f"need {target}", _condition(need), "", ChangeClass.NEEDS, eased=True)


def _need_key(need: Need) -> str:
    return need.target if need.deliverable is None else f"{need.target} {need.deliverable}"


def _condition(need: Need | None) -> str:
    return "" if need is None else f"{need.condition}{' (hard)' if need.hard else ''}"


def _deliverables(
    pair: Pair, before: Sequence[Deliverable], after: Sequence[Deliverable]
) -> Iterator[PlanChange]:
    old, new = {d.id: d for d in before}, {d.id: d for d in after}
    for id_ in (*new, *(gone for gone in old if gone not in new)):
        was, now = old.get(id_), new.get(id_)
        if was is None or now is None:
            yield made(
                pair, f"deliverable {id_}", was.name if was else "", now.name if now else "", ChangeClass.SCOPE,
                eased=now is None,
            )  # fmt: skip
        elif was != now:
            if was.name != now.name:
                yield made(pair, f"deliverable {id_}", was.name, now.name, ChangeClass.SCOPE)
            if was.check != now.check:
                yield from criterion_changes(pair, was.check, now.check, f"deliverable {id_}", id_)


def _eased_field(pair: Pair, field: str, before: Any, after: Any) -> bool:
    if field == "min_approvals":
        return bool(after < before)
    if field == "mode" and pair.section == "gates":
        strict = ("advisory", "overlap", "hard")
        return strict.index(after.value) < strict.index(before.value)
    if field in ("above", "minimum", "low"):
        return before is not None and (after is None or after < before)
    return field in ("below", "maximum", "high") and before is not None and (after is None or after > before)
