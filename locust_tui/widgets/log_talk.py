"""The log of an agent that speaks a protocol, shown as its transcript through the same window of lines as any log."""

from __future__ import annotations

import os
import time
from pathlib import Path

from locust_tui.report.transcript import Transcript, TranscriptStream, transcript_of

from .growing_line import LINE_BYTES, start_of
from .log_file import AT_ONCE_S, LogFile
from .log_pieces import KEPT_LINES, beginning
from .row import Part
from .sgr import parts_of
from .tones import Tone

PIECE = 262_144
"""Bytes read at once: a message takes many more in the log than on the screen."""
ERROR_BYTES, ERROR_LINES = 16_384, 20
"""So much of the end of what it wrote to stderr is shown."""

_TONES: dict[str, Tone] = {
    "$ ": "strong",
    "? ": "you",
    "! ": "you",
    "✗ ": "bad",
    "✓ ": "done",
    "· ": "dim",
    "~ ": "dim",
    "> ": "run",
    "ed": "run",
    "  ": "text",
}


def talk_file(path: Path) -> TalkFile | None:
    """The window onto the transcript of the log at `path`; None where its run speaks no protocol that is known."""
    transcript = transcript_of(path.parent)
    return None if transcript is None else TalkFile(path, transcript)


def talk_parts(line: str) -> list[Part]:
    """A line of a transcript with the tone of what it is; what came out of commands keeps its own colours."""
    inner = line.removeprefix("↳ ")
    parts = parts_of(inner)
    tone = "dim" if inner.startswith("    ") else _TONES.get(inner[:2], "text")
    toned: list[Part] = [(text, tone if own == "text" else own) for text, own in parts]
    return toned if inner == line else [("↳ ", "dim"), *toned]


class TalkFile(LogFile):
    """As `LogFile`; a line's offset is that of the log's line from which it was made."""

    def __init__(self, path: Path, transcript: Transcript) -> None:
        super().__init__(path)
        self._stream = TranscriptStream(transcript, folder=path.parent)
        self._errors: tuple[int, list[str]] = (0, [])
        self._nothing_before: int | None = None
        """No line comes from before this offset."""

    def poll(self) -> bool:
        came = super().poll()
        if self.attached and self._end is not None and not self.problem:
            found = self._stream.look()
            self._add(found)
            came = came or bool(found)
        return self._poll_errors() or came

    @property
    def errors(self) -> list[str]:
        return self._errors[1]

    def _poll_errors(self) -> bool:
        path = self.path.with_name("stderr")
        try:
            size = os.stat(path, follow_symlinks=False).st_size
            if size == self._errors[0]:
                return False
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            data = os.pread(fd, ERROR_BYTES, max(0, size - ERROR_BYTES))
        except OSError:
            return False
        finally:
            os.close(fd)
        if size > ERROR_BYTES:
            data = data[data.find(b"\n") + 1 :]
        text = data.decode("utf-8", "replace").replace("\r", "\n")
        lines = [start_of(line, LINE_BYTES) for line in text.split("\n") if line.strip()][-ERROR_LINES:]
        self._errors = (size, ["! on stderr:", *(f"    {line}" for line in lines)] if lines else [])
        return True

    @property
    def has_earlier(self) -> bool:
        return self._first > self.trimmed and self._first != self._nothing_before

    @property
    def unfinished(self) -> str:
        """The agent's words as far as they came."""
        return self._stream.transcript.unfinished

    def parts(self, line: str) -> list[Part]:
        return talk_parts(line)

    def earlier(self) -> int:
        """Look before the first line held for some more; how many there were."""
        if not self.has_earlier:
            return 0
        first = self._first
        found: list[tuple[int, str]] = []
        with self._open() as fd:
            if fd is not None:
                found = self._before(fd, first)
        if not found:
            self._nothing_before = first
        over = len(self.lines) + len(found) - KEPT_LINES
        if over > 0:
            self.attached = False
            self._end = self._offsets[-over]
            self._renew(self._end)
        self.lines.extendleft(text for _, text in reversed(found))
        self._offsets.extendleft(at for at, _ in reversed(found))
        return len(found)

    @property
    def _first(self) -> int:
        return self._offsets[0] if self._offsets else self._stream.behind

    def _renew(self, at: int) -> None:
        """Go on at the line that begins at `at`, knowing nothing of what came before."""
        folder = self.path.parent
        self._stream = TranscriptStream(transcript_of(folder) or self._stream.transcript, at, folder)

    def _begin(self, fd: int) -> None:
        start = max(self.trimmed, self.size - PIECE)
        self._clear(beginning(fd, start, self.trimmed))

    def _clear(self, at: int) -> None:
        super()._clear(at)
        self._renew(at)

    def _take(self, data: bytes) -> None:
        assert self._end is not None
        if self._stream.offset != self._end:
            self._renew(self._end)
        self._add(self._stream.feed(data))
        self._end += len(data)

    def _add(self, found: list[tuple[int, str]]) -> None:
        self.dropped += max(0, len(self.lines) + len(found) - KEPT_LINES)
        self.lines.extend(text for _, text in found)
        self._offsets.extend(at for at, _ in found)

    def _before(self, fd: int, end: int) -> list[tuple[int, str]]:
        """(offset, line) of the nearest part before `end` of which there is something to show."""
        until = time.monotonic() + AT_ONCE_S
        while True:
            start = max(self.trimmed, end - PIECE)
            start = beginning(fd, start, self.trimmed)
            folder = self.path.parent
            transcript = transcript_of(folder) or self._stream.transcript
            stream = TranscriptStream(transcript, start, folder, end)
            found = stream.feed(os.pread(fd, end - start, start))
            found += stream.end()
            if found or start <= self.trimmed:
                return found[-KEPT_LINES:]
            end = start
            if time.monotonic() > until:
                return [(end, "· …")]
