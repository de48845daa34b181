"""Whether this call comes from inside a run of the plan. A guard rail for agents, not a wall."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import RefusedError

if TYPE_CHECKING:
    from ..state.folder import StateFolder

_MAX_DEPTH = 128


def refuse_agents(folder: StateFolder, what: str) -> None:
    """RefusedError (exit 4) when the caller is an agent of this plan: `what` is for people."""
    run = run_we_are_in(folder)
    if run is not None:
        where = f"run {run}" if run else "a hook"
        raise RefusedError(f"{what} is for people; this call comes from inside {where}")


def run_we_are_in(folder: StateFolder) -> str | None:
    """The run of this plan that we descend from, by its shim among our ancestors; None outside of all.

    Empty for what the worker itself started: a verb of a hook.
    """
    shims, worker = _shims(folder.runs), _worker(folder)
    if not shims and worker is None:
        return None
    pid = os.getpid()
    for _ in range(_MAX_DEPTH):
        stat = _stat(pid)
        if stat is None:
            return None
        parent, start = stat
        found = shims.get((pid, start))
        if found is not None:
            return found
        if pid == worker:
            return ""
        if parent <= 0:
            return None
        pid = parent
    return None


def _worker(folder: StateFolder) -> int | None:
    """Pid of the plan's worker, where it lives."""
    try:
        pid = int(folder.lock.read_text())
        return pid if b"locust_tui.worker" in Path(f"/proc/{pid}/cmdline").read_bytes() else None
    except (OSError, ValueError):
        return None


def _shims(runs: Path) -> dict[tuple[int, int], str]:
    """(pid, start ticks) of every shim that this state folder knows of, ended ones included, with its run."""
    found: dict[tuple[int, int], str] = {}
    try:
        folders = list(runs.iterdir())
    except OSError:
        return found
    boot = _boot_id()
    for folder in folders:
        try:
            record = json.loads((folder / "shim.json").read_bytes())
            if record["boot_id"] == boot:
                found[record["pid"], record["start"]] = folder.name
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def _stat(pid: int) -> tuple[int, int] | None:
    """Parent and start ticks of a process, or None when it cannot be read."""
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    fields = text[text.rindex(b")") + 2 :].split()
    return int(fields[1]), int(fields[19])


def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
