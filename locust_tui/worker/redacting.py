"""What is masked before it goes on record: words of agents and programs, never ids, states or digests."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

from locust_tui.domain.events import EventBody, MemoryStored

_WORDS = frozenset(
    {
        "blocker",
        "choice",
        "choices",
        "command",
        "detail",
        "evidence",
        "lines",
        "next",
        "note",
        "problem",
        "reason",
        "result",
        "rule",
        "summary",
        "text",
        "uncommitted",
        "value",
        "what",
        "why",
    }
)
"""Fields of events, and of what they hold, in which somebody's words stand."""


def redacted(body: EventBody, mask: Callable[[str], str]) -> EventBody:
    """`body` with every secret in its words masked; the same object where there is none."""
    changed: EventBody = _masked(body, mask)
    if isinstance(changed, MemoryStored) and changed is not body and not _is_json(changed.value):
        return replace(changed, value=json.dumps(mask(str(json.loads(body.value)))))  # type: ignore[union-attr]
    return changed


def _masked(value: Any, mask: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, tuple):
        parts = tuple(_masked(part, mask) for part in value)
        return value if all(new is old for new, old in zip(parts, value, strict=True)) else parts
    if not is_dataclass(value) or isinstance(value, type):
        return value
    found = {name: getattr(value, name) for name in _words_of(type(value))}
    new = {name: _masked(word, mask) for name, word in found.items() if word}
    changes = {name: word for name, word in new.items() if word is not found[name]}
    return replace(value, **changes) if changes else value


@cache
def _words_of(kind: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind) if f.name in _WORDS)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
