"""Signals that ask the worker to end, and who sent them.

The main thread does nothing but wait for them: the kernel hands it what is sent to the process, together with the sender.
The worker runs in a thread beside it, whose signals are as ever, so that what it starts (git, hooks) can be ended as ever.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from locust_tui.domain.dataclass import dataclass

from .callers import ancestry, name_of, run_among

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_BY_THE_KERNEL = 128  # si_code SI_KERNEL


@dataclass(frozen=True, slots=True)
class Asked:
    """One signal, and its sender as far as it could be seen in time: a sender often ends at once."""

    signal: str
    pid: int | None = None
    """None: not known; 0: outside our pid namespace."""
    name: str = ""
    """Of the sender; empty: it had ended before it could be looked at."""
    line: tuple[int, ...] = ()
    """The sender and its ancestors."""
    by_kernel: bool = False

    def words(self, supervised: Mapping[int, str]) -> str:
        """ "signal SIGTERM from pid 12 (pkill) of run a.1". `supervised`: run by pid, "" for what is the worker's own."""
        return f"signal {self.signal}{self._sender(supervised)}"

    def _sender(self, supervised: Mapping[int, str]) -> str:
        if self.by_kernel:
            return " from the kernel"
        if self.pid is None:
            return ""
        if self.pid == 0:
            return " from another pid namespace"
        if not self.name:
            return f" from pid {self.pid}, which ended at once"
        run = run_among(self.line, supervised)
        whose = (
            "" if run is None else f" of {run if ':' in run else f'run {run}'}" if run else " of this worker"
        )
        return f" from pid {self.pid} ({self.name}){whose}"


def run_hearing_signals(work: Callable[[], Coroutine[Any, Any, int]], tell: Callable[[Asked], None]) -> int:
    """Run `work` on a loop of its own until it returns, and `tell` it, on that loop, of each signal that asks it to end.

    Call it in the main thread. Returns or raises what `work` does.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    heard_elsewhere, hears_elsewhere = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.set_wakeup_fd(hears_elsewhere, warn_on_full_buffer=False)
    for number in ENDING:
        signal.signal(number, lambda _number, _frame: None)
    ready: Future[asyncio.AbstractEventLoop] = Future()
    over: Future[int] = Future()

    async def working() -> int:
        loop = asyncio.get_running_loop()
        loop.add_reader(heard_elsewhere, lambda: _tell_without_sender(heard_elsewhere, tell))
        ready.set_result(loop)
        return await work()

    def in_thread() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        try:
            over.set_result(asyncio.run(working()))
        except BaseException as error:
            over.set_exception(error)
        finally:
            signal.pthread_kill(main, signal.SIGTERM)  # the wait below is over

    main = threading.get_ident()
    threading.Thread(target=in_thread, name="worker").start()
    while True:
        heard = signal.sigwaitinfo(ENDING)
        if over.done():
            return over.result()
        asked = _seen(heard)
        with suppress(RuntimeError):  # its loop has just been closed
            ready.result().call_soon_threadsafe(tell, asked)


def _tell_without_sender(pipe: int, tell: Callable[[Asked], None]) -> None:
    """The rare signal that another thread took while the main one was not waiting."""
    for number in os.read(pipe, 64):
        if number in ENDING:
            tell(Asked(signal.Signals(number).name))


def _seen(heard: signal.struct_siginfo) -> Asked:
    name = signal.Signals(heard.si_signo).name
    if heard.si_code == _BY_THE_KERNEL:
        return Asked(name, by_kernel=True)
    line = ancestry(heard.si_pid)
    return Asked(name, heard.si_pid, name_of(heard.si_pid) if line else "", line)
