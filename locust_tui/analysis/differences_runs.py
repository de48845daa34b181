"""What is otherwise of runs, and what befell the worker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from locust_tui.domain import events as e
from locust_tui.domain.states import RunState, is_parked
from locust_tui.domain.studies.moments import Change, Group, MarkKind, Sense
from locust_tui.domain.world import RunStatus

from .moments_axis import marks

if TYPE_CHECKING:
    from .differences import PlanAt, Trail

_BAD = frozenset({RunState.FAILED, RunState.LOST, RunState.KILLED})


def run_changes(before: PlanAt, after: PlanAt, trail: Trail) -> Iterator[Change]:
    """Runs that were begun, and live ones that ended."""
    for run in after.world.runs.values():
        old = before.world.runs.get(run.id)
        if old is not None and (not old.live or run.live):
            continue
        kind = e.RunCreated if run.live else e.RunEnded
        yield Change(
            Group.RUNS, run.id, run.agent_type, "" if old is None else old.state.value, run.state.value, _sense(run), "",
            run.created if run.live else run.ended, trail.revision(run.id, kind), _end(run),
        )  # fmt: skip


def _sense(run: RunStatus) -> Sense:
    if run.state in _BAD and not is_parked(run.state, run.reason):
        return Sense.BAD
    return Sense.GOOD if run.state is RunState.EXITED else Sense.PLAIN


def _end(run: RunStatus) -> str:
    if run.live:
        return run.reason
    if run.signal is not None:
        return f"signal {run.signal}"
    return run.reason or (f"exit {run.exit_code}" if run.exit_code is not None else "")


_SENSE = {MarkKind.DEATH: Sense.BAD, MarkKind.GAP: Sense.BAD}


def worker_changes(before: PlanAt, trail: Trail) -> Iterator[Change]:
    """Deaths and repairs one by one; starts and stops as the last of them."""
    told = [
        m
        for m in marks(trail.events, worker_runs=before.world.project.worker_pid is not None)
        if m.kind in (MarkKind.DEATH, MarkKind.GAP, MarkKind.WORKER)
    ]
    quiet = [m for m in told if m.kind is MarkKind.WORKER]
    for mark in [*(m for m in told if m.kind in _SENSE), *quiet[-1:]]:
        sense = _SENSE.get(mark.kind, Sense.PLAIN)
        yield Change(Group.WORKER, "", "worker", "", mark.words, sense, "", mark.at, mark.revision)
