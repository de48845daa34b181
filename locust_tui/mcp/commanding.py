"""The tools of orchestrators' agents: commanding the workstreams below, and tasks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.types import ToolAnnotations
from pydantic import Field

from locust_tui.client import requests as r
from locust_tui.domain.states import TaskState

COMMANDING = frozenset({"command_workstream", "create_task", "finish_task"})
"""Names of the tools here; agents of workstreams are not offered them."""
MOST_NOTE, MOST_TITLE, MOST_TEXT = 2000, 500, 16_384

Ask = Callable[[r.Request], Awaitable[dict[str, Any]]]


def add_commanding(
    server: MCPServer, ask: Ask, token_of: Callable[[Context], str], writes: ToolAnnotations
) -> None:
    """Add them to the server. The worker refuses each to whoever it is not for."""

    @server.tool(annotations=writes)
    async def command_workstream(
        ctx: Context,
        workstream: Annotated[str, Field(description="One below you, as plan_around lists them.")],
        action: Literal["start", "retry", "pause", "resume"],
        note: Annotated[str, Field(max_length=MOST_NOTE, description="Why; kept with the event.")] = "",
    ) -> dict[str, Any]:
        """Start, retry, pause or resume a workstream below you. Gates, reviews and what a person paused stay people's."""
        wanted = r.WorkstreamAction(action)
        return await ask(r.CommandWorkstream(workstream, wanted, note, token_of(ctx)))

    @server.tool(annotations=writes)
    async def create_task(
        ctx: Context,
        title: Annotated[str, Field(min_length=1, max_length=MOST_TITLE)],
        assignee: Annotated[
            str, Field(description="A workstream or orchestrator below or beside you, or a person.")
        ],
        description: Annotated[str, Field(max_length=MOST_TEXT)] = "",
        priority: Literal["low", "medium", "high", "critical"] = "medium",
    ) -> dict[str, Any]:
        """Put a task into somebody's queue; they get a message about it."""
        return await ask(
            r.CreateTask(title, assignee, priority, description, token=token_of(ctx))
        )  # fmt: skip

    @server.tool(annotations=writes)
    async def finish_task(
        ctx: Context,
        task: Annotated[str, Field(description="The task's id.")],
        note: Annotated[str, Field(max_length=MOST_NOTE, description="What came of it.")] = "",
    ) -> dict[str, Any]:
        """Say that a task of your queue is done."""
        return await ask(r.MoveTask(task, TaskState.DONE, note, token=token_of(ctx)))
