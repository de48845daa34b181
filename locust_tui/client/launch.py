"""Finding a plan's worker, and starting one, detached from this terminal, where none runs."""

from __future__ import annotations

import errno
import json
import os
import select
import subprocess
import sys
import time
from contextlib import suppress

from locust_tui.errors import LocustTuiError, UnreachableError
from locust_tui.state.folder import StateFolder

from .connection import Connection, StoppedError
from .requests import Ping

START_TIMEOUT_S = 30.0
_SILENCE_S = 2.0
"""Of whoever holds the plan, after which another start finds out whether it still does."""
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def find_worker(folder: StateFolder) -> Connection | None:
    """A connection to the plan's worker, or None when none runs. Raises StoppedError where it is stopped."""
    if not folder.socket.exists():
        return None
    try:
        connection = Connection(folder.socket)
    except StoppedError:
        raise
    except UnreachableError:
        return None
    try:
        connection.ask(Ping())
    except UnreachableError:
        connection.close()
        return None
    return connection


def ensure_worker(folder: StateFolder) -> Connection:
    """A connection to the plan's worker, started when none runs; see `reach_worker`."""
    return reach_worker(folder)[0]


def reach_worker(folder: StateFolder) -> tuple[Connection, bool]:
    """A connection to the plan's worker, and whether it is one that was started for this call: of many who call at once, one's is.

    The worker gets a session of its own, so it outlives this terminal. Raises the worker's own error when
    it cannot start, UnreachableError when it says nothing in time.
    """
    if (connection := find_worker(folder)) is not None:
        return connection, False
    deadline = time.monotonic() + START_TIMEOUT_S
    started, again = _start(folder, deadline), time.monotonic() + _SILENCE_S
    while True:
        with suppress(UnreachableError):
            return Connection(folder.socket), started
        if time.monotonic() > deadline:
            raise UnreachableError(
                "a worker holds the plan but does not answer", help=f"look at {folder.worker_log}"
            )
        if time.monotonic() > again:  # who held it may have ended since, with nobody left to answer
            started, again = _start(folder, deadline), time.monotonic() + _SILENCE_S
        time.sleep(0.02)


def _start(folder: StateFolder, deadline: float) -> bool:
    """Spawn the worker and wait for its word: ready (True), another runs already, or why it cannot."""
    folder.prepare()
    read_end, write_end = os.pipe()
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        log = os.open(folder.worker_log, flags, 0o600)
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        log = os.open(
            os.devnull, os.O_WRONLY | os.O_CLOEXEC
        )  # the worker gives the reserve back, or says why not
    command = [
        sys.executable, "-P", "-m", "locust_tui.worker",
        "--plan", str(folder.plan_path), "--state-dir", str(folder.root), "--ready-fd", str(write_end),
    ]  # fmt: skip
    try:
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=(write_end,),
            cwd="/",
        )
    finally:
        os.close(write_end)
        os.close(log)
    try:
        said = _read_word(read_end, deadline)
    finally:
        os.close(read_end)
    if not said:
        raise UnreachableError("the worker ended before it was ready", help=f"look at {folder.worker_log}")
    word = json.loads(said)
    if "error" in word:
        raise LocustTuiError(word["error"], help=word.get("help"), exit_code=word.get("exit_code", 1))
    return "pid" in word


def _read_word(fd: int, deadline: float) -> bytes:
    said = b""
    while not said.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([fd], [], [], left)[0]:
            break
        chunk = os.read(fd, 65_536)
        if not chunk:
            break
        said += chunk
    return said
