"""Reads what running agents say about themselves: their logs and their events files, a few times a second."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from locust_tui.agents.reports import MARK, MAX_LINE, Misreported, Reported, parse_stdout_line
from locust_tui.agents.shell import LineBuffer, reports_in_events
from locust_tui.agents.shell_lines import Claim, DirectiveBuffer, parse_directive, secret_in
from locust_tui.agents.shell_terminal import TerminalSigns
from locust_tui.domain.events import EventBody, Noted, WorkstreamReported
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import RunStatus
from locust_tui.safe_text import masked

from .claims import Claims
from .followed_file import FollowedFile

MANY = 20
"""More reports than this in one look are taken together: the last of each part counts."""

MOST_DIRECTIVES = 64
"""Of one look's lines in other systems' forms only the last so many are read."""
MOST_SECRETS = 50
"""A run may have so many values masked."""

Said = list[tuple[int, Reported | Misreported]]


@dataclass(slots=True)
class _Followed:
    log: FollowedFile
    events: FollowedFile
    claims: Claims = field(default_factory=Claims)
    signs: TerminalSigns = field(default_factory=TerminalSigns)
    secrets: int = 0
    """Values that it had masked."""


class ProgressReader:
    """One per worker. Costs two stats a run and look, and a read only where a file grew."""

    def __init__(
        self, runs_root: Path, mask: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`mask` is told of values that agents want masked from now on."""
        self._root = runs_root
        self._mask = mask
        self._clock = clock
        self._followed: dict[str, _Followed] = {}
        self._again: set[str] = set()
        """Runs of which the record lacks what was read last."""

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
        followed = self._following(run)
        found: list[EventBody] = []
        if log:
            shown: list[Claim] = []
            lines = followed.log.read(ended=ended, also=lambda data: shown.extend(followed.signs.feed(data)))
            if said := self._in_output(followed, lines):
                found += report_events(plan, run, "log", said)
            for claim in shown[-MOST_DIRECTIVES:]:
                followed.claims.take(claim, followed.log.lines.whole)
        if lines := followed.events.read(ended=ended):
            found += report_events(plan, run, "events", reports_in_events(lines))
        if (claimed := followed.claims.due(self._clock(), ended=ended)) is not None:
            found += _claimed(plan, run, claimed, followed.claims.offset)
        if ended:
            del self._followed[run.id]
        return found

    def read_again(self) -> None:
        """What was read last never came on record: go on from where the record stands."""
        self._again = set(self._followed)

    def claim(self, run: RunStatus, claim: Claim) -> None:
        """What a run claimed elsewhere; on record with the next look, or a later one."""
        self._following(run).claims.take(claim)

    def _following(self, run: RunStatus) -> _Followed:
        followed = self._followed.get(run.id)
        if followed is None:
            folder = self._root / run.id
            followed = _Followed(
                FollowedFile(folder / "log", DirectiveBuffer(run.log_read), one_file=True),
                FollowedFile(folder / "events.jsonl", LineBuffer(run.events_read), one_file=False),
            )
            self._followed[run.id] = followed
        elif run.id in self._again:
            followed.log.lines, followed.events.lines = (
                DirectiveBuffer(run.log_read),
                LineBuffer(run.events_read),
            )
        self._again.discard(run.id)
        return followed

    def _in_output(self, followed: _Followed, lines: list[tuple[int, bytes]]) -> Said:
        """Reports among lines of stdout; what they say in other forms waits in its claims."""
        said: Said = []
        read_from = len(lines) - MOST_DIRECTIVES
        for number, (offset, line) in enumerate(lines):
            if line.startswith(MARK):
                if (report := parse_stdout_line(line)) is not None:
                    said.append((offset, report))
                if isinstance(report, Reported):
                    followed.claims.overtaken(report)
            elif line[2:3] in b"av" and (secret := secret_in(line)) is not None:
                if followed.secrets < MOST_SECRETS:
                    followed.secrets += 1
                    self._mask(secret)
            elif number >= read_from and (claim := parse_directive(line)) is not None:
                followed.claims.take(claim, offset)
        return said


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


def _claimed(plan: Plan, run: RunStatus, said: Reported, offset: int | None) -> list[EventBody]:
    if run.subject not in plan.workstreams:
        return [Noted("info", said.note, run.id, "log", offset)] if said.note else []
    return [
        WorkstreamReported(
            run.subject,
            run.id,
            said.progress,
            said.note,
            stream=None if offset is None else "log",
            offset=offset,
        )
    ]


def _event(plan: Plan, run: RunStatus, stream: str, offset: int, said: Reported | Misreported) -> EventBody:
    if isinstance(said, Misreported):
        text = f"a report that can't be read: {said.why}: {masked(said.line[:MAX_LINE])[:400]}"
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
