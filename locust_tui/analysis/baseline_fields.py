"""One part of a plan against what it was: each field that differs, with its values and what it touches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any

from locust_tui.domain.criterion import Criterion, Limit, criterion_key
from locust_tui.domain.plan import Deliverable, Need
from locust_tui.domain.studies.baseline import ChangeClass, PlanChange

from .baseline_words import measure, probe, said
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
    ChangeClass.SCOPE: {"deliverables", "phase", "orchestrator", "phases"},
    ChangeClass.ESTIMATES: {"weight", "estimate", "priority"},
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
        yield _made(
            pair, id_, said(old, id_), said(new, id_), _class("plan", id_), section="plan", subject=""
        )
    elif old is None or new is None:
        yield _came_or_went(pair)
        yield from _its_criteria(pair)
    else:
        for f in fields(new):
            before, after = getattr(old, f.name), getattr(new, f.name)
            if before != after and not _follows(pair, f.name):
                yield from _field(pair, f.name, before, after)


def _class(section: str, field: str) -> ChangeClass:
    if section == "risks":
        return ChangeClass.RISKS
    if section in ("agents", "hooks"):
        return ChangeClass.COMMANDS
    if section in _OTHER:
        return ChangeClass.OTHER
    return _CLASS_OF.get(field, ChangeClass.OTHER)


def _made(
    pair: Pair, field: str, before: str, after: str, kind: ChangeClass, *, eased: bool = False,
    criterion: str = "", key: str = "", section: str | None = None, subject: str | None = None,
) -> PlanChange:  # fmt: skip
    return PlanChange(
        pair.section if section is None else section, pair.id if subject is None else subject, field, before, after,
        kind, criterion, key, eased,
    )  # fmt: skip


def _came_or_went(pair: Pair) -> PlanChange:
    item = pair.new if pair.new is not None else pair.old
    name = said(getattr(item, "name", "") or getattr(item, "risk", "")) or pair.id or pair.section
    kind = _CAME_OR_WENT.get(pair.section, ChangeClass.OTHER)
    gone = pair.new is None
    eased = gone and kind in (ChangeClass.CRITERIA, ChangeClass.SCOPE, ChangeClass.RISKS)
    return _made(pair, "", name if gone else "", "" if gone else name, kind, eased=eased)


def _its_criteria(pair: Pair) -> Iterator[PlanChange]:
    """The criteria of a gate that went; those of one that came are no change of what was agreed."""
    if pair.section == "gates" and pair.new is None:
        yield from _criteria(pair, pair.old.criteria, ())


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
        yield from _criteria(pair, before, after)
    elif field == "deliverables" and pair.section == "workstreams":
        yield from _deliverables(pair, before, after)
    elif isinstance(before, Criterion) or isinstance(after, Criterion):
        old = (before,) if before is not None else ()
        yield from _criteria(pair, old, (after,) if after is not None else (), label=field)
    else:
        eased = _eased_field(pair, field, before, after)
        kind = _class(pair.section, field)
        yield _made(
            pair, field, said(before, field) or "none", said(after, field) or "none", kind, eased=eased
        )


def _needs(pair: Pair, before: Sequence[Need], after: Sequence[Need]) -> Iterator[PlanChange]:
    old, new = _by_key(before, _need_key), _by_key(after, _need_key)
    for target, need in new.items():
        if old.get(target) != need:
            yield _made(
                pair, f"need {target}", _condition(old.get(target)), _condition(need), ChangeClass.NEEDS
            )
    for target, need in old.items():
        if target not in new:
            yield _made(pair, f"need {target}", _condition(need), "", ChangeClass.NEEDS, eased=True)


def _need_key(need: Need) -> str:
    return need.target if need.deliverable is None else f"{need.target} {need.deliverable}"


def _condition(need: Need | None) -> str:
    return "" if need is None else f"{need.condition}{' (hard)' if need.hard else ''}"


def _by_key(items: Iterable[Any], key: Any) -> dict[str, Any]:
    return {key(item): item for item in items}


def _deliverables(
    pair: Pair, before: Sequence[Deliverable], after: Sequence[Deliverable]
) -> Iterator[PlanChange]:
    old, new = {d.id: d for d in before}, {d.id: d for d in after}
    for id_ in (*new, *(gone for gone in old if gone not in new)):
        was, now = old.get(id_), new.get(id_)
        if was is None or now is None:
            yield _made(
                pair, f"deliverable {id_}", was.name if was else "", now.name if now else "", ChangeClass.SCOPE,
                eased=now is None,
            )  # fmt: skip
        elif was != now:
            if was.name != now.name:
                yield _made(pair, f"deliverable {id_}", was.name, now.name, ChangeClass.SCOPE)
            if was.check != now.check:
                yield from _criterion(pair, was.check, now.check, f"deliverable {id_}", id_)


def _criteria(
    pair: Pair, before: Sequence[Criterion], after: Sequence[Criterion], label: str = "", id_: str = ""
) -> Iterator[PlanChange]:
    """Changes of criteria, by id; `label`: the one criterion of a field, whatever its id is."""
    old = _by_key(before, lambda c: label or c.id)
    new = _by_key(after, lambda c: label or c.id)
    for name in (*new, *(gone for gone in old if gone not in new)):
        yield from _criterion(pair, old.get(name), new.get(name), label, id_)


def _criterion(
    pair: Pair, old: Criterion | None, new: Criterion | None, label: str, id_: str
) -> Iterator[PlanChange]:
    one = new if new is not None else old
    assert one is not None
    title, key = label or one.name, _key(pair, label, id_ or one.id)
    risk = pair.section == "risks"
    kind = ChangeClass.RISKS if risk else ChangeClass.CRITERIA

    def made(field: str, before: str, after: str, kind: ChangeClass, eased: bool = False) -> PlanChange:
        return _made(pair, field, before, after, kind, eased=eased, criterion=title, key=key)

    if old is None or new is None:
        before, after = (measure(c) if c is not None else "" for c in (old, new))
        yield made("", before, after, kind, eased=new is None)
        return
    if old.limit != new.limit:
        was, now = said(old.limit) or "none", said(new.limit) or "none"
        yield made("limit", was, now, kind if risk else ChangeClass.LIMIT, eases(old.limit, new.limit))
    if old.must != new.must:
        words = ("should", "must")
        yield made("must", words[old.must], words[new.must], kind, eased=old.must)
    if old.probes != new.probes:
        was, now = (" and ".join(map(probe, c.probes)) for c in (old, new))
        yield made("measure", was, now, kind)
    for field in ("name", "fact", "max_age", "after", "inputs", "timeout", "cwd", "env"):
        was, now = getattr(old, field), getattr(new, field)
        if was != now:
            yield made(field, said(was, field) or "none", said(now, field) or "none", kind)


def _key(pair: Pair, label: str, id_: str) -> str:
    """Key of the criterion's result; an invariant has one for each workstream, and none of its own."""
    if pair.section == "gates":
        return criterion_key(f"gate:{pair.id}", id_)
    if pair.section == "workstreams":
        return criterion_key(f"{'deliverable' if label else 'accept'}:{pair.id}", id_)
    if pair.section == "facts":
        return criterion_key("fact", id_)
    return criterion_key("risk", pair.id) if pair.section == "risks" else ""


