"""The worker's refusals as a person at the cockpit needs them: fields and keys instead of command-line flags."""

from __future__ import annotations

import re

from locust_tui.errors import LocustTuiError

_SAID: tuple[tuple[str, str], ...] = (
    (r"--by (\S+?),? or map your name in the plan: ", r"write \1 in the field as, or map your name in the plan: "),
    (r"--by (\S+)", r"write \1 in the field as"),
    (r"--condition TEXT --owner NAME --due DATE", "fill in condition, owner and due"),
    (r"--note WHY", "fill in the note"),
    (r"name it: gate recycle \S+ --workstream ID", "name it in the field workstreams"),
    (r"locust-tui gate sign \S+ (\S+) --note …", r"Sign … answers \1"),
    (r"locust-tui gate check [^\s;]+(; or locust-tui gate waive [^;]+)+", "c measures it; a must criterion is set aside only by Waive …"),
    (r"look again: locust-tui gate show \S+", "look again"),
    (r"locust-tui gate show (\S+)", r"look at the evidence of \1"),
    (r"locust-tui gate check \S+", "c measures it"),
    (r"locust-tui ws retry \S+", "R tries it again"),
    (r"locust-tui ws reopen \S+", "O opens it again"),
    (r"locust-tui why \S+", "enter says why"),
    (r"press S to start it, or: locust-tui up", "u starts it"),
    (r"locust-tui trust \S+", "y shows what it would run, and takes trust"),
    (r"locust-tui up\b", "u starts the worker"),
    (r"look at it again: locust-tui inbox", "look at it again"),
    (r"locust-tui inbox", "! shows what waits"),
    (r"locust-tui (status|ps|ws ls|gate ls)\b", ""),
)  # fmt: skip


def help_here(help: str) -> str:
    """The help of an error with keys and fields in place of commands and flags."""
    for pattern, words in _SAID:
        help = re.sub(pattern, words, help)
    return help.strip(" ;·")


def words_of(error: LocustTuiError) -> str:
    """One line: what was refused, and what to do about it here."""
    help = help_here(error.help or "")
    return f"{error.message} · {help}" if help else error.message
