"""A real agent of the Agent Client Protocol without a model: its prompt says what it does. Run by the tests as a program."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

from acp import RequestError, run_agent, text_block, tool_content, update_agent_message_text, update_tool_call
from acp.schema import (
    AgentCapabilities,
    Implementation,
    InitializeResponse,
    LoadSessionResponse,
    McpCapabilities,
    NewSessionResponse,
    PermissionOption,
    PromptResponse,
    ToolCallUpdate,
)

OPTIONS = [
    PermissionOption(option_id="x1", name="No", kind="reject_once"),
    PermissionOption(option_id="x2", name="Always", kind="allow_always"),
    PermissionOption(option_id="x3", name="Yes", kind="allow_once"),
]


class Scripted:
    """Words of the prompt: ask, write, read, climb, fail, die, noise, wait."""

    def on_connect(self, conn: Any) -> None:
        self.client = conn
        self.cancelled = asyncio.Event()

    async def initialize(self, protocol_version: int, **_: Any) -> InitializeResponse:
        able = AgentCapabilities(load_session=True, mcp_capabilities=McpCapabilities(http=True))
        return InitializeResponse(
            protocol_version=protocol_version,
            agent_capabilities=able,
            agent_info=Implementation(name="scripted", version="1"),
        )

    async def new_session(self, cwd: str, mcp_servers: Any = None, **_: Any) -> NewSessionResponse:
        self.cwd, self.servers = cwd, [one.name for one in mcp_servers or ()]
        return NewSessionResponse(session_id="s1")

    async def load_session(self, cwd: str, session_id: str, **_: Any) -> LoadSessionResponse:
        self.cwd, self.servers = cwd, []
        await self.say(session_id, "said before")
        return LoadSessionResponse()

    async def prompt(self, session_id: str, prompt: Any, **_: Any) -> PromptResponse:
        for word in "".join(getattr(block, "text", "") for block in prompt).split():
            if (done := getattr(self, f"do_{word}", None)) is not None:
                if (stop := await done(session_id)) is not None:
                    return PromptResponse(stop_reason=stop)
            else:
                await self.say(session_id, word)
        return PromptResponse(stop_reason="end_turn")

    async def cancel(self, session_id: str, **_: Any) -> None:
        self.cancelled.set()

    async def say(self, session: str, text: str) -> None:
        await self.client.session_update(session_id=session, update=update_agent_message_text(text))

    async def do_ask(self, session: str) -> None:
        call = ToolCallUpdate(
            tool_call_id="c1", title="make it", kind="execute", raw_input={"command": "make it"}
        )
        answer = await self.client.request_permission(session_id=session, tool_call=call, options=OPTIONS)
        chosen = getattr(answer.outcome, "option_id", "none")
        over = update_tool_call(
            "c1",
            status="completed" if chosen == "x3" else "failed",
            content=[tool_content(text_block(chosen))],
        )
        await self.client.session_update(session_id=session, update=over)

    async def do_write(self, session: str) -> None:
        await self.client.write_text_file(
            session_id=session, path=os.path.join(self.cwd, "made.txt"), content="made\n"
        )

    async def do_read(self, session: str) -> None:
        answer = await self.client.read_text_file(session_id=session, path=os.path.join(self.cwd, "made.txt"))
        await self.say(session, answer.content)

    async def do_climb(self, session: str) -> None:
        try:
            await self.client.read_text_file(session_id=session, path="/etc/hostname")
        except RequestError as error:
            await self.say(session, f"refused:{error}")

    async def do_fail(self, session: str) -> None:
        raise RequestError(-32603, "Internal error", {"errorKind": "overloaded", "message": "too busy"})

    async def do_die(self, session: str) -> None:
        print("boom", file=sys.stderr, flush=True)
        os._exit(3)

    async def do_noise(self, session: str) -> None:
        print("this is no message", flush=True)

    async def do_wait(self, session: str) -> str:
        await self.cancelled.wait()
        return "cancelled"


if __name__ == "__main__":
    asyncio.run(run_agent(Scripted()))
