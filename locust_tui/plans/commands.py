"""Commands as plans write them: a string goes to the shell, a list is an argument vector, templates hold placeholders."""

from __future__ import annotations

import re
import shlex
from typing import Any

from ..domain.criterion import Command
from ..domain.template import TemplateError, check_template
from .quantities import BadValueError


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
        raise BadValueError(
            f"{what} must be a text or a list, not a block", 'a text that begins with "{" needs quotes'
        )
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
            raise BadValueError(
                "a quote in the command is not closed", "close it, or write the command as a list"
            ) from None
    try:
        check_template(argv)
    except TemplateError as error:
        raise BadValueError(str(error), error.help) from None
    return argv


class SecretReference(str):
    """Where the value of a variable is to be found, as "env:NAME" or "file:PATH"; never the value."""


def _secret(name: str, value: Any) -> str:
    text = str(value)
    kind, _, where = text.partition(":")
    if kind not in ("env", "file") or not where.strip() or "\0" in text:
        raise BadValueError(
            f"the secret of {name} must say where it is, not what it is",
            f"{name}: {{secret: env:MY_TOKEN}} or {{secret: file:~/token}}",
            (name, "secret"),
        )
    return text


def parse_address(value: Any) -> str:
    """An address in the plan, or a SecretReference to where it is found: `{secret: env:NAME}`."""
    if isinstance(value, dict) and set(value) == {"secret"}:
        return SecretReference(_secret("an address", value["secret"]))
    if not isinstance(value, str) or "://" not in value or "\0" in value or not value.isprintable():
        raise BadValueError(
            "an address must be one text with :// in it, or say where it is found",
            "https://example.org/hook, or {secret: env:MY_HOOK}",
        )
    return value


def parse_environment(value: Any) -> dict[str, str]:
    """`env:`: variable names → texts, or a SecretReference."""
    if not isinstance(value, dict):
        raise BadValueError("env must be a block of names and values", "env: {NAME: value}")
    found: dict[str, str] = {}
    for name, item in value.items():
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name, re.ASCII):
            raise BadValueError(f'"{name}" cannot name a variable', "letters, digits and _ only", (name,))
        if isinstance(item, dict) and set(item) == {"secret"}:
            found[name] = SecretReference(_secret(name, item["secret"]))
            continue
        if isinstance(item, dict | list):
            raise BadValueError(f"the value of {name} must be a text", f"{name}: text", (name,))
        text = "" if item is None else _as_text(item)
        if "\0" in text:
            raise BadValueError("a NUL byte cannot stand in a variable", "remove it", (name,))
        found[name] = text
    return found
