"""A snapshot and a log in which everything that came from outside attacks the terminal or the toolkit."""

from __future__ import annotations

import dataclasses
from typing import Any

import sample

from locust_tui.domain.snapshot import Snapshot

CORPUS = (
    "\x1b]0;owned\x07",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]777;notify;a;b\x07",
    '\x1bP$q"p\x1b\\',
    "\x1b_Gi=1\x1b\\",
    "\x1b[2J\x1b[H",
    "\x1b[?1049l",
    "\x1bc",
    "\x9b2J",
    "\x9d0;c1\x9c",
    "\u202egnp.exe\u202c",
    "\u2066iso\u2069",
    "z\u0335" + "\u0336\u0337\u0338\u0335" * 30,
    "\u200b\u2060\ufeff",
    "\U000e0041\U000e0042",
    "\x1b]4;1;rgb:ff/ff/ff\x1b\\",
    "\x1b]10;#000000\x07\x1b]11;?\x07",
    "\x1b]1337;File=inline=1:AAAA\x07",
    "\x1b^private\x1b\\\x1bXstring\x1b\\",
    "\x1b[6n\x1b[c\x1b[21t",
    "\x1b[8;5;7mhidden",
    "\x1b7\x1b#8\x1b(0\x0e",
    "\x84\x85\x8d\x90q\x98s\x9ep\x9fa\x9c",
    "\U000e0001\U000e0065\U000e007f\u061c\u200e\u200f\u2029",
    "\r\noverwritten\r",
    "\x00\x07\x08\x7f",
    "[@click=app.quit]click[/]",
    "[/]",
    "[bold red]",
    "[link=http://evil]x[/link]",
    "[@click=app.simulate_key('y')]approve[/]",
    "\\[",
    "[red",
)
CLICKS = "".join(part for part in CORPUS if "@click" in part)
"""What a toolkit that reads markup in texts would make into things to click on."""
_OWN = {
    "id",
    "run",
    "key",
    "subject",
    "orchestrator",
    "workstreams",
    "state",
    "kind",
    "actions",
    "choices",
    "item",
    "phase",
}


def poisoned(value: Any, poison: str) -> Any:
    """The same value with every free text in it attacking; what other fields refer to stays."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changes = {}
        for field in dataclasses.fields(value):
            inner = getattr(value, field.name)
            if field.name in _OWN and not isinstance(inner, tuple):
                continue
            if field.name in ("actions", "choices", "trend") or (
                field.name == "workstreams" and inner and isinstance(inner[0], str)
            ):
                continue
            changes[field.name] = poisoned(inner, poison)
        return dataclasses.replace(value, **changes)
    if isinstance(value, tuple):
        return tuple(poisoned(inner, poison) for inner in value)
    if type(value) is str:
        return f"{poison}{value}{poison}"
    return value


def snapshot(poison: str) -> Snapshot:
    return poisoned(sample.held_confirm(), poison)  # type: ignore[no-any-return]
