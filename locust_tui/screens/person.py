"""As whom a decision is recorded: what this process knows of the person at the keyboard."""

from __future__ import annotations

import os
import sys


def user_name() -> str:
    """Login name of the process's user, or "uid 1000" where the system knows no name."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def terminal_name() -> str:
    try:
        return os.ttyname(sys.__stdin__.fileno() if sys.__stdin__ else 0).removeprefix("/dev/")
    except OSError:
        return "no terminal"
