"""How far the person at this terminal has seen: written down now and then, and what changed since the last time is told."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

from locust_tui.errors import LocustTuiError

if TYPE_CHECKING:
    from locust_tui.client.away import Attendance, Seen
    from locust_tui.domain.snapshot import Snapshot

    from .host import Host


class Attending:
    """Looks at every snapshot that the host takes in."""

    def __init__(self, host: Host, attendance: Attendance) -> None:
        self._host, self._attendance = host, attendance

    def look(self, snapshot: Snapshot, *, first: bool) -> None:
        """Write down now and then how far it has come; at first, tell what changed."""
        before = self._attendance.before
        if first and before is not None and before.revision < snapshot.revision and before.is_of(snapshot):
            self._host.spawn(self._tell(before, snapshot))
        if self._attendance.saw(snapshot):
            self._host.spawn(asyncio.to_thread(self._attendance.write))

    async def _tell(self, before: Seen, now: Snapshot) -> None:
        from locust_tui.client.away import worth_telling
        from locust_tui.domain.studies.moments import Moment

        host = self._host
        left, here = Moment(before.revision, before.at), Moment(now.revision, max(before.at, host.clock()))
        try:
            found = await host.port.studies.differences(left, here)
        except LocustTuiError:
            return  # the screen itself says what is wrong with the record
        view = host.view
        if view is not None and worth_telling(found):
            found = dataclasses.replace(found, verdict_after=view.snapshot.verdict.value)
            host.main.tell_absence(found, view)
