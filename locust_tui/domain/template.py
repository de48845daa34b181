"""Command templates: placeholders are filled in per argument, after the splitting, and never parsed again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

PLACEHOLDERS: dict[str, str] = {
    "instructions": "what the workstream asks for, whole, as one argument",
    "instructions_file": "a file that holds the instructions, for programs that read them from there",
    "workstream": "id of the workstream, or of the orchestrator",
    "run": "id of the run, for example WS-01.2",
    "subject": "name of the workstream in words",
    "week": "plan week in which the run starts",
}

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh", "ash", "fish"})


class TemplateError(ValueError):
    """A template that cannot be filled in; `help` says what to write instead."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.help = help


def placeholders(argument: str) -> list[str]:
    """Names between single braces in one argument, in order."""
    return [m.group(1) for m in _TOKEN.finditer(argument) if m.group(1) is not None]


def check_template(argv: Sequence[str]) -> None:
    """Raise TemplateError for an unknown placeholder, or one inside a shell's `-c` text."""
    script = _shell_script(argv)
    for index, argument in enumerate(argv):
        for name in placeholders(argument):
            if name not in PLACEHOLDERS:
                known = ", ".join(sorted(PLACEHOLDERS))
                raise TemplateError(
                    f"unknown placeholder {{{name}}}", f"known are {known}; write {{{{ for a brace"
                )
            if index == script:
                raise TemplateError(
                    f"{{{name}}} stands inside the text of a shell, which would run what it holds",
                    f"use $1 there and give it after: sh -c '… \"$1\"' _ {{{name}}}",
                )


def fill(argv: Sequence[str], values: Mapping[str, str]) -> tuple[str, ...]:
    """`argv` with every placeholder replaced and `{{`, `}}` made single braces. Raises TemplateError."""
    check_template(argv)

    def replacement(match: re.Match[str]) -> str:
        name = match.group(1)
        return match.group()[0] if name is None else values[name]

    return tuple(_TOKEN.sub(replacement, argument) for argument in argv)


def _shell_script(argv: Sequence[str]) -> int | None:
    """Index of the argument that a shell will parse, or None."""
    if not argv or argv[0].rsplit("/", 1)[-1] not in _SHELLS:
        return None
    for index, argument in enumerate(argv[1:], 1):
        if argument.startswith("-") and not argument.startswith("--") and argument.endswith("c"):
            return index + 1 if index + 1 < len(argv) else None
        if not argument.startswith("-"):
            return None
    return None