def eases(old: Limit | None, new: Limit | None) -> bool:
    """Whether the new limit lets something pass that the old one did not: a bound further out, or one that is gone."""
    if old is None:
        return False
    if new is None:
        return True
    if (old.unit or "") != (new.unit or ""):
        return False
    floors = (_bound(old.minimum, old.above), _bound(new.minimum, new.above))
    ceilings = (_bound(_less(old.maximum), _less(old.below)), _bound(_less(new.maximum), _less(new.below)))
    return any(was is not None and (now is None or now < was) for was, now in (floors, ceilings))


def _bound(included: float | None, excluded: float | None) -> tuple[float, bool] | None:
    """The stricter of two lower bounds; of equal numbers the one that is not met by the number itself."""
    bounds = [(b, strict) for b, strict in ((included, False), (excluded, True)) if b is not None]
    return max(bounds, default=None)


def _less(bound: float | None) -> float | None:
    return None if bound is None else -bound


def _eased_field(pair: Pair, field: str, before: Any, after: Any) -> bool:
    if field == "min_approvals":
        return bool(after < before)
    if field == "mode" and pair.section == "gates":
        strict = ("advisory", "overlap", "hard")
        return strict.index(after.value) < strict.index(before.value)
    if field in ("above", "minimum", "low"):
        return before is not None and (after is None or after < before)
    return field in ("below", "maximum", "high") and before is not None and (after is None or after > before)
