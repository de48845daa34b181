"""Reads what running agents say about themselves: the ends of their logs and their events files, a few times a second."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from locust_tui.agents.reports import Misreported, Reported
from locust_tui.agents.shell import LineBuffer, reports_in_events, reports_in_output
from locust_tui.domain.events import EventBody, Noted, WorkstreamReported
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import RunStatus, World

CHUNK = 256 * 1024
"""Bytes read of one file at a time; output that comes faster is passed over."""


@dataclass(slots=True)
class _Followed:
    log: LineBuffer
    events: LineBuffer


class ProgressReader:
    """One per worker. Costs two stats a run and look, and a read only where a file grew."""

    def __init__(self, runs_root: Path) -> None:
        self._root = runs_root
        self._followed: dict[str, _Followed] = {}

    def look(self, plan: Plan, world: World) -> list[EventBody]:
        """New reports of all live runs, as events."""
        live = world.live_runs()
        found: list[EventBody] = []
        for run in live:
            found += self.read(plan, run)
        for gone in self._followed.keys() - {r.id for r in live}:
            del self._followed[gone]
        return found

    def read(self, plan: Plan, run: RunStatus) -> list[EventBody]:
        """New reports of one run. Call it once more when the run has ended: the last line counts."""
        followed = self._followed.get(run.id)
        if followed is None:
            followed = _Followed(LineBuffer(run.log_read), LineBuffer(run.events_read))
            self._followed[run.id] = followed
        folder = self._root / run.id
        found: list[EventBody] = []
        if lines := _grown(folder / "log", followed.log):
            found += [_event(plan, run, "log", at, said) for at, said in reports_in_output(lines)]
        if lines := _grown(folder / "events.jsonl", followed.events):
            found += [_event(plan, run, "events", at, said) for at, said in reports_in_events(lines)]
        return found


def _grown(path: Path, buffer: LineBuffer) -> list[tuple[int, bytes]]:
    try:
        size = os.stat(path, follow_symlinks=False).st_size
        if size <= buffer.offset:
            return []
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return []
    try:
        if size - buffer.offset > 4 * CHUNK:
            buffer.jump(size - CHUNK)
        lines: list[tuple[int, bytes]] = []
        while buffer.offset < size and (chunk := os.pread(fd, CHUNK, buffer.offset)):
            lines += buffer.feed(chunk)
        return lines
    except OSError:
        return []
    finally:
        os.close(fd)


def _event(plan: Plan, run: RunStatus, stream: str, offset: int, said: Reported | Misreported) -> EventBody:
    if isinstance(said, Misreported):
        return Noted("warning", f"a report that can't be read: {said.why}: {said.line}", run.id)
    workstream = plan.workstreams.get(run.subject)
    if workstream is None:
        return Noted("info", said.note or said.blocker or said.next or "", run.id)
    if said.deliverable is not None and said.deliverable not in {d.id for d in workstream.deliverables}:
        return Noted("warning", f'{run.subject} has no deliverable "{said.deliverable}"', run.id)
    return WorkstreamReported(
        workstream=run.subject,
        run=run.id,
        progress=said.progress,
        note=said.note,
        blocker=said.blocker,
        next=said.next,
        deliverable=said.deliverable,
        stream=stream,
        offset=offset,
    )
