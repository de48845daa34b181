"""One run's conversation: its log goes into an adapter, what the adapter says comes out as state, news and messages.

Reading, and nothing else, moves it on: a new one that reads the same log, with the calls of the ledger made at the same
places, is in the same state. What it then wants to send is known by key, and left out where the agent has it already.
"""

from __future__ import annotations

import os
import time
from collections import deque
from pathlib import Path
from typing import NamedTuple

from locust_tui.agents import vocabulary as v
from locust_tui.agents.adapter import Adapter, TakesFiles
from locust_tui.agents.reports import MARK, MAX_LINE, Misreported, Reported, parse_stdout_line
from locust_tui.domain.clock import Clock
from locust_tui.domain.log_problem import LogProblem
from locust_tui.execution import log_file

from ..steady_clock import written_ago
from . import log_head
from .heard import Heard
from .ledger import Call, Ledger
from .lines import Line, LineSplitter

PIECE = 64 * 1024
FLOOD = 1 << 20
"""So far behind, pieces without a message in them are passed over at the speed of a search."""
SPLIT_AT_ONCE = 8 * 1024
"""Bytes cut into lines before the clock is looked at again."""
LONGEST_FIRST = 2048
_MARK = MARK.decode()
AT_LEAST_ONCE = "answer:"
"""Messages whose keys begin so are put down as sent after they were written; see `ledger`."""
CONTINUE = "continue:"
"""So begin the keys of texts that only ask to go on."""


class News(NamedTuple):
    """Something that happened once, and the log's offset behind the line that told it."""

    offset: int
    event: v.AgentEvent | Reported | Misreported


