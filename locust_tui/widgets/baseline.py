"""Changes of the plan, and what was agreed, as lines."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from locust_tui.domain.studies.baseline import AgreedPart, BaselineStudy, ChangeClass, PlanChange
from locust_tui.report.baseline_text import origin_words
from locust_tui.report.local_time import local

from .row import Row, crop, shown
from .sheet import SheetLine, fact, heading, paragraph
from .tones import Tone
from .words import plural, since

_WIDE = 9
_LEAST = 20
"""Cells that a change's place keeps at least; its values give way only then."""
_CLASS_WIDE = max(len(kind) for kind in ChangeClass)
_FIELDS = {"gates": "week", "milestones": "week", "workstreams": "weeks"}
_SECTIONS = (("gates", "Gates"), ("milestones", "Milestones"), ("workstreams", "Workstreams"))


def change_key(change: PlanChange) -> str:
    return f"{change.revision} {change.section} {change.subject} {change.criterion} {change.field}"


def change_row(change: PlanChange, width: int, now: float) -> Row:
    """Mark, class, place, before → after; who and how long ago at the end."""
    row = Row("⚠ " if change.eased else "  ", "you").column(change.kind.value, _CLASS_WIDE + 1, "dim")
    if not change.why and width >= 100:
        row.end("no reason ", "dim")
    row.end(f"{change.by[:12] or '?'} ", "dim").end(f"{since(change.at, now):>4}", "dim")
    values = f"  {shown(change.values)}"
    room = width - _CLASS_WIDE - 4 - sum(cell_len(text) for text, _ in row.right) - cell_len(values)
    row.add(crop(shown(change.place), max(_LEAST, room)))
    return row.add(values, "you" if change.eased else "text")


def change_sheet(change: PlanChange, study: BaselineStudy, now: float, width: int) -> Iterator[SheetLine]:
    """Before → after, what the criterion had shown, who, when, why, and what else the same plan changed."""
    eased: Tone = "you" if change.eased else "text"
    yield fact("before", change.before or "it was not there", wide=_WIDE)
    yield fact("after", change.after or "it is gone", eased, wide=_WIDE)
    if change.eased:
        yield fact("", "⚠ it asks for less than before", "you", wide=_WIDE)
    if change.found:
        yield fact("then", f"the criterion {change.found}", eased, wide=_WIDE)
    yield fact("touches", change.kind.value, wide=_WIDE)
    yield fact(
        "when", f"{local(change.at)} · {since(change.at, now)} ago · revision {change.revision}", wide=_WIDE
    )
    yield fact("who", change.who, "text" if change.by else "dim", wide=_WIDE)
    revision = next((r for r in study.revisions if r.revision == change.revision), None)
    if revision is not None and (origin := origin_words(revision)):
        yield from paragraph(origin, width, "dim", indent=" " * (_WIDE + 2))
    yield from _why(change, revision.noted_by if revision is not None else "", width)
    others = (
        [c for c in revision.changes if c is not change and change_key(c) != change_key(change)]
        if revision
        else []
    )
    if others:
        yield from heading(f"The same plan changed {plural(len(others), 'field')} more")
        for other in others:
            yield SheetLine(Row("⚠ " if other.eased else "  ", "you").add(other.words))


def _why(change: PlanChange, noted_by: str, width: int) -> Iterator[SheetLine]:
    if not change.why:
        yield fact("why", "nobody said; n says it", "dim", wide=_WIDE)
        return
    told = f"{change.why} ({noted_by})" if noted_by else change.why
    lines = list(paragraph(told, width, indent=" " * (_WIDE + 2)))
    first = lines[0].row.left[-1][0] if lines[0].row.left else ""
    yield fact("why", first, wide=_WIDE)
    yield from lines[1:]


def agreed_sheet(study: BaselineStudy, now: float, width: int) -> Iterator[SheetLine]:
    """Who agreed and when; then dates and criteria as they were agreed, with what they are now where that differs."""
    agreed = study.agreed
    if agreed is None:
        yield from paragraph("Nothing is agreed yet: the project has not started.", width, indent="")
        return
    how = "at the start" if agreed.number == 1 else f"anew, number {agreed.number}"
    yield fact("when", f"{local(agreed.at)} · {since(agreed.at, now)} ago", wide=_WIDE)
    yield fact("who", f"{agreed.by or 'nobody known'}, {how}", wide=_WIDE)
    yield fact("plan", f"{agreed.digest[:12]} · revision {agreed.plan_revision}", wide=_WIDE)
    if agreed.note:
        yield from paragraph(agreed.note, width, indent=" " * (_WIDE + 2))
    for earlier in reversed(study.baselines[:-1]):
        yield fact(
            "before",
            f"{earlier.digest[:12]} · {since(earlier.at, now)} ago · {earlier.by}",
            "dim",
            wide=_WIDE,
        )
    count = len(study.drift)
    differs = (
        f"{plural(count, 'field')} differ{'s' if count == 1 else ''} now" if count else "nothing differs now"
    )
    yield fact("now", differs, "you" if count else "done", wide=_WIDE)
    for section, title in _SECTIONS:
        parts = [part for part in study.parts if part.section == section]
        if parts:
            yield from heading(title)
            for part in parts:
                yield from _part(part, study)
    yield from _elsewhere(study)


def _part(part: AgreedPart, study: BaselineStudy) -> Iterator[SheetLine]:
    mine = [c for c in study.drift if c.section == part.section and c.subject == part.id]
    row = Row("  ").add(part.id, "strong").add(f" {part.name}" if part.name != part.id else "")
    date = next((c for c in mine if c.field == _FIELDS[part.section]), None)
    row.end(f"week {part.when}" if part.when else "no date", "dim")
    if date is not None:
        row.end(f" → {date.after}", "you")
    if any(not c.field and not c.criterion and not c.after for c in mine):
        row.end(" removed", "you")
    yield SheetLine(row)
    changed = {c.criterion: c for c in reversed(mine) if c.criterion}
    for name, limit in part.criteria:
        change = changed.get(name)
        line = Row("    ").add(name, "text" if change is not None else "dim")
        now = _now(change) if change is not None else ""
        if limit:
            line.end(limit, "dim")
        yield SheetLine(line.end(now, "you") if now else line)
    rest = [
        c
        for c in mine
        if c is not date and (c.field or c.criterion) and c.criterion not in dict(part.criteria)
    ]
    for change in rest:
        label = ": ".join(filter(None, (change.criterion, change.field)))
        yield SheetLine(Row("    ").add(f"{label} ").add(change.values, "you"))


def _now(change: PlanChange) -> str:
    if change.field == "limit":
        return f" → {change.after}"
    return " → gone" if not change.after else f" → other {change.field}" if change.field else " new"


def _elsewhere(study: BaselineStudy) -> Iterator[SheetLine]:
    """What differs in parts that have no line of their own, and parts that came anew."""
    known = {(part.section, part.id) for part in study.parts}
    rest = [c for c in study.drift if (c.section, c.subject) not in known]
    if rest:
        yield from heading("Elsewhere")
        for change in rest:
            yield SheetLine(Row("  ").add(f"{change.place} ").add(change.values, "you"))
