"""Changes of criteria: what is measured, against which limit, whether it must pass; and whether that asks for less."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from locust_tui.domain.criterion import Criterion, Limit, criterion_key
from locust_tui.domain.studies.baseline import ChangeClass, PlanChange

from .baseline_words import measure, probe, said
from .plan_parts import Pair

T = TypeVar("T")


def made(
    pair: Pair, field: str, before: str, after: str, kind: ChangeClass, *, eased: bool = False,
    criterion: str = "", key: str = "", section: str | None = None, subject: str | None = None,
) -> PlanChange:  # fmt: skip
    return PlanChange(
        pair.section if section is None else section, pair.id if subject is None else subject, field, before, after,
        kind, criterion, key, eased,
    )  # fmt: skip


def by_key(items: Iterable[T], key: Callable[[T], str]) -> dict[str, T]:
    return {key(item): item for item in items}


def criteria_changes(
    pair: Pair, before: Sequence[Criterion], after: Sequence[Criterion], label: str = "", id_: str = ""
) -> Iterator[PlanChange]:
    """Changes of criteria, by id; `label`: the one criterion of a field, whatever its id is."""
    old = by_key(before, lambda c: label or c.id)
    new = by_key(after, lambda c: label or c.id)
    for name in (*new, *(gone for gone in old if gone not in new)):
        yield from criterion_changes(pair, old.get(name), new.get(name), label, id_)


def criterion_changes(
    pair: Pair, old: Criterion | None, new: Criterion | None, label: str, id_: str
) -> Iterator[PlanChange]:
    one = new if new is not None else old
    assert one is not None
    title, key = label or one.name, _key(pair, label, id_ or one.id)
    kind = ChangeClass.CRITERIA

    def change(field: str, before: str, after: str, kind: ChangeClass, eased: bool = False) -> PlanChange:
        return made(pair, field, before, after, kind, eased=eased, criterion=title, key=key)

    if old is None or new is None:
        before, after = (measure(c) if c is not None else "" for c in (old, new))
        yield change("", before, after, kind, eased=new is None)
        return
    if old.limit != new.limit:
        was, now = said(old.limit) or "none", said(new.limit) or "none"
        yield change("limit", was, now, ChangeClass.LIMIT, eases(old.limit, new.limit))
    if old.must != new.must:
        words = ("should", "must")
        yield change("must", words[old.must], words[new.must], kind, eased=old.must)
    if old.probes != new.probes:
        was, now = (" and ".join(map(probe, c.probes)) for c in (old, new))
        yield change("measure", was, now, kind)
    for field in ("name", "fact", "max_age", "after", "inputs", "timeout", "cwd", "env"):
        was, now = getattr(old, field), getattr(new, field)
        if was != now:
            yield change(field, said(was, field) or "none", said(now, field) or "none", kind)


def _key(pair: Pair, label: str, id_: str) -> str:
    """Key of the criterion's result; an invariant has one for each workstream, and none of its own."""
    if pair.section == "gates":
        return criterion_key(f"gate:{pair.id}", id_)
    if pair.section == "workstreams":
        return criterion_key(f"{'deliverable' if label else 'accept'}:{pair.id}", id_)
    if pair.section == "facts":
        return criterion_key("fact", id_)
    return ""


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
