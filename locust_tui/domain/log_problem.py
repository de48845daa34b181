"""What became of a file that a run writes to, as whoever reads it finds it."""

from __future__ import annotations

import errno
import os
import stat
from enum import StrEnum


class LogProblem(StrEnum):
    """Why a log cannot be read as the run wrote it."""

    MISSING = "missing"
    REPLACED = "replaced"
    TRUNCATED = "truncated"
    NOT_A_FILE = "not a regular file"
    LINKED = "has another name"
    UNREADABLE = "cannot be opened"

    @property
    def words(self) -> str:
        """What happened, to be said of "the log"."""
        return _WORDS[self]


_WORDS = {
    LogProblem.MISSING: "is not there",
    LogProblem.REPLACED: "was replaced: this is not the file that the run writes to",
    LogProblem.TRUNCATED: "was cut short: what stood there is gone",
    LogProblem.NOT_A_FILE: "is not a regular file: somebody put something else in its place",
    LogProblem.LINKED: "has a second name: somebody linked it",
    LogProblem.UNREADABLE: "cannot be opened",
}


def problem_of(facts: os.stat_result, inode: int | None, read_to: int) -> LogProblem | None:
    """What is wrong with a log of which `facts` is what stat says; None: nothing.

    `inode`: the file that it must be, None: not known. `read_to`: bytes that it is known to have had; a log only grows.
    """
    if not stat.S_ISREG(facts.st_mode):
        return LogProblem.NOT_A_FILE
    if inode is not None and facts.st_ino != inode:
        return LogProblem.REPLACED
    if facts.st_nlink > 1:
        return LogProblem.LINKED
    return LogProblem.TRUNCATED if read_to > facts.st_size else None


def problem_of_opening(error: OSError) -> LogProblem:
    """Why a log could not be opened with O_NOFOLLOW | O_NONBLOCK."""
    if isinstance(error, FileNotFoundError):
        return LogProblem.MISSING
    foreign = error.errno in (errno.ELOOP, errno.ENXIO, errno.EISDIR)
    return LogProblem.NOT_A_FILE if foreign else LogProblem.UNREADABLE


def first_data(fd: int) -> int:
    """Where the hole at a log's head ends: what is before was given up, whether a record of it could be written or not."""
    try:
        return os.lseek(fd, 0, os.SEEK_DATA)
    except OSError:
        return 0  # empty, or nothing but a hole
