"""What was agreed and what was changed since, as text and as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from ..domain.studies.baseline import ONE_OF, Baseline, BaselineStudy, ChangeClass, PlanChange, PlanRevision
from ..safe_text import safe
from .figures import age, iso, known
from .glyphs import Tone
from .table import Paint, plain, table

NOT_STARTED = "the project has not started: nothing is agreed yet"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_TONES = {ChangeClass.LIMIT: Tone.PERSON, ChangeClass.CRITERIA: Tone.PERSON}


def gate_change_words(change: PlanChange) -> str:
    """ "Unit coverage: limit was > 80 %, lowered to > 70 % by ana at 2026-11-22T14:10:00Z, after it had failed with 76.2 %: WHY"."""
    what = f"{change.criterion}: {change.field}" if change.criterion and change.field else change.criterion
    what = what or change.field
    if change.before and change.after:
        done = f"{what} was {change.before}, {_direction(change)} to {change.after}"
    elif change.after:
        done = f"{what} is new: {change.after}"
    else:
        done = f"{what} was {change.before}, removed"
    by = f" by {change.by}{' (owner of the file)' if change.how == 'file' else ''}" if change.by else ""
    at = f" at {iso(change.at)}" if change.at is not None else ""
    found = f", after it {change.found}" if change.found else ""
    return f"{done}{by}{at}{found}{f': {change.why}' if change.why else ''}"


def in_short(change: PlanChange) -> str:
    """ "Unit coverage: limit > 80 % → > 70 %, by ana, after it had failed with 76.2 %": what a gate's line has room for."""
    what = ": ".join(filter(None, (change.criterion, change.field)))
    by = f", by {change.by}" if change.by else ""
    return f"{what} {change.values}{by}{f', after it {change.found}' if change.found else ''}"


def _direction(change: PlanChange) -> str:
    if change.kind is ChangeClass.DATES:
        return "moved"
    before, after = _NUMBER.findall(change.before), _NUMBER.findall(change.after)
    if len(before) != 1 or len(after) != 1 or float(before[0]) == float(after[0]):
        return "changed"
    return "lowered" if float(after[0]) < float(before[0]) else "raised"


def change_document(change: PlanChange) -> dict[str, Any]:
    return {
        "section": change.section,
        "subject": change.subject or None,
        "field": change.field or None,
        "criterion": change.criterion or None,
        "class": change.kind.value,
        "before": change.before or None,
        "after": change.after or None,
        "asks_for_less": change.eased,
        "found": change.found or None,
        "revision": change.revision or None,
        "at": iso(change.at),
        **known("by", change.by or None, "the record does not say who changed it"),
        "how": change.how or None,
        **known("why", change.why or None, "nobody said why"),
    }


def _baseline(found: Baseline) -> dict[str, Any]:
    return {
        "number": found.number,
        "digest": found.digest,
        "revision": found.revision,
        "at": iso(found.at),
        "by": found.by or None,
        "plan_revision": found.plan_revision,
        "plan_at": iso(found.plan_at),
        "note": found.note or None,
    }


def revision_document(found: PlanRevision) -> dict[str, Any]:
    return {
        "revision": found.revision,
        "at": iso(found.at),
        "digest": found.digest,
        **known("by", found.by or None, "the record does not say who changed it"),
        "how": found.how or None,
        **known("why", found.why or None, "nobody said why"),
        "noted_by": found.noted_by or None,
        "saved_by": found.saved_by or None,
        "saved_at": iso(found.saved_at),
        "trusted_by": found.trusted_by or None,
        "trusted_at": iso(found.trusted_at),
        "changes": [change_document(change) for change in found.changes],
    }


def baseline_document(study: BaselineStudy) -> dict[str, Any]:
    agreed = study.agreed
    return {
        **known("baseline", None if agreed is None else _baseline(agreed), NOT_STARTED),
        "earlier": [_baseline(found) for found in study.baselines[:-1]],
        "in_force": study.revisions[-1].digest if study.revisions else None,
        "revisions": len(study.revisions),
        "drift": [change_document(change) for change in study.drift],
    }


