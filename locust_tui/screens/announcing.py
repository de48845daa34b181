"""Tells of new messages at this terminal: its bell, and the desktop where the plan says so; each once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping

from locust_tui.client.requests import MessagesShown, Request
from locust_tui.domain.snapshot import Announcement
from locust_tui.errors import LocustTuiError
from locust_tui.report.announcing import BELL_WAY, DESKTOP_WAY, Announced, notice, of_way, rings


class Announcer:
    """`write` puts bytes on the terminal, past the screen; `ask` tells the worker."""

    def __init__(
        self,
        ring: Callable[[], None],
        write: Callable[[str], None],
        ask: Callable[[Request], Awaitable[object]],
        environ: Mapping[str, str],
    ) -> None:
        self._ring, self._write, self._ask, self._environ = ring, write, ask, environ
        self._announced = Announced()

    async def look(self, announcements: Iterable[Announcement]) -> None:
        """Silent about what only lay there when this terminal was opened; what was owed to it is told now, if late."""
        new = self._announced.new(announcements)
        if rings(new):
            self._ring()
        for one in new:
            if DESKTOP_WAY in one.owed:
                self._write(notice(one, self._environ))
        for way in (BELL_WAY, DESKTOP_WAY):
            await self._tell(way, of_way(new, way))

    async def _tell(self, way: str, ids: tuple[str, ...]) -> None:
        if not ids:
            return
        try:
            await self._ask(MessagesShown(ids, way))
        except LocustTuiError:
            return  # nobody is there to note it: the next terminal tells of it again
