"""What a command claims in the forms of other systems, taken together: few events, whatever it floods with. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from locust_tui.agents.reports import Reported
from locust_tui.agents.shell_lines import Claim, Remark
from locust_tui.agents.vocabulary import Reports

EVERY_S = 2.0
"""So much time lies between two events of one run; what came meanwhile is taken together."""
STEP = 1.0
"""Points that progress must move to be worth an event before the run ends."""


@dataclass(slots=True)
class Claims:
    """Of one run. What was claimed and is not on record yet waits here; the last word on each part counts."""

    progress: float | None = None
    note: str | None = None
    offset: int | None = None
    """Behind the last claim, where it came by the log."""
    _by_word: bool = False
    """The last claim came by datagram."""
    _told_progress: float | None = None
    _told_note: str | None = None
    _told_at: float = float("-inf")

    def take(self, claim: Claim, offset: int | None = None) -> None:
        """Remember the claim. Debug lines, and signs of life, are none."""
        if isinstance(claim, Reports):
            self.progress = self.progress if claim.progress is None else claim.progress
            self.note = claim.note or self.note
        elif isinstance(claim, Remark) and claim.level != "debug":
            self.note = words_of(claim)
        self.offset = offset if offset is not None else self.offset
        self._by_word = offset is None

    def overtaken(self, said: Reported) -> None:
        """The agent's own report came later in the log: it stands. What came by datagram is newer than what is read of the log."""
        if self._by_word and (self.progress is not None or self.note is not None):
            return
        if said.progress is not None:
            self.progress, self._told_progress = None, said.progress
        if said.note is not None:
            self.note, self._told_note = None, said.note

    def due(self, now: float, *, ended: bool = False) -> Reported | None:
        """What is to go on record now; nothing that is there already, and nothing too soon after the last time."""
        if self.progress is None and self.note is None:
            return None
        if now - self._told_at < EVERY_S and not ended:
            return None
        note = None if self.note == self._told_note else self.note
        progress, before = self.progress, self._told_progress
        if progress is not None and before is not None:
            small = abs(progress - before) < STEP and progress < 100.0 and not ended
            progress = None if progress == before or (small and note is None) else progress
        self.progress = self.note = None
        if progress is None and note is None:
            return None
        self._told_at = now
        self._told_progress = before if progress is None else progress
        self._told_note = self._told_note if note is None else note
        return Reported(progress=progress, note=note)


def words_of(remark: Remark) -> str:
    """`error: what (file:3)`, as it is noted; a notice is its text alone."""
    place = remark.file if remark.line is None or not remark.file else f"{remark.file}:{remark.line}"
    level = "" if remark.level == "notice" else f"{remark.level}: "
    return f"{level}{remark.text}{f' ({place})' if place else ''}"
