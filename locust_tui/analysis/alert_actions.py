"""What an alert does when it fires, as it is written on a command line."""

from __future__ import annotations

import shlex

from locust_tui.domain.dataclass import dataclass
from locust_tui.errors import UsageError

from .hook_scripts import parse

_SEVERITY = {
    "low": "info", "normal": "warning", "medium": "warning", "high": "critical", "critical": "critical", "urgent": "critical",
}  # fmt: skip
_FORMS = "notify:NAME, notify --to NAME --priority high, or verbs as in hooks"


@dataclass(frozen=True, slots=True)
class Action:
    notify: tuple[str, ...] = ()
    severity: str = ""
    """Where the action names a priority."""
    script: str = ""
    """A pipeline of this program's verbs, run each time the alert begins to fire."""


def action_of(text: str) -> Action:
    """`notify:A,B`, `notify --to A,B --priority P`, or a pipeline of verbs. Raises UsageError for anything else."""
    text = text.strip()
    if text.startswith("notify:"):
        return Action(_names(text.removeprefix("notify:"), text))
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(f'cannot read the action "{text}": {error}', help=_FORMS) from None
    if words[:1] != ["notify"] or any(
        word.startswith(("--message", "--body", "--subject")) for word in words
    ):
        parse(text)
        return Action(script=text)
    to, severity = "", ""
    rest = iter(words[1:])
    for word in rest:
        option, _, value = word.partition("=")
        value = value or next(rest, "")
        if option in ("--to", "--target") and value:
            to = value
        elif option == "--priority" and value in _SEVERITY:
            severity = _SEVERITY[value]
        else:
            raise UsageError(f'"{word}" is not understood in the action "{text}"', help=_FORMS)
    return Action(_names(to, text), severity)


def _names(text: str, whole: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise UsageError(f'the action "{whole}" names nobody', help=_FORMS)
    return names
