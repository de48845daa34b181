"""What people read of a conversation: display lines made of an adapter's events, for every kind of agent alike."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import msgspec

from locust_tui.plain_file import read_plain

from .adapter import LONGEST_LINE, Adapter
from .kinds import adapter_for
from .said_to import Call, SaidTo
from .transcript_lines import Lines
from .vocabulary import JOB_FILE, Job


class Transcript:
    """Feed it lines of a run's log, from its beginning or from any later line on; each gives some display lines.

    A display line is plain text; its first sign says what it is: "$ " a command, four spaces what came out, "edit " a
    changed file, two spaces the agent's words, "~ " its thoughts, "> " what was said to it, "? " a request, "✓ " well, "! " trouble that passes,
    "✗ " trouble, "· " the rest; "↳ " before any of these: of a sub-agent. Nothing from outside begins at column 0.
    """

    def __init__(self, kind: str, job: Job | None = None) -> None:
        """`job`: of the run, where it is known; without it paths are shown in full. Raises LookupError as `adapter_for`."""
        self._adapter: Adapter = adapter_for(
            kind, job or Job(run="", prompt="", cwd="", command=()), listens=True
        )
        self._lines = Lines()

    @property
    def unfinished(self) -> str:
        """The agent's words as far as they came, without the end of their line."""
        return self._lines.unfinished

    def feed(self, line: bytes) -> list[str]:
        """Display lines of one line of the log, without its newline."""
        if not line.startswith(b"{"):
            events = self._adapter.feed(line).events
            text = line.decode("utf-8", "replace").rstrip()
            return self._lines.of(events) if events or not text else self._lines.other_output(text)
        return self._lines.of(self._adapter.feed(line).events)

    def told(self, call: Call) -> list[str]:
        """Display lines of what the agent was told."""
        return self._lines.told(call)

    def feed_oversize(self, size: int) -> list[str]:
        """A line of `size` bytes was passed over."""
        return self._lines.of(self._adapter.feed_oversize(size).events)

    def end(self) -> list[str]:
        """Words that came without the end of their line."""
        return self._lines.flush()


class TranscriptStream:
    """A transcript of bytes as they come. `offset` is where the next bytes are expected to begin.

    `folder`: of the run, where what the agent was told is written down; `end`: only what it was told before that offset.
    """

    def __init__(
        self, transcript: Transcript, offset: int = 0, folder: Path | None = None, end: int | None = None
    ) -> None:
        self.transcript = transcript
        self.offset = offset
        self._said_to = SaidTo(folder)
        self._end = end
        self._calls: deque[Call] = deque()
        for call in self._said_to.new():
            if call.at < offset:
                transcript.told(call)  # shown before; what it says of the lines that come is remembered
            elif end is None or call.at < end:
                self._calls.append(call)
        self._rest: list[bytes] = []
        self._size = 0
        self._words_at = offset
        """Where the words began that wait for their end."""

    @property
    def at(self) -> int:
        """Where the line under way begins."""
        return self.offset - self._size

    @property
    def behind(self) -> int:
        """Everything before it was given out: where the words that wait begin, else where the line under way does."""
        return self._words_at if self.transcript.unfinished else self.at

    def feed(self, data: bytes) -> list[tuple[int, str]]:
        """Display lines, each with the offset at which the log's line that it comes from begins."""
        found: list[tuple[int, str]] = []
        start = 0
        while (end := data.find(b"\n", start)) >= 0:
            if end == start and not (self._size or self._calls or self.transcript.unfinished):
                self.offset += 1  # an empty line, of which there may be a million, is no message
                self._words_at = self.offset
                start = end + 1
                continue
            at = self.at
            found += self._told(at)
            self._keep(data[start:end])
            found += self._whole(at)
            self.offset += 1
            start = end + 1
        self._keep(data[start:])
        return found + self.look()

    def look(self) -> list[tuple[int, str]]:
        """Display lines of what the agent was told meanwhile."""
        if self._end is None:
            self._calls.extend(self._said_to.new())
        return self._told(self.at)

    def end(self) -> list[tuple[int, str]]:
        """What is left when nothing more comes."""
        found = self._whole(self.at) if self._size else []
        found += self._told(self.offset)
        return found + [(self._words_at, text) for text in self.transcript.end()]

    def _told(self, at: int) -> list[tuple[int, str]]:
        """What it was told when it had written everything before `at`."""
        found: list[tuple[int, str]] = []
        while self._calls and self._calls[0].at <= at:
            found += [(at, text) for text in self.transcript.told(self._calls.popleft())]
        return found

    def _keep(self, part: bytes) -> None:
        self.offset += len(part)
        self._size += len(part)
        if self._size <= LONGEST_LINE:
            self._rest.append(part)
        else:
            self._rest.clear()

    def _whole(self, at: int) -> list[tuple[int, str]]:
        waited = bool(self.transcript.unfinished)
        size, self._size = self._size, 0
        if size > LONGEST_LINE:
            texts = self.transcript.feed_oversize(size)
        else:
            line = self._rest[0] if len(self._rest) == 1 else b"".join(self._rest)
            self._rest.clear()
            texts = self.transcript.feed(line)
        found = [(self._words_at if waited and not n else at, text) for n, text in enumerate(texts)]
        if texts or not waited:
            self._words_at = at
        return found


class _Stored(msgspec.Struct):
    kind: str = ""
    job: Job | None = None


class _Kind(msgspec.Struct):
    kind: str = ""


def transcript_of(run_folder: Path) -> Transcript | None:
    """The transcript of a run that speaks a protocol, as its folder says; None of one whose bytes are its log."""
    try:
        data = read_plain(run_folder / JOB_FILE)
    except OSError:
        return None
    stored: _Stored | _Kind
    try:
        stored = msgspec.json.decode(data, type=_Stored)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        try:
            stored = msgspec.json.decode(data, type=_Kind)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None
    try:
        return Transcript(stored.kind, stored.job if isinstance(stored, _Stored) else None)
    except (LookupError, ImportError):
        return None
