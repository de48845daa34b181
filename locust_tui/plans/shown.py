"""What a person reads before trusting a plan: every line of every command, marked against what was trusted last."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterable, Iterator

from locust_tui.domain.dataclass import dataclass

from ..safe_text import safe
from .surface import Executable
from .trust import TrustState

ADDED, REMOVED, CHANGED, SAME = "+", "-", "~", " "


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of a command, with nothing left out and nothing invisible."""

    mark: str
    """`+` new since the plan was trusted, `-` gone since, a space otherwise."""
    label: str
    """`run (shell)`, `instructions`, `folder`, `env` …; empty where the line above goes on."""
    text: str


@dataclass(frozen=True, slots=True)
class ShownCommand:
    """One thing that the plan would execute, or would execute no more."""

    owner: str
    kind: str
    mark: str
    """`+` new, `-` gone, `~` changed (its lines say where), a space when it is as it was, or never was trusted."""
    lines: tuple[ShownLine, ...]

    @property
    def differs(self) -> bool:
        return self.mark != SAME


def shown_commands(state: TrustState) -> tuple[ShownCommand, ...]:
    """Everything the plan would execute, grouped by owner; what differs from the last trusted version comes first.

    Commands that are gone are among those that differ. Every line is complete and safe to draw.
    """
    diff = state.diff_to_last_trusted
    added = list(diff.added) if diff else []
    removed = list(diff.removed) if diff else []
    changed: list[ShownCommand] = []
    for new in added:
        old = next((e for e in removed if (e.owner, e.use) == (new.owner, new.use)), None)
        if old is not None:
            removed.remove(old)
            changed.append(_shown(new, CHANGED, _difference(old, new)))
        else:
            changed.append(_shown(new, ADDED, _marked(ADDED, new)))
    changed += [_shown(old, REMOVED, _marked(REMOVED, old)) for old in removed]
    new_ones = set(added)
    same = [_shown(e, SAME, _marked(SAME, e)) for e in state.commands if e not in new_ones]
    return (*_by_owner(changed), *_by_owner(same))


def _by_owner(commands: Iterable[ShownCommand]) -> list[ShownCommand]:
    groups: dict[str, list[ShownCommand]] = {}
    for command in commands:
        groups.setdefault(command.owner, []).append(command)
    return [command for group in groups.values() for command in group]


def _shown(executable: Executable, mark: str, lines: Iterable[ShownLine]) -> ShownCommand:
    return ShownCommand(visible(executable.owner, oneline=True), executable.use, mark, tuple(lines))


def _rows(executable: Executable) -> Iterator[tuple[str, str]]:
    """Label and text of every line; the label stands on the first line of each part only."""
    use = f"{executable.use} (shell)" if executable.shell else executable.use
    parts = [(use, executable.command)]
    parts += [("folder", executable.cwd)] if executable.cwd else []
    parts += [("env", f"{name}={shlex.quote(value)}") for name, value in executable.env]
    parts += executable.settings
    for label, text in parts:
        for number, line in enumerate(_lines(text)):
            yield ("" if number else visible(label, oneline=True)), line


def _lines(text: str) -> list[str]:
    """The lines of a text; a newline at its end is a mark behind the last one."""
    body = text.removesuffix("\n")
    lines = [visible(line, oneline=True) for line in body.split("\n")]
    if body != text:
        lines[-1] += "␊"
    return lines


def _marked(mark: str, executable: Executable) -> list[ShownLine]:
    return [ShownLine(mark, label, text) for label, text in _rows(executable)]


def _difference(old: Executable, new: Executable) -> Iterator[ShownLine]:
    before, after = list(_rows(old)), list(_rows(new))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, first, last, start, end in matcher.get_opcodes():
        if tag == "equal":
            yield from (ShownLine(SAME, *row) for row in after[start:end])
        else:
            yield from (ShownLine(REMOVED, *row) for row in before[first:last])
            yield from (ShownLine(ADDED, *row) for row in after[start:end])


_BLANKS = re.compile("[^\\S\n ]|[\u2800\ufe00-\ufe0f]")
_MARKS = re.compile(
    "(?<=[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f])"
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
_TRAILING = re.compile(" +$", re.MULTILINE)


def visible(text: str, *, oneline: bool = False) -> str:
    """`text` with everything shown that a terminal hides or a reader overlooks; nothing is cut.

    Controls, blanks other than the space, invisible characters, stacked marks and spaces at a line's end.
    With `oneline`, newlines too.
    """
    if not text.isascii() or not text.isprintable():
        text = _MARKS.sub(_code, _BLANKS.sub(_blank, text))
        text = safe(text, limit=len(text))
    text = _TRAILING.sub(lambda spaces: "␠" * len(spaces.group()), text)
    return text.replace("\n", "␊") if oneline else text


def _blank(match: re.Match[str]) -> str:
    code = ord(match.group())
    return chr(0x2400 + code) if code < 0x20 else _code(match)


def _code(match: re.Match[str]) -> str:
    return f"<U+{ord(match.group()):04X}>"
