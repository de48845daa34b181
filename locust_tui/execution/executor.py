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

    def read_errors(self, run_id: str, limit: int = 65536) -> Chunk:
        """The last `limit` bytes of the stderr of a run with `split_stderr`; problem `missing` for another."""
        ...

    async def send(self, run_id: str, data: bytes) -> None:
        """Write to the agent's stdin (`Stdin.FIFO`), or type at its terminal (`pty`). Raises NotRunningError when nobody reads."""
        ...

    async def send_line(self, run_id: str, line: bytes) -> None:
        """A whole line, `line` without its end: a newline follows, or Enter on a terminal.

        Up to PIPE_BUF (4096) bytes it arrives whole or not at all. A longer one may be torn by the death of this process or
        of patience; the next line then starts on a new one. (A terminal in canonical mode takes 4095 bytes a line and drops the rest.)
        Raises NotRunningError.
        """
        ...

    async def close_stdin(self, run_id: str) -> None:
        """Let the agent's input end after what was sent: its FIFO is closed for good; a terminal gets Ctrl-D.

        Raises NotRunningError when nobody reads, or its shim, which has to close it, is dead.
        """
        ...

    async def resize(self, run_id: str, rows: int, columns: int) -> None:
        """Give the agent's terminal a size; its programs get SIGWINCH. Raises NotRunningError when it has none (any more)."""
        ...

    def terminal(self, run_id: str) -> str | None:
        """The path of the terminal the run was started with, None when it was started with pipes."""
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
