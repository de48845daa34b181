"""Drives one adapter over a real program, as the worker does, but in the test's own process."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from agent_programs import AgentProgram

from locust_tui.agents.adapter import LONGEST_LINE, Adapter
from locust_tui.agents.vocabulary import (
    AgentEvent,
    Job,
    Launch,
    Reaction,
    Said,
    SessionStarted,
    TurnEnded,
    Wants,
)

E = TypeVar("E")
Decide = Callable[[Wants], str]
PATIENCE_S = 60.0


def allow(_: Wants) -> str:
    return "allow"


@dataclass(slots=True)
class Conversation:
    """What came of it: every event in order, every call made of the adapter, and how the process ended."""

    adapter: Adapter
    events: list[AgentEvent] = field(default_factory=list)
    calls: list[tuple[str, tuple[Any, ...], Reaction]] = field(default_factory=list)
    exit_code: int | None = None
    stderr: str = ""

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def spoken(self) -> list[str]:
        """What the agent said, deltas put together."""
        texts: list[str] = []
        for said in self.of(Said):
            if said.role == "agent" and said.delta and texts:
                texts[-1] += said.text
            elif said.role == "agent":
                texts.append(said.text)
        return [text.strip() for text in texts]

    @property
    def session(self) -> str:
        return self.of(SessionStarted)[0].session

    @property
    def verdict(self) -> tuple[bool, str]:
        code = self.exit_code
        signal = -code if code is not None and code < 0 else None
        return self.adapter.verdict(None if signal else code, signal, self.stderr)


def job(program: AgentProgram, prompt: str, run: str = "WS-01.1", **more: Any) -> Job:
    """What the worker would hand to an adapter."""
    private = program.folder.parent / "private"
    private.mkdir(mode=0o700, exist_ok=True)
    cwd, folder = str(program.folder), str(private)
    return Job(run=run, prompt=prompt, cwd=cwd, command=tuple(program.argv), folder=folder, **more)


class Driver:
    """Use as an async context manager; reads the program's lines until it ended or the test says enough."""

    def __init__(self, adapter: Adapter, program: AgentProgram, decide: Decide = allow) -> None:
        self.adapter = adapter
        self.talk = Conversation(adapter)
        self._program = program
        self._decide = decide
        self._process: asyncio.subprocess.Process | None = None
        self._stderr: asyncio.Task[bytes] | None = None

    @property
    def process(self) -> asyncio.subprocess.Process:
        assert self._process is not None, "not started"
        return self._process

    async def __aenter__(self) -> Driver:
        launch = self.adapter.launch()
        write_files(self.adapter.job, launch)
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            *launch.argv,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env=launch.environment({}, self._program.env),
            cwd=self._program.folder,
            limit=LONGEST_LINE,
            start_new_session=True,
        )
        assert self.process.stderr is not None
        self._stderr = asyncio.create_task(self.process.stderr.read())
        await self.call("begin")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), 5)
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        assert self._stderr is not None
        self._stderr.cancel()

    async def call(self, name: str, *arguments: Any) -> Reaction:
        """One call of the adapter; what it wants to send is sent."""
        reaction: Reaction = getattr(self.adapter, name)(*arguments)
        self.talk.calls.append((name, arguments, reaction))
        self.talk.events += reaction.events
        assert self.process.stdin is not None
        for message in reaction.send:
            self.process.stdin.write(message.line)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            await self.process.stdin.drain()
        if reaction.closes:
            self.process.stdin.close()
        for wants in [event for event in reaction.events if isinstance(event, Wants)]:
            if choice := self._decide(wants):
                await self.call("answer", wants.id, choice)
        return reaction

    async def until(self, wanted: Callable[[AgentEvent], bool], seconds: float = PATIENCE_S) -> AgentEvent:
        """Feed lines until an event is wanted. Raises TimeoutError, EOFError."""
        assert self.process.stdout is not None
        async with asyncio.timeout(seconds):
            async for line in self.process.stdout:
                before = len(self.talk.events)
                await self.call("feed", line.rstrip(b"\n"))
                for event in self.talk.events[before:]:
                    if wanted(event):
                        return event
        raise EOFError(f"the program ended before; last events: {self.talk.events[-5:]}")

    async def turn(self) -> TurnEnded:
        """The end of the turn under way."""
        event = await self.until(lambda one: isinstance(one, TurnEnded))
        assert isinstance(event, TurnEnded)
        return event

    async def end(self, seconds: float = PATIENCE_S) -> Conversation:
        """End it in good order, read to the end, and give everything."""
        assert self.process.stdin is not None
        if not (await self.call("finish")).send:
            self.process.stdin.close()
        with contextlib.suppress(EOFError):
            await self.until(lambda _: False, seconds)
        assert self._stderr is not None
        self.talk.stderr = (await self._stderr).decode(errors="replace")
        self.talk.exit_code = await self.process.wait()
        return self.talk


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def write_files(job: Job, launch: Launch) -> None:
    """As the worker does: private, before the start."""
    for name, content in launch.files.items():
        path = f"{job.folder}/{name}"
        with open(path, "w", opener=_private) as file:
            file.write(content)


def replayed(talk: Conversation, again: Adapter) -> Iterator[tuple[str, Reaction, Reaction]]:
    """The same calls of a new adapter: (call, reaction then, reaction now), which must be the same."""
    for name, arguments, reaction in talk.calls:
        yield name, reaction, getattr(again, name)(*arguments)
