"""What a plan works with: agent types, accounts, budgets, slots, git."""

from __future__ import annotations

from dataclasses import field

from locust_tui.domain.dataclass import dataclass

from ..criterion import Command


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent; None: no limit. `warn`: points of either at which a person is told."""

    cost: float | None = None
    """In the currency that the agents report, US dollars."""
    tokens: float | None = None
    warn: float = 80.0


@dataclass(frozen=True, slots=True)
class Account:
    """Agents that share one usage limit."""

    name: str
    reserve: float = 0.0
    """Points of the limit that only work on the critical path may use."""


@dataclass(frozen=True, slots=True)
class GitSettings:
    """How finished work comes home."""

    prefix: str = "locust/"
    """A workstream's branch is this and its id."""
    base: str | None = None
    """The branch that work starts from and comes home to; None: the one checked out."""
    setup: tuple[Command, ...] = ()
    """Run in each new worktree, before its first attempt."""
    teardown: tuple[Command, ...] = ()
    """Run in a worktree before it is removed."""
    commit: str = "auto"
    """What becomes of changes an agent left uncommitted: "auto" commits them in its name, "ask" waits for a person."""
    pr: bool = False
    """Open a pull request with `gh` in place of merging."""


@dataclass(frozen=True, slots=True)
class AgentType:
    name: str
    kind: str = "shell"
    """shell, or the protocol it speaks: claude, codex, acp."""
    command: tuple[str, ...] = ()
    """Template argv: split once, placeholders not yet filled in."""
    model: str | None = None
    env: dict[str, str] = field(default_factory=dict)
    cwd: str | None = None
    skills: tuple[str, ...] = ()
    rate: float | None = None
    """Cost of an agent hour."""
    account: str | None = None
    timeout: float | None = None
    retry: int | None = None
    sandbox: str | None = None
    max: int | None = None
    """Per-type cap of running agents."""
    mode: str | None = None
    """Which of its ways to speak: codex knows app-server and exec."""
    pty: bool = False
    """Give it a terminal of its own."""
    allow: tuple[str, ...] = ()
    """Tools, and commands as "Bash(git status)", that need no question."""
    stall: float | None = None
    """Seconds of silence after which a run is stalled; None: the kind's default."""
    fruitless: float | None = None
    """Seconds of activity without a product after which that is said; None: the default."""
    budget: Budget | None = None
    """Of each of its runs."""
    secrets: dict[str, str] = field(default_factory=dict)
    """Variable → where its value comes from: "env:NAME" or "file:PATH". Never a value."""
    kind_is_guess: bool = False
    """The plan does not say the kind: it was taken from the command's name, and the program is asked whether it is so."""


@dataclass(frozen=True, slots=True)
class GrantRule:
    """What becomes of a request for more agents that no person is asked about."""

    grant: str = "ask"
    """ask: a person decides; within-cap: as many as the caps leave room for, at once; never: denied."""
    expires: float | None = None
    """Seconds that a grant lasts; None: until it is given up."""


@dataclass(frozen=True, slots=True)
class Resources:
    max_agents: int | None = None
    max_checks: int = 2
    pools: dict[str, int] = field(default_factory=dict)
    """Orchestrator id → its quota; "floating" → slots for whoever has the least float."""
    requests: GrantRule = field(default_factory=GrantRule)
