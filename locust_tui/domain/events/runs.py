"""Events of runs, and of the accounts and budgets that they draw on."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from ..states import AccountState, RunState


@dataclass(frozen=True, slots=True)
class RunCreated:
    """Intent: committed before anything is started."""

    run: str
    subject: str
    attempt: int
    agent_type: str
    argv: tuple[str, ...]
    cwd: str
    env_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunStarted:
    run: str
    pid: int
    shim_pid: int | None = None


@dataclass(frozen=True, slots=True)
class RunChanged:
    run: str
    state: RunState
    source: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The one terminal record of a run. Unknown stays unknown: `lost` has neither code nor signal."""

    run: str
    state: RunState
    exit_code: int | None = None
    signal: int | None = None
    reason: str = ""
    ended: float | None = None
    """From the run folder; the event's own time when the folder does not know."""
    max_rss_kib: int | None = None
    cpu_s: float | None = None
    leftovers: tuple[str, ...] = ()
    """Processes that outlived its main process: "sleep (pid 12)"; they are ended next."""


@dataclass(frozen=True, slots=True)
class RunWanted:
    """A person asked for another run of an orchestrator's agent, after this one that has ended."""

    run: str


@dataclass(frozen=True, slots=True)
class RunSpoke:
    """What an agent's protocol said of the run itself; absent parts are None and leave what stood."""

    run: str
    session: str | None = None
    """What its conversation is resumed by."""
    model: str | None = None
    version: str | None = None
    account: str | None = None
    denied: int | None = None
    """Permissions refused so far, by whomever."""
    offset: int | None = None
    """Where reading its log goes on."""


@dataclass(frozen=True, slots=True)
class RunUsed:
    """What the run has used so far, all its turns together; None: its agent does not say."""

    run: str
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    """Read from or written to the model's cache, not counted in `input_tokens`."""
    cost_usd: float | None = None
    context_used: int | None = None
    """Tokens in the model's context now."""
    context_size: int | None = None
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class RunProduced:
    """The run left something that can be pointed at: a file, a commit, a deliverable."""

    run: str
    what: str


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """Whether agents of an account can work now; "" is the account of all that name none, one per kind."""

    account: str
    state: AccountState
    why: str = ""
    run: str = ""
    """The run that learned it."""
    window: str = ""
    """Which of the account's limits: five_hour, weekly."""
    utilization: float | None = None
    """Points of that limit that are used."""
    resets_at: float | None = None


@dataclass(frozen=True, slots=True)
class BudgetReached:
    """`points` of a budget are spent: a warning below 100, from there on nothing more starts in its scope."""

    scope: str
    """"plan", "orchestrator:ID", "workstream:ID" or "run:ID"."""
    measure: str
    """cost or tokens"""
    points: float
    spent: float
    limit: float
