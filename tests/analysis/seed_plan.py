"""The example plan of three orchestrators, fifteen workstreams and four gates, built by hand as domain objects."""

from __future__ import annotations

from dataclasses import replace

from locust_tui.domain.criterion import Command, Criterion, Limit, Probe, ProbeKind
from locust_tui.domain.plan import (
    AgentType,
    Calendar,
    Deliverable,
    Gate,
    Kpi,
    Meta,
    Milestone,
    Need,
    NeedKind,
    Orchestrator,
    Phase,
    Plan,
    Priority,
    Project,
    Resources,
    Risk,
    Weeks,
    Workstream,
)

START = 1_763_337_600.0
"""Monday 2025-11-17, 00:00 UTC: the first moment of week 1."""
WEEK = 7 * 86_400.0


def at_week_end(week: float) -> float:
    """The moment at which plan week `week` ends."""
    return START + week * WEEK


def need(target: str, condition: str = "done") -> Need:
    if condition == "done":
        return Need(target)
    if condition == "started":
        return Need(target, NeedKind.STARTED)
    if condition.endswith("%"):
        return Need(target, NeedKind.PERCENT, percent=float(condition[:-1]))
    return Need(target, NeedKind.DELIVERABLE, deliverable=condition)


def run(name: str, command: str = "true", *, must: bool = True) -> Criterion:
    slug = name.lower().replace(" ", "-")
    probe = Probe(ProbeKind.RUN, command=Command(("/bin/sh", "-c", command), command, shell=True))
    return Criterion(slug, name, (probe,), must=must)


_ROWS: tuple[tuple[str, str, str, int, int, str, float, dict[str, str]], ...] = (
    ("WS-01", "Core Types & Architecture", "1", 1, 2, "critical", 8, {}),
    ("WS-02", "Navigation System", "1", 2, 3, "critical", 8, {"WS-01": "50%"}),
    ("WS-03", "Ratatui Adapters", "1", 2, 4, "high", 8, {"WS-01": "50%"}),
    ("WS-04", "Hint Generation", "1", 3, 4, "high", 5, {"WS-02": "50%", "WS-03": "33%"}),
    ("WS-05", "Omnibar Core", "2", 3, 5, "critical", 8, {"WS-01": "done"}),
    ("WS-06", "Command System", "2", 4, 6, "high", 8, {"WS-05": "33%", "WS-02": "done"}),
    ("WS-07", "Tooltip Plugin", "3", 5, 6, "medium", 5, {"WS-01": "done"}),
    ("WS-08", "Highlight Plugin", "3", 5, 7, "medium", 5, {"WS-01": "done"}),
    ("WS-09", "Configuration Layer", "3", 6, 8, "high", 8, {"WS-05": "done"}),
    ("WS-10", "Theme System", "3", 7, 8, "medium", 3, {"WS-09": "33%"}),
    ("WS-11", "Keybinding System", "3", 7, 8, "medium", 5, {"WS-09": "33%"}),
    ("WS-12", "Integration Patterns", "4", 7, 9, "high", 5, {"WS-04": "done", "WS-06": "done"}),
    ("WS-13", "Example Applications", "4", 8, 10, "high", 8, {"WS-12": "33%"}),
    ("WS-14", "Documentation", "4", 9, 11, "critical", 8, {"WS-13": "33%"}),
    ("WS-15", "Testing & CI/CD", "4", 10, 12, "critical", 8, {"WS-01": "done"}),
)

_OWNER = {"1": "core", "2": "plugins", "3": "plugins", "4": "integration"}
_MANUAL = Probe(ProbeKind.MANUAL, text="Signed off by technical review")


def _workstream(row: tuple[str, str, str, int, int, str, float, dict[str, str]]) -> Workstream:
    id, name, phase, first, last, priority, weight, needs = row
    return Workstream(
        id=id,
        name=name,
        phase=phase,
        orchestrator=_OWNER[phase],
        weeks=Weeks(first, last),
        priority=Priority(priority),
        weight=weight,
        agent="coder",
        instructions=f"Build {name}",
        deliverables=tuple(Deliverable(f"d{i}", f"part {i}") for i in range(1, 6)),
        needs=tuple(need(target, condition) for target, condition in needs.items()),
        accept=(run(f"{id} tests"),),
    )


