"""Agent types: their protocol, their environment less its secrets, their budget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..domain.plan import AgentType, Budget
from .commands import SecretReference

if TYPE_CHECKING:
    from .schema.document import PlanBlock
    from .schema.work import AgentBlock, BudgetBlock

DEMO_AGENT = AgentType("demo", command=("locust-tui", "agent", "demo", "{workstream}"))
"""The scripted agent: any plan may name it without defining it."""

_PROTOCOLS = {"claude": "claude", "codex": "codex"}


def resolve_agents(block: PlanBlock) -> dict[str, AgentType]:
    """The agent types by name, the demo's too where the plan names it."""
    agents = {name: _agent(name, a) for name, a in block.agents.items()}
    if "demo" not in agents and _names_demo(block):
        agents["demo"] = DEMO_AGENT
    return agents


def _names_demo(block: PlanBlock) -> bool:
    agents = {w.agent for w in block.workstreams.values()} | {o.agent for o in block.orchestrators.values()}
    return "demo" in {*agents, block.resources.defaults.agent, block.meta.agent if block.meta else None}


def _agent(name: str, a: AgentBlock) -> AgentType:
    command = a.command or ()
    program = command[0].rsplit("/", 1)[-1] if command else ""
    return AgentType(
        name=name,
        kind=a.kind or _PROTOCOLS.get(program, "shell"),
        command=command,
        model=a.model,
        env=plain(a.env or {}),
        cwd=a.cwd,
        skills=a.skills,
        rate=a.rate,
        account=a.account,
        timeout=a.timeout,
        retry=a.retry,
        sandbox=a.sandbox,
        max=a.max,
        mode=a.mode,
        pty=a.pty or False,
        allow=a.allow,
        stall=a.stall,
        fruitless=a.fruitless,
        budget=resolve_budget(a.budget),
        secrets=secrets(a.env or {}),
        kind_is_guess=a.kind is None and program in _PROTOCOLS,
    )


def plain(env: Mapping[str, str]) -> dict[str, str]:
    """The variables whose value stands in the plan."""
    return {name: value for name, value in env.items() if not isinstance(value, SecretReference)}


def secrets(env: Mapping[str, str]) -> dict[str, str]:
    """The variables of which the plan says only where their value is."""
    return {name: str(value) for name, value in env.items() if isinstance(value, SecretReference)}


def resolve_budget(b: BudgetBlock | None) -> Budget | None:
    """A warning comes at 80 points unless the plan says when."""
    return None if b is None else Budget(b.cost, b.tokens, 80.0 if b.warn is None else b.warn)
