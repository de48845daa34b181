"""The way into the cockpit: is there a terminal for it, run it, and say what goes on without it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from locust_tui.domain.dataclass import dataclass

from .client.port import Port
from .errors import UsageError

if TYPE_CHECKING:
    from .client.away import Attendance

_NO_SCREEN = frozenset({"", "dumb", "unknown"})


@dataclass(frozen=True, slots=True)
class Left:
    """How the cockpit was left: the exit code, and one line for the person, printed once the terminal is back."""

    exit_code: int
    words: str


def require_terminal(environ: Mapping[str, str] = os.environ) -> None:
    """Raise UsageError, one line naming what works without a screen, unless stdin and stdout are a terminal."""
    for stream, name in ((sys.__stdin__, "stdin"), (sys.__stdout__, "stdout")):
        if stream is None or stream.closed or not stream.isatty():
            raise UsageError(
                f"the cockpit needs a terminal, and {name} is not one",
                help="without one: locust-tui --report, or locust-tui status --json",
            )
    term = environ.get("TERM", "")
    if term in _NO_SCREEN:
        said = f'TERM is "{term}"' if term else "TERM is not set"
        raise UsageError(
            f"the cockpit needs a terminal that can draw and {said}",
            help="without one: locust-tui --report, or locust-tui status --json",
        )


def forget_written_size() -> None:
    """COLUMNS and LINES would count more than the terminal's own size, whatever they say, and stay when that changes."""
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)


async def run_cockpit(
    port: Port,
    *,
    clock: Callable[[], float] = time.time,
    mouse: bool = True,
    note: tuple[str, str] = ("", ""),
    attendance: Attendance | None = None,
) -> Left:
    """Draw the cockpit until the person leaves it or a signal ends it; the terminal is as it was afterwards.

    `attendance`: how far this person has seen the plan; what changed since is told, and how far it came this time is kept.
    `note`: words that stand on the main screen while nothing is more urgent, and the command that begins again.

    The port stays open: closing it is the caller's business. Exit codes: 0 left with q, 129 hangup, 130
    SIGINT, 143 SIGTERM, 1 an error of its own, else that of the LocustTuiError that ended it.
    """
    import gc

    gc.disable()  # building the first frame makes no garbage worth a collection; it starts again once shown
    from .app import CockpitApp, pace
    from .widgets.charset import choose_charset

    choose_charset()
    forget_written_size()
    app = CockpitApp(port, clock=clock, hertz=pace(os.environ), note=note, attendance=attendance)
    app.take_signals()
    try:
        await app.run_async(mouse=mouse)
    finally:
        if attendance is not None:
            attendance.write()
        gc.enable()
        app.restore_signals()
    return app.left()
