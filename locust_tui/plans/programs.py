"""Programs that agents are started with, and whether this machine has them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..domain.plan import Plan
from .findings import Findings
from .problem import Problem

if TYPE_CHECKING:
    from .tree import Tree

_OURS = "locust-tui"


def program_warnings(plan: Plan, tree: Tree, findings: Findings) -> tuple[tuple[str, Problem], ...]:
    """Each program that an agent type starts, with the warning that holds where it is missing.

    `findings` only lends the file's name and lines.
    """
    found: list[tuple[str, Problem]] = []
    for name, agent in plan.agents.items():
        if not agent.command or agent.command[0].startswith(("{", "./", "../")) or "PATH" in agent.env:
            continue
        program = agent.command[0]
        if program == _OURS:
            continue
        place = "not there" if "/" in program else "not on PATH"
        alone = Findings(findings.file, findings.lines, tree)
        alone.warning(
            "program",
            f'"{program}" is {place}; {name} cannot start',
            "agent: demo tries the plan without it",
            at=("agents", name, "command"),
        )
        found.append((program, alone.found[0]))
    return tuple(found)


def missing_programs(warnings: Iterable[tuple[str, Problem]]) -> list[Problem]:
    """The warnings that hold on this machine now."""
    known: dict[str, bool] = {}
    missing = []
    for program, warning in warnings:
        if program not in known:
            known[program] = shutil.which(program) is not None
        if not known[program]:
            missing.append(warning)
    return missing
