"""The tools, resources and words that agents are offered. Each is one request to the worker; refusals come back in words."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from mcp.server import MCPServer
from mcp.server.context import ServerRequestContext
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError, ToolError
from mcp.types import (
    CallToolResult,
    InputRequiredResult,
    ListToolsResult,
    PaginatedRequestParams,
    ToolAnnotations,
)
from pydantic import Field, ValidationError

from locust_tui import __version__
from locust_tui.client import requests as r
from locust_tui.errors import LocustTuiError, NotFoundError, did_you_mean

from .commanding import COMMANDING, add_commanding
from .escalating import ANSWERING, add_escalating
from .messaging import add_messaging
from .remembering import add_remembering
from .speaker import Speaker

INSTRUCTIONS = """You work on one workstream of a plan that several agents share.
Call plan_around first: it says what you are to deliver, what others gave you and who waits for you.
Say what you have done with report_progress and finish_deliverable, what stops you with raise_blocker.
Hand facts on with memory_write, and words to others with send_message; look for yours with read_messages.
What you cannot settle yourself goes on with escalate; the answer comes as a message.
Only a person decides about gates, reviews and permissions: ask with ask_person, and wait for the answer."""

MOST_NOTE, MOST_TEXT = 2000, 16_384
ROLE_S = 10.0
"""The worker has so long to say who asks which tools there are."""
_GIVEN = 60
Note = Annotated[str, Field(max_length=MOST_NOTE, description="What is going on, in a sentence.")]

_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)

Token = Callable[[Context], str]
"""Which run speaks: from the call's headers, or empty where the process' ancestors tell."""


def build(speaker: Speaker, token_of: Token) -> MCPServer:
    """The server, ready for any transport."""
    voice = _Voice(speaker, token_of)
    server = _ExactServer("locust-tui", version=__version__, instructions=INSTRUCTIONS, log_level="ERROR")
    server.voice = voice
    _progress(server, voice)
    _people(server, voice)
    _exchange(server, voice)
    _resources(server, voice)
    add_messaging(server, voice.ask, token_of, _WRITES)
    add_commanding(server, voice.ask, token_of, _WRITES)
    add_escalating(server, voice.ask, token_of, _WRITES)
    add_remembering(server, voice.ask, token_of, _READS, _WRITES)
    return server


class _ExactServer(MCPServer):
    """Offers each agent what is for it, and drops no argument silently: the options of a question would be gone, and it
    would wait for a person all the same."""

    voice: _Voice

    async def _handle_list_tools(
        self, ctx: ServerRequestContext[Any], params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        found = await super()._handle_list_tools(ctx, params)
        if await self.voice.commands(Context(request_context=ctx, mcp_server=self)):
            return found
        return ListToolsResult(tools=[t for t in found.tools if t.name not in COMMANDING | ANSWERING])

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context | None = None
    ) -> CallToolResult | InputRequiredResult:
        tool = next((t for t in await self.list_tools() if t.name == name), None)
        known = (tool.input_schema.get("properties") or {}) if tool is not None else arguments
        for unknown in (a for a in arguments if a not in known):
            near = did_you_mean(unknown, known)
            raise ToolError(
                f'{name} has no argument "{unknown}"; {f"{near}; " if near else ""}it has {", ".join(known) or "none"}'
            )
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if isinstance(error.__cause__, ValidationError):
                raise ToolError(_mistakes(name, error.__cause__)) from None
            raise


class _Voice:
    def __init__(self, speaker: Speaker, token_of: Token) -> None:
        self.speaker, self.token_of = speaker, token_of

    async def ask(self, request: r.Request) -> dict[str, Any]:
        try:
            return await self.speaker.ask(request)
        except LocustTuiError as error:
            raise _refusal(error) from None

    async def commands(self, ctx: Context) -> bool:
        """Whether an orchestrator's agent speaks; who that is stays the worker's to say."""
        try:
            async with asyncio.timeout(ROLE_S):
                around = await self.speaker.ask(r.PlanAround(self.token_of(ctx)))
        except (LocustTuiError, TimeoutError):
            return False
        return "workstream" not in around and bool(around.get("orchestrator"))

    async def read(self, request: r.Request) -> str:
        """The same for a resource: JSON, and errors as resources have them."""
        try:
            return json.dumps(await self.speaker.ask(request))
        except LocustTuiError as error:
            kind = ResourceNotFoundError if error.exit_code == NotFoundError.exit_code else ResourceError
            raise kind(str(_refusal(error))) from None


def _mistakes(tool: str, error: ValidationError) -> str:
    """What is wrong with a call's arguments: which, why, and what was given."""
    told = []
    for one in error.errors(include_url=False, include_context=False):
        where = ".".join(map(str, one["loc"]))
        if one["type"] == "missing":
            told.append(f"{where} is missing")
            continue
        given = json.dumps(one["input"], default=str)
        short = given if len(given) <= _GIVEN else f"{given[:_GIVEN]} …"
        told.append(f"{where}: {one['msg'][:1].lower()}{one['msg'][1:]}, not {short}")
    return f"{tool} was not called: {'; '.join(told)}"


def _refusal(error: LocustTuiError) -> ToolError:
    return ToolError(f"{error.message}; {error.help}" if error.help else error.message)


async def _still_waiting(ctx: Context, seconds: float) -> None:
    """Clients that give up on a silent call do not on one that goes on."""
    await ctx.report_progress(seconds, message="waiting for a person")


