"""A copy of a log's beginning, kept beside a log that may lose it: who speaks, and which session it is."""

from __future__ import annotations

import os
from pathlib import Path

from locust_tui.execution import log_file
from locust_tui.plain_file import open_plain, read_plain

from .lines import Line, LineSplitter

NAME, MOST_BYTES = "log.head", 256 * 1024
KEEP_AT = 1 << 20
"""A log that grew so long has its beginning copied."""


def keep(folder: Path) -> None:
    """Copy it, unless it has gone already."""
    head = log_file.tail(folder / "log", 0, MOST_BYTES)
    if head.problem is not None or head.offset > 0:
        return
    (folder / NAME).unlink(missing_ok=True)
    with os.fdopen(open_plain(folder / NAME, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as file:
        file.write(head.data)


def lost_lines(folder: Path) -> tuple[list[Line], int]:
    """(whole lines from the copy that the log has no more, where the log begins); ([], 0) while it has all."""
    trimmed = log_file.trimmed_bytes(folder / "log") if (folder / NAME).exists() else 0
    if not trimmed:
        return [], 0
    lines = LineSplitter().feed(read_plain(folder / NAME, MOST_BYTES))
    return [line for line in lines if line.end <= trimmed], trimmed
