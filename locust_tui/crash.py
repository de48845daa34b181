"""An error of our own: one line for the person, and a report with places but no values in it."""

from __future__ import annotations

import os
import platform
import time
import traceback
from pathlib import Path

from . import __version__


def write_crash_report(error: BaseException) -> str:
    """Write where the error came from, never what was in the variables; return the line to print.

    The error's own words are left out too: they may quote a note, a path or a secret.
    """
    lines = [f"locust-tui {__version__}, Python {platform.python_version()}, {platform.platform()}", ""]
    chained: BaseException | None = error
    while chained is not None:
        lines.append(f"{type(chained).__module__}.{type(chained).__qualname__}")
        frames = traceback.extract_tb(chained.__traceback__)
        lines += [f"  {_short(frame.filename)}:{frame.lineno} in {frame.name}" for frame in frames]
        chained = chained.__cause__ or chained.__context__
    words = f"the cockpit had an error of its own ({type(error).__name__}); the worker and its agents go on"
    try:
        path = _report_path()
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "w") as report:
            report.write("\n".join(lines) + "\n")
    except OSError as problem:
        return f"{words}; no report could be written: {problem.strerror}"
    return f"{words}; where it happened: {path}"


def _report_path() -> Path:
    state = (
        Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "locust-tui" / "crashes"
    )
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    return state / f"{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}.txt"


def _short(filename: str) -> str:
    """The file from its package on: a home folder's name is nobody's business."""
    for mark in ("site-packages/", "lib/python", "locust_tui/"):
        if mark in filename:
            return mark.removesuffix("site-packages/") + filename.split(mark, 1)[1]
    return Path(filename).name
