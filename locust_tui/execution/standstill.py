"""Runs that stand still because somebody stopped one of their processes by a signal, which was not us."""

from __future__ import annotations

import os

from locust_tui.execution import marks
from locust_tui.execution.identity import read_stat
from locust_tui.execution.names import TRIMMING
from locust_tui.execution.runs import RunFolderRefusedError
from locust_tui.execution.watch import Watch

_STOPPED = "T"


def stopped_by_others(watch: Watch) -> str:
    """Which process of the run is stopped and what lets it go on; empty where none is, or we did it."""
    if watch.paused or watch.ended is not None:
        return ""
    for pid, whose in ((watch.agent_pid, "process"), (watch.shim_pid, "supervisor process")):
        stat = read_stat(pid) if pid is not None else None
        if stat is not None and stat.state == _STOPPED and not _is_being_trimmed(watch):
            return f"its {whose} was stopped by a signal: kill -CONT {pid} lets it go on"
    return ""


def _is_being_trimmed(watch: Watch) -> bool:
    """Whether it is stopped for the moment in which the head of its log is given up."""
    try:
        folder = watch.folder()
    except (OSError, RunFolderRefusedError):
        return False
    try:
        return marks.is_put(folder, TRIMMING)
    finally:
        os.close(folder)