def _progress(server: MCPServer, voice: _Voice) -> None:
    @server.tool(annotations=_WRITES)
    async def report_progress(
        ctx: Context,
        percent: Annotated[float, Field(ge=0, le=100, description="Of your whole workstream.")],
        note: Note = "",
        following: Annotated[str, Field(max_length=MOST_NOTE, description="What comes next.")] = "",
    ) -> dict[str, Any]:
        """Say how far your workstream is. It is shown beside what checks have verified, never counted as it."""
        token = voice.token_of(ctx)
        await voice.ask(
            r.ReportProgress("", progress=percent, note=note or None, next=following or None, token=token)
        )
        return {"recorded": True}

    @server.tool(annotations=_WRITES)
    async def finish_deliverable(
        ctx: Context,
        deliverable: Annotated[str, Field(description="Its id, as plan_around names it.")],
        note: Note = "",
    ) -> dict[str, Any]:
        """Say that a deliverable is finished. Its check, or a person, then verifies it; until then it is only claimed."""
        token = voice.token_of(ctx)
        await voice.ask(r.ReportProgress("", deliverable=deliverable, note=note or None, token=token))
        return {"recorded": True}

    @server.tool(annotations=_WRITES)
    async def raise_blocker(
        ctx: Context,
        text: Annotated[
            str,
            Field(max_length=MOST_TEXT, description="What stands in the way; empty: nothing does any more."),
        ],
    ) -> dict[str, Any]:
        """Tell your orchestrator and the people what stops you. It is shown until you clear it with an empty text."""
        await voice.ask(r.ReportProgress("", blocker=text, token=voice.token_of(ctx)))
        return {"recorded": True}

    @server.tool(annotations=_READS)
    async def plan_around(ctx: Context) -> dict[str, Any]:
        """Your workstream: instructions, deliverables, what it needs, who waits for it, its gates, the last review's note.

        Changes nothing. Outside of a run: all workstreams and gates with their states.
        """
        return await voice.ask(r.PlanAround(voice.token_of(ctx)))


def _people(server: MCPServer, voice: _Voice) -> None:
    @server.tool(annotations=_WRITES)
    async def ask_person(
        ctx: Context,
        question: Annotated[
            str, Field(min_length=1, max_length=MOST_TEXT, description="Everything needed to answer it.")
        ],
        options: Annotated[
            list[str], Field(max_length=20, description="Possible answers; empty: any text.")
        ] = [],  # noqa: B006
    ) -> dict[str, Any]:
        """Ask a person, and wait for the answer: minutes or days. If the call is cut off, ask the same again: it joins."""
        token = voice.token_of(ctx)
        key = hashlib.sha256(json.dumps([question, options]).encode()).hexdigest()[:12]
        asked = await voice.ask(r.AskPerson(question, tuple(options), key, token))
        try:
            answer = await voice.speaker.await_answer(asked["item"], token, partial(_still_waiting, ctx))
        except LocustTuiError as error:
            raise _refusal(error) from None
        if answer.get("withdrawn"):
            raise ToolError(
                f"the question was withdrawn: {answer['withdrawn']}; decide yourself, or ask anew"
            )
        return {
            "answer": answer.get("choice", ""),
            "note": answer.get("note", ""),
            "by": answer.get("by", ""),
        }

    @server.tool(annotations=_WRITES)
    async def request_agents(
        ctx: Context,
        count: Annotated[int, Field(ge=1, le=100, description="How many more at a time.")],
        why: Annotated[str, Field(min_length=1, max_length=MOST_TEXT, description="What they would do.")],
        agent_type: Annotated[str, Field(description="Of which type; empty: of any.")] = "",
    ) -> dict[str, Any]:
        """Ask for more agents at a time for your orchestrator. The plan's rule answers at once, or a person later; this
        does not wait for it."""
        return await voice.ask(r.RequestAgents(count, why, None, voice.token_of(ctx), agent_type))


def _exchange(server: MCPServer, voice: _Voice) -> None:
    @server.tool(annotations=_READS)
    async def memory_read(
        ctx: Context,
        key: Annotated[str, Field(max_length=256, description="A key, or a pattern: api/*; * for all.")],
    ) -> dict[str, Any]:
        """Read entries of the memory that all agents of the plan share."""
        return await voice.ask(r.ReadMemory(key, voice.token_of(ctx)))

    @server.tool(annotations=_WRITES)
    async def memory_write(
        ctx: Context,
        key: Annotated[str, Field(max_length=256, description="Words with slashes between: api/schema")],
        value: Annotated[Any, Field(description="Any JSON value, at most 64 KiB.")],
        version: Annotated[
            int | None, Field(description="Write only if the entry has this version; 0: if there is none.")
        ] = None,
    ) -> dict[str, Any]:
        """Write an entry of the shared memory; earlier values stay in the record."""
        return await voice.ask(r.StoreMemory(key, json.dumps(value), version, voice.token_of(ctx)))


def _resources(server: MCPServer, voice: _Voice) -> None:
    @server.resource("guide://tools", mime_type="text/plain", description="How to work with the plan.")
    def guide() -> str:
        return INSTRUCTIONS

    @server.resource(
        "plan://{which}", mime_type="application/json", description="plan://mine: what plan_around says."
    )
    async def around(which: str, ctx: Context) -> str:
        if which != "mine":
            raise ResourceNotFoundError(f"there is no plan://{which}; the caller's own is plan://mine")
        return await voice.read(r.PlanAround(voice.token_of(ctx)))

    @server.resource(
        "memory://{+key}",
        mime_type="application/json",
        description="An entry of shared memory: memory://api/schema.",
    )
    async def entry(key: str, ctx: Context) -> str:
        return await voice.read(r.ReadMemory(key, voice.token_of(ctx)))

    @server.prompt(description="How to begin work on your workstream.")
    def begin() -> str:
        return "Call plan_around, then do what your workstream's instructions say, reporting as you go."
