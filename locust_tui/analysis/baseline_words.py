"""Values of a plan's fields as a person reads them, for saying what a change changed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from locust_tui.domain.criterion import Command, Criterion, Limit, Probe
from locust_tui.domain.plan import Deliverable, Need, NotifyRoute, RiskLink, Weeks
from locust_tui.domain.quantity import limit_text

_SECONDS = {"timeout", "stall", "fruitless", "refresh", "hold", "within", "expires", "max_age", "week_s"}
_UNITS = (("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
_LONGEST = 400
"""Letters of one value: what does not fit is told by its length."""


def said(value: Any, field: str = "") -> str:
    """`value` of the field of that name; empty for nothing at all."""
    if value is None or value in ((), {}, frozenset(), ""):
        return ""
    text = _said(value, field)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} letters)"


def _said(value: Any, field: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, int | float):
        return _number(value, field)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {said(held)}" for key, held in value.items())
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(str, value)))
    if isinstance(value, tuple):
        between = "-" if field == "window" else " / " if field == "estimate" else ", "
        return between.join(said(held) for held in value)
    return _object(value) if is_dataclass(value) else str(value)


def _number(value: float, field: str) -> str:
    if field in _SECONDS:
        return _duration(value)
    if field == "start":
        return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(value))
    return f"{value:.12g}"


def _duration(seconds: float) -> str:
    unit, size = next((u for u in _UNITS if seconds >= u[1] and seconds % u[1] == 0), ("s", 1))
    return f"{seconds / size:g}{unit}"


def _object(value: Any) -> str:
    if isinstance(value, Weeks):
        return str(value)
    if isinstance(value, Command):
        return value.text
    if isinstance(value, Need):
        return f"{value.target}: {value.condition}{' (hard)' if value.hard else ''}"
    if isinstance(value, Limit):
        return limit_text(value)
    if isinstance(value, Deliverable):
        return value.name
    if isinstance(value, Criterion):
        return measure(value)
    if isinstance(value, Probe):
        return probe(value)
    if isinstance(value, RiskLink):
        return str(value)
    if isinstance(value, NotifyRoute):
        return ", ".join((*value.channels, *(command.text for command in value.commands)))
    given = ((f.name, said(getattr(value, f.name), f.name)) for f in fields(value))
    return ", ".join(f"{name} {text}" for name, text in given if text)


def measure(criterion: Criterion) -> str:
    """What is measured and against which limit: "coverage lcov.info, > 80 %, should"."""
    how = " and ".join(probe(p) for p in criterion.probes)
    must = "" if criterion.must else "should"
    return ", ".join(filter(None, (how, limit_text(criterion.limit), must)))


def probe(found: Probe) -> str:
    """ "run make test", "files build/app", "manual Ready to ship? by tech-review"."""
    what = (
        found.command.text if found.command else "",
        ", ".join(found.patterns),
        found.url or "",
        f"at {found.at}" if found.at else "",
        f"of {', '.join(found.include)}" if found.include else "",
        found.text,
        f"less {found.baseline.text}" if found.baseline else "",
        f"by {found.by}" if found.by else "",
    )
    return " ".join((found.kind.value, *filter(None, what)))
