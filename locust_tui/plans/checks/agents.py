"""Checks of agent types: keys that have no effect on an agent of that kind."""

from __future__ import annotations

from collections.abc import Iterator

from ...domain.plan import AgentType, Plan
from ..findings import Findings
from ..tree import Tree


def check_agents(plan: Plan, tree: Tree, findings: Findings) -> None:
    """Warn of every key that promises what nothing holds: a person would rely on it."""
    for agent in plan.agents.values():
        for key, why, help_ in _idle_keys(agent):
            where = ("agents", agent.name, *key.split("."))
            findings.warning("no-effect", f"agent {agent.name}: {key} has no effect: {why}", help_, at=where)


def _idle_keys(agent: AgentType) -> Iterator[tuple[str, str, str]]:
    """(key, why it has no effect, what to do instead)."""
    silent = agent.kind == "shell" or agent.pty
    if agent.mode and agent.kind != "codex":
        yield "mode", "only codex is spoken to in two ways", "leave it out"
    if agent.allow and silent:
        yield "allow", "such an agent asks nobody", "sandbox: bwrap says what it can write"
    elif agent.allow and agent.mode == "exec":
        yield "allow", "codex exec asks nobody", "mode: app-server, or --sandbox in the command"
    if not silent:
        return
    if agent.fruitless is not None:
        yield "fruitless", "whether it is busy is not known of such an agent", "stall, for its silence"
    if agent.budget is not None and agent.budget.tokens is not None:
        yield "budget.tokens", "such an agent tells no tokens", "timeout"
    if agent.budget is not None and agent.budget.cost is not None and agent.rate is None:
        yield "budget.cost", "such an agent tells no cost", "rate, in dollars an hour"
