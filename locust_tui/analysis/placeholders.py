"""Words in braces that a command fills in when it runs: {date}, {week}, {status_json} …"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from locust_tui.domain.clock import project_start, week_of
from locust_tui.domain.plan import Plan
from locust_tui.errors import UsageError, did_you_mean

_BRACED = re.compile(r"\{([A-Za-z_]\w*)\}")
KNOWN = ("date", "week", "n", "ts", "status_json", "name", "workstream", "run", "XX")

Values = Mapping[str, Callable[[], str]]
"""Placeholder → what makes its text; made only when it is wanted."""


def names(text: str) -> list[str]:
    """Placeholders in the text, in order. JSON's own braces are none: a word follows them in no JSON."""
    return _BRACED.findall(text)


def of_time(plan: Plan, started: float | None, now: float) -> dict[str, Callable[[], str]]:
    """{date} and {ts} of a moment, the date in the plan's time zone; {week} and {n}, the plan's week, from 1."""
    start = project_start(plan.calendar, started)
    week = str(max(1, week_of(plan.calendar, start, now)))
    day = datetime.fromtimestamp(now, ZoneInfo(plan.calendar.timezone))
    moment = datetime.fromtimestamp(now, ZoneInfo("UTC"))
    return {
        "date": lambda: day.strftime("%Y-%m-%d"),
        "ts": lambda: moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "week": lambda: week,
        "n": lambda: week,
    }


def filled(text: str, values: Values) -> str:
    """`text` with its placeholders filled in. Raises UsageError for one that nobody knows."""
    return _BRACED.sub(lambda m: _one(m.group(1), values), text)


def filled_known(text: str, values: Values) -> str:
    """`text` with those of its placeholders filled in that are known here; the others are left to whoever reads it."""
    return _BRACED.sub(lambda m: values[m.group(1)]() if m.group(1) in values else m.group(), text)


def filled_value(text: str, values: Values) -> str:
    """The same for a text that may be JSON: what is filled into a string of it stays a part of that string."""
    if not names(text):
        return text
    try:
        tree = json.loads(text)
    except ValueError:
        return filled(text, values)
    return json.dumps(_in_strings(tree, values), ensure_ascii=False)


def _in_strings(tree: Any, values: Values) -> Any:
    if isinstance(tree, str):
        return filled(tree, values)
    if isinstance(tree, list):
        return [_in_strings(item, values) for item in tree]
    if isinstance(tree, dict):
        return {filled(key, values): _in_strings(item, values) for key, item in tree.items()}
    return tree


def _one(name: str, values: Values) -> str:
    make = values.get(name)
    if make is None:
        known = f"known are {', '.join(f'{{{n}}}' for n in values)}"
        inside = f"{{{name}}} is known inside a run only; " if name in KNOWN else ""
        near = did_you_mean(name, values, cutoff=0.7)
        raise UsageError(
            f"nothing is known to fill in for {{{name}}}",
            help=f"{inside}{f'{near} ' if near else ''}{known}; --literal takes braces as they are",
        )
    return make()
