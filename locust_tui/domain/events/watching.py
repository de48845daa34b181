"""Events of alerts, hooks and scheduled reports."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from ..states import AlertState


@dataclass(frozen=True, slots=True)
class AlertMoved:
    alert: str
    scope: str
    """What it holds for: a phase, where the condition speaks of one; empty: the project."""
    state: AlertState
    values: tuple[tuple[str, float | None], ...] = ()
    """Name → value of all that the condition speaks of, at that moment."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class HookArmed:
    """From revision `seen` on the hook answers its event, or from this moment on its clock; what was before is none of its."""

    hook: str
    when: str
    """Its cron line or its event; empty: the plan has it no more."""
    seen: int = 0


@dataclass(frozen=True, slots=True)
class HookBegan:
    """The lines of a shell are about to run: cut off in the middle, they are not run again."""

    hook: str
    trigger: str
    seen: int = 0


@dataclass(frozen=True, slots=True)
class HookRan:
    """A hook's pipeline came to its end."""

    hook: str
    trigger: str
    """The moment it was due for ("2026-11-22T09:00:00Z"), or the revision of the event it answers ("#412")."""
    ok: bool
    said: str = ""
    """Its output, or why it failed; bounded."""
    seen: int = 0
    """Revision up to which events have been answered."""


MOST_MISSED = 1_000
"""Of moments that were missed no more are counted."""


@dataclass(frozen=True, slots=True)
class HookMissed:
    """Nobody was there when it was due."""

    hook: str
    count: int
    """MOST_MISSED: or more."""
    last: str
    """The latest moment of those, as HookRan's."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class SuccessRecorded:
    """What a named person found: whether an end condition, or what is looked at after the release, is met."""

    check: str
    """Its name in the plan."""
    met: bool
    value: str = ""
    """What was found, as it was said: a number, a list, links."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReportWritten:
    """A scheduled report stands in a file, and in memory as `locust/status/week-N`."""

    report: str
    week: int
    path: str
    due: str
