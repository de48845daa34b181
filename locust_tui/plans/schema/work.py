"""The work itself: phases, orchestrators, workstreams, and the agents that do it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AliasChoices, Field, StrictBool

from ...domain.plan import Priority
from .criteria import Criteria, Deliverables
from .forms import Lone
from .values import (
    Block,
    CommandLine,
    Duration,
    Environment,
    Estimate,
    Needs,
    Phases,
    Points,
    Ref,
    Refs,
    Template,
    Text,
    WeekRange,
    empty,
)


class BudgetBlock(Block):
    """What may be spent: at `warn` a person is told, at the limit no more is started and live agents stop."""

    cost: float | None = Field(None, ge=0, description="US dollars.")
    tokens: float | None = Field(None, ge=0)
    warn: Points | None = Field(None, description="Points of the limit; default 80.")


class AgentBlock(Block):
    """One agent type: how to start it and what it may use."""

    kind: Literal["shell", "claude", "codex", "acp"] | None = Field(
        None, description="The protocol it speaks; default: from its command."
    )
    command: Template | None = None
    model: Text | None = None
    env: Environment | None = None
    cwd: Text | None = None
    skills: Refs = Field((), description="What it is told it is asked for; also in LOCUST_TUI_SKILLS.")
    rate: float | None = Field(
        None, ge=0, description="Dollars an agent hour costs, where the agent itself does not say."
    )
    account: Text | None = Field(None, description="Agents of one account share its usage limit.")
    timeout: Duration | None = None
    retry: int | None = Field(None, ge=0, le=1000)
    sandbox: Literal["none", "bwrap", "bwrap-offline"] | None = Field(
        None, description="none; bwrap: bubblewrap around the agent; bwrap-offline: without a network, too."
    )
    mode: Literal["app-server", "exec"] | None = Field(None, description="How codex is spoken to.")
    pty: StrictBool | None = Field(None, description="Give it a terminal of its own; see attach.")
    allow: Refs = Field((), description="Tools that need no question, as Read or Bash(git status).")
    stall: Duration | None = Field(None, description="Silence after which a run counts as stalled.")
    fruitless: Duration | None = Field(
        None, description="Activity without a file, commit or deliverable after which that is said."
    )
    budget: BudgetBlock | None = Field(None, description="Of each of its runs.")
    max: int | None = Field(
        None,
        ge=0,
        validation_alias=AliasChoices("max", "max_parallel"),
        description="Most agents of this type at one time.",
    )


class DefaultsBlock(Block):
    """What every workstream has unless it says otherwise."""

    timeout: Duration | None = None
    retry: int | None = Field(None, ge=0, le=1000)
    worktree: StrictBool | None = None
    reviewers: Refs | None = None
    agent: Ref | None = None
    env: Environment | None = None
    cwd: Text | None = None


class RequestsBlock(Block):
    """What becomes of a request for more agents."""

    grant: Literal["ask", "within-cap", "never"] | None = Field(
        None, description="ask a person (default), within-cap: what the caps leave, at once, or never."
    )
    expires: Duration | None = Field(None, description="How long a grant lasts.")


class ResourcesBlock(Block):
    max_agents: int | None = Field(
        None,
        ge=1,
        validation_alias=AliasChoices("max_agents", "max_parallel", "concurrency"),
        description="Most agents running at one time, orchestrators' included.",
    )
    max_checks: int | None = Field(None, ge=1, description="Most checks running at one time; default 2.")
    pools: dict[str, int] = Field(
        {}, description="Orchestrator → its quota; floating: slots for whoever has the least float."
    )
    requests: RequestsBlock = Field(default_factory=empty(RequestsBlock))
    defaults: DefaultsBlock = Field(default_factory=empty(DefaultsBlock))


class MetaBlock(Block):
    """The meta-orchestrator."""

    id: Ref | None = None
    name: Text | None = None
    agent: Ref | None = None
    role: Text | None = None
    instructions: Text | None = None
    invariants: Criteria = Field([], description="Checked on every acceptance, whatever the workstream.")


class PhaseBlock(Block):
    name: Text | None = None
    weeks: WeekRange | None = None


class OrchestratorBlock(Block):
    """Responsible for the workstreams of its phases."""

    name: Text | None = None
    id: Ref | None = Field(None, description="Another name it is known by.")
    agent: Ref | None = None
    phases: Phases = Field((), validation_alias=AliasChoices("phases", "phase"))
    weeks: WeekRange | None = Field(None, description="Its planned weeks; default: those of its phases.")
    focus: Text | None = None
    role: Text | None = None
    instructions: Text | None = None
    deliverables: Refs = ()
    budget: BudgetBlock | None = None


class CrewBlock(Block):
    """How many agents work on it, and what that makes of its planned duration."""

    agents: int = Field(ge=1, le=1000)
    gain: float | None = Field(None, gt=0, le=1, description="Factor on the planned duration; default 0.7.")


class WorkstreamBlock(Block):
    """A piece of work: a command (`run`), or an agent with instructions."""

    name: Text | None = None
    phase: Ref | None = None
    orchestrator: Ref | None = None
    weeks: WeekRange | None = Field(None, description="Planned weeks, 1-based, both included.")
    priority: Priority | None = None
    weight: float | None = Field(
        None, ge=0, description="Share of the progress; default: its planned weeks, else 1."
    )
    agent: Ref | None = Field(None, description="Agent type; default: the orchestrator's.")
    run: CommandLine | None = None
    instructions: Text | None = None
    deliverables: Deliverables = []
    needs: Needs = Field((), validation_alias=AliasChoices("needs", "depends_on"))
    accept: Criteria = Field([], description="Checked when its process has ended well.")
    reviewers: Refs | None = Field(None, description="Roles one of whom must say yes besides the checks.")
    timeout: Duration | None = None
    retry: int | None = Field(None, ge=0, le=1000, description="Extra attempts after the first.")
    worktree: StrictBool | None = Field(None, description="Work in a git worktree of its own.")
    estimate: Estimate | None = Field(None, description="Optimistic, most likely, pessimistic, in weeks.")
    env: Environment | None = None
    cwd: Text | None = None
    notes: Text | None = None
    budget: BudgetBlock | None = None
    crew: Annotated[CrewBlock, Lone("agents")] | None = Field(
        None, description="More agents than one; LOCUST_TUI_AGENTS tells its process how many."
    )
    defer: Text | None = Field(None, description="Out of this plan's scope, left for: v0.2.")
