"""Commands as plans write them: a string goes to the shell, a list is an argument vector, templates hold placeholders."""

from __future__ import annotations

import re
import shlex
from typing import Any

from ..domain.criterion import Command
from .quantities import BadValueError

PLACEHOLDERS = ("instructions", "instructions_file", "workstream", "run", "subject", "week")
"""What an agent's command template may hold in braces."""

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh"})


def parse_command(value: Any) -> Command:
    """`run:`: a string is given to /bin/sh, a list is the argument vector as it stands."""
    if isinstance(value, list):
        argv = _arguments(value)
        return Command(argv, shlex.join(argv))
    text = _line(value, "a command")
    return Command(("/bin/sh", "-c", text), text, shell=True)


def _arguments(value: list[Any]) -> tuple[str, ...]:
    if not value:
        raise BadValueError("a command must not be empty", "[make, test]")
    for position, part in enumerate(value):
        if isinstance(part, dict | list) or part is None:
            raise BadValueError("every part of a command must be a text", "[make, test]", (position,))
        if "\0" in str(part):
            raise BadValueError("a NUL byte cannot stand in a command", None, (position,))
    argv = tuple(_as_text(part) for part in value)
    if not argv[0].strip():
        raise BadValueError("a command must begin with a program", "[make, test]", (0,))
    return argv


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _line(value: Any, what: str) -> str:
    if isinstance(value, dict):
        raise BadValueError(f"{what} must be a text or a list, not a block", 'a text that begins with "{" needs quotes')
    if value is None or not str(value).strip():
        raise BadValueError(f"{what} must not be empty", "run: make")
    text = _as_text(value)
    if "\0" in text:
        raise BadValueError("a NUL byte cannot stand in a command", "remove it")
    return text


def parse_template(value: Any) -> tuple[str, ...]:
    """`command:` of an agent type: split once like a shell would, placeholders checked but not yet filled in."""
    if isinstance(value, list):
        argv = _arguments(value)
    else:
        text = _line(value, "a command")
        try:
            argv = tuple(shlex.split(text))
        except ValueError:
            raise BadValueError("a quote in the command is not closed", "close it, or write the command as a list") from None
    check_placeholders(argv)
    return argv


def check_placeholders(argv: tuple[str, ...]) -> None:
    """Raise BadValueError for an unknown placeholder, or for one that a shell would parse."""
    for position, argument in enumerate(argv):
        for match in _PLACEHOLDER.finditer(argument):
            name = match.group(1)
            if name is None:
                continue
            if name not in PLACEHOLDERS:
                known = " ".join(f"{{{p}}}" for p in PLACEHOLDERS)
                raise BadValueError(f"unknown placeholder {{{name}}}", f"known are {known}; {{{{ writes a brace")
            if _is_shell_script(argv, position):
                raise BadValueError(
                    f"{{{name}}} stands inside a shell script, where its text would be run as code",
                    f"use $1: [sh, -c, 'tool \"$1\"', sh, '{{{name}}}']",
                )


def _is_shell_script(argv: tuple[str, ...], position: int) -> bool:
    if argv[0].rsplit("/", 1)[-1] not in _SHELLS:
        return False
    flags = argv[1:position]
    return bool(flags) and all(f.startswith("-") for f in flags) and any("c" in f and not f.startswith("--") for f in flags)


def parse_environment(value: Any) -> dict[str, str]:
    """`env:`: variable names → texts."""
    if not isinstance(value, dict):
        raise BadValueError("env must be a block of names and values", "env: {NAME: value}")
    found: dict[str, str] = {}
    for name, item in value.items():
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name, re.ASCII):
            raise BadValueError(f'"{name}" cannot name a variable', "letters, digits and _ only", (name,))
        if isinstance(item, dict | list):
            raise BadValueError(f"the value of {name} must be a text", f"{name}: text", (name,))
        text = "" if item is None else _as_text(item)
        if "\0" in text:
            raise BadValueError("a NUL byte cannot stand in a variable", "remove it", (name,))
        found[name] = text
    return found
