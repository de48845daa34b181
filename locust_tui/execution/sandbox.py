"""Bubblewrap around an agent: it reads what its user may read, and writes only where its work is."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import locust_tui
from locust_tui.domain.dataclass import dataclass
from locust_tui.errors import LocustTuiError

PROGRAM = "bwrap"
NONE, FENCED, OFFLINE = "none", "bwrap", "bwrap-offline"
KINDS = (NONE, FENCED, OFFLINE)
"""`bwrap-offline` has no network either."""

_OWN_FOLDERS = (
    ".claude",
    ".claude.json",
    ".codex",
    ".gemini",
    ".config/opencode",
    ".local/share/opencode",
    ".cache",
    ".npm",
)
"""Where known agent programs keep their sessions, below HOME: what is there stays writable."""
_OWN_VARIABLES = ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_CACHE_HOME")
_TEMPORARY = ("TMPDIR", "TMP", "TEMP")
_OWN_SETTINGS = (
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".claude/hooks",
    ".claude/plugins",
    ".codex/config.toml",
    ".gemini/settings.json",
    ".config/opencode/opencode.json",
)
"""Below HOME, and read-only where they are there: they name programs that people's own sessions would run unfenced."""
_POWERLESS = ("--unshare-user-try", "--cap-drop", "ALL")
_OF_ROOT = ("--cap-add", "CAP_SETFCAP")
"""Without it root's agent could not put up a fence of its own inside ours, as codex does for its commands; others can."""
_WAYS_OUT = ("/run/docker.sock", "/run/podman/podman.sock", "/run/containerd/containerd.sock")
"""Services that start processes for whoever asks, outside of any fence."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file or folder inside the fence, over the places before it; passed over where it is not there."""

    path: Path
    writable: bool = False
    hidden: bool = False
    """Nothing is in it."""


_OURSELVES = tuple(Place(Path(folder)) for folder in (sys.prefix, Path(locust_tui.__file__).parents[1]))
"""Where this program is: agents report by it, also where a fence would hide it. Below their work, which may be ours."""


def check_fence(kind: str, env: Mapping[str, str]) -> str | None:
    """Bubblewrap's path; None where no fence is wanted.

    Raises LocustTuiError where it is not installed or `kind` is unknown: nothing runs unfenced by mistake.
    """
    if kind in ("", NONE):
        return None
    if kind not in KINDS:
        raise LocustTuiError(f'sandbox "{kind}" is not known', help=f"one of {', '.join(KINDS)}")
    program = shutil.which(PROGRAM, path=env.get("PATH"))
    if program is None:
        raise LocustTuiError(
            "the plan wants a sandbox, and bubblewrap is not installed",
            help="apt install bubblewrap, or sandbox: none",
        )
    return program


def fenced(
    argv: tuple[str, ...], kind: str, cwd: Path, env: Mapping[str, str], places: Iterable[Place] = ()
) -> tuple[str, ...]:
    """`argv` inside the fence `kind`. Writable: `cwd`, the agent programs' own folders and a /tmp of its own; over these
    come `places`, in their order.

    Processes stay visible and the agent's ancestors are the same, so that supervision works as outside; its user may not
    trace those outside, and has no capabilities. Raises as `check_fence`.
    """
    program = check_fence(kind, env)
    if program is None:
        return argv
    offline = ("--unshare-net",) if kind == OFFLINE else ()
    inside = (*_OURSELVES, *_own(cwd, env), *places)
    binds = [word for place in inside for word in _bind(place)]
    fence = (
        *_POWERLESS,
        *(_OF_ROOT if os.geteuid() == 0 else ()),
        "--ro-bind",
        "/",
        "/",
        "--dev",
        "/dev",
        "--proc",
        "/proc",
    )
    hidden = [word for folder in ("/tmp", *_runtime(env)) for word in ("--tmpfs", folder)]
    closed = [word for way in _WAYS_OUT if os.path.exists(way) for word in ("--ro-bind", "/dev/null", way)]
    named = _temporary(env, inside)
    return (program, *fence, *hidden, *closed, *binds, *offline, *named, "--chdir", str(cwd), "--", *argv)


def _temporary(env: Mapping[str, str], inside: Iterable[Place]) -> tuple[str, ...]:
    """What names a folder for temporary files that cannot be written inside names the fence's own."""
    writable = [place.path for place in inside if place.writable]
    return tuple(
        word
        for name in _TEMPORARY
        if env.get(name) and not any(Path(env[name]).is_relative_to(path) for path in writable)
        for word in ("--setenv", name, "/tmp")
    )


def _own(cwd: Path, env: Mapping[str, str]) -> Iterator[Place]:
    home = Path(env.get("HOME") or os.path.expanduser("~"))
    yield Place(cwd, True)
    for folder in (
        *(home / name for name in _OWN_FOLDERS),
        *(Path(env[v]) for v in _OWN_VARIABLES if env.get(v)),
    ):
        yield Place(folder, True)
    for name in _OWN_SETTINGS:
        yield Place(home / name)


def _runtime(env: Mapping[str, str]) -> Iterator[str]:
    """The user's service manager and message bus listen there."""
    folder = env.get("XDG_RUNTIME_DIR")
    if folder and os.path.isdir(folder) and folder not in ("/", "/tmp"):
        yield folder


def _bind(place: Place) -> tuple[str, ...]:
    if place.hidden:
        return ("--ro-bind", "/dev/null", str(place.path)) if place.path.exists() else ()
    return ("--bind-try" if place.writable else "--ro-bind-try", str(place.path), str(place.path))
