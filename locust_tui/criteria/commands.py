"""What the end of a command means: an answer, a failure, or no measurement at all."""

from __future__ import annotations

import re
import signal

from locust_tui.domain.criterion import Command

from .metric import plain
from .observation import ProbeOutcome
from .reading import MeasureError, one_line

_CRASHES = frozenset({"SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSYS", "SIGTRAP"})
"""The program's own doing; any other signal came from outside and says nothing about it."""
_STOPS = frozenset({"SIGHUP", "SIGINT", "SIGKILL", "SIGTERM", "SIGXCPU"})
_SHELL_SIGNAL = 128
_OFFLINE = re.compile(
    r"could not resolve|couldn't resolve|name or service not known|temporary failure in name resolution|"
    r"network is unreachable|no such host|error connecting to|failed to connect|connection timed out",
    re.IGNORECASE,
)


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def decisive_line(output: str) -> str:
    """The last line of `output` that says something."""
    lines = (line for line in reversed(plain(output).splitlines()) if line.strip())
    return one_line(next(lines, ""))


def command_trouble(command: Command, outcome: ProbeOutcome, *, answers: bool) -> str | None:
    """Why the command failed, or None when it ended with 0.

    Raises MeasureError when it measured nothing: it could not be executed (126 and 127 are what a shell, env
    and the like answer then), it was stopped from outside, or, where it is asked for an answer (`answers`),
    it says that it is offline.
    """
    if outcome.error is not None:
        raise MeasureError(outcome.error)
    code, number = outcome.exit_code, outcome.signal
    if not number and command.shell and code is not None and code > _SHELL_SIGNAL:
        # The shell reports a signal of its child as 128 + n; any other number there is an exit code.
        child = code - _SHELL_SIGNAL
        number = child if signal_name(child) in _CRASHES | _STOPS else None
    if number:
        name = signal_name(number)
        if name in _CRASHES:
            return f"ended by {name}"
        raise MeasureError(f"stopped by {name} before it could answer")
    if code is None:
        raise MeasureError("how the command ended is not known")
    if code == 0:
        return None
    line = decisive_line(outcome.output)
    if code in (126, 127):
        program = command.argv[0] if command.argv and not command.shell else one_line(command.text, 60)
        what = "not found" if code == 127 else "cannot be executed"
        raise MeasureError(line or f"{program}: {what}")
    if answers and (offline := _OFFLINE.search(plain(outcome.output))):
        raise MeasureError(one_line(_line_of(plain(outcome.output), offline.start())))
    return f"exit {code}{f': {line}' if line else ''}"


def _line_of(text: str, position: int) -> str:
    return text[text.rfind("\n", 0, position) + 1 :].split("\n", 1)[0]