def agreed_lines(study: BaselineStudy) -> Iterator[str]:
    """Who agreed to what, when; and what came before that."""
    agreed = study.agreed
    if agreed is None:
        yield NOT_STARTED
        return
    first = next((r for r in study.revisions if r.revision == agreed.plan_revision), None)
    what = (
        "in force when the project started" if agreed.number == 1 else f"agreed anew, number {agreed.number}"
    )
    yield f"agreed     plan {agreed.digest[:12]}, {what} at {iso(agreed.at)} by {agreed.by or 'nobody known'}"
    if agreed.note:
        yield f"           because: {agreed.note}"
    if first is not None and (origin := origin_words(first)):
        yield f"           {origin}"
    for earlier in reversed(study.baselines[:-1]):
        note = f": {earlier.note}" if earlier.note else ""
        yield f"before     plan {earlier.digest[:12]} at {iso(earlier.at)} by {earlier.by or 'nobody known'}{note}"


def origin_words(found: PlanRevision) -> str:
    """ "saved 2026-11-22T14:02:11Z in a file of ana, trusted by ana at …"; empty where nothing of it is known."""
    saved = f"saved {iso(found.saved_at)} in a file of {found.saved_by}" if found.saved_by else ""
    trusted = f"trusted by {found.trusted_by} at {iso(found.trusted_at)}" if found.trusted_by else ""
    return ", ".join(filter(None, (saved, trusted)))


def drift_text(study: BaselineStudy, *, paint: Paint = plain, width: int | None = None) -> list[str]:
    """What was agreed, and what differs from it, by gate, workstream and other parts."""
    lines = [safe(line, oneline=True) for line in agreed_lines(study)]
    if study.agreed is None:
        return lines
    later = len([r for r in study.revisions if r.revision > study.agreed.plan_revision])
    count = len(study.drift)
    fields = f"{count} field{'' if count == 1 else 's'}"
    differs = f"{fields} differ{'s' if count == 1 else ''} from it" if count else "nothing differs from it"
    yet = f"{later} later plan{'' if later == 1 else 's'}" if later else "no later plan"
    lines += [f"now        {differs}, after {yet}"]
    for (section, subject), group in groupby(study.drift, key=lambda c: (c.section, c.subject)):
        title = safe(" ".join(filter(None, (ONE_OF.get(section, section), subject))), oneline=True)
        lines += ["", title, *(f"  {line}" for line in _rows(list(group), study.now, paint, width))]
    if count:
        lines += ["", "every single change: locust-tui baseline changes"]
    return lines


def _rows(changes: Sequence[PlanChange], now: float, paint: Paint, width: int | None) -> list[str]:
    rows = [
        (
            (c.kind.value, _TONES.get(c.kind, Tone.QUIET)),
            ": ".join(filter(None, (c.criterion, c.field))),
            c.values,
            "asks for less" if c.eased else "",
            f"revision {c.revision} by {c.who}, {age(now - c.at)} ago" if c.at is not None else "",
            ", ".join(filter(None, (f"after it {c.found}" if c.found else "", c.why))),
        )
        for c in changes
    ]
    drawn = table(("",) * 6, rows, paint=paint, width=None if width is None else width - 2)
    return drawn[1:]


def changes_text(
    found: Sequence[PlanRevision], *, paint: Paint = plain, width: int | None = None
) -> list[str]:
    """Every plan that came into force, oldest first, each with its changes, who, when and why."""
    lines: list[str] = []
    for revision in found:
        why = f": {revision.why}" if revision.why else ": nobody said why"
        lines += [
            "",
            f"{revision.revision}  {iso(revision.at)}  {safe(who_words(revision) + why, oneline=True)}",
        ]
        shown = [
            (
                (c.kind.value, _TONES.get(c.kind, Tone.QUIET)),
                c.place,
                c.values,
                "asks for less" if c.eased else "",
                f"after it {c.found}" if c.found else "",
            )
            for c in revision.changes
        ]
        drawn = table(("",) * 5, shown, paint=paint, width=None if width is None else width - 4)
        lines += [f"    {line}" for line in drawn[1:]] or ["    nothing that stands in the plan's fields"]
    return lines[1:]


def who_words(found: PlanRevision) -> str:
    """ "ana said yes", "ana, owner of the file", "ana by a command"."""
    who = found.by or "nobody known"
    how = {"yes": f"{who} said yes", "command": f"{who} by a command", "strategy": f"{who} by a strategy"}
    return how.get(found.how, f"{who}, owner of the file" if found.by else who)
