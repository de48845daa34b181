"""Names a plan may use without defining them."""

from __future__ import annotations

METRICS: dict[str, str] = {
    "progress": "verified progress of the plan, in points",
    "expected_progress": "planned progress at this moment, in points",
    "quality": "share of workstreams accepted at their first review, in points",
    "velocity": "workstreams accepted per week",
    "blockers": "workstreams that are blocked, failed or need input",
    "efficiency": "share of agent hours that were rework, in points",
    "predictability": "share of due milestones reached on time, in points",
    "agents": "agents that run now",
    "cost": "cost of all runs so far",
    "risks": "open and triggered risks",
}
"""What a monitor may watch besides quantities, facts and KPIs → what it is."""
