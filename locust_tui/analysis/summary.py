"""A roll-up of whatever comes: counts, mean progress and blockers of JSON values or plain lines. The same in, the same out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from locust_tui.domain.dataclass import dataclass

_STATES = ("state", "status", "verdict")
_BLOCKED = frozenset({"blocked", "failed", "needs-input"})
_MOST = 20


@dataclass(frozen=True, slots=True)
class Summary:
    items: int
    lines: int
    """Of plain text, where it was no JSON."""
    states: tuple[tuple[str, int], ...]
    progress: float | None
    """Mean of the items that tell theirs, points."""
    measured: int
    """Items that do."""
    blockers: tuple[str, ...]
    reported: float | None = None
    """Mean of what agents claim of the items, points; it stands beside the progress and is no part of it."""
    claimed: int = 0
    """Items of which something is claimed."""


def summarize(text: str) -> Summary:
    """The roll-up of a JSON document, of one JSON value a line, or of `key = JSON` lines; other lines are counted."""
    values, plain = _values(text)
    items = [item for value in values for item in _items(value)]
    states = Counter(s for item in items if (s := _state(item)))
    progress = [p for item in items if (p := _progress(item)) is not None]
    blockers = list(dict.fromkeys(b for item in items for b in _blockers(item)))
    reported = [p for item in items if (p := _number(item.get("reported"))) is not None]
    ordered = tuple(sorted(states.items(), key=lambda s: (-s[1], s[0])))
    return Summary(
        len(items),
        plain,
        ordered,
        _mean(progress),
        len(progress),
        tuple(blockers),
        _mean(reported),
        len(reported),
    )


def _mean(points: list[float]) -> float | None:
    return round(sum(points) / len(points), 2) if points else None


def document(found: Summary) -> dict[str, Any]:
    return {
        "items": found.items,
        "lines": found.lines,
        "states": dict(found.states),
        "progress": found.progress,
        "measured": found.measured,
        **({"reported": found.reported, "claimed": found.claimed} if found.claimed else {}),
        "blockers": list(found.blockers),
    }


def words(found: Summary) -> str:
    """The roll-up for people; ends with a newline."""
    lines = [f"{found.items} items" + (f", {found.lines} lines of text" if found.lines else "")]
    if found.states:
        lines.append("states: " + ", ".join(f"{state} {count}" for state, count in found.states))
    if found.progress is not None:
        lines.append(f"progress: {found.progress:g} %, mean of {found.measured}")
    else:
        lines.append("progress: —")
    if found.reported is not None:
        lines.append(f"reported: {found.reported:g} %, mean of {found.claimed}")
    lines.append(f"blockers: {len(found.blockers) or 'none'}")
    lines += [f"- {blocker}" for blocker in found.blockers[:_MOST]]
    if len(found.blockers) > _MOST:
        lines.append(f"- and {len(found.blockers) - _MOST} more")
    return "\n".join(lines) + "\n"


def _values(text: str) -> tuple[list[Any], int]:
    if not text.strip():
        return [], 0
    try:
        return [json.loads(text)], 0
    except ValueError:
        pass
    values, plain = [], 0
    for line in text.splitlines():
        stripped = line.strip()
        _, separator, behind = stripped.partition(" = ")
        for candidate in (stripped, behind if separator else ""):
            try:
                values.append(json.loads(candidate))
                break
            except ValueError:
                continue
        else:
            plain += bool(stripped)
    return values, plain


def _items(value: Any) -> Iterable[dict[str, Any]]:
    """Objects to count: of a list its members, of a status its workstreams, of a memory's entry its value."""
    if isinstance(value, list):
        for member in value:
            yield from _items(member)
    elif isinstance(value, dict):
        inner = value.get("workstreams")
        whole = inner or "revision" in value  # a status without workstreams is none itself
        if isinstance(inner, list) and whole and all(isinstance(w, dict) for w in inner):
            yield from inner
        elif isinstance(value.get("value"), dict | list) and "key" in value:
            yield from _items(value["value"])
        else:
            yield value


def _state(item: dict[str, Any]) -> str:
    return next((str(item[name]) for name in _STATES if isinstance(item.get(name), str)), "")


def _progress(item: dict[str, Any]) -> float | None:
    """What it says of its progress; of a workstream what is verified, never what is only reported."""
    said = item.get("progress")
    points = _number(said)
    if points is None:
        return _number(item.get("verified"))
    return points * 100 if isinstance(said, float) and 0 <= points <= 1 else points


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _blockers(item: dict[str, Any]) -> list[str]:
    name = next(
        (str(item[n]) for n in ("workstream", "id", "key", "name") if isinstance(item.get(n), str)), ""
    )
    said = item.get("blockers", item.get("blocker"))
    texts = [t for t in (said if isinstance(said, list) else [said]) if isinstance(t, str) and t]
    if not texts and _state(item) in _BLOCKED:
        texts = [f"{_state(item)}{': ' + str(item['why']) if item.get('why') else ''}"]
    return [f"{name}: {text}" if name else text for text in texts]
