"""Measures criteria: runs their commands under shims, reads their files, and records each result with its evidence."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from locust_tui.criteria.inputs import InputState, bound, input_digest
from locust_tui.criteria.judging import Judged, measure
from locust_tui.criteria.observation import OUTPUT_LIMIT, ProbeCommand, ProbeOutcome, commands_of
from locust_tui.domain.clock import Clock
from locust_tui.domain.criterion import Criterion, CriterionResult, Evidence
from locust_tui.domain.events import CriterionMeasured
from locust_tui.domain.people import WORKER
from locust_tui.domain.states import CriterionState
from locust_tui.errors import LocustTuiError
from locust_tui.execution import runs as x
from locust_tui.execution.executor import Executor
from locust_tui.state.folder import StateFolder
from locust_tui.state.store import Store

from .checks import Check
from .launching import base_environment

log = logging.getLogger(__name__)

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
PREFIX = "check."


class Measurer:
    """At most `slots` criteria are measured at a time; asking again for one under way joins it."""

    def __init__(
        self, store: Store, executor: Executor, folder: StateFolder, clock: Clock, slots: int
    ) -> None:
        self._store = store
        self._executor = executor
        self._folder = folder
        self._clock = clock
        self._slots = asyncio.Semaphore(max(1, slots))
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._waiting: dict[str, asyncio.Future[x.RunEnded]] = {}

    @property
    def measuring(self) -> frozenset[str]:
        """Keys being measured or waiting for a slot."""
        return frozenset(self._under_way)

    def resize(self, slots: int) -> None:
        """Another number of slots, for checks that begin from now on."""
        self._slots = asyncio.Semaphore(max(1, slots))

    def begin(self, checks: Iterable[Check], done: Callable[[], None]) -> None:
        """Measure in the background; `done` is called after each recorded result."""
        for check in checks:
            if check.key not in self._under_way:
                task = asyncio.ensure_future(self._measure(check))
                self._under_way[check.key] = task
                task.add_done_callback(partial(self._finished, check.key, done))

    async def measure_now(self, checks: Iterable[Check], done: Callable[[], None]) -> None:
        """Measure and wait for all results."""
        wanted = list(checks)
        self.begin(wanted, done)
        tasks = [self._under_way[c.key] for c in wanted if c.key in self._under_way]
        if tasks:
            await asyncio.wait(tasks)

    async def close(self) -> None:
        """Give up what is under way; its processes are stopped."""
        for task in list(self._under_way.values()):
            task.cancel()
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    def ended(self, end: x.RunEnded) -> bool:
        """Take the end of a check's process; False when it is none of ours."""
        waiting = self._waiting.pop(end.run_id, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(end)
        return waiting is not None or end.run_id.startswith(PREFIX)

    def _finished(self, key: str, done: Callable[[], None], task: asyncio.Task[None]) -> None:
        self._under_way.pop(key, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("measuring %s failed", key, exc_info=error)
        done()

    async def inputs(self, criterion: Criterion) -> InputState:
        """What a measurement of `criterion` would be bound to now."""
        return await input_digest(self._folder.plan_path.parent, criterion)

    async def _measure(self, check: Check) -> None:
        root = self._folder.plan_path.parent
        async with self._slots:
            began = self._clock()
            before = await input_digest(root, check.criterion)
            outcomes: dict[str, ProbeOutcome] = {}
            run_id: str | None = None
            for command in commands_of(check.criterion):
                run_id, outcomes[command.key] = await self._execute(check, command)
            try:
                judged = await measure(check.criterion, outcomes, root)
            except LocustTuiError as error:
                judged = Judged(CriterionState.ERROR, detail=error.message)
            after = bound(before, await input_digest(root, check.criterion))
        result = _result(check, judged, after, began, self._clock(), run_id, outcomes)
        await self._store.append(WORKER, CriterionMeasured(result))

    async def _execute(self, check: Check, command: ProbeCommand) -> tuple[str, ProbeOutcome]:
        run_id = self._free_id(check.key)
        ending: asyncio.Future[x.RunEnded] = asyncio.get_running_loop().create_future()
        self._waiting[run_id] = ending
        env = {**base_environment(), "LOCUST_TUI_PLAN": str(self._folder.plan_path), **command.env}
        cwd = self._folder.plan_path.parent / (command.cwd or ".")
        try:
            started = await self._executor.start(x.RunSpec(run_id, command.command.argv, cwd, env))
        except x.CannotExecuteError as error:
            self._waiting.pop(run_id, None)
            return run_id, ProbeOutcome(error=error.message)
        except (LocustTuiError, OSError) as error:
            self._waiting.pop(run_id, None)
            return run_id, ProbeOutcome(error=f"could not start: {error}")
        try:
            async with asyncio.timeout(command.timeout):
                end = await asyncio.shield(ending)
        except TimeoutError:
            await self._executor.stop(run_id, 2.0)
            return run_id, ProbeOutcome(
                error=f"took longer than {command.timeout:g} s", output=self._output(run_id)[0]
            )
        except asyncio.CancelledError:
            await self._executor.stop(run_id, 1.0)
            raise
        output, truncated = self._output(run_id)
        return run_id, ProbeOutcome(
            exit_code=end.exit_code,
            signal=end.signal,
            max_rss_kib=end.max_rss_kib,
            wall_s=max(0.0, end.ended - started.started_wall),
            output=output,
            truncated=truncated,
            error=None if end.known else end.error or "its run was lost",
        )

    def _output(self, run_id: str) -> tuple[str, bool]:
        path = self._folder.runs / run_id / "log"
        try:
            with path.open("rb") as file:
                size = file.seek(0, 2)
                file.seek(max(0, size - OUTPUT_LIMIT))
                return file.read().decode("utf-8", "replace"), size > OUTPUT_LIMIT
        except OSError:
            return "", False

    def _free_id(self, key: str) -> str:
        stem = PREFIX + _UNSAFE.sub("-", key)[:48].strip("-")
        earlier = self._store.world.criteria.get(key)
        number = (earlier.evaluations if earlier else 0) + 1
        while f"{stem}.{number}" in self._waiting or (self._folder.runs / f"{stem}.{number}").exists():
            number += 1
        return f"{stem}.{number}"


def _result(
    check: Check,
    judged: Judged,
    inputs: InputState,
    began: float,
    now: float,
    run_id: str | None,
    outcomes: dict[str, ProbeOutcome],
) -> CriterionResult:
    commit = f"{inputs.commit}+dirty" if inputs.commit and inputs.dirty else inputs.commit
    evidence = Evidence(
        at=now,
        duration_s=round(now - began, 3),
        command=judged.command,
        exit_code=judged.exit_code,
        commit=commit,
        input_digest=inputs.digest,
        log=str(Path("runs") / run_id / "log") if run_id else None,
        run=run_id,
        detail=judged.detail,
    )
    return CriterionResult(
        key=check.key,
        state=judged.state,
        value=judged.value,
        unit=judged.unit,
        text=judged.text,
        evidence=evidence,
    )
