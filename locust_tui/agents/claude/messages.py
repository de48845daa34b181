"""What the model and its tools say: texts, thoughts, tool calls and their results."""

from __future__ import annotations

import re

from ..vocabulary import AgentEvent, Job, PlanStated, Said, ToolEnded, ToolStarted, Used
from .asking import PLAN, Asking
from .wire import Block, ResultMeta, Spoken, StreamEvent
from .words import changed, ends_of, one_line, output_of, parameters_of, summary, todo

_NOT_ALLOWED = ("Claude requested permissions", "Permission to use ")
_TODO = "TodoWrite"
_INTERRUPTED = re.compile(r"\[Request interrupted by user[^\]]*\]\s*$")
"""The program's own line about our request to end a turn: no user wrote it, and the turn's end says why."""


class Messages:
    """One event comes per content block, with the same message id; its usage is repeated, and never added up."""

    def __init__(self, job: Job, asking: Asking) -> None:
        self._cwd = job.cwd
        self._asking = asking
        self._streaming: dict[str, str] = {}
        """Sub-agent's tool call, or "" → id of the message that comes in pieces."""
        self._open: dict[str, str] = {}
        """Sub-agent's tool call, or "" → kind of the block of which pieces came last."""
        self._pieces: set[tuple[str, str]] = set()
        """(message, kind of block) of which pieces were given out already."""
        self._measured = ""
        self.complaint: Spoken | None = None
        """The program's own message about an error of this turn."""

    def turn_ended(self) -> tuple[AgentEvent, ...]:
        self.complaint = None
        self._streaming.clear()
        self._open.clear()
        self._pieces.clear()
        return ()

    def of_agent(self, said: Spoken) -> tuple[AgentEvent, ...]:
        """An `assistant` line."""
        message, parent = said.message, said.parent_tool_use_id or ""
        if said.error:
            if not parent:
                self.complaint = said
            return ()
        if isinstance(message.content, str):
            return (Said(message.content, parent=parent),) if message.content else ()
        events: list[AgentEvent] = []
        for block in message.content:
            events += self._block(block, message.id, parent)
        if not parent and message.id != self._measured and (used := self._context(said)) is not None:
            self._measured = message.id
            events.append(used)
        return tuple(events)

    def of_user(self, said: Spoken) -> tuple[AgentEvent, ...]:
        """A `user` line: results of tools, and what is said to the agent or a sub-agent."""
        content, parent = said.message.content, said.parent_tool_use_id or ""
        if isinstance(content, str):
            return () if said.is_synthetic or not content else (Said(content, "user", parent=parent),)
        events: list[AgentEvent] = []
        for block in content:
            if block.type == "tool_result":
                events += self._asking.settled(block.tool_use_id)
                events.append(self._result(block, said))
            elif (
                block.type == "text"
                and block.text
                and not (said.is_synthetic or _INTERRUPTED.match(block.text))
            ):
                events.append(Said(block.text, "user", parent=parent))
        return tuple(events)

    def of_stream(self, said: StreamEvent) -> tuple[AgentEvent, ...]:
        """A `stream_event` line: pieces of the message that its `assistant` line will repeat whole."""
        event, parent = said.event, said.parent_tool_use_id or ""
        if event.type == "content_block_delta":
            delta = event.delta
            if delta is None:
                return ()
            if delta.type == "text_delta" and delta.text:
                return (Said(delta.text, delta=self._goes_on(parent, "text"), parent=parent),)
            if delta.type == "thinking_delta" and delta.thinking:
                goes_on = self._goes_on(parent, "thinking")
                return (Said(delta.thinking, "thought", delta=goes_on, parent=parent),)
            return ()
        self._open.pop(parent, None)
        if event.type == "message_start" and event.message is not None:
            self._streaming[parent] = event.message.id
        return ()

    def _goes_on(self, parent: str, kind: str) -> bool:
        """Whether this is not the first piece of its block."""
        goes_on = self._open.get(parent) == kind
        self._open[parent] = kind
        self._pieces.add((self._streaming.get(parent, ""), kind))
        return goes_on

    def _block(self, block: Block, message: str, parent: str) -> tuple[AgentEvent, ...]:
        if block.type == "tool_use":
            parameters = parameters_of(block.input)
            started = ToolStarted(block.id, block.name, summary(block.name, parameters, self._cwd), parent)
            if block.name == PLAN and isinstance(plan := parameters.get("plan"), str):
                self._asking.plans[block.id] = plan
            if block.name == _TODO and not parent and (entries := todo(parameters)):
                return (started, PlanStated(entries))
            return (started,)
        if (message, block.type) in self._pieces:
            return ()
        if block.type == "text" and block.text:
            return (Said(block.text, parent=parent),)
        if block.type == "thinking" and block.thinking:
            return (Said(block.thinking, "thought", parent=parent),)
        return ()

    def _result(self, block: Block, said: Spoken) -> ToolEnded:
        text = output_of(block.content)
        ok = not block.is_error
        files, amount = changed(said.tool_use_result) if ok else ((), "")
        if not ok:
            text = text.removeprefix("<tool_use_error>").removesuffix("</tool_use_error>")
        return ToolEnded(
            id=block.tool_use_id,
            ok=ok,
            summary=amount or one_line(text[:300]),
            denied=not ok and self._denied(block.tool_use_id, said.tool_result_meta, text),
            files=files,
            output="" if files else ends_of(text),
        )

    def _denied(self, id: str, metas: list[ResultMeta] | None, text: str) -> bool:
        if id in self._asking.refused or text.startswith(_NOT_ALLOWED):
            return True
        for meta in metas or ():
            if meta.id == id and meta.permission_decision is not None:
                return meta.permission_decision.decision == "reject"
        return False

    def _context(self, said: Spoken) -> Used | None:
        usage = said.message.usage
        if usage is None or not usage.input_tokens:
            return None
        used = (
            usage.input_tokens
            + (usage.cache_creation_input_tokens or 0)
            + (usage.cache_read_input_tokens or 0)
        )
        return Used(context_used=used, model=said.message.model or "")
