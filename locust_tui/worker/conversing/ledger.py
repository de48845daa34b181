"""The file `sent` of a run: what we asked of the adapter and when, and which of its messages the agent was given.

With it and the log a later worker brings a new adapter to the state of the old one: the same lines, the same calls in
between. Which message has reached the agent is known by its key alone:

- What begins a turn (a prompt, a person's text) is put down as begun before it is written and as sent after: at most
  once. Doing work twice is worse than a turn that a person sees missing.
- Everything else (answers, the handshake, interrupts) is put down after it was written: at least once. Every protocol
  knows a second answer to the same request for what it is.

Between the two writes lies an instant. The file is not synced: what it guards against is the death of the worker; when
the machine dies, the agent does too.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from locust_tui.domain.dataclass import dataclass
from locust_tui.plain_file import open_plain

NAME = "sent"


@dataclass(frozen=True, slots=True)
class Call:
    """One thing asked of the adapter, after it was fed the log up to byte `at`: say, answer, interrupt, finish."""

    at: int
    name: str
    arguments: tuple[str, ...] = ()
    when: float = 0.0
    """Seconds since the epoch."""
    by: str = ""
    """Who said or answered it; empty: we ourselves."""


class _Row(msgspec.Struct, omit_defaults=True):
    call: Call | None = None
    begun: str = ""
    sent: str = ""


_rows = msgspec.json.Decoder(_Row)


class Ledger:
    """Of one run. Reads what is there once, then only appends."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self.calls: list[Call] = []
        self.begun: set[str] = set()
        self.sent: set[str] = set()
        self._fd = -1
        self._read()

    def _read(self) -> None:
        try:
            fd = open_plain(self._path)
        except FileNotFoundError:
            return
        with os.fdopen(fd, "rb") as file:
            for line in file:
                try:
                    row = _rows.decode(line)
                except (msgspec.MsgspecError, UnicodeDecodeError):
                    continue  # torn by the death of its writer: what it meant to say was not done yet
                if row.call is not None:
                    self.calls.append(row.call)
                if row.begun:
                    self.begun.add(row.begun)
                if row.sent:
                    self.sent.add(row.sent)

    @property
    def doubtful(self) -> frozenset[str]:
        """Keys of turns that were begun and may or may not have reached the agent."""
        return frozenset(self.begun - self.sent)

    def called(self, key: str) -> bool:
        """Whether a text of this key was taken up before."""
        return any(call.name == "say" and call.arguments[1:2] == (key,) for call in self.calls)

    def note_call(self, at: int, name: str, arguments: Sequence[str], when: float, by: str = "") -> Call:
        call = Call(at, name, tuple(arguments), when, by)
        self.calls.append(call)
        self._append(_Row(call=call))
        return call

    def note_begun(self, key: str) -> None:
        self.begun.add(key)
        self._append(_Row(begun=key))

    def note_sent(self, key: str) -> None:
        self.sent.add(key)
        self._append(_Row(sent=key))

    def _append(self, row: _Row) -> None:
        if self._fd < 0:
            self._fd = open_plain(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.write(self._fd, b"\n")  # ends a line that was torn
        os.write(self._fd, msgspec.json.encode(row) + b"\n")

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
