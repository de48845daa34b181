"""The verdict rule by rule: what was looked at, the value, its limit, and what came of it."""

from __future__ import annotations

from typing import Any

from ..domain.states import Verdict
from ..domain.studies.verdict import Rule, Verdicts
from ..safe_text import safe
from .figures import UNKNOWN, count, known
from .glyphs import glyph, tone, word
from .table import Paint, cells, fold, plain, table

_UNITS = {
    "points": ("point", "points"),
    "working days": ("working day", "working days"),
    "workstreams": ("workstream", "workstreams"),
    "gates": ("gate", "gates"),
    "runs": ("run", "runs"),
    "risks": ("risk", "risks"),
    "accounts": ("account", "accounts"),
    "conditions": ("condition", "conditions"),
}


def verdict_document(id: str, name: str, found: Verdicts, possible: tuple[str, ...] = ()) -> dict[str, Any]:
    """For JSON: the answer, its reasons, and every rule in order; what cannot be told is null with its reason."""
    return {
        "id": id,
        "name": name,
        "state": found.answer.value,
        "why": found.reasons[0] if found.reasons else None,
        "because": list(found.reasons),
        "possible": list(possible),
        "rules": [_document(rule, found.answer) for rule in found.rules],
    }


def _document(rule: Rule, answer: Verdict) -> dict[str, Any]:
    return {
        "id": rule.id,
        "answer": rule.answer.value,
        "asks": rule.asks,
        **known("value", None if rule.value is None else round(rule.value, 4), rule.why or "it is no number"),
        **known("limit", rule.limit, "the rule has no limit" if rule.limit is None else ""),
        "unit": rule.unit or None,
        **known("holds", rule.holds, rule.why or "cannot be told"),
        "decides": bool(rule.holds) and rule.answer is answer,
        "reasons": list(rule.reasons) if rule.holds else [],
        "note": rule.why or None,
    }


def verdict_lines(
    name: str, found: Verdicts, *, paint: Paint = plain, ascii_only: bool = False, width: int | None = None
) -> list[str]:
    """For people: what it is and why, then a line for each rule, those that decide marked."""
    sign = glyph(found.answer, ascii_only=ascii_only)
    head = f"{safe(name, oneline=True)} is {paint(f'{sign} {word(found.answer)}', tone(found.answer))}"
    lines = [head, *(f"  {safe(reason, oneline=True)}" for reason in found.reasons), ""]
    rows = [
        (
            _result(rule, found.answer, ascii_only),
            word(rule.answer),
            rule.asks,
            _amount(rule.value, rule.unit),
            "" if rule.limit is None else _limit(rule),
            "" if rule.holds else rule.why,
        )
        for rule in found.rules
    ]
    header = ("", "WOULD BE", "RULE", "VALUE", "LIMIT", "NOTE")
    right = frozenset({3, 4})
    whole = table(header, rows, right=right, paint=paint)
    if width is None or all(cells(line) <= width for line in table(header, rows, right=right)):
        return lines + whole
    short = [(*row[:3], _short(row[3]), _short(row[4])) for row in rows]
    lines += table(header[:-1], short, right=right, paint=paint, width=width, yields=2)
    notes = dict.fromkeys(f"{rule.asks}: {rule.why}" for rule in found.rules if rule.why and not rule.holds)
    return lines + [part for note in notes for part in fold(note, width, 4)]


def _result(rule: Rule, answer: Verdict, ascii_only: bool) -> str:
    if rule.holds is None:
        return "?"
    if not rule.holds:
        return "no"
    return "▶ yes" if rule.answer is answer and not ascii_only else "yes"


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return "" if not unit else UNKNOWN
    if unit == "week":
        return f"week {value:.1f}".removesuffix(".0")
    if unit in ("points", "working days"):
        return f"{value:.1f} {unit}" if value % 1 else count(int(value), *_UNITS[unit])
    if unit in _UNITS:
        return count(int(value), *_UNITS[unit])
    return f"{value:.2f}"


def _short(amount: str) -> str:
    """ "wk 12.8", and of what the rule itself names the number alone."""
    return amount.replace("week ", "wk ") if amount.startswith("week ") else amount.split(" ")[0]


def _limit(rule: Rule) -> str:
    assert rule.limit is not None
    if rule.unit == "week":
        return f"week {rule.limit:g}"
    return f"{rule.limit:g}"
