"""What the verbs of memory share: which entries a key or glob names, stored and computed, and what fills in placeholders."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..analysis.memory_keys import DEPENDENCIES, STATUS, is_derived
from ..domain.coordination import COMPUTED
from ..state.remembered import Remembered
from .asking import os_user
from .target import Target, find_target, read_state, require_state

if TYPE_CHECKING:
    import sqlite3

    from .command import Settings


def stored(target: Target, ask: Callable[[sqlite3.Connection], list[Any]]) -> list[Any]:
    """The answer of a query of the record; empty where there is none yet."""
    require_state(target)
    if not target.has_record:
        return []
    from ..state.reader import ReadOnlyStore

    with ReadOnlyStore(target.folder.store) as store:
        return ask(store.connection)


def entries(target: Target, pattern: str) -> list[Remembered]:
    """Entries whose keys the glob fits, computed ones behind those that are stored."""
    from ..state import remembered

    return stored(target, lambda c: remembered.entries(c, pattern)) + derived_entries(target, pattern)


def entry(target: Target, key: str) -> Remembered | None:
    from ..state import remembered

    if is_derived(key):
        return next(iter(derived_entries(target, key)), None)
    found = stored(target, lambda c: [remembered.entry(c, key)])
    return found[0] if found else None


def known_keys(target: Target) -> list[str]:
    """Every key that can be read."""
    from ..analysis.derived_memory import derived_keys
    from ..errors import LocustTuiError
    from ..state import remembered

    try:
        plan = read_state(target).plan
    except LocustTuiError:
        plan = None
    return stored(target, remembered.keys) + derived_keys(plan)


def derived_entries(target: Target, pattern: str) -> list[Remembered]:
    """Computed entries that the glob fits, none where no computed key can fit it."""
    literal = pattern[: min((i for i, c in enumerate(pattern) if c in "*?["), default=len(pattern))]
    if not any(p.startswith(literal) or literal.startswith(p) for p in (DEPENDENCIES, STATUS)):
        return []
    import json

    from ..analysis.derived_memory import derived
    from ..domain.world import World
    from ..errors import LocustTuiError

    try:
        state = read_state(target)
    except LocustTuiError:
        if target.path.exists():
            raise
        found = derived(None, World(), time.time(), pattern, lambda: _none())
        at = time.time()
    else:
        found = derived(state.plan, state.world, state.at, pattern, lambda: state.snapshot(forecast=False))
        at = state.at
    return [
        Remembered(key, json.dumps(value, ensure_ascii=False), 0, at, COMPUTED)
        for key, value in found.items()
    ]


def _none() -> Any:
    raise AssertionError("without a plan nothing is computed from one")


def placeholder_values(settings: Settings, target: Target) -> dict[str, Callable[[], str]]:
    """Placeholder → what makes its text now."""
    from ..analysis.placeholders import of_time

    state = read_state(target)
    values = of_time(state.plan, state.world.project.started, state.at)
    subject, run = os.environ.get("LOCUST_TUI_WORKSTREAM", ""), os.environ.get("LOCUST_TUI_RUN", "")
    values["name"] = lambda: subject or os_user()
    values["status_json"] = lambda: _status(settings)
    if subject:
        values["workstream"] = lambda: subject
        number = subject.rpartition("-")[2]
        values["XX"] = lambda: number
    if run:
        values["run"] = lambda: run
    return values


def _status(settings: Settings) -> str:
    from ..report.status_json import status_document
    from .output import json_text

    return json_text(status_document(read_state(find_target(settings)).snapshot()), line=True)