class Conversation:
    """`recorded`: bytes of the log whose news the record has already."""

    def __init__(self, run_id: str, folder: Path, adapter: Adapter, recorded: int, clock: Clock) -> None:
        self.run_id = run_id
        self.folder = folder
        self.adapter = adapter
        self.heard = Heard()
        self.ledger = Ledger(folder)
        self.outbox: deque[v.Outgoing] = deque()
        self.news: list[News] = []
        self.files: deque[v.FileWanted | v.FileOffered] = deque()
        self.passed_over = 0
        """Bytes that were not read: lines that are too long, and output that came faster than it could be read."""
        self.closes = False
        """The agent's input is to end behind the outbox."""
        self.finished: Call | None = None
        self.failed = ""
        """Why we gave the attempt up."""
        self.grown_at: float | None = None
        """When it last wrote anything that was read here."""
        self.first_line = ""
        """What it wrote first, as long as it did not speak its protocol."""
        self._answered: dict[str, tuple[str, ...]] = {}
        """Request → keys of the messages that tell its answer."""
        self._recorded = recorded
        self._clock = clock
        self._path = os.fspath(folder / "log")
        self._replayed = deque(self.ledger.calls)
        self._splitter = LineSplitter()
        self._inode: int | None = None
        self._unsplit = memoryview(b"")
        self._lines: deque[Line] = deque()
        self._size = 0
        self._take(adapter.begin())
        lost, begins = log_head.lost_lines(folder)
        for line in lost:
            self._feed(line)
        if begins:
            self._splitter = LineSplitter(begins, aligned=False)

    # reading

    @property
    def offset(self) -> int:
        """Everything in the log before this was heard."""
        return self._lines[0].start if self._lines else self._splitter.behind

    @property
    def replaying(self) -> bool:
        """It has not come to where the record is."""
        return self.offset < self._recorded or bool(self._replayed)

    def grown(self) -> bool:
        """Whether there is anything to read. One stat."""
        try:
            self._size = os.stat(self._path, follow_symlinks=False).st_size
        except OSError:
            return False
        return self._size != self._splitter.offset or bool(self._lines) or bool(self._unsplit)

    def last_written(self) -> float:
        """When the log grew last, by our clock, whether anybody read it or not; where it is gone, when we read it last."""
        now = self._clock()
        if self.grown_at is not None and not os.path.lexists(self._path):
            return self.grown_at
        return now - written_ago(self._path, now)

    def read(self, seconds: float) -> bool:
        """Read on for about so long; whether there is more."""
        end = time.monotonic() + seconds
        while True:
            while self._lines:
                self._feed(self._lines.popleft())
                if time.monotonic() > end:
                    return True
            if self._unsplit and self._is_noise():
                self._lines.extend(self._splitter.skip(bytes(self._unsplit)))
                self._unsplit = memoryview(b"")
            elif self._unsplit:
                piece, self._unsplit = self._unsplit[:SPLIT_AT_ONCE], self._unsplit[SPLIT_AT_ONCE:]
                self._lines.extend(self._splitter.feed(bytes(piece)))
            elif not self._fetch():
                self._make_calls()
                self._recorded = min(self._recorded, self.offset)
                return False
            if time.monotonic() > end:
                return True

    def _is_noise(self) -> bool:
        """A piece of a flood that holds no message: no line of it is an object, none a report."""
        if self._size - self._splitter.offset < FLOOD:
            return False
        piece = bytes(self._unsplit)
        return b"{" not in piece and MARK not in piece

    def pass_over(self, keep: int) -> None:
        """Give up what is unread but the last `keep` bytes."""
        self._lines.clear()
        self._unsplit = memoryview(b"")
        to = max(self._splitter.offset, self._size - keep)
        self.passed_over += to - self._splitter.behind
        self._splitter = LineSplitter(to, aligned=False)

    def read_last(self) -> None:
        """The agent has ended: what it wrote last is a line even without its end."""
        line = self._splitter.finish()
        if line is not None:
            self._feed(line)

    def _fetch(self) -> bool:
        """Read a piece more; whether there was one."""
        asked = self._splitter.offset
        chunk = log_file.tail(self.folder / "log", asked, PIECE, inode=self._inode)
        if chunk.problem is LogProblem.TRUNCATED:
            self._go_on_behind(chunk.size)
        if chunk.problem is not None:
            return False
        self._inode, self._size = chunk.inode, chunk.size
        if chunk.offset > asked:
            self.passed_over += chunk.offset - asked
            self._splitter = LineSplitter(chunk.offset, aligned=False)
        if not chunk.data:
            return False
        self.grown_at = self._clock()
        self._unsplit = memoryview(chunk.data)
        if asked < log_head.KEEP_AT <= chunk.next_offset:
            log_head.keep(self.folder)
        return True

    def _go_on_behind(self, size: int) -> None:
        """The log was cut short: what it holds now may have been heard; what comes is new."""
        self._splitter = LineSplitter(size, aligned=size == 0)
        self._recorded = min(self._recorded, size)

    def _feed(self, line: Line) -> None:
        self._make_calls(before=line.start)
        if line.text is None:
            self.passed_over += line.end - line.start
            return
        if line.text.startswith(MARK):
            if len(line.text) <= MAX_LINE and (said := parse_stdout_line(line.text)) is not None:
                self._tell(line.end, said)
            return
        self._take(self.adapter.feed(line.text), line.end)
        if not self.first_line and not self.adapter.spoke:
            self.first_line = line.text[:LONGEST_FIRST].decode("utf-8", "replace").strip()
        if line.end <= self._recorded:
            self.heard.produced.clear()  # on record already

    def _take(self, reaction: v.Reaction, offset: int | None = None) -> None:
        at = self.offset if offset is None else offset
        for event in reaction.events:
            if isinstance(event, v.FileWanted | v.FileOffered):
                if f"{AT_LEAST_ONCE}{event.id}" not in self.ledger.sent:
                    self.files.append(event)
                continue
            self.heard.hear(event)
            self._tell(at, event)
        known = self.ledger.sent | self.ledger.begun
        waiting = {message.key for message in self.outbox}
        self.outbox.extend(m for m in reaction.send if m.key not in known and m.key not in waiting)
        self.closes = self.closes or reaction.closes

    def _tell(self, offset: int, event: v.AgentEvent | Reported | Misreported) -> None:
        if offset <= self._recorded or isinstance(event, _CHATTER):
            return
        if not isinstance(event, v.Said):
            self.news.append(News(offset, event))
        elif event.role == "agent" and not event.delta and _MARK in event.text:
            lines = (line.strip() for line in event.text.splitlines())
            found = (
                parse_stdout_line(line.encode("utf-8", "replace")) for line in lines if line.startswith(_MARK)
            )
            self.news += [News(offset, said) for said in found if said is not None]

    # the calls

    def _make_calls(self, before: int | None = None) -> None:
        """Repeat what was asked of the adapter before, at its place in the log."""
        while self._replayed and (before is None or self._replayed[0].at <= before):
            self._carry_out(self._replayed.popleft())

    def say(self, text: str, key: str, by: str = "") -> None:
        """One more message of the user. A key that was said before changes nothing."""
        if not self.ledger.called(key):
            self._call("say", text, key, by=by)

    def answer(self, id: str, choice: str, note: str, by: str = "") -> tuple[str, ...]:
        """A person's word on a request; the keys of the messages that tell it, those sent before too."""
        known = self._answered.get(id)
        return self._call("answer", id, choice, note, by=by) if known is None else known

    def interrupt(self, why: str = "") -> None:
        """End the turn under way; the conversation stays."""
        self._call("interrupt", why)

    def finish(self, why: str) -> None:
        """End the conversation, once. `why`: why the attempt has failed; empty: its work is done."""
        if self.finished is None:
            self._call("finish", why)

    def file_done(self, id: str, content: str | None, error: str) -> None:
        """What came of a file that was asked for; not in the ledger: it is asked for anew where it was not sent."""
        if isinstance(self.adapter, TakesFiles):
            self._take(self.adapter.file_done(id, content, error))

    def _call(self, name: str, *arguments: str, by: str = "") -> tuple[str, ...]:
        return self._carry_out(self.ledger.note_call(self.offset, name, arguments, self._clock(), by))

    def _carry_out(self, call: Call) -> tuple[str, ...]:
        match call.name, call.arguments:
            case "say", (text, key):
                self.heard.said(again=key.startswith(CONTINUE))
                reaction = self.adapter.say(text, key)
            case "answer", (id, choice, note):
                reaction = self.adapter.answer(id, choice, note)
                self._answered[id] = tuple(message.key for message in reaction.send)
            case "interrupt", _:
                self.heard.was_interrupted()
                reaction = self.adapter.interrupt()
            case "finish", (why,):
                self.finished, self.failed, self.closes = call, why, True
                reaction = self.adapter.finish()
            case _:
                return ()
        self._take(reaction)
        return tuple(message.key for message in reaction.send)


_CHATTER = (v.ToolStarted, v.ToolEnded, v.PlanStated, v.ActivityChanged, v.Used, v.Wants, v.WantsNoMore)
"""What leaves its trace in the state alone, or none."""
