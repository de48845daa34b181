"""The executor: where runs live, seen by the worker. Here the protocol; `local.LocalExecutor` is this machine."""

from __future__ import annotations

from typing import Protocol

from locust_tui.execution.log_file import Chunk
from locust_tui.execution.runs import Recovery, RunSpec, Sample, Started, StopResult


class Executor(Protocol):
    """Starts runs, finds them again, reads and ends them. Ends are delivered through `on_exit`, once each.

    No method ever signals a process whose identity is not proved, and none turns an unknown end into a code.
    """

    async def start(self, spec: RunSpec) -> Started:
        """Start `spec` once, durably.

        Raises AlreadyRunningError, AlreadyRanError, RunFolderRefusedError, SpawnError (safe to try again),
        CannotExecuteError (recorded as the run's end), StartUnknownError (look in the folder).
        """
        ...

    async def reattach(self, run_id: str) -> Recovery:
        """What became of a run; one that is alive is watched from now on and its end goes to `on_exit`."""
        ...

    def poll(self, run_id: str) -> Recovery:
        """What the run folder and the kernel say now, without watching."""
        ...

    def seal(self, run_id: str) -> bool:
        """Make `never-started` final: True when from now on no shim can start this run id."""
        ...

    def read(self, run_id: str, offset: int, limit: int = 65536) -> Chunk:
        """Up to `limit` bytes of the run's output from byte `offset`."""
        ...

    async def send(self, run_id: str, data: bytes) -> None:
        """Write to the agent's stdin (started with `Stdin.FIFO`). Raises NotRunningError when nobody reads."""
        ...

    async def signal(self, run_id: str, signum: int) -> None:
        """One signal to the agent's main process. Raises NotRunningError."""
        ...

    async def stop(self, run_id: str, grace: float = 10.0) -> StopResult:
        """TERM to the agent's session, up to `grace` seconds, then KILL until no descendant is left (at most 5 s more)."""
        ...

    async def pause(self, run_id: str) -> int:
        """SIGSTOP every process of the run; how many are stopped. Raises NotRunningError."""
        ...

    async def resume(self, run_id: str) -> int:
        """SIGCONT every process of the run; how many were told. Raises NotRunningError."""
        ...

    def descendants(self, run_id: str) -> tuple[int, ...]:
        """Live pids of the run without its shim; empty when it has ended."""
        ...

    def sample(self, run_id: str) -> Sample | None:
        """Memory and CPU of the run now, or None when it is not alive here."""
        ...
