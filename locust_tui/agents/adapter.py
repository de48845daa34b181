"""The form of an adapter: one kind of agent program, seen as a pure state machine over its lines."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from .vocabulary import Job, Launch, Reaction

LONGEST_LINE = 16 * 2**20
"""Bytes of a line that is still read whole: a tool's result with a picture in it has megabytes."""


class Adapter(Protocol):
    """One conversation. Pure: no clock, no files, no processes; the same calls give the same reactions.

    After the worker was killed, a new adapter is fed the log from its beginning and thereby comes to the same state;
    what it then wants to send and had sent before is known by the messages' keys and left out.
    Nothing that a program writes raises: what cannot be understood is `Failed(PROTOCOL)` or nothing.
    """

    job: Job

    def launch(self) -> Launch:
        """How to start the program."""
        ...

    def begin(self) -> Reaction:
        """The first messages: the handshake, and the prompt where it can already be sent."""
        ...

    def feed(self, line: bytes) -> Reaction:
        """One line of its output, without the newline, at most LONGEST_LINE. Unknown events are no reaction."""
        ...

    def feed_oversize(self, size: int) -> Reaction:
        """A line of `size` bytes was longer than LONGEST_LINE and was passed over by whoever reads the log."""
        ...

    def answer(self, id: str, choice: str, note: str = "") -> Reaction:
        """A person's word on `Wants(id)`: allow, always, deny, one of a question's options, or a free text in `note`."""
        ...

    def say(self, text: str, key: str) -> Reaction:
        """One more message of the user: begins a turn, or joins the one under way. `key` makes it known for ever."""
        ...

    def interrupt(self) -> Reaction:
        """End the turn under way; the conversation stays."""
        ...

    def finish(self) -> Reaction:
        """Messages that end the conversation in good order; where there are none, its input is closed."""
        ...

    @property
    def resumable(self) -> str:
        """Session that a later process can go on with; empty: none yet."""
        ...

    @property
    def spoke(self) -> bool:
        """Whether any line was of the protocol: a program that never spoke it has failed, whatever its exit code."""
        ...

    def verdict(self, exit_code: int | None, signal: int | None, stderr: str) -> tuple[bool, str]:
        """Whether the run went well, now that its process has ended, and why not, in words for a person."""
        ...


@runtime_checkable
class TakesFiles(Protocol):
    """What an adapter does besides whose agents read and write files through us (`FileWanted`, `FileOffered`)."""

    def file_done(self, id: str, content: str | None = None, error: str = "") -> Reaction:
        """What was read, or None for what was written; with `error` it was not, and why."""
        ...
