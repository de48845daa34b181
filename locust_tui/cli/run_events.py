"""The run's own event file, which agents report by. Imports nothing that an agent's many calls would pay for."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping

LONGEST = 65_536
"""Bytes of one line."""


def lines_of(reports: Iterable[Mapping[str, object]]) -> bytes:
    """`reports` as JSON lines."""
    return b"".join(json.dumps(report).encode() + b"\n" for report in reports)


def append(path: str, lines: bytes) -> None:
    """Append in one write, so that reports of several processes never mix. Raises OSError."""
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.write(fd, lines)
    finally:
        os.close(fd)
