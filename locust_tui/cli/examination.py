"""What `doctor` looks at on the machine: each function looks at one thing and says what it found, never what it hopes."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Finding(NamedTuple):
    """`state` is ok, warn or fail; `help` is one thing to do."""

    state: str
    subject: str
    detail: str
    help: str = ""


def examine() -> list[Finding]:
    """Every finding about this machine."""
    return [_python(), _sqlite(), _terminal(), _encoding(), _files(), _processes(), _pidfd(), *_logout()]


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


def _logout() -> Iterator[Finding]:
    if not Path("/run/systemd/system").is_dir():
        yield Finding(
            "ok", "logout", "no systemd runs here; nothing ends processes of a session that is left"
        )
        return
    user = _user()
    lingers = Path("/var/lib/systemd/linger", user).exists()
    kills = kill_user_processes()
    if kills is True and not lingers:
        yield Finding(
            "fail",
            "logout",
            "systemd ends your processes at logout, worker and agents with them",
            f"loginctl enable-linger {user}",
        )
    elif kills is None and not lingers:
        yield Finding(
            "warn",
            "logout",
            "whether systemd ends your processes at logout is not said",
            f"loginctl enable-linger {user}",
        )
    else:
        why = "you linger" if lingers else "KillUserProcesses is no"
        yield Finding("ok", "logout", f"worker and agents go on: {why}")


def kill_user_processes(root: Path = Path("/")) -> bool | None:
    """logind's KillUserProcesses, the last word of its configuration files; None when none says it."""
    said: bool | None = None
    files = [root / "usr/lib/systemd/logind.conf", root / "etc/systemd/logind.conf"]
    for folder in ("usr/lib", "run", "etc"):
        files += sorted((root / folder / "systemd/logind.conf.d").glob("*.conf"))
    for file in files:
        try:
            lines = file.read_text(errors="replace").splitlines()
        except OSError:
            continue
        for line in lines:
            key, _, value = line.partition("=")
            if key.strip() == "KillUserProcesses":
                said = value.strip().lower() in ("yes", "true", "1", "on")
    return said


def _user() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
