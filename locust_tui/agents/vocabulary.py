"""What every kind of agent says, in one vocabulary: an adapter turns its program's lines into these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from locust_tui.domain.dataclass import dataclass


class Activity(StrEnum):
    """What the agent is doing, as its protocol says."""

    WORKING = "working"
    WAITING = "waiting"
    """For a person: a permission or an answer."""
    IDLE = "idle"
    """Its turn is over, and nothing runs in the background."""
    RETRYING = "retrying"


class Trouble(StrEnum):
    """Why a turn or a run went wrong. Who deals with it follows from the kind alone."""

    USAGE_LIMIT = "usage-limit"
    """The account's limit is reached: parked until it resets."""
    RATE_LIMIT = "rate-limit"
    """Too many requests at once: back-off."""
    OVERLOADED = "overloaded"
    NETWORK = "network"
    AUTH = "auth"
    """A person's, at the first sign."""
    BILLING = "billing"
    """A person's, at the first sign."""
    CONTEXT = "context"
    MODEL = "model"
    """No such model, or not for this account."""
    REFUSED = "refused"
    """The model declined."""
    MAX_TURNS = "max-turns"
    BUDGET = "budget"
    """The agent program's own budget."""
    DENIED = "denied"
    SANDBOX = "sandbox"
    PROTOCOL = "protocol"
    """It said something that cannot be understood, or ended in the middle."""
    INTERRUPTED = "interrupted"
    SERVER = "server"
    UNKNOWN = "unknown"


REFUSALS = frozenset({Trouble.AUTH, Trouble.BILLING})
"""What only a person can mend."""


class AskKind(StrEnum):
    PERMISSION = "permission"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class SessionStarted:
    """The program is there and speaks. `tools`: MCP server → connected, pending, failed, needs-auth."""

    session: str
    model: str = ""
    version: str = ""
    auth: str = ""
    tools: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """Text of the model. With `delta` it continues the last of the same `role` and `parent`."""

    text: str
    role: str = "agent"
    """agent, thought or user"""
    delta: bool = False
    parent: str = ""
    """Tool call of the sub-agent that said it; empty: the agent itself."""


@dataclass(frozen=True, slots=True)
class ToolStarted:
    id: str
    name: str
    """As the program names it: Bash, Edit, mcp__locust__report_progress."""
    summary: str
    """One line: the command, the path."""
    parent: str = ""


@dataclass(frozen=True, slots=True)
class ToolEnded:
    id: str
    ok: bool
    summary: str = ""
    """First words of what came out, or why it failed."""
    denied: bool = False
    files: tuple[str, ...] = ()
    """Files that it created or changed, as the program said."""
    output: str = ""
    """What came out, for people; of much the first and last lines."""


@dataclass(frozen=True, slots=True)
class PlanStated:
    """The agent's own to-do list: (text, pending | in-progress | done)."""

    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Wants:
    """The agent asks, and waits. `id` is the protocol's own; `choices` are of this product's vocabulary.

    A permission's choices are allow, always, deny, less what the protocol cannot express; a question's are its options,
    or empty where any text answers it.
    """

    id: str
    kind: AskKind
    tool: str
    what: str
    """One line: "Bash: npm test"."""
    detail: str = ""
    """Everything that would be done, in full."""
    choices: tuple[str, ...] = ("allow", "always", "deny")
    rule: str = ""
    """What "always" would let pass: "Bash(npm test)", "Edit(src/a.py)"."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WantsNoMore:
    """The agent took a request back, or it was answered elsewhere."""

    id: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Granted:
    """A permission that was asked for and given at once, because of a rule; nobody needs to answer it."""

    id: str
    tool: str
    what: str
    """One line: "Bash: npm test"."""
    rule: str
    """The rule that let it pass: "Bash(npm test)"."""


@dataclass(frozen=True, slots=True)
class ActivityChanged:
    activity: Activity
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Retrying:
    """The program retries by itself."""

    trouble: Trouble
    attempt: int
    of: int | None = None
    delay_s: float | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Used:
    """Cumulative over the session's process; None: not said."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    cost_usd: float | None = None
    context_used: int | None = None
    context_size: int | None = None
    model: str = ""


