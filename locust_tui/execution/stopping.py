"""Ending a run for good: ask its session, wait, then leave nothing of it behind, or say what is left."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

from locust_tui.execution import left_behind, run_dir, run_group
from locust_tui.execution.process_tree import ProcessTree
from locust_tui.execution.runs import RunFolderRefusedError, StopResult
from locust_tui.execution.watch import Watch

KILL_BOUND_S = 5.0
_TERM_ALONE = 2.0
_RECORD_PATIENCE = 2.0


async def stop(watch: Watch, grace: float, group: Path | None = None) -> StopResult:
    """TERM to the agent's session (woken if it was paused), up to `grace` seconds, then KILL, at most 5 s, until none is left.

    A session with a terminal gets HUP as well when TERM alone did not end it within 2 s. `group`: the run's control group,
    where it has one of its own: what is in it is killed at once, and nothing in it is overlooked.
    """
    began = time.monotonic()
    orphaned = watch.shim_pid is None
    tree = watch.tree()
    survivors: tuple[int, ...] = ()
    if tree is not None:
        with tree:
            tree.signal(signal.SIGTERM, session_only=True)
            tree.signal(signal.SIGCONT)
            watch.paused = False
            if _has_terminal(watch) and not await _within(watch.is_over, min(_TERM_ALONE, grace)):
                # a shell at its prompt takes no notice of TERM; a terminal that goes away says HUP
                tree.signal(signal.SIGHUP, session_only=True)
                grace -= _TERM_ALONE
            await _within(watch.is_over, max(grace, 0.0))
            if not watch.is_over.is_set() or tree.alive() or run_group.members(group):
                # a thread: something that forks faster than the event loop turns must not win
                survivors = await asyncio.to_thread(_kill, tree, group)
    if not survivors:
        await _within(watch.has_ended, _RECORD_PATIENCE)
        if watch.shim_pid is None:
            await _within(watch.is_over, left_behind.GRACE_S + KILL_BOUND_S)
            survivors = watch.survivors
    why = f"still alive after {KILL_BOUND_S:.0f} s of SIGKILL (uninterruptible)" if survivors else None
    if orphaned and group is None and why is None:
        why = "its shim was dead: processes that had left the agent's session could not be looked for"
    return StopResult(
        watch.run_id,
        watch.ended is not None and not survivors,
        survivors,
        time.monotonic() - began,
        watch.ended,
        why,
    )


def _kill(tree: ProcessTree, group: Path | None) -> tuple[int, ...]:
    """Who is left KILL_BOUND_S later, if anybody is. Blocks."""
    deadline = time.monotonic() + KILL_BOUND_S
    run_group.kill(group)
    survivors = tree.kill(KILL_BOUND_S)
    while (left := run_group.members(group)) and time.monotonic() < deadline:
        time.sleep(0.005)
    return tuple({*survivors, *left})


def _has_terminal(watch: Watch) -> bool:
    try:
        folder = watch.folder()
    except (OSError, RunFolderRefusedError):
        return False
    try:
        return run_dir.terminal(folder) is not None
    finally:
        os.close(folder)


async def _within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
