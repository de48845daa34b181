"""How a session of the Agent Client Protocol begins, by what the agent says that it can do. Pure."""

from __future__ import annotations

from typing import Any

from .acp_speech import Messages
from .jsonrpc import Lines, member
from .vocabulary import Failed, Job, Outgoing, Trouble


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