@dataclass(frozen=True, slots=True)
class LimitHeard:
    """Word of the account's usage limit. `resets_at`: seconds since the epoch; `utilization`: points."""

    reached: bool
    window: str = ""
    utilization: float | None = None
    resets_at: float | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """One turn is over; the run is not. `ok` is judged by what failed, never by the word success."""

    ok: bool
    text: str = ""
    """The agent's closing words, or the error's."""
    trouble: Trouble | None = None
    resets_at: float | None = None
    denials: tuple[str, ...] = ()
    """Tools that it was not allowed to use."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Something is wrong beyond the turn: login, protocol, a tool server that is down. `fatal`: the run cannot go on."""

    trouble: Trouble
    message: str
    fatal: bool = False


@dataclass(frozen=True, slots=True)
class Reports:
    """What the agent claims about its work through its own protocol (tool calls of ours are not repeated here)."""

    progress: float | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class FileWanted:
    """The agent reads through us: `line` (from 1) and `limit` cut the file to some lines; None: all of it.

    `path` is below the job's folder by its words; where its links lead is for whoever reads to look at. The answer
    goes back by `file_done`; its key is "answer:" and this id: where that was sent, it is done.
    """

    id: str
    path: str
    line: int | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class FileOffered:
    """The agent writes through us: this becomes the whole file. For the rest as `FileWanted`."""

    id: str
    path: str
    content: str


AgentEvent = (
    SessionStarted
    | Said
    | ToolStarted
    | ToolEnded
    | PlanStated
    | Wants
    | WantsNoMore
    | Granted
    | ActivityChanged
    | Retrying
    | Used
    | LimitHeard
    | TurnEnded
    | Failed
    | Reports
    | FileWanted
    | FileOffered
)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to the agent. `key` names it for ever: the same adapter in the same state makes the same key."""

    key: str
    line: bytes
    """With its newline."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """What one line, or one wish of ours, comes to."""

    events: tuple[AgentEvent, ...] = ()
    send: tuple[Outgoing, ...] = ()
    closes: bool = False
    """Its input ends behind `send`: this program begins when it has read all of it."""


NO_REACTION = Reaction()


@dataclass(frozen=True, slots=True)
class ToolServer:
    """An MCP server to hand to the agent: over HTTP (`url`, `token_variable`), or started by it (`command`)."""

    name: str
    url: str = ""
    token_variable: str = ""
    """Environment variable of the agent that holds the bearer token."""
    token: str = ""
    """The token itself, for protocols that hand servers over in a message; it never stands in an argument or a file."""
    command: tuple[str, ...] = ()


JOB_FILE = "job.json"
"""In the folder of a run that speaks a protocol: its kind and Job; other runs have none."""


@dataclass(frozen=True, slots=True)
class Job:
    """Everything an adapter needs to know to start, or resume, one conversation."""

    run: str
    prompt: str
    cwd: str
    command: tuple[str, ...]
    """From the plan, placeholders filled in; empty: the kind's own program."""
    model: str = ""
    mode: str = ""
    allow: tuple[str, ...] = ()
    """Rules that need no question: the plan's and those that a person set."""
    resume: str = ""
    """Session to go on with; empty: a new one."""
    session: str = ""
    """Id for a new one, where the protocol lets us choose it (a UUID made from the run's id)."""
    tools: tuple[ToolServer, ...] = ()
    folder: str = ""
    """Private folder (0700) for files that the program is given by name."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How the program is started. Nothing secret stands in `argv`; the prompt does not either."""

    argv: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    """Added to, or put in place of, what the run's environment has."""
    defaults: dict[str, str] = field(default_factory=dict)
    """Set only where neither the plan nor the environment does."""
    unset: tuple[str, ...] = ()
    """Variables, or prefixes ending in *, that the program must not inherit. What the plan itself sets stays."""
    keep: tuple[str, ...] = ()
    """Variables, or prefixes ending in *, that it inherits although `unset` names them."""
    files: dict[str, str] = field(default_factory=dict)
    """Name in `Job.folder` → content, written 0600 before the start."""

    def environment(self, inherited: Mapping[str, str], plan: Mapping[str, str]) -> dict[str, str]:
        """The program's environment: what it inherits, less `unset`; over that the plan's own variables, then ours."""
        kept = {
            name: value
            for name, value in inherited.items()
            if not _named(name, self.unset) or _named(name, self.keep)
        }
        return {**self.defaults, **kept, **plan, **self.env}


def _named(name: str, patterns: tuple[str, ...]) -> bool:
    return any(name == p or (p.endswith("*") and name.startswith(p[:-1])) for p in patterns)
