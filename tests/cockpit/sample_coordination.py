"""Snapshots of the Locust plan in which people and agents write to each other, remember, escalate and are alerted."""

from __future__ import annotations

import dataclasses
import json

import sample
from sample import NOW

from locust_tui.domain.coordination import (
    AlertStatus,
    EscalationReply,
    EscalationStatus,
    GrantStatus,
    MemoryEntry,
    MessageStatus,
    MessageTry,
    TaskStatus,
)
from locust_tui.domain.looking_back import MemoryVersion, MetricSeries, MonitorReading
from locust_tui.domain.plan import AlertRule, Monitor
from locust_tui.domain.snapshot import Snapshot, WaitingView
from locust_tui.domain.states import AlertState, TaskState

TEXT = """The omnibar draws before the overlay is sized, so hints land one row too high.

Please freeze `Area::resize` until WS-05 is through review; the fix is in
src/plugins/omnibar/mod.rs, and the test is omnibar::opens_sized."""


def messages() -> tuple[MessageStatus, ...]:
    return (
        MessageStatus("m1", "core", "The API of hints is settled: see docs/hints.md", "WS-04", NOW - 90_000, read=NOW - 89_000, reader="core", delivered=("agent",), ways=("agent",)),
        MessageStatus("m2", "locust-meta", "WS-01 is accepted: what plugins needs of core is there", "worker", NOW - 86_000, read=NOW - 85_000, reader="locust-meta", delivered=("agent",), ways=("agent",)),
        MessageStatus("m3", "docs-team", "The guide needs a second pair of eyes.", "WS-14", NOW - 9_000, dead='nobody is called "docs-team"'),
        MessageStatus("m4", "ana", "Which border style should the tooltip have?", "WS-07", NOW - 3_900, subject="tooltip border", delivered=("inbox",), ways=("inbox", "desktop"), failed=("desktop: no notification service",), acknowledged=NOW - 3_000, acknowledged_by="ana", read=NOW - 3_100, reader="ana"),
        MessageStatus("m5", "WS-06", "Commands without arguments may be typed without the colon.", "ana", NOW - 1_800, reply_to="m4", ways=("agent",), tries=(MessageTry("agent", 1, NOW - 1_700),)),
        MessageStatus("m6", "operator", TEXT, "plugins", NOW - 240, subject="WS-05 and WS-04 both move the overlay", priority="high", delivered=("inbox", "bell"), ways=("inbox", "bell"), channel="plugins", group="m6"),
        MessageStatus("m7", "core", TEXT, "plugins", NOW - 240, subject="WS-05 and WS-04 both move the overlay", priority="high", delivered=("agent",), ways=("agent",), channel="plugins", group="m6"),
        MessageStatus("m8", "operator", "phase_progress 41, expected_progress 62", "worker", NOW - 95, subject="alert phase-behind in phase 2 fires", priority="urgent", delivered=("inbox", "bell"), ways=("inbox", "bell")),
    )  # fmt: skip


def memory() -> tuple[MemoryEntry, ...]:
    def entry(key: str, value: object, version: int, ago: float, by: str) -> MemoryEntry:
        return MemoryEntry(key, json.dumps(value, ensure_ascii=False), version, NOW - ago, by)

    contract = {
        "trait": "Overlay",
        "methods": ["draw", "fit", "hide"],
        "frozen": True,
        "since": {"week": 4, "by": "WS-05"},
    }
    return (
        entry("api/overlay/contract", contract, 4, 7_000, "WS-05"),
        entry("api/overlay/notes", "draw() is called once a frame;\nfit() before it, never after.", 1, 86_000, "WS-05"),
        entry("locust/decisions/border", {"style": "rounded", "by": "ana"}, 2, 3_000, "ana"),
        entry("locust/status/week-4", {"progress": 38, "verdict": "at-risk"}, 1, 400_000, "worker"),
        entry("perf/baseline", [3.1, 2.9, 11.2], 12, 40, "WS-05"),
    )  # fmt: skip


def versions(key: str) -> tuple[MemoryVersion, ...]:
    """What stood under the key."""
    if key != "perf/baseline":
        return (MemoryVersion(700, NOW - 7_000, "WS-05", 1, '"a text"'),)
    return (
        MemoryVersion(811, NOW - 40, "WS-05", 3, "[3.1,2.9,11.2]"),
        MemoryVersion(640, NOW - 9_000, "ana", None, ""),
        MemoryVersion(610, NOW - 90_000, "WS-05", 2, "[3.1,2.9]"),
        MemoryVersion(400, NOW - 190_000, "WS-05", 1, '{"min": 3.1, "why": "first run"}'),
    )


RULES = (
    AlertRule(
        "phase-behind", "phase_progress < expected_progress - 10", ("locust-meta", "ana"), "warning", 600.0
    ),
    AlertRule("budget-half", "cost > 10", ("ana",), "info"),
    AlertRule("no-velocity", "velocity < 1", ("locust-meta",), "critical"),
    AlertRule("rework", "rework_hours > 20", (), "warning"),
)
MONITORS = (
    Monitor("main", 300.0, ("progress", "velocity", "blockers", "quality")),
    Monitor("costs", 3_600.0, ("cost", "tokens", "orchestrator_progress")),
)


