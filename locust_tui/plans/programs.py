"""Programs that a plan starts by name, the repository its worktrees need, and whether this machine has them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..domain.criterion import Command
from ..domain.plan import Plan
from .findings import Findings
from .problem import Problem
from .repository import HEADS, has_branch, has_commit, repository_around

if TYPE_CHECKING:
    from .tree import Tree, Where

_OURS = "locust-tui"
REPOSITORY = ".git"
"""Stands among the programs for the git repository around the plan."""
_COMMIT = f"{REPOSITORY}/HEAD"
_BRANCH = f"{REPOSITORY}/{HEADS}"
"""So begin the repository's first commit, and a branch that it is to have."""


def program_warnings(plan: Plan, tree: Tree, findings: Findings) -> tuple[tuple[str, Problem], ...]:
    """Each program that an argument list or an agent type in use starts, with the warning that holds where it is missing.

    What the shell starts is the shell's; relative paths may be built on the way. `findings` only lends the file's
    name and lines.
    """
    found: list[tuple[str, Problem]] = []
    for program, suffers, help_, where in (*_agents(plan), *_commands(plan)):
        if program == _OURS or ("/" in program and not program.startswith("/")):
            continue
        place = "not there" if "/" in program else "not on PATH"
        alone = Findings(findings.file, findings.lines, tree)
        alone.warning(
            "program",
            f'"{program}" is {place}; {suffers}',
            help_,
            at=where,
            whole=f'"{program}" is {place}, and {{n}} things in the plan need it',
            part=suffers,
        )
        found.append((program, alone.found[0]))
    for program, words, help_, where in _worktrees(plan):
        alone = Findings(findings.file, findings.lines, tree)
        alone.warning("worktree", words, help_, at=where)
        found.append((program, alone.found[0]))
    return tuple(found)


def _worktrees(plan: Plan) -> Iterator[tuple[str, str, str, Where]]:
    ids = [id_ for id_, workstream in plan.workstreams.items() if workstream.worktree]
    if not ids:
        return
    at: Where = ("workstreams", ids[0], "worktree")
    words = f"{', '.join(ids[:5])}{' …' if len(ids) > 5 else ''} cannot start in a worktree"
    yield (
        REPOSITORY,
        f"the plan is in no git repository; {words}",
        "git init, add and commit, or worktree: false",
        at,
    )
    if plan.git.base is None:
        yield (
            _COMMIT,
            f"the repository around the plan has no commit yet; {words}",
            "git add and commit, or worktree: false",
            at,
        )
    else:
        yield (
            f"{_BRANCH}{plan.git.base}",
            f'the repository has no branch "{plan.git.base}"; {words}',
            "git: {base: BRANCH}, one that it has",
            ("git", "base"),
        )
    yield "git", f'"git" is not on PATH; {words}', "install it, or worktree: false", at
    if plan.git.pr:
        yield (
            "gh",
            '"gh" is not on PATH; no pull request can be opened',
            "install it, or pr: false",
            ("git", "pr"),
        )


def _agents(plan: Plan) -> Iterator[tuple[str, str, str, Where]]:
    users = (*plan.workstreams.values(), *plan.orchestrators.values(), *((plan.meta,) if plan.meta else ()))
    used = {user.agent for user in users}
    for name, agent in plan.agents.items():
        if (
            name in used
            and agent.command
            and not agent.command[0].startswith("{")
            and "PATH" not in agent.env
        ):
            help_ = "agent: demo tries the plan without it"
            yield agent.command[0], f"{name} cannot start", help_, ("agents", name, "command")


def _commands(plan: Plan) -> Iterator[tuple[str, str, str, Where]]:
    from .checks.criteria import criteria_of

    help_ = "install it, or write the path to it"
    for id_, workstream in plan.workstreams.items():
        for program in _program(workstream.run, workstream.env):
            yield program, f"workstream {id_} cannot start", help_, ("workstreams", id_, "run")
    for where, what, criterion in criteria_of(plan):
        suffers = f'criterion "{criterion.name}" {what} cannot be measured'
        for probe in criterion.probes:
            key: Where = ("metric", "run") if probe.kind.value == "metric" else (probe.kind.value,)
            for command, at in ((probe.command, key), (probe.baseline, ("baseline",))):
                for program in _program(command, criterion.env):
                    yield program, suffers, help_, (*where, *at)


def _program(command: Command | None, env: Mapping[str, str]) -> tuple[str, ...]:
    """The program that an argument list starts; none for a text, which the shell reads."""
    return () if command is None or command.shell or "PATH" in env else (command.argv[0],)


def missing_programs(warnings: Iterable[tuple[str, Problem]], folder: Path) -> list[Problem]:
    """The warnings that hold now on this machine, for a plan that lies in `folder`."""
    known: dict[str, bool] = {}
    missing = []
    for program, warning in warnings:
        if program not in known:
            known[program] = _is_there(program, folder)
        if not known[program]:
            missing.append(warning)
    return missing


def _is_there(program: str, folder: Path) -> bool:
    if not program.startswith(REPOSITORY):
        return shutil.which(program) is not None
    repository = repository_around(folder)
    if program == REPOSITORY or repository is None:
        return repository is not None or program != REPOSITORY  # that there is none is said once
    if program == _COMMIT:
        return has_commit(repository, folder)
    return has_branch(repository, program.removeprefix(_BRANCH))
