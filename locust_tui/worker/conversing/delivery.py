"""What goes to the agent: its messages one by one, put down in the ledger, then the end of its input; and files."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from locust_tui.agents.vocabulary import FileOffered
from locust_tui.errors import LocustTuiError
from locust_tui.execution.executor import Executor
from locust_tui.execution.runs import NotRunningError

from .conversation import AT_LEAST_ONCE, Conversation
from .files import FileRefusedError, carry_out

log = logging.getLogger(__name__)

AGAIN_AFTER_S = 1.0


class Tasks:
    """At most one task of each name; what they raise is logged, and nothing else."""

    def __init__(self, whose: str, done: Callable[[], None]) -> None:
        """`done` is called after each."""
        self._whose = whose
        self._call = done
        self._running: dict[str, asyncio.Task[None]] = {}

    def begin(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Begin `work`, unless one of its name is under way."""
        if name in self._running:
            work.close()
            return
        task = self._running[name] = asyncio.create_task(work)
        task.add_done_callback(lambda done: self._done(name, done))

    def _done(self, name: str, task: asyncio.Task[None]) -> None:
        self._running.pop(name, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("the conversation of %s", self._whose, exc_info=error)
        self._call()

    def cancel(self) -> None:
        for task in list(self._running.values()):
            task.cancel()


class Delivery:
    """Of one run. `see_to_it` begins what is to be done and returns at once."""

    def __init__(self, talk: Conversation, executor: Executor, cwd: Path, tasks: Tasks) -> None:
        self._talk = talk
        self._executor = executor
        self._cwd = cwd
        self._tasks = tasks
        self._input_closed = False

    def see_to_it(self) -> None:
        talk = self._talk
        if talk.files:
            self._tasks.begin("files", self._files())
        if talk.outbox or (talk.closes and not self._input_closed):
            self._tasks.begin("send", self._send())

    def make_it_go(self) -> None:
        """It was told that it is over and did not end by itself: INT, then TERM and KILL."""
        self._tasks.begin("end", self._end())

    async def _send(self) -> None:
        talk, run_id = self._talk, self._talk.run_id
        try:
            while talk.outbox:
                message = talk.outbox[0]
                if not message.key.startswith(AT_LEAST_ONCE):
                    talk.ledger.note_begun(message.key)
                await self._executor.send_line(run_id, message.line.removesuffix(b"\n"))
                talk.ledger.note_sent(message.key)
                talk.outbox.popleft()
            if talk.closes and not self._input_closed:
                self._input_closed = True
                await self._executor.close_stdin(run_id)
        except NotRunningError as error:
            # it has ended, or reads nothing: its end, or its silence, will be seen
            log.info("%s", error)
            await asyncio.sleep(AGAIN_AFTER_S)

    async def _end(self) -> None:
        run_id = self._talk.run_id
        with suppress(LocustTuiError):
            await self._executor.signal(run_id, signal.SIGINT)
            await asyncio.sleep(AGAIN_AFTER_S)
        with suppress(LocustTuiError):
            await self._executor.stop(run_id)

    async def _files(self) -> None:
        talk = self._talk
        while talk.files:
            asked = talk.files.popleft()
            content, error = None, ""
            try:
                content = await asyncio.to_thread(carry_out, asked, self._cwd)
            except FileRefusedError as refusal:
                error = str(refusal)
            else:
                if isinstance(asked, FileOffered):
                    talk.heard.produced[asked.path] = None
            talk.file_done(asked.id, content, error)
