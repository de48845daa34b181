"""A control group of its own for each run, where systemd delegated ours to us: nothing gets out of it, and one write ends all.

Elsewhere the shim, which adopts whatever its agent's processes orphan, finds them all too, as long as it lives.
"""

from __future__ import annotations

import os
import zlib
from contextlib import suppress
from pathlib import Path

from locust_tui.execution import run_dir

_MOUNTS = (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified"))
_MARKS = ("user.delegate", "trusted.delegate")


def delegated() -> Path | None:
    """Our own control group, if it is ours to divide: of version 2, marked by systemd, and with a kernel that kills groups."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return None
    inside = next((line[3:].lstrip("/") for line in lines if line.startswith("0::")), "")
    for mount in _MOUNTS if inside else ():
        home = mount / inside
        if (home / "cgroup.kill").exists() and _is_marked(home) and os.access(home / "cgroup.procs", os.W_OK):
            return home
    return None


def _is_marked(home: Path) -> bool:
    for mark in _MARKS:
        with suppress(OSError):
            if os.getxattr(home, mark) == b"1":
                return True
    return False


class RunGroups:
    """Those of one runs folder."""

    def __init__(self, runs_root: Path) -> None:
        self._home = delegated()
        self._prefix = f"locust-{zlib.crc32(os.fsencode(runs_root.absolute())):08x}-"

    def make(self, run_id: str) -> str:
        """The path of a new group for this run; empty where there can be none."""
        if self._home is None:
            return ""
        group = self._home / f"{self._prefix}{run_id}"
        try:
            group.mkdir(exist_ok=True)
        except OSError:
            return ""
        return str(group)

    def remove(self, run_id: str) -> None:
        """Take its group away, unless something still lives there."""
        if self._home is not None:
            with suppress(OSError):
                (self._home / f"{self._prefix}{run_id}").rmdir()

    def find(self, folder: int, run_id: str) -> Path | None:
        """The group that the run in this open folder was put into, perhaps by an earlier worker; None without one.

        The agent may write there: nothing is taken for its group but a real one of its own name.
        """
        named = (run_dir.read_record(folder, "agent.json") or {}).get("group")
        if not isinstance(named, str) or Path(named).name != f"{self._prefix}{run_id}":
            return None
        group = Path(named)
        inside = ".." not in group.parts and any(mount in group.parents for mount in _MOUNTS)
        return group if inside and (group / "cgroup.kill").exists() else None


def members(group: Path | None) -> tuple[int, ...]:
    """Who lives in it."""
    if group is None:
        return ()
    try:
        return tuple(int(pid) for pid in (group / "cgroup.procs").read_text().split())
    except OSError:
        return ()


def kill(group: Path | None) -> None:
    """SIGKILL to all that is in it, and to what they fork meanwhile."""
    if group is not None:
        with suppress(OSError):
            (group / "cgroup.kill").write_text("1")
