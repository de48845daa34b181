"""The tools for what became of the shared memory: every version of a key, and its removal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.types import ToolAnnotations
from pydantic import Field

from locust_tui.client import requests as r

Ask = Callable[[r.Request], Awaitable[dict[str, Any]]]
Key = Annotated[str, Field(max_length=256, description="Words with slashes between: api/schema")]


def add_remembering(
    server: MCPServer,
    ask: Ask,
    token_of: Callable[[Context], str],
    reads: ToolAnnotations,
    writes: ToolAnnotations,
) -> None:
    """Add them to the server."""

    @server.tool(annotations=reads)
    async def memory_history(
        ctx: Context,
        key: Key,
        last: Annotated[int, Field(ge=1, le=200, description="How many versions, the newest.")] = 20,
    ) -> dict[str, Any]:
        """Earlier values of an entry of the shared memory, oldest first, with who wrote each and when."""
        return await ask(r.MemoryHistory(key, last, token_of(ctx)))

    @server.tool(annotations=writes)
    async def memory_remove(ctx: Context, key: Key) -> dict[str, Any]:
        """Remove an entry of the shared memory; its versions stay in the record."""
        return await ask(r.RemoveMemory(key, token=token_of(ctx)))
