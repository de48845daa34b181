"""An agent type that is used and says no command is a warning at its place, with one thing to do."""

from __future__ import annotations

import pytest

from locust_tui.plans.reading import read_data

PLAN = "agents: {{{agent}}}\nworkstreams:\n  a: {{agent: coder, instructions: Do it}}\n"


@pytest.mark.parametrize(
    ("agent", "warned"),
    [
        ("coder: {}", True),
        ("coder: {rate: 2}", True),
        ('coder: {command: "locust-tui agent demo {workstream}"}', False),
        ("coder: {kind: claude}", False),
        ('other: {}, coder: {command: "locust-tui agent demo {workstream}"}', False),
    ],
)
def test_only_types_that_are_used_and_cannot_start(agent: str, warned: bool) -> None:
    reading = read_data(PLAN.format(agent=agent).encode(), "locust-plan.yaml", cached=False)
    found = [p for p in reading.problems if p.code == "no-command"]
    assert reading.plan is not None
    assert [(p.line, p.col, p.is_error) for p in found] == ([(1, 10, False)] if warned else [])
    assert all(p.help == 'coder: {command: "claude -p {instructions}"}' for p in found)
