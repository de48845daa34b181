"""Whether a program really is the agent whose name it bears, by its own word: `claude` may be anybody's script."""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from locust_tui.domain.dataclass import dataclass

PATIENCE_S = 10.0
_MOST = 4_096
"""Bytes of its answer that are looked at."""
_SAYS = (
    ("claude", re.compile(r"^\s*v?(\d[\w.+-]*)\s+\(Claude Code\)")),
    ("codex", re.compile(r"^\s*codex-cli\s+v?(\d[\w.+-]*)", re.MULTILINE)),
)


@dataclass(frozen=True, slots=True)
class Program:
    kind: str
    """claude or codex"""
    version: str


_known: dict[tuple[str, int, int], Program | None] = {}


def find(name: str, environment: Mapping[str, str], cwd: str | Path = "/") -> Path | None:
    """The executable that `name` means in this environment, as an absolute path: a name on PATH, or a path from `cwd`."""
    if "/" in name:
        path = Path(cwd, name)
        return path if path.is_file() and os.access(path, os.X_OK) else None
    found = shutil.which(name, path=environment.get("PATH", os.defpath))
    return Path(cwd, found) if found else None


def identify(path: Path, environment: Mapping[str, str] | None = None) -> Program | None:
    """Which agent the program at `path` is, as its `--version` says; None: another program, or no answer in 10 s.

    For a command of the plan that merely begins with an agent's name: where this is None, run it as a plain command
    exactly as it is written. A plan that says `kind:` need not ask. The program is run once for each path, time of change
    and size, with `--version` alone, an empty stdin and in a session of its own, which is killed when the time is up; it
    blocks meanwhile, so call it from a thread.
    """
    try:
        facts = os.stat(path)
    except OSError:
        return None
    key = (os.fspath(path), facts.st_mtime_ns, facts.st_size)
    if key not in _known:
        _known[key] = _asked(path, environment)
    return _known[key]


def _asked(path: Path, environment: Mapping[str, str] | None) -> Program | None:
    said = _version(path, environment)
    for kind, pattern in _SAYS:
        if found := pattern.search(said):
            return Program(kind, found[1])
    return None


def _version(path: Path, environment: Mapping[str, str] | None) -> str:
    """The beginning of what `--version` prints; empty where it fails, hangs or cannot be run."""
    try:
        process = subprocess.Popen(
            [os.fspath(path), "--version"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=None if environment is None else dict(environment),
            cwd="/",
            start_new_session=True,
        )
    except OSError:
        return ""
    try:
        said = _heard(process, time.monotonic() + PATIENCE_S)
        return said.decode("utf-8", "replace") if process.returncode == 0 else ""
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        if process.stdout is not None:
            process.stdout.close()
        process.wait()


def _heard(process: subprocess.Popen[bytes], until: float) -> bytes:
    """What it writes until it ends, is silent for too long or writes too much; only in the first case it is waited for."""
    assert process.stdout is not None
    said = b""
    while len(said) < _MOST:
        ready, _, _ = select.select([process.stdout], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return b""
        part = os.read(process.stdout.fileno(), _MOST)
        if not part:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, until - time.monotonic()))
            break
        said += part
    return said