def alerts() -> tuple[AlertStatus, ...]:
    return (
        AlertStatus("budget-half/", "budget-half", "", AlertState.RESOLVED, NOW - 20_000, (("cost", 9.4),), "a person raised the budget", 1),
        AlertStatus("phase-behind/2", "phase-behind", "2", AlertState.FIRING, NOW - 95, (("expected_progress", 62.0), ("phase_progress", 41.0)), "", 3),
        AlertStatus("phase-behind/3", "phase-behind", "3", AlertState.PENDING, NOW - 30, (("expected_progress", 21.0), ("phase_progress", 8.0))),
        AlertStatus("gate-overdue/g2", "gate-overdue", "g2", AlertState.ACKNOWLEDGED, NOW - 4_000, (("days_overdue", 1.0),), "ana knows", 1, "ana"),
    )  # fmt: skip


def reading(name: str) -> MonitorReading | None:
    """Three hundred points of each metric."""
    monitor = next((m for m in MONITORS if m.name == name), None)
    if monitor is None:
        return None

    def series(metric: str, unit: str, now: float | None, values: list[float | None]) -> MetricSeries:
        points = tuple((NOW - 300.0 * (len(values) - n), value) for n, value in enumerate(values))
        return MetricSeries(metric, unit, now, points, len(values) + 988 if values else 0)

    if name == "costs":
        return MonitorReading(name, NOW, (
            series("cost", "$", 4.52, [n * 0.015 for n in range(300)]),
            series("tokens", "tokens", 493_400.0, [1_600.0 * n for n in range(300)]),
            series("orchestrator_progress/core", "%", 97.0, [min(97.0, n * 0.6) for n in range(300)]),
            series("orchestrator_progress/plugins", "%", 24.0, []),
        ))  # fmt: skip
    wave: list[float | None] = [2.0 + (n % 23) / 10 for n in range(300)]
    wave[200:220] = [None] * 20
    return MonitorReading(name, NOW, (
        series("progress", "%", 46.0, [46.0 * n / 299 for n in range(300)]),
        series("velocity", "/wk", 1.3, wave),
        series("blockers", "", 4.0, [float(n // 60) for n in range(300)]),
        series("quality", "%", 86.0, [86.0] * 300),
    ))  # fmt: skip


def escalations() -> tuple[EscalationStatus, ...]:
    first = EscalationReply(
        "locust-meta", "locust-meta", "split the trait", "both sides keep their names", NOW - 1_000
    )
    return (
        EscalationStatus("E1", "workstream", "WS-15", "the runner has no GPU", NOW - 5_000, "WS-15", route=("integration", "locust-meta"), within=14_400.0, due=NOW + 9_400, acknowledged=("integration",)),
        EscalationStatus("E2", "architecture", "WS-05", "two traits claim the overlay", NOW - 2_000, "plugins", detail="Overlay::draw and Omnibar::render both own the frame.\nOne of them has to go.", route=("locust-meta", "tech-review"), mode="all", within=86_400.0, due=NOW + 84_400, replies=(first,), urgency="high"),
        EscalationStatus("E0", "resource", "core", "three agents more", NOW - 90_000, "core", route=("locust-meta",), closed=NOW - 80_000, closed_why="answered by ana for locust-meta", decision="two for a week"),
    )  # fmt: skip


def tasks() -> tuple[TaskStatus, ...]:
    return (
        TaskStatus("T1", "Look through the hint overlay with WS-04", "plugins", NOW - 50_000, "ana", "high"),
        TaskStatus("T2", "Write up the border decision", "plugins", NOW - 2_900, "locust-meta"),
        TaskStatus("T3", "Retire the old adapter", "core", NOW - 90_000, "ana", state=TaskState.DONE),
    )


def coordinating() -> Snapshot:
    """As running, with all of it."""
    base = sample.running()
    waits = (
        WaitingView("escalation:E2", "escalation", "tech-review", "two traits claim the overlay", NOW - 2_000, None, ("acknowledge",), "WS-05", "two traits claim the overlay\nE2: an architecture escalation", "digest-of-E2", rank=0),
        WaitingView("escalation:E1", "escalation", "integration", "the runner has no GPU", NOW - 5_000, None, ("pass-on",), "WS-15", "the runner has no GPU\nE1: a workstream escalation", "digest-of-E1"),
    )  # fmt: skip
    first, plugins, third = base.orchestrators
    return dataclasses.replace(
        base, waiting=(*waits, *base.waiting), messages=messages(), memory=memory(), alerts=alerts(), alert_rules=RULES,
        monitors=MONITORS, escalations=escalations(), tasks=tasks(), leads=frozenset({"plugins", "core", "locust-meta"}),
        grants=(GrantStatus("request:plugins:1", "plugins", 2, NOW + 40_000), GrantStatus("request:core:1", "core", 1, NOW - 10, ended="its time is over")),
        orchestrators=(first, dataclasses.replace(plugins, agent="coder", focus="the omnibar and every plugin over it", quota=10), third),
    )  # fmt: skip


def crowded(count: int = 5_000) -> Snapshot:
    """So many messages and memories."""
    base = coordinating()
    many = tuple(
        MessageStatus(f"m{n}", "operator" if n % 7 else "plugins", f"line {n}\nand another", f"WS-{n % 15 + 1:02d}", NOW - count + n, read=NOW)
        for n in range(count)
    )  # fmt: skip
    kept = tuple(MemoryEntry(f"many/{n:05d}", f'{{"n": {n}}}', 1, NOW - n, "WS-05") for n in range(count))
    return dataclasses.replace(base, messages=many, memory=kept)
