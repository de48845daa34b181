"""Runs one command and counts the CPU of everything it started, detached processes too: their reaper is ours (Linux)."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class Spent:
    """`wall` seconds until the command itself ended; `cpu` seconds, user and system, of it and all its descendants.

    `main_cpu` is the command's share with whatever it waited for itself; `code` its exit code.
    """

    wall: float
    cpu: float
    main_cpu: float
    code: int


def spend(command: Sequence[str], folder: Path, environ: Mapping[str, str], *, must: int | None = 0) -> Spent:
    """Run `command` in `folder` to the end of its last descendant, output thrown away. RuntimeError on another exit code."""
    read_end, write_end = os.pipe()
    reaper = os.fork()
    if reaper == 0:
        try:
            os.close(read_end)
            os.write(write_end, json.dumps(_reap_all(command, folder, environ)).encode())
        finally:
            os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as said:
        text = said.read()
    os.waitpid(reaper, 0)
    if not text:
        raise RuntimeError(f"{command[0]} could not be run")
    spent = Spent(*json.loads(text))
    if must is not None and spent.code != must:
        raise RuntimeError(f"exit code {spent.code} of {' '.join(command)}")
    return spent


def _reap_all(
    command: Sequence[str], folder: Path, environ: Mapping[str, str]
) -> tuple[float, float, float, int]:
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    null = subprocess.DEVNULL
    began = time.perf_counter()
    main = subprocess.Popen(command, cwd=folder, env=environ, stdin=null, stdout=null, stderr=null).pid
    wall = cpu = main_cpu = 0.0
    code = -1
    while True:
        try:
            pid, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            return wall, cpu, main_cpu, code
        cpu += usage.ru_utime + usage.ru_stime
        if pid == main:
            wall, code = time.perf_counter() - began, os.waitstatus_to_exitcode(status)
            main_cpu = usage.ru_utime + usage.ru_stime


def cpu_now(pid: int) -> float:
    """CPU seconds so far of a live process with all its threads, to the nanosecond; its children not counted."""
    ran = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        ran += int((task / "schedstat").read_text().split()[0])
    return ran / 1e9


def pss_mb(pid: int) -> float:
    """Proportional set size, MB: private pages and a fair share of shared ones."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1024
