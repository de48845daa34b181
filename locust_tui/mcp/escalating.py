"""The tools for what a level cannot settle: every agent may escalate, orchestrators' agents answer for those below them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.types import ToolAnnotations
from pydantic import Field

from locust_tui.client import requests as r

ANSWERING = frozenset({"acknowledge_escalation", "answer_escalation"})
"""Names of the tools that agents of workstreams are not offered."""
MOST_NOTE, MOST_TEXT = 2000, 16_384

Ask = Callable[[r.Request], Awaitable[dict[str, Any]]]
Id = Annotated[str, Field(description="The escalation's id: E3.")]


def add_escalating(
    server: MCPServer, ask: Ask, token_of: Callable[[Context], str], writes: ToolAnnotations
) -> None:
    """Add them to the server. The worker refuses each to whoever it is not for."""

    @server.tool(annotations=writes)
    async def escalate(
        ctx: Context,
        what: Annotated[
            str, Field(min_length=1, max_length=MOST_NOTE, description="What cannot be settled, in a line.")
        ],
        subject: Annotated[
            str, Field(description="Workstream or orchestrator it is about; empty: yourself.")
        ] = "",
        detail: Annotated[
            str, Field(max_length=MOST_TEXT, description="Everything needed to decide it.")
        ] = "",
        kind: Annotated[
            str,
            Field(
                description="workstream, cross-domain, architecture, timeline, resource; empty: found from the words."
            ),
        ] = "",
        urgency: Literal["low", "medium", "high", "critical"] = "medium",
    ) -> dict[str, Any]:
        """Hand on what your own level cannot settle, along the plan's route; this does not wait for the answer, which
        comes as a message."""
        return await ask(r.Escalate(what, subject, kind, detail, urgency, token=token_of(ctx)))

    @server.tool(annotations=writes)
    async def acknowledge_escalation(ctx: Context, escalation: Id) -> dict[str, Any]:
        """Say that you deal with an escalation of a workstream below you: its time begins anew, once."""
        return await ask(r.AcknowledgeEscalation(escalation, token=token_of(ctx)))

    @server.tool(annotations=writes)
    async def answer_escalation(
        ctx: Context,
        escalation: Id,
        decision: Annotated[
            str, Field(max_length=MOST_TEXT, description="What is decided; empty with pass_on.")
        ],
        note: Annotated[str, Field(max_length=MOST_NOTE, description="Why.")] = "",
        consequences: Annotated[str, Field(max_length=MOST_NOTE, description="What follows from it.")] = "",
        pass_on: Annotated[bool, Field(description="Leave it to the next of its route.")] = False,
    ) -> dict[str, Any]:
        """Decide an escalation of a workstream below you that waits for you. All others are people's."""
        return await ask(
            r.AnswerEscalation(
                escalation, decision, "", note, consequences, pass_on, token=token_of(ctx)
            )
        )  # fmt: skip
