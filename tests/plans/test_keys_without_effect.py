"""`check` says which keys of an agent type promise what nothing holds for an agent of that kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from locust_tui.plans.reading import read_plan


def warned(folder: Path, agent: str) -> list[str]:
    """Keys of the agent type that have no effect."""
    plan = folder / "locust-plan.yaml"
    plan.write_text(f"project: P\nagents:\n  x: {agent}\nworkstreams:\n  a: {{agent: x, instructions: go}}\n")
    found = read_plan(plan).problems
    assert all(not one.is_error and one.line == 3 for one in found)
    assert all("has no effect" in one.message for one in found), found
    return [one.message.split()[2] for one in found]


@pytest.mark.parametrize(
    ("agent", "keys"),
    [
        ("{command: ./a, allow: [Edit], fruitless: 5m}", ["allow", "fruitless"]),
        ("{command: ./a, budget: {cost: 1, tokens: 5}}", ["budget.cost", "budget.tokens"]),
        ("{command: ./a, mode: exec}", ["mode"]),
        ("{kind: claude, command: ./a, pty: true, allow: [Edit]}", ["allow"]),
        ("{kind: codex, mode: exec, allow: [Edit]}", ["allow"]),
    ],
)
def test_a_key_without_effect_is_named(tmp_path: Path, agent: str, keys: list[str]) -> None:
    assert warned(tmp_path, agent) == keys


@pytest.mark.parametrize(
    "agent",
    [
        "{kind: claude, allow: [Edit], fruitless: 5m, budget: {cost: 1, tokens: 5}}",
        "{kind: codex, mode: app-server, allow: [Edit]}",
        "{command: ./a, rate: 2, stall: 5m, budget: {cost: 1}}",
    ],
)
def test_keys_that_hold_are_not(tmp_path: Path, agent: str) -> None:
    assert warned(tmp_path, agent) == []
