"""Keys of the shared memory: which are computed, and which of them, and of their values, tell of a workstream's progress."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import RunStatus

from .addresses import address

DEPENDENCIES = "locust/dependencies/"
STATUS = "locust/status/"
_KEY = re.compile(r"\w[\w.:@-]*(/\w[\w.:@-]*)*")
_REPORT = re.compile(r"locust/status/week-\d+")
MOST_KEY = 256
_ENDS = ("status", "progress")


class MisreportedError(ValueError):
    """A value at a key of a workstream's status that says no status; its words say what is wrong."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a value tells of a workstream; None where it says nothing of that."""

    workstream: str
    progress: float | None = None
    """Points, 0 to 100."""
    blocker: str | None = None
    """Empty: nothing stands in the way any more."""
    next: str | None = None
    note: str | None = None
    by_key: bool = True
    """Known by its key; else the value alone names the workstream."""


def is_key(key: str) -> bool:
    """Words of letters, digits and _ . : @ - with slashes between; a moment is such a word."""
    return len(key) <= MOST_KEY and _KEY.fullmatch(key) is not None


def is_derived(key: str) -> bool:
    """Computed when it is read, never written. Reports' keys, `locust/status/week-N`, are stored."""
    return key.startswith((DEPENDENCIES, STATUS)) and _REPORT.fullmatch(key) is None


def reported_by(plan: Plan, runs: Mapping[str, RunStatus], key: str, value: Any) -> Told | None:
    """What is told of a workstream's progress by `value` at `key`; None where it is no matter of that.

    A key is one of a workstream's status when it ends in `status` or `progress` behind the workstream's id, alias or
    number: `locust/workstream/WS-01/status`, `locust/ws01/status`. At any other key a value is one when it names its
    `workstream` beside a `progress` that can be read. At a key that ends in `progress` the points alone will do. Raises MisreportedError for a value that a status' key can't have.
    """
    parts = key.split("/")
    if parts[-1] in _ENDS and len(parts) > 1:
        found = address(plan, runs, parts[-2])
        if found is not None and found in plan.workstreams:
            return _told(found, value, bare=parts[-1] == "progress")
    if isinstance(value, dict) and "progress" in value and isinstance(named := value.get("workstream"), str):
        found = address(plan, runs, named) if named else None
        if found is not None and found in plan.workstreams:
            with suppress(MisreportedError):
                return replace(_told(found, value), by_key=False)
    return None


def _told(workstream: str, value: Any, *, bare: bool = False) -> Told:
    """`bare`: the value may be the progress alone."""
    if bare and isinstance(value, int | float | str):
        return Told(workstream, _points(value))
    if not isinstance(value, dict):
        raise MisreportedError('a status is a JSON object: {"progress": 40, "blockers": [], "next": "…"}')
    told = Told(
        workstream,
        _points(value["progress"]) if value.get("progress") is not None else None,
        _words("blockers", value.get("blockers", value.get("blocker")), "; "),
        _words("next", value.get("next"), "; "),
        _words("note", value.get("note"), "; "),
    )
    if told == Told(workstream) and not isinstance(value.get("status"), str):
        raise MisreportedError("a status says progress, blockers, next or note")
    return told


def _points(value: Any) -> float:
    """75, "75 %" and 0.75 are 75 points: an integer is points, a number with a point up to 1 a share of all."""
    if isinstance(value, str):
        return _points_in_words(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise MisreportedError(f"progress is a number, not {json.dumps(value)[:60]}")
    points = value * 100 if isinstance(value, float) and value <= 1 else float(value)
    if not 0 <= points <= 100:
        raise MisreportedError(f"progress {value:g} is outside 0 to 100")
    return points


def _points_in_words(text: str) -> float:
    try:
        points = float(text.strip().removesuffix("%"))
    except ValueError:
        raise MisreportedError(f'progress "{text[:40]}" is no number; write 40, 0.4 or "40%"') from None
    if not 0 <= points <= 100:
        raise MisreportedError(f"progress {text[:40]} is outside 0 to 100")
    return points


def _words(name: str, value: Any, between: str) -> str | None:
    if value is None:
        return None
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in items):
        raise MisreportedError(f"{name} is a text or a list of texts")
    return between.join(item.strip() for item in items if item.strip())
