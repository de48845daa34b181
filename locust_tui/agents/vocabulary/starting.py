"""How an agent is started: its job, the tool servers it is handed, its command and environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from locust_tui.domain.dataclass import dataclass


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
