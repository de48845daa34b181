"""Watching one live run through pidfds: its end is delivered once, as the run folder records it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from locust_tui.domain.dataclass import dataclass
from locust_tui.execution import identity, left_behind, run_dir
from locust_tui.execution.outputs import Output, close_all, outputs
from locust_tui.execution.process_tree import ProcessTree
from locust_tui.execution.runs import EndReason, Recovery, RecoveryKind, RunEnded, RunFolderRefusedError
from locust_tui.execution.shortage import lack_in

_LOOK_AGAIN, _LOOK_AGAIN_MOST = 0.02, 1.0
_REAPER_PATIENCE = 2.0
_SHORT_PATIENCE = 1.0
_RECORD_AGAIN = 1.0


@dataclass(frozen=True, slots=True)
class Listener:
    """Where a watch reports: the end (once), the loss of the shim, and that it has nothing left to watch."""

    ended: Callable[[RunEnded], None]
    orphaned: Callable[[str], None]
    over: Callable[[str], None]


class Watch:
    """A live run. Borrows `root`, the runs folder's descriptor; owns `shim_pidfd` and `agent_pidfd` (-1: not there)."""

    def __init__(
        self, root: int, found: Recovery, shim_pidfd: int, agent_pidfd: int, listener: Listener
    ) -> None:
        self.run_id, self.started_wall = found.run_id, found.started_wall
        self.shim_pid, self.agent_pid = found.shim_pid, found.agent_pid
        self.paused = False
        self.ended: RunEnded | None = found.ended
        self.is_over = asyncio.Event()
        self.has_ended = asyncio.Event()
        self.root, self._shim, self._agent, self._listener = root, shim_pidfd, agent_pidfd, listener
        self.outputs = outputs()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._ending: asyncio.Future[tuple[int, ...]] | None = None
        self.survivors: tuple[int, ...] = ()
        """Of what a killed shim left to us: not even KILL ended them."""
        if found.ended is not None:
            self.has_ended.set()
        for pidfd, gone in ((shim_pidfd, self._shim_gone), (agent_pidfd, self._agent_gone)):
            if pidfd >= 0:
                self._loop.add_reader(pidfd, gone)

    def tree(self) -> ProcessTree | None:
        """The run's processes; None when neither shim nor agent is there to find them by."""
        if self._shim >= 0 and self.shim_pid is not None:
            return ProcessTree(self.shim_pid, self._shim, self.agent_pid)
        if self._agent >= 0 and self.agent_pid is not None:
            return ProcessTree(self.agent_pid, self._agent, self.agent_pid)
        return None

    def signal_agent(self, signum: int) -> bool:
        """Signal the agent's main process; False when it is gone."""
        return (
            self._agent >= 0
            and not identity.has_ended(self._agent)
            and identity.send_signal(self._agent, signum)
        )

    def wake_shim(self) -> bool:
        """Have the shim look at its folder, by a signal it only notes; False when it is dead."""
        return self._shim >= 0 and identity.send_signal(self._shim, signal.SIGHUP)

    def close(self) -> None:
        """Stop watching; nothing happens to the run."""
        if self._timer is not None:
            self._timer.cancel()
        if self._ending is not None:
            self._ending.cancel()
        for pidfd in (self._shim, self._agent):
            if pidfd >= 0:
                self._loop.remove_reader(pidfd)
                os.close(pidfd)
        self._shim = self._agent = -1
        close_all(self.outputs)

    def folder(self) -> int:
        """A descriptor of the run's folder; the caller closes it."""
        return run_dir.open_run(self.root, self.run_id)

    def hold(self, output: Output, folder: int) -> None:
        """Find this output of the run; `folder` is the run's. Raises OSError where this process lacks descriptors."""
        output.find((self.shim_pid, self._shim), (self.agent_pid, self._agent), folder)

    def _recorded_end(self) -> RunEnded | None:
        """None: there is none. OSError: whether there is one could not be looked at."""
        try:
            folder = self.folder()
        except (FileNotFoundError, RunFolderRefusedError):
            return None
        try:
            return run_dir.read_end(folder, self.run_id)
        finally:
            os.close(folder)

    def _facts(self) -> run_dir.RunFacts:
        try:
            folder = self.folder()
        except (FileNotFoundError, RunFolderRefusedError):
            return run_dir.RunFacts(
                self.run_id, agent_record={}
            )  # the folder is gone, and with it what it knew
        try:
            return run_dir.read_facts(folder, self.run_id)
        finally:
            os.close(folder)

    def _deliver(self, ended: RunEnded) -> None:
        if self.ended is None:
            self.ended = ended
            self.has_ended.set()
            self._listener.ended(ended)

    def _finish(self) -> None:
        self.close()
        self.is_over.set()
        self._listener.over(self.run_id)

    def _agent_gone(self) -> None:
        self._loop.remove_reader(self._agent)
        if self._shim < 0:
            self._end_of_orphan(time.monotonic() + _REAPER_PATIENCE)
        elif self.ended is None:
            # the shim's own end usually tells us within a millisecond; only leftovers keep it
            self._timer = self._loop.call_later(_LOOK_AGAIN, self._look, _LOOK_AGAIN)

    def _look(self, waited: float) -> None:
        ended = None
        with suppress(OSError):
            ended = self._recorded_end()
        if ended is not None:
            self._deliver(ended)
        elif self._shim >= 0:
            waited = min(waited * 2, _LOOK_AGAIN_MOST)
            self._timer = self._loop.call_later(waited, self._look, waited)

    def _shim_gone(self) -> None:
        self._loop.remove_reader(self._shim)
        os.close(self._shim)
        self._shim, self.shim_pid = -1, None
        if self._timer is not None:
            self._timer.cancel()
        self._look_without_shim()

    def _look_without_shim(self) -> None:
        """What became of the run; as long as this machine lacks what it takes to look, it is not known."""
        if self.ended is None:
            try:
                ended = self._recorded_end()
                if ended is None:
                    self._shim_killed(self._facts())
                    return
            except OSError:
                self._timer = self._loop.call_later(_SHORT_PATIENCE, self._look_without_shim)
                return
            self._deliver(ended)
        self.end_what_is_left()

    def end_what_is_left(self) -> None:
        """A shim that was killed left to us what its agent left behind; over when that is dead, too."""
        assert self.ended is not None
        if self.ended.leftovers_kept or not self.ended.leftovers:
            self._finish()
            return
        try:
            agent = self._facts().agent
        except OSError:
            self._timer = self._loop.call_later(_SHORT_PATIENCE, self.end_what_is_left)
            return
        if agent is None:
            self._finish()
            return
        self._ending = self._loop.run_in_executor(None, left_behind.end, self.ended.leftovers, agent)
        self._ending.add_done_callback(self._left_is_ended)

    def _left_is_ended(self, ending: asyncio.Future[tuple[int, ...]]) -> None:
        if ending.cancelled():
            return
        error = ending.exception()
        if lack_in(error) is not None:
            self._timer = self._loop.call_later(_SHORT_PATIENCE, self.end_what_is_left)
            return
        if error is not None:
            self._loop.call_exception_handler(
                {"message": f"{self.run_id} left processes", "exception": error}
            )
        else:
            self.survivors = ending.result()
        self._finish()

    def _shim_killed(self, facts: run_dir.RunFacts) -> None:
        if self._agent < 0 and facts.agent is not None:
            self._agent = identity.open_process(facts.agent) or -1
            self.agent_pid = facts.agent.pid
            if self._agent >= 0:
                self._loop.add_reader(self._agent, self._agent_gone)
        if self._agent < 0:
            self._deliver(self._unseen_end(facts))
            self._finish()
        elif identity.has_ended(self._agent):
            self._loop.remove_reader(self._agent)
            self._end_of_orphan(time.monotonic() + _REAPER_PATIENCE)
        else:
            self._listener.orphaned(self.run_id)

    def _unseen_end(self, facts: run_dir.RunFacts) -> RunEnded:
        found = run_dir.classify(facts, identity.boot_id(), identity.pid_namespace(), time.time())
        if found.kind is RecoveryKind.NEVER_STARTED:
            why = "the shim died before the agent was let go"
            return RunEnded(self.run_id, None, None, EndReason.NOT_EXECUTED, time.time(), error=why)
        why = found.why or "its shim was killed and the agent is gone"
        return RunEnded(self.run_id, None, None, EndReason.LOST_CRASH, time.time(), error=why)

    def _end_of_orphan(self, deadline: float) -> None:
        """The shim is dead and so is the agent: ask the kernel how it ended."""
        try:
            status = identity.exit_status(self._agent, self.agent_pid or 0)
        except OSError:  # no descriptor to look with
            self._timer = self._loop.call_later(_SHORT_PATIENCE, self._end_of_orphan, deadline)
            return
        if status is None and time.monotonic() < deadline:
            self._timer = self._loop.call_later(_LOOK_AGAIN, self._end_of_orphan, deadline)
            return
        try:
            left = left_behind.of_session(self.agent_pid, self._agent) if self.agent_pid else ()
            kept = (self._facts().agent_record or {}).get("keep", False)
        except OSError:
            self._timer = self._loop.call_later(_SHORT_PATIENCE, self._end_of_orphan, deadline)
            return
        if status is None:
            why = "its shim was killed; this kernel did not say how the agent ended"
            ended = RunEnded(self.run_id, None, None, EndReason.LOST_CRASH, time.time(), error=why)
        else:
            ended = _ended_from_status(self.run_id, status)
        self._deliver(replace(ended, leftovers=left, leftovers_kept=bool(kept)))
        if status is None:
            self.end_what_is_left()
        else:
            self._record_end_of_orphan()

    def _record_end_of_orphan(self) -> None:
        """Into its folder, as its shim would have; while the disk refuses it, try again: nobody else will ever know."""
        assert self.ended is not None
        try:
            folder = self.folder()
            try:
                run_dir.record_end(folder, self.ended)
            finally:
                os.close(folder)
        except (FileNotFoundError, RunFolderRefusedError):
            pass  # there is no folder any more that would have to know
        except OSError:
            self._timer = self._loop.call_later(_RECORD_AGAIN, self._record_end_of_orphan)
            return
        self.end_what_is_left()


def _ended_from_status(run_id: str, status: int) -> RunEnded:
    if os.WIFSIGNALED(status):
        return RunEnded(run_id, None, os.WTERMSIG(status), EndReason.SIGNALLED, time.time())
    return RunEnded(run_id, os.waitstatus_to_exitcode(status), None, EndReason.EXITED, time.time())
