"""What the trust question shows: every command under its owner, wrapped behind a gutter that no command can draw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from ..plans.shown import shown_commands, visible
from ..report.table import cells
from .output import ascii_only

if TYPE_CHECKING:
    from ..plans.shown import ShownCommand, ShownLine
    from ..plans.trust import TrustState

LEAST_TEXT = 20
"""Columns a command gets at least, however narrow the terminal."""


def counted(state: TrustState) -> str:
    """ "1 command", "12 commands"."""
    return f"{len(state.commands)} command{'' if len(state.commands) == 1 else 's'}"


def trust_text(path: Path, state: TrustState, columns: int | None) -> list[str]:
    """The lines to show, at most `columns` wide (None: as long as they are).

    What differs from the last trusted version comes first, with - and +; then everything else.
    """
    commands = shown_commands(state)
    name = visible(str(path), oneline=True)
    differing = [c for c in commands if c.differs]
    same = [c for c in commands if not c.differs]
    if not differing:
        return [f"{name} would execute {counted(state)}:", *_groups(same, columns)]
    lines = [f"{name} would execute other things than when it was trusted (+ new, - gone):"]
    lines += _groups(differing, columns)
    if same:
        lines += ["", "and, as when it was trusted:", *_groups(same, columns)]
    return lines


def _groups(commands: Iterable[ShownCommand], columns: int | None) -> Iterator[str]:
    for owner, group in groupby(commands, key=lambda command: command.owner):
        lines = [line for command in group for line in command.lines]
        yield from ("", *_pieces(owner, columns), *_body(lines, columns))


def _body(lines: list[ShownLine], columns: int | None) -> Iterator[str]:
    """Each line behind `│`; what goes on because the terminal is narrow stands behind `┊`."""
    begins, goes_on = ("|", ":") if ascii_only() else ("│", "┊")
    width = max(len(line.label) for line in lines)
    room = None if columns is None else columns - width - 7
    for line in lines:
        for number, piece in enumerate(_pieces(line.text, room)):
            label = "" if number else line.label
            yield f"  {line.mark} {label:<{width}} {goes_on if number else begins} {piece}".rstrip()


def _pieces(text: str, room: int | None) -> list[str]:
    """`text` cut to pieces of at most `room` columns, at whatever character: spaces count too."""
    if room is None or cells(text) <= room:
        return [text]
    room = max(LEAST_TEXT, room)
    pieces, piece, used = [], "", 0
    for char in text:
        size = cells(char)
        if used + size > room:
            pieces.append(piece)
            piece, used = "", 0
        piece += char
        used += size
    return [*pieces, piece]
