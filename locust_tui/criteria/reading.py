"""Reading the files a criterion names: bounded, regular files only, and one error for what cannot be read."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from locust_tui.domain.criterion import Criterion
from locust_tui.errors import LocustTuiError

REPORT_LIMIT = 128 * 1024 * 1024
"""Bytes of a coverage report."""
METRIC_LIMIT = 16 * 1024 * 1024
"""Bytes of a file that holds a metric."""


class MeasureError(LocustTuiError):
    """Nothing was measured, so there is neither a pass nor a fail; the message says why."""


def folder_of(root: Path, criterion: Criterion) -> Path:
    """The folder its commands run in and its files are named from."""
    return root / criterion.cwd if criterion.cwd else root


def open_regular(path: Path, limit: int) -> BinaryIO:
    """`path` opened for reading. Raises MeasureError unless it is a regular file of 1 to `limit` bytes."""
    try:
        # Without O_NONBLOCK a named pipe would hold the caller for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise MeasureError(f"{path.name} does not exist", help=f"make {path}") from None
    except (OSError, ValueError) as error:
        raise MeasureError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise MeasureError(f"{path} is not a regular file")
        if status.st_size == 0:
            raise MeasureError(f"{path.name} is empty")
        if status.st_size > limit:
            raise MeasureError(f"{path.name} is larger than {limit // (1024 * 1024)} MiB")
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_bounded(path: Path, limit: int) -> bytes:
    """The content of `path`, at most `limit` bytes even if it grows while it is read."""
    with open_regular(path, limit) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise MeasureError(f"{path.name} is larger than {limit // (1024 * 1024)} MiB")
    return content


def one_line(text: str, limit: int = 160) -> str:
    """`text` as one line of at most `limit` characters, for a detail."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
