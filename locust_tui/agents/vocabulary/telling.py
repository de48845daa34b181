"""What an agent says and does: its session, its words, its tool calls, its own plan."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass


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
