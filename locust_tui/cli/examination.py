"""What `doctor` looks at on the machine: each function looks at one thing and says what it found, never what it hopes."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import sys
from typing import NamedTuple


class Finding(NamedTuple):
    """`state` is ok, warn or fail; `help` is one thing to do."""

    state: str
    subject: str
    detail: str
    help: str = ""


def examine() -> list[Finding]:
    """Every finding about this machine."""
    return [_python(), _sqlite(), _terminal(), _encoding(), _files(), _processes(), _pidfd()]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("ok" if sys.version_info >= (3, 11) else "fail", "python", f"{version}, {sys.executable}")


def wal_reset_bug(version: tuple[int, ...]) -> bool:
    """Whether this SQLite may lose committed pages when two connections checkpoint at once (sqlite.org/wal.html,
    fixed in 3.51.3 and in the patch releases 3.50.7 and 3.44.6)."""
    if version >= (3, 51, 3) or version < (3, 7, 0):
        return False
    return not ((3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0))


def _sqlite() -> Finding:
    version = sqlite3.sqlite_version
    if wal_reset_bug(sqlite3.sqlite_version_info):
        detail = f"{version} has the WAL reset bug; one writer and no automatic checkpoint keep clear of it"
        return Finding("warn", "sqlite", detail, "never open the record for writing with another program")
    return Finding("ok", "sqlite", version)


def _terminal() -> Finding:
    if sys.stdout is None or not sys.stdout.isatty():
        return Finding(
            "warn", "terminal", "stdout is none", "the cockpit needs one; every other verb does not"
        )
    term = os.environ.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        return Finding("warn", "terminal", f'TERM is "{term}"', "the cockpit needs a terminal that can draw")
    size = shutil.get_terminal_size()
    colours = os.environ.get("COLORTERM") or ("none" if os.environ.get("NO_COLOR") else "256 or fewer")
    small = size.columns < 60 or size.lines < 20
    return Finding(
        "warn" if small else "ok",
        "terminal",
        f"{term}, {size.columns}x{size.lines}, colours {colours}",
        "the cockpit wants 60x20 or more" if small else "",
    )


def _encoding() -> Finding:
    encoding = getattr(sys.stdout, "encoding", None) or "unknown"
    utf8 = encoding.lower().replace("-", "") == "utf8"
    return Finding("ok" if utf8 else "warn", "encoding", encoding, "" if utf8 else "signs are drawn in ASCII")


def _files() -> Finding:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    detail = f"{_limit(soft)} at once, at most {_limit(hard)}"
    tight = hard != resource.RLIM_INFINITY and hard < 1_024
    return Finding("warn" if tight else "ok", "open files", detail, "ulimit -Hn 4096" if tight else "")


def _processes() -> Finding:
    soft, _ = resource.getrlimit(resource.RLIMIT_NPROC)
    tight = soft != resource.RLIM_INFINITY and soft < 512
    return Finding(
        "warn" if tight else "ok", "processes", f"{_limit(soft)} per user", "ulimit -u" if tight else ""
    )


def _limit(value: int) -> str:
    return "unlimited" if value == resource.RLIM_INFINITY else str(value)


def _pidfd() -> Finding:
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError) as error:
        return Finding(
            "fail", "process handles", f"pidfd_open does not work: {error}", "Linux 5.3 or newer is needed"
        )
    return Finding("ok", "process handles", "pidfd works: no signal reaches a process that took a pid over")
