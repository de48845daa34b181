"""Names that expressions of a plan may use besides its own facts."""

from __future__ import annotations

BUILTIN_NAMES: dict[str, str] = {
    "progress": "verified progress of the plan, in points",
    "expected_progress": "what the plan expects by now, in points; in an alert that names phase_progress: of that phase",
    "phase_progress": "verified progress of a phase, in points; an alert looks at every active phase",
    "week": "the plan week; in a measure: weeks passed",
    "workstreams_completed": "accepted workstreams",
    "workstreams_total": "workstreams in scope",
    "phases_done": "phases whose workstreams are all accepted and whose gate went",
    "phases_total": "phases of the plan",
    "passed_reviews": "reviews that ended in acceptance",
    "total_reviews": "reviews that ended",
    "first_pass_reviews": "workstreams accepted at their first review",
    "reviewed_workstreams": "workstreams with a finished review",
    "rework_hours": "agent hours of second and later attempts",
    "total_hours": "agent hours of all runs",
    "milestones_hit_on_time": "gates and milestones reached by the end of their week",
    "total_milestones": "gates and milestones due so far; at the end: all",
    "blockers": "workstreams that are blocked, failed or need input",
    "open_risks": "risks that are open or triggered",
    "agents_running": "agents that run now",
    "cost": "cost of all runs so far",
}
"""Name → what it is."""

METRICS = (
    "progress",
    "quality",
    "velocity",
    "blockers",
    "efficiency",
    "predictability",
    "agents",
    "cost",
    "risks",
)
"""What a monitor may watch, besides KPIs and facts."""
