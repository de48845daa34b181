"""Runs that the record left live while no worker watches: what their folders and processes say now."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..domain.states import LIVE_RUN_STATES, RunState, WorkstreamState
from ..errors import LocustTuiError

if TYPE_CHECKING:
    from ..domain.snapshot import RunView, Snapshot, WorkstreamView
    from ..execution.runs import Recovery


def with_facts(snapshot: Snapshot, runs: Path) -> Snapshot:
    """`snapshot` with every live run as its folder tells it, and the work of runs that ended called interrupted:
    nothing is called running on an old word."""
    found = tuple(_seen(r, runs, snapshot.at) if r.state in LIVE_RUN_STATES else r for r in snapshot.runs)
    latest = {r.id: r for r in found}
    works = tuple(_work(w, latest.get(w.run or "")) for w in snapshot.workstreams)
    return replace(snapshot, runs=found, workstreams=works)


def _work(work: WorkstreamView, run: RunView | None) -> WorkstreamView:
    """Work on record as running, as its run tells it while no worker lives."""
    if work.state is not WorkstreamState.RUNNING or run is None or run.state in LIVE_RUN_STATES:
        return work
    if run.state is RunState.UNKNOWN:
        why = "no worker lives, and what became of its run is not known; the next start looks"
        return replace(work, instead="unknown", why=why)
    why = f"its run ended ({_end(run)}) while no worker lived; the next start takes it up"
    return replace(work, instead="interrupted", why=why)


def _end(run: RunView) -> str:
    if run.exit_code is not None:
        return f"exit {run.exit_code}"
    return f"signal {run.signal}" if run.signal is not None else run.state.value


def _seen(run: RunView, runs: Path, now: float) -> RunView:
    facts = _recovery(run.id, runs, now)
    if facts is None:
        return replace(run, state=RunState.UNKNOWN, source="worker", reason="no worker watches it", pid=None)
    from ..execution.runs import RecoveryKind

    if facts.kind in (RecoveryKind.RUNNING, RecoveryKind.ORPHANED_RUNNING):
        reason = facts.why or "no worker watches it"
        return replace(
            run, state=RunState.RUNNING, source="process", reason=reason, pid=facts.agent_pid or run.pid
        )
    if facts.kind is RecoveryKind.STARTING:
        return replace(run, state=RunState.STARTING, source="process", reason=facts.why or "")
    if facts.kind is RecoveryKind.UNKNOWN_HOST:
        return replace(run, state=RunState.UNKNOWN, source="process", reason=facts.why or "", pid=None)
    return _ended(run, facts)


def _ended(run: RunView, facts: Recovery) -> RunView:
    end = facts.ended
    if end is None:
        return replace(
            run,
            state=RunState.LOST,
            source="process",
            reason=facts.why or "it never started",
            ended=run.created,
        )
    known = end.exit_code is not None or end.signal is not None
    state = RunState.LOST if not known else RunState.EXITED if end.exit_code == 0 else RunState.FAILED
    return replace(
        run,
        state=state,
        source="process",
        reason=facts.why or "it ended while no worker watched",
        ended=end.ended,
        exit_code=end.exit_code,
        signal=end.signal,
    )


def _recovery(run: str, runs: Path, now: float) -> Recovery | None:
    """What became of the run, by its folder; None where there is none, or it cannot be trusted."""
    from ..execution.identity import boot_id, pid_namespace
    from ..execution.run_dir import classify, open_run, read_facts

    try:
        root = os.open(runs, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        folder = open_run(root, run)
    except (OSError, LocustTuiError):
        return None
    finally:
        os.close(root)
    try:
        return classify(read_facts(folder, run), boot_id(), pid_namespace(), now)
    finally:
        os.close(folder)
