"""Reads what running agents say about themselves: their logs and their events files, a few times a second."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path

from locust_tui.agents.reports import Misreported, Reported
from locust_tui.agents.shell import LineBuffer, ReportBuffer, reports_in_events, reports_in_output
from locust_tui.domain.events import EventBody, Noted, WorkstreamReported
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import RunStatus

CHUNK = 512 * 1024
MOST_AT_ONCE = 4 * CHUNK
"""Bytes read of one file in one look."""
MOST_BEHIND = 64 * CHUNK
"""A reader that far behind passes output over: it comes faster than anyone reports."""
MANY = 20
"""More reports than this in one look are taken together: the last of each part counts."""

Said = list[tuple[int, Reported | Misreported]]


@dataclass(slots=True)
class _Followed:
    log: LineBuffer
    events: LineBuffer


class ProgressReader:
    """One per worker. Costs two stats a run and look, and a read only where a file grew."""

    def __init__(self, runs_root: Path) -> None:
        self._root = runs_root
        self._followed: dict[str, _Followed] = {}

    def look(self, plan: Plan, live: Iterable[RunStatus], spoken: Container[str] = ()) -> list[EventBody]:
        """New reports of the live runs, as events; of those in `spoken` somebody else reads the log."""
        found: list[EventBody] = []
        for run in live:
            found += self.read(plan, run, log=run.id not in spoken)
        return found

    def read(self, plan: Plan, run: RunStatus, *, ended: bool = False, log: bool = True) -> list[EventBody]:
        """New reports of one run. With `ended` all that is left is read, a last line without its newline too.

        Without `log` only its events file is looked at: somebody else reads its log.
        """
        followed = self._followed.get(run.id)
        if followed is None:
            followed = _Followed(ReportBuffer(run.log_read), LineBuffer(run.events_read))
            self._followed[run.id] = followed
        folder = self._root / run.id
        found: list[EventBody] = []
        if log and (lines := _grown(folder / "log", followed.log, ended)):
            found += report_events(plan, run, "log", reports_in_output(lines))
        if lines := _grown(folder / "events.jsonl", followed.events, ended):
            found += report_events(plan, run, "events", reports_in_events(lines))
        if ended:
            del self._followed[run.id]
        return found


def _grown(path: Path, buffer: LineBuffer, ended: bool) -> list[tuple[int, bytes]]:
    try:
        size = os.stat(path, follow_symlinks=False).st_size
        if size <= buffer.offset and not (ended and buffer.unfinished):
            return []
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return []
    try:
        if size - buffer.offset > MOST_BEHIND:
            buffer.jump(size - CHUNK)
        most = size if ended else min(size, buffer.offset + MOST_AT_ONCE)
        lines: list[tuple[int, bytes]] = []
        while buffer.offset < most and (chunk := os.pread(fd, CHUNK, buffer.offset)):
            lines += buffer.feed(chunk)
        if ended:
            lines += [(min(offset, size), line) for offset, line in buffer.feed(b"\n")]
        return lines
    except OSError:
        return []
    finally:
        os.close(fd)


def report_events(plan: Plan, run: RunStatus, stream: str, said: Said) -> list[EventBody]:
    """Reports, each with the offset behind it, as events; many of one look are taken together."""
    found: list[EventBody] = [_event(plan, run, stream, at, what) for at, what in said[-MANY:]]
    if len(said) <= MANY:
        return found
    behind = said[-1][0]
    wrong = sum(isinstance(what, Misreported) for _, what in said)
    found = [_event(plan, run, stream, behind, what) for what in _together(what for _, what in said)]
    if wrong:
        text = f"{wrong} reports of {run.id} can't be read"
        found.append(Noted("warning", text, run.id, stream, behind))
    return found


def _together(said: Iterable[Reported | Misreported]) -> list[Reported]:
    """What many reports come to: the last word on each part, and every deliverable once."""
    last: dict[str, object] = {}
    deliverables: dict[str, None] = {}
    for report in said:
        if isinstance(report, Misreported):
            continue
        if report.deliverable is not None:
            deliverables[report.deliverable] = None
        for part in ("progress", "note", "blocker", "next"):
            if (value := getattr(report, part)) is not None:
                last[part] = value
    whole = Reported(**last)  # type: ignore[arg-type]
    return [*(Reported(deliverable=d) for d in list(deliverables)[:MANY]), *([whole] if last else [])]


def _event(plan: Plan, run: RunStatus, stream: str, offset: int, said: Reported | Misreported) -> EventBody:
    if isinstance(said, Misreported):
        text = f"a report that can't be read: {said.why}: {said.line[:400]}"
        return Noted("warning", text, run.id, stream, offset)
    workstream = plan.workstreams.get(run.subject)
    if workstream is None:
        return Noted("info", said.note or said.blocker or said.next or "", run.id, stream, offset)
    if said.deliverable is not None and said.deliverable not in {d.id for d in workstream.deliverables}:
        text = f'{run.subject} has no deliverable "{said.deliverable}"'
        return Noted("warning", text, run.id, stream, offset)
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
