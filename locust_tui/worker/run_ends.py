"""How a wish to stop a run and the end of a run are written down, and read back by the next worker."""

from __future__ import annotations

from signal import SIGKILL

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.events import RunChanged, RunEnded
from locust_tui.domain.states import RunState
from locust_tui.domain.world import RunStatus
from locust_tui.execution import runs as x

from .retry import BY_SIGNAL

_STOPPING = "stopping: "


def stopping_event(run: RunStatus, why: str) -> RunChanged:
    """The event to commit before a run is stopped, so that the reason outlives this worker.

    Also what is recorded again, with more words, when the run does not end.
    """
    return RunChanged(run.id, run.state, run.source, f"{_STOPPING}{why}")


def asked_to_stop(run: RunStatus) -> str | None:
    """Why the run was to be stopped, as the record has it; None: nobody asked."""
    return run.reason.removeprefix(_STOPPING) if run.reason.startswith(_STOPPING) else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run's own protocol says of its end, whatever its exit code says."""

    ok: bool
    words: str = ""


_KILLED_BELOW_A_SHELL = 128 + SIGKILL


def killed_by_force(end: x.RunEnded) -> bool:
    """Whether SIGKILL ended the run's main process, or what a shell that is it had started."""
    return end.signal == SIGKILL or end.exit_code == _KILLED_BELOW_A_SHELL


def end_event(
    end: x.RunEnded,
    asked: str | None,
    run: RunStatus,
    now: float,
    verdict: Verdict | None = None,
    memory: str = "",
) -> RunEnded:
    """The one terminal record. Without a code or a signal behind it the run is lost, whatever was asked.

    `memory`: what the kernel says of memory at that moment; it goes with an end that nobody asked for.
    """
    if not end.known:
        state, reason = RunState.LOST, end.error or end.reason.value
    elif asked is not None:
        state, reason = RunState.KILLED, asked
    elif verdict is not None:
        state, reason = RunState.EXITED if verdict.ok else RunState.FAILED, verdict.words
    elif end.signal is not None:
        state, reason = RunState.KILLED, f"{BY_SIGNAL} {end.signal}"
    elif end.exit_code == 0:
        state, reason = RunState.EXITED, ""
    else:
        state, reason = RunState.FAILED, end.error or f"exit code {end.exit_code}"
    if memory and end.known and asked is None:
        reason = f"{reason}; {memory}" if reason else memory
    ended = end.ended if run.created <= end.ended <= now else now
    return RunEnded(
        run=end.run_id,
        state=state,
        exit_code=end.exit_code,
        signal=end.signal,
        reason=reason,
        ended=max(ended, run.started or 0.0),
        max_rss_kib=end.max_rss_kib,
        cpu_s=end.cpu_s,
        leftovers=tuple(f"{left.name or 'a process'} (pid {left.pid})" for left in end.leftovers),
    )
