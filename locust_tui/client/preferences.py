"""What a person prefers on this machine: `$XDG_CONFIG_HOME/locust-tui/config.toml`, which need not exist."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from locust_tui.errors import UsageError
from locust_tui.terminal.keys import DETACH, key_name

_HELP = 'use a key with ctrl or alt, or a function key: "ctrl+]", "ctrl+q", "f12"'


def config_path() -> Path:
    """Where the preferences are."""
    home = os.environ.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path.home() / ".config") / "locust-tui" / "config.toml"


def detach_key(asked: str | None = None) -> str:
    """The key that leaves an agent's terminal, as it is written ("ctrl+]"): `asked`, else the file's `detach`, else ours.

    Raises UsageError for one that no terminal sends, or that nobody could do without.
    """
    where = "--detach-key"
    if asked is None:
        path = config_path()
        where = f"{path}: detach"
        asked = _detach_in(path)
    if asked is None:
        return DETACH
    if key_name(asked) is None:
        raise UsageError(f"{where}: {asked!r} is no key to leave with", help=_HELP)
    return asked.strip().lower()


def _detach_in(path: Path) -> str | None:
    try:
        settings = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}", help="correct it, or move it away") from None
    found = settings.get("detach")
    if found is not None and not isinstance(found, str):
        raise UsageError(f"{path}: detach is no text", help=_HELP)
    return found
