"""Starting one run: ask a shim, and when it cannot answer, believe the run folder."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress
from dataclasses import replace

from locust_tui.domain.dataclass import dataclass
from locust_tui.execution import identity, run_dir
from locust_tui.execution.run_group import RunGroups
from locust_tui.execution.runs import (
    AlreadyRanError,
    AlreadyRunningError,
    CannotExecuteError,
    Recovery,
    RecoveryKind,
    RunSpec,
    SpawnError,
    StartUnknownError,
)
from locust_tui.execution.zygote_client import Answer, ZygoteClient, encode

_AT_ONCE = 16
_TRIES = 3
_ANSWER_PATIENCE = 30.0
_SETTLE_PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class LiveRun:
    """A run found alive with proved descriptors of its shim and agent (-1: not there), the receiver's to close."""

    found: Recovery
    shim_pidfd: int = -1
    agent_pidfd: int = -1


def classify_folder(folder: int, run_id: str) -> Recovery:
    """What an open run folder and this kernel say of the run now."""
    facts = run_dir.read_facts(folder, run_id)
    return run_dir.classify(facts, identity.boot_id(), identity.pid_namespace(), time.time())


async def settle(folder: int, run_id: str) -> Recovery:
    """The same, giving a shim that is just at it a moment to name its agent."""
    deadline = time.monotonic() + _SETTLE_PATIENCE
    while True:
        found = classify_folder(folder, run_id)
        if found.kind is not RecoveryKind.STARTING or time.monotonic() > deadline:
            return found
        await asyncio.sleep(0.01)


def open_live(folder: int, found: Recovery) -> LiveRun:
    """Proved descriptors for what `found` says is alive; -1 for what died since. OSError: there are none left."""
    holder = run_dir.open_lock_holder(folder)
    shim_pid, shim_pidfd = holder or (None, -1)
    try:
        agent = run_dir.read_facts(folder, found.run_id).agent
        pidfd = identity.open_process(agent) if agent is not None else None
    except OSError:
        if shim_pidfd >= 0:
            os.close(shim_pidfd)
        raise
    return LiveRun(replace(found, shim_pid=shim_pid), shim_pidfd, -1 if pidfd is None else pidfd)


class Starter:
    """Starts at most _AT_ONCE runs at a time, so that a burst neither floods the zygote nor the event loop."""

    def __init__(self, zygote: ZygoteClient, groups: RunGroups) -> None:
        self.zygote = zygote
        self._groups = groups
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def start(self, root: int, spec: RunSpec) -> LiveRun:
        """Start `spec` in its folder inside the folder `root`. Errors as in Executor.start."""
        async with self._turn:
            frame = encode(spec, self._groups.make(spec.run_id))
            folder = run_dir.open_run(root, spec.run_id, create=True)
            try:
                for _ in range(_TRIES):
                    try:
                        answer = await self.zygote.ask(
                            folder, frame, keep_leftovers=spec.keep_leftovers, patience=_ANSWER_PATIENCE
                        )
                    except TimeoutError:
                        self.zygote.abandon()
                        answer = Answer(())
                    if answer.words:
                        return await _understood(spec.run_id, folder, answer)
                    found = await settle(folder, spec.run_id)
                    if found.kind is not RecoveryKind.NEVER_STARTED:
                        return _found_instead(folder, found)
            finally:
                os.close(folder)
        raise SpawnError(
            f"{spec.run_id} was not started: {_TRIES} shims died before their agent. {self.zygote.complaint()}".rstrip(),
            help="look at memory and process limits",
        )


async def _understood(run_id: str, folder: int, answer: Answer) -> LiveRun:
    word, *rest = answer.words
    if word == "started":
        shim, agent, wall = int(rest[0]), int(rest[1]), float(rest[2])
        found = Recovery(RecoveryKind.RUNNING, run_id, shim, agent, started_wall=wall)
        if answer.shim_pidfd < 0:
            raise StartUnknownError(
                f"{run_id} was started, and there was no descriptor to watch it by", recovery=found
            )
        return LiveRun(found, answer.shim_pidfd, answer.agent_pidfd)
    try:
        if word == "unusable":
            if answer.shim_pidfd >= 0:
                await _until_dead(answer.shim_pidfd)  # it writes the end down and goes
            found = classify_folder(folder, run_id)
            if found.ended is not None and found.ended.known:
                message = f"{run_id}: {found.ended.error}"
                raise CannotExecuteError(
                    message, ended=found.ended, help="correct the agent's command or folder"
                )
            raise StartUnknownError(f"{run_id} could not be executed and its shim is gone", recovery=found)
    finally:
        answer.close()
    if word == "held":
        raise AlreadyRunningError(
            f"{run_id} is already running; it was not started again", help="reattach to it"
        )
    if word == "used":
        raise AlreadyRanError(f"{run_id} was already started once", help="start a new attempt under a new id")
    await settle(folder, run_id)  # the shim lets go of the folder, so that it can be tried again
    raise SpawnError(
        f"{run_id} was not started: {rest[-1] if rest else word}", errno=int(rest[0]) if rest else 0
    )


async def _until_dead(pidfd: int) -> None:
    dead = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(pidfd, dead.set)
    try:
        with suppress(TimeoutError):
            await asyncio.wait_for(dead.wait(), _ANSWER_PATIENCE)
    finally:
        loop.remove_reader(pidfd)


def _found_instead(folder: int, found: Recovery) -> LiveRun:
    """The shim gave no answer, but the folder may tell of an agent: then that is the start."""
    if found.alive and found.agent_pid is not None:
        return open_live(folder, found)
    raise StartUnknownError(
        f"{found.run_id}: its shim died at the start; {found.why or found.kind}", recovery=found
    )
