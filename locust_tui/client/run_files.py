"""Small records in a run's folder, as viewers read them."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

from locust_tui.agents.vocabulary import JOB_FILE

_MOST = 65_536


def record(path: Path) -> dict[str, Any]:
    """The JSON object in the file; empty where there is none, or none that can be read.

    The run's agent may write there: no link is followed, no pipe waited for, nothing large read.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return {}
    try:
        found = json.loads(os.read(fd, _MOST)) if stat.S_ISREG(os.fstat(fd).st_mode) else None
    except (OSError, ValueError, RecursionError):
        return {}
    finally:
        os.close(fd)
    return found if isinstance(found, dict) else {}


def speaks_a_protocol(folder: Path) -> bool:
    """Whether the run is told of by a transcript; else the bytes of its log are all there is."""
    return (folder / JOB_FILE).exists()


def trimmed_bytes(log: Path) -> int | None:
    """How many bytes at the head of a log were given up; None where what says so cannot be read."""
    path = log.with_name("trim.json")
    count = record(path).get("trimmed", None if path.exists() else 0)
    return count if type(count) is int and count >= 0 else None


def writer_inode(log: Path) -> int | None:
    """The file that a live run writes to, whatever lies at the name of its log (or stderr); None: not on record, or the run has ended.

    A run that ended may have been moved to another disk with all its files.
    """
    if log.with_name("exit.json").exists():
        return None
    inode = record(log.with_name("agent.json")).get(f"{log.name}_inode")
    return inode if type(inode) is int else None