def _gates() -> dict[str, Gate]:
    both = ("locust-meta", "tech-review")
    signed = replace(run("API stability"), probes=(*run("API stability").probes, _MANUAL))
    overlay = Criterion(
        "overlay-render",
        "Overlay render",
        (Probe(ProbeKind.METRIC, patterns=("estimates.json",), at="mean.point_estimate", unit="ns"),),
        limit=Limit(below=10.0, unit="ms", text="< 10 ms"),
        fact="overlay_render_ms",
    )
    published = replace(run("Published"), after="decision", fact="published")
    return {
        "g1": Gate(
            "g1",
            "Phase 1 → Phase 2",
            "1",
            "2",
            week=4,
            criteria=(run("core types"), run("hints")),
            approvers=both,
        ),
        "g2": Gate(
            "g2",
            "Phase 2 → Phase 3",
            "2",
            "3",
            week=6,
            criteria=(run("omnibar"), overlay, signed),
            approvers=both,
        ),
        "g3": Gate(
            "g3",
            "Phase 3 → Phase 4",
            "3",
            "4",
            week=8,
            criteria=(run("overlay"), run("style", must=False)),
            approvers=both,
        ),
        "g4": Gate(
            "g4",
            "Phase 4 completion",
            "4",
            week=12,
            criteria=(run("examples"), published),
            approvers=("locust-meta", "stakeholders"),
            min_approvals=2,
        ),
    }


def _kpis() -> dict[str, Kpi]:
    return {
        "velocity": Kpi(
            "velocity",
            "Workstreams completed per week",
            "workstreams_completed / week",
            low=2,
            high=3,
            target="2-3",
        ),
        "quality": Kpi(
            "quality",
            "First-pass acceptance",
            "passed_reviews / total_reviews",
            above=80,
            unit="%",
            target="> 80%",
        ),
        "efficiency": Kpi(
            "efficiency", "Rework", "rework_hours / total_hours", below=20, unit="%", target="< 20%"
        ),
        "predictability": Kpi(
            "predictability",
            "Milestone accuracy",
            "milestones_hit_on_time / total_milestones",
            minimum=90,
            unit="%",
            target=">= 90%",
        ),
    }


def _risks() -> tuple[Risk, ...]:
    return (
        Risk(
            "R1", "Ratatui API changes", "low", "high", "core", "Pin ratatui version", watch=run("outdated")
        ),
        Risk("R2", "Performance regression", "medium", "medium", "core", "Continuous benchmarking"),
        Risk("R3", "Plugin API instability", "medium", "high", "plugins", "Extensive testing"),
        Risk("R4", "Documentation lag", "high", "low", "integration", "Parallel documentation team"),
    )


def seed_plan() -> Plan:
    works = {row[0]: _workstream(row) for row in _ROWS}

    def members(*phases: str) -> tuple[str, ...]:
        return tuple(w.id for w in works.values() if w.phase in phases)

    return Plan(
        project=Project("Locust Plugin Framework", "Locust", window=(8, 12)),
        workstreams=works,
        calendar=Calendar(start=START, start_date="2025-11-17"),
        agents={"coder": AgentType("coder", command=("true",))},
        resources=Resources(max_agents=20, pools={"core": 5, "plugins": 8, "integration": 4, "floating": 3}),
        meta=Meta("locust-meta", "Meta-orchestrator", invariants=(run("builds"),)),
        phases={
            "1": Phase("1", "Real Navigation", Weeks(1, 4)),
            "2": Phase("2", "Omnibar", Weeks(3, 6)),
            "3": Phase("3", "Overlay Ecosystem", Weeks(5, 8)),
            "4": Phase("4", "Integration & Documentation", Weeks(7, 12)),
        },
        orchestrators={
            "core": Orchestrator(
                "core",
                "Core Framework",
                "locust-core-orchestrator",
                phases=("1",),
                workstreams=members("1"),
                weeks=Weeks(1, 4),
            ),
            "plugins": Orchestrator(
                "plugins",
                "Plugin Development",
                phases=("2", "3"),
                workstreams=members("2", "3"),
                weeks=Weeks(3, 8),
            ),
            "integration": Orchestrator(
                "integration", "Integration", phases=("4",), workstreams=members("4"), weeks=Weeks(7, 12)
            ),
        },
        gates=_gates(),
        milestones=(
            Milestone("foundation", "Foundation complete", 2, (need("WS-01"),)),
            Milestone("examples", "Examples complete", 10, (need("WS-13"),)),
            Milestone("alpha", "v0.1.0-alpha", 6, (need("g2"),)),
            Milestone("beta", "v0.1.0-beta", 9, (need("g3"),)),
        ),
        kpis=_kpis(),
        risks=_risks(),
    )
