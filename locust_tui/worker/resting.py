"""Once a second: the clocks, the socket, and whether anybody still needs the worker."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from locust_tui.domain.events import Noted
from locust_tui.state.store import Store

from .machine_sleep import LEAST_S, MachineSleep
from .noting import note_down
from .service import Service
from .steady_clock import SteadyClock
from .troubles import Troubles

REST_S = 1.0


class Resting:
    """`finish` is called with the reason once `needed` has been untrue for `idle_exit_s`; `look_after` once a second; `wake` has the sleep of the machine put on record."""

    def __init__(
        self,
        store: Store,
        service: Service,
        clock: SteadyClock,
        sleep: MachineSleep,
        troubles: Troubles,
        idle_exit_s: float,
        *,
        wake: Callable[[], None],
        still_holds: Callable[[], bool],
        look_after: Callable[[], Awaitable[None]],
        needed: Callable[[], bool],
        finish: Callable[[str], None],
    ) -> None:
        self._store = store
        self._service = service
        self._clock = clock
        self._sleep = sleep
        self._wake = wake
        self._troubles = troubles
        self._idle_exit_s = idle_exit_s
        self._still_holds = still_holds
        self._look_after = look_after
        self._needed = needed
        self._finish = finish

    async def forever(self) -> None:
        """A duty that ends only by being cancelled."""
        idle_since: float | None = None
        while True:
            await asyncio.sleep(min(REST_S, self._idle_exit_s))
            self._troubles.look()
            if not self._still_holds():
                self._finish(
                    "another worker holds the plan, since its state folder was taken away from this one"
                )
                continue
            await self._service.listen_again_if_lost()
            await self._look_after()
            self._notice_jump()
            if self._sleep.unnoted > LEAST_S:
                self._wake()
            if self._needed():
                idle_since = None
            elif idle_since is None:
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since >= self._idle_exit_s:
                self._finish(f"nothing to do for {self._idle_exit_s:g} s")

    def _notice_jump(self) -> None:
        jump = self._clock.jump()
        if jump is not None:
            way = "forward" if jump > 0 else "back"
            text = f"the wall clock was set {way} by {abs(jump):.0f} s; no timer follows it"
            note_down(self._store, [Noted("warning", text)])
