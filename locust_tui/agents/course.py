"""How a conversation goes: its turns, what was refused in them, and what is to be said of the run when its process ends."""

from __future__ import annotations

import re
import signal as signals

from .jsonrpc import brief
from .vocabulary import Activity, ActivityChanged, AgentEvent, Failed, Trouble, TurnEnded

_LONGEST_CLOSING = 65_536
_NAMES_AN_ERROR = re.compile(
    r"\s*(?:[\w.:-]+[ :]\s*)?(?:fatal|error|[A-Za-z.]*(?:Error|Exception))\b", re.IGNORECASE
)
_SAYS_NOTHING = re.compile(
    r"\s*(?:at \S|Node\.js v|note: run with|usage:|for more information|try '|[\^~{}\[\]();,.\s]*$)",
    re.IGNORECASE,
)
"""Frames, versions and hints behind an error."""


class Course:
    """Turns of one conversation. `program` is what a person knows it by."""

    __slots__ = (
        "_closing",
        "_guessed",
        "_size",
        "activity",
        "closing",
        "denials",
        "ended",
        "fatal",
        "last",
        "program",
        "spoke",
        "under_way",
    )

    def __init__(self, program: str) -> None:
        self.program = program
        self.spoke = False
        self.under_way = False
        self.closing = False
        """We ended the conversation ourselves."""
        self.ended = 0
        self.last: TurnEnded | None = None
        self.fatal: Failed | None = None
        self.activity: Activity | None = None
        self.denials: list[str] = []
        self._closing: list[str] = []
        self._size = 0
        self._guessed = False

    def turn(self, activity: Activity | None, why: str = "") -> tuple[AgentEvent, ...]:
        """The change of activity, where it is one."""
        if activity is None or activity is self.activity:
            return ()
        self.activity = activity
        return (ActivityChanged(activity, why),)

    def begin(self, guessed: bool = False) -> None:
        """A turn is under way; `guessed`: nobody said so, but the agent works."""
        self.under_way = True
        self._guessed = guessed
        self.denials.clear()
        self.words("")

    def words(self, text: str, goes_on: bool = False) -> None:
        """The model's latest message, or more of it: a turn's closing words."""
        if not goes_on:
            self._closing.clear()
            self._size = 0
        if text and self._size < _LONGEST_CLOSING:
            self._closing.append(text)
            self._size += len(text)

    def deny(self, tool: str) -> None:
        if tool and tool not in self.denials:
            self.denials.append(tool)

    def end(
        self, trouble: Trouble | None = None, text: str = "", resets_at: float | None = None
    ) -> tuple[AgentEvent, ...]:
        """The turn is over: well, where there is no trouble."""
        closing = text or ("" if trouble else "".join(self._closing)[:_LONGEST_CLOSING].strip())
        self.last = TurnEnded(trouble is None, closing, trouble, resets_at, tuple(self.denials))
        self.under_way = False
        self.ended += 1
        self.denials.clear()
        self.words("")
        return (self.last, *self.turn(Activity.IDLE))

    def fail(self, trouble: Trouble, message: str) -> Failed:
        """The run cannot go on."""
        self.fatal = self.fatal or Failed(trouble, message, fatal=True)
        return Failed(trouble, message, fatal=True)

    def verdict(self, exit_code: int | None, signal: int | None, stderr: str) -> tuple[bool, str]:
        """Whether the last turn ended well; a program that never spoke has failed, whatever its exit code."""
        end = how_it_ended(exit_code, signal)
        said = last_words(stderr)
        if not self.spoke:
            return False, never_spoke(self.program, exit_code, signal, stderr)
        if self.fatal is not None:
            return False, self.fatal.message
        if self.under_way and not (self._guessed and self.closing and self.last is not None):
            return False, _sentence(f"{self.program} {end} in the middle of a turn", said)
        if self.last is None:
            return False, _sentence(f"{self.program} {end} before its first turn was over", said)
        return (
            (True, "")
            if self.last.ok
            else (False, self.last.text or f"its last turn failed: {self.last.trouble}")
        )


def why_denied(what: str, note: str) -> str:
    """The message that tells an agent why it was denied something, where the denial itself has no place for words."""
    return f"You were denied {brief(what, 300)}. The person who decided says: {note}"


def oversize(size: int) -> Failed:
    """What a line of `size` bytes comes to that was too long to be read."""
    return Failed(
        Trouble.PROTOCOL, f"a line of {size / 1e6:.0f} MB is too long to be read, and was passed over"
    )


def how_it_ended(exit_code: int | None, signal: int | None) -> str:
    """ "ended with exit code 1", "was killed by SIGTERM", or "is gone"."""
    if signal is not None:
        try:
            return f"was killed by {signals.Signals(signal).name}"
        except ValueError:
            return f"was killed by signal {signal}"
    return "is gone" if exit_code is None else f"ended with exit code {exit_code}"


def never_spoke(program: str, exit_code: int | None, signal: int | None, said: str) -> str:
    """What there is to say of a run that was to speak a protocol, and of which nothing was of it; `said`: what it wrote."""
    if exit_code == 0:
        return _sentence(f"it never spoke {program}'s protocol", last_words(said))
    end = how_it_ended(exit_code, signal)
    return _sentence(f"it {end} and never spoke {program}'s protocol", last_words(said))


def last_words(stderr: str) -> str:
    """The line of stderr that says why: the last that names an error, else the last that says something."""
    lines = [line for line in stderr[-8192:].split("\n") if line.strip()]
    telling = [line for line in lines if not _SAYS_NOTHING.match(line)] or lines
    named = [line for line in telling if _NAMES_AN_ERROR.match(line)]
    return brief((named or telling)[-1], 300) if lines else ""


def _sentence(what: str, said: str) -> str:
    return f"{what}: {said}" if said else what
