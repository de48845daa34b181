"""What `doctor` says of the day's end: whether worker and agents go on when you log out, and what to do so that they do.

Rests on systemd's logind.conf(5): KillUserProcesses ends the scope of a session at logout, whether its user lingers or not;
what runs below the user manager lives until that ends, which lingering puts off.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

from .examination import Finding

_ROOT = Path("/")
_SESSION = re.compile(r"/session-[^/]+\.scope(/|$)")
_USER_MANAGER = re.compile(r"/user@\d+\.service(/|$)")
_SERVICE = re.compile(r"/([^/]+\.service)(/|$)")
_BY_THE_USER_MANAGER = "systemd-run --user --scope locust-tui up"


class Here(NamedTuple):
    """Where a process runs, as far as systemd is concerned."""

    unit: str
    """Its control group's path; empty: not told."""
    user: str
    lingers: bool
    kills: bool | None
    """Whether logind ends this user's sessions' processes at logout; None: nobody says."""


def examine_logout(pid: int | None, root: Path = _ROOT) -> Finding:
    """What a logout would do to this process, which is the worker or what would start it."""
    if not (root / "run/systemd/system").is_dir():
        return _without_systemd(root)
    user = _user(pid)
    here = Here(
        unit_of(pid, root),
        user,
        (root / "var/lib/systemd/linger" / user).exists(),
        ends_sessions(user, root),
    )
    return _finding(*judge(here))


def judge(here: Here) -> tuple[str, str, str]:
    """(ok, warn or fail; what would happen; one thing to do)."""
    linger = f"loginctl enable-linger {here.user}"
    if _USER_MANAGER.search(here.unit):
        if here.lingers:
            return "ok", "worker and agents go on: they belong to your user manager, and you linger", ""
        return "fail", "worker and agents end with your last session: your user manager does", linger
    if not _SESSION.search(here.unit) and (service := _SERVICE.search(here.unit)) is not None:
        detail = f"worker and agents belong to {service[1]} and end with it, unless it says KillMode=process"
        return "warn", detail, f"start the worker outside of it: {_BY_THE_USER_MANAGER}"
    apart = f"{_BY_THE_USER_MANAGER} takes them out of the session"
    if here.kills is False:
        return "ok", "worker and agents go on: systemd leaves your processes alone at logout", ""
    help = apart if here.lingers else f"{linger}; then {apart}"
    if here.kills:
        return "fail", "systemd ends this session's processes at logout, worker and agents with them", help
    return "warn", "whether systemd ends your processes at logout is not said", help


def _without_systemd(root: Path) -> Finding:
    container = next(
        (
            n
            for n, mark in (("podman", "run/.containerenv"), ("docker", ".dockerenv"))
            if (root / mark).exists()
        ),
        "",
    )
    if container:
        detail = (
            f"nothing ends processes of a session that is left; they end with this container ({container})"
        )
        return _finding(
            "warn", detail, "keep the container running while agents work; the next start tells what was lost"
        )
    return _finding("ok", "no systemd runs here; nothing ends processes of a session that is left", "")


def _finding(state: str, detail: str, help: str) -> Finding:
    return Finding(state, "logout", detail, help)


def unit_of(pid: int | None, root: Path = _ROOT) -> str:
    """The control group of a process (None: ours) that systemd knows it by; empty where none is told."""
    try:
        lines = (root / f"proc/{pid or 'self'}/cgroup").read_text().splitlines()
    except OSError:
        return ""
    named = {line.split(":", 2)[1]: line.split(":", 2)[2] for line in lines}
    return named.get("name=systemd") or named.get("") or ""


def ends_sessions(user: str, root: Path = _ROOT) -> bool | None:
    """Whether logind ends what is left of this user's sessions; None when nothing says it.

    logind's built-in answers stand in its own file as comments.
    """
    said, built_in = _logind(root)
    kills = said.get("KillUserProcesses", built_in.get("KillUserProcesses"))
    if kills is None or kills.lower() not in ("yes", "true", "1", "on"):
        return None if kills is None else False
    only = said.get("KillOnlyUsers", "").split()
    spared = said.get("KillExcludeUsers", "root").split()
    return (not only or user in only) and user not in spared


def _logind(root: Path) -> tuple[dict[str, str], dict[str, str]]:
    """What logind's files set, the last word of each key; and what their comments call its defaults."""
    said: dict[str, str] = {}
    built_in: dict[str, str] = {}
    files = [root / "usr/lib/systemd/logind.conf", root / "etc/systemd/logind.conf"]
    for folder in ("usr/lib", "run", "etc"):
        files += sorted((root / folder / "systemd/logind.conf.d").glob("*.conf"))
    for file in files:
        try:
            lines = file.read_text(errors="replace").splitlines()
        except OSError:
            continue
        for line in lines:
            key, equals, value = line.partition("=")
            if equals:
                (built_in if key.startswith("#") else said)[key.strip("# \t")] = value.strip()
    return said, built_in


def _user(pid: int | None) -> str:
    import pwd

    try:
        uid = os.getuid() if pid is None else os.stat(f"/proc/{pid}").st_uid
    except OSError:
        uid = os.getuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
