"""Bubblewrap around an agent: it reads what its user may read, and writes only where its work is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

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


def fenced(
    argv: tuple[str, ...], kind: str, cwd: Path, env: Mapping[str, str], writable: Iterable[Path] = ()
) -> tuple[str, ...]:
    """`argv` inside the fence `kind`. Writable: `cwd`, `writable`, the agent programs' own folders and a /tmp of its own;
    a place that is not there when the program starts is passed over.

    Processes stay visible and the agent's ancestors are the same, so that supervision works as outside.
    Raises LocustTuiError where bubblewrap is not installed or `kind` is unknown: nothing runs unfenced by mistake.
    """
    if kind in ("", NONE):
        return argv
    if kind not in KINDS:
        raise LocustTuiError(f'sandbox "{kind}" is not known', help=f"one of {', '.join(KINDS)}")
    program = shutil.which(PROGRAM, path=env.get("PATH"))
    if program is None:
        raise LocustTuiError(
            "the plan wants a sandbox, and bubblewrap is not installed",
            help="apt install bubblewrap, or sandbox: none",
        )
    home = Path(env.get("HOME") or os.path.expanduser("~"))
    own = [*(home / name for name in _OWN_FOLDERS), *(Path(env[v]) for v in _OWN_VARIABLES if env.get(v))]
    places = dict.fromkeys(map(str, (cwd, *writable, *own)))
    binds = [word for place in places for word in ("--bind-try", place, place)]
    offline = ("--unshare-net",) if kind == OFFLINE else ()
    fence = ("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp")
    return (program, *fence, *binds, *offline, "--chdir", str(cwd), "--", *argv)
