"""What a plan has watched and done by itself: monitors, alerts, hooks, reports."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Monitor:
    name: str
    refresh: float
    metrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlertRule:
    name: str
    when: str
    notify: tuple[str, ...] = ()
    severity: str = "warning"
    hold: float | None = None
    """`for:`: seconds the condition must hold before it fires."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A pipeline of this program's own verbs, run at times or after events."""

    name: str
    script: str
    """Lines of `VERB … | VERB …`, without the program's name."""
    cron: str = ""
    """Five fields; empty: `event` says when."""
    event: str = ""
    """blocker-detected, agent-exited, gate-failed, key-changed:GLOB, or the stored name of an event."""
    shell: bool = False
    """Each line is /bin/sh's; else only verbs of this program run."""


@dataclass(frozen=True, slots=True)
class ReportSchedule:
    name: str
    every: str
    out: str | None = None
    to: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    """Further files of the same report."""

    @property
    def files(self) -> tuple[str, ...]:
        """All that the plan names, below its folder; empty: one in the state folder."""
        return (self.out, *self.also) if self.out is not None else ()
