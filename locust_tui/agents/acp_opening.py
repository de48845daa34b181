"""How an agent is started and a session of the Agent Client Protocol begins, by what the agent says that it can do. Pure."""

from __future__ import annotations

from typing import Any

from .acp_speech import Messages
from .jsonrpc import Lines, member
from .vocabulary import Failed, Job, Launch, Outgoing, Trouble

_KEPT = (
    "CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_USE_*", "CLAUDE_CODE_SKIP_*", "CLAUDE_CODE_API_KEY_*", "CLAUDE_CODE_MAX_*",
    "CLAUDE_CODE_DISABLE_*", "CLAUDE_CODE_ENABLE_*",
)  # fmt: skip
_DEFAULTS = {
    "DISABLE_AUTOUPDATER": "1",
    "MCP_CONNECTION_NONBLOCKING": "0",  # else its first answer may come before it knows our tools
    "ENABLE_TOOL_SEARCH": "auto",
    "MCP_TOOL_TIMEOUT": "86400000",
    "CLAUDE_CODE_MCP_TOOL_IDLE_TIMEOUT": "0",  # a person may take longer to answer than its five minutes
}
"""For Claude Code behind the protocol, which has no place for such words about a server; others do not know them."""
_INHERITED = ("CLAUDECODE", "CLAUDE_CODE_*", "CODEX_SANDBOX*", "CODEX_THREAD_ID", "CODEX_INTERNAL_*")


def start(job: Job) -> Launch:
    """The plan's command as it stands, less the prompt, which goes over the wire."""
    argv = tuple(word for word in job.command if word != job.prompt)
    return Launch(argv, defaults=_DEFAULTS, unset=_INHERITED, keep=_KEPT)


def opening(
    able: dict[str, Any], job: Job, lines: Lines, messages: Messages
) -> tuple[tuple[Failed, ...], Outgoing, bool]:
    """What cannot be had, the request for a session, and whether that is one from earlier."""
    http = member(able.get("mcpCapabilities")).get("http") is True
    lacking = tuple(
        Failed(
            Trouble.PROTOCOL, f"the agent cannot reach the tool server {one.name}: it speaks no MCP over HTTP"
        )
        for one in job.tools
        if not http and not one.command
    )
    if job.resume and able.get("loadSession") is True:
        params = messages.load_session(job.resume, job.cwd, job.tools, http)
        return lacking, lines.request("session/load", params), True
    if job.resume:
        lost = f"the agent cannot go on with session {job.resume}: a new one begins"
        lacking = (*lacking, Failed(Trouble.PROTOCOL, lost))
    return lacking, lines.request("session/new", messages.new_session(job.cwd, job.tools, http)), False
