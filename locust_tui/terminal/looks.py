"""How cells look: what SGR says, as pyte knows it, and lines as runs of cells that look the same."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from pyte.screens import Char

Cells = str | tuple[str, ...]
"""Characters of neighbouring cells: text where each is one, else cell by cell ("" follows one that is two cells wide)."""
Runs = tuple[tuple[Cells, "Look"], ...]
"""A line from the left, the cells that look the same together; what is blank to its end is left out."""


class Look(NamedTuple):
    """How cells are drawn. Colours: "default", one of the sixteen names ("red", "brightred"; yellow is "brown"), or RRGGBB."""

    fg: str = "default"
    bg: str = "default"
    bold: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False
    reverse: bool = False
    faint: bool = False


_look = lru_cache(4096)(Look._make)
_BLANK = (" ", *Look())


def runs_of(line: Mapping[int, Char], columns: int) -> Runs:
    """One of pyte's lines, which takes a hundred times the memory."""
    cells = [line.get(x, _BLANK) for x in range(min(columns, max(line, default=-1) + 1))]
    while cells and cells[-1] == _BLANK:
        cells.pop()
    found = []
    for key, group in groupby(cells, key=_without_text):
        texts = tuple(cell[0] for cell in group)
        joined = "".join(texts)
        found.append((joined if len(joined) == len(texts) and "" not in texts else texts, _look(key)))
    return tuple(found)


_without_text = itemgetter(slice(1, None))


def rendition(parameters: list[int]) -> list[int]:
    """SGR as pyte knows it. It has no faint; its blink stands for that, since nothing of ours blinks."""
    given: list[int] = []
    index = 0
    while index < len(parameters):
        code = parameters[index]
        index += 1
        if code in (38, 48, 58):
            size = {5: 2, 2: 4}.get(parameters[index] if index < len(parameters) else 0, 1)
            colour = [min(value, 255) for value in parameters[index : index + size]]
            index += size
            if code != 58 and len(colour) == size > 1:
                given += [code, *colour]
        elif code == 22:
            given += [22, 25]
        elif code not in (5, 6, 25):
            given.append({2: 5, 21: 4}.get(code, code))
    return given or ([0] if not parameters else [9999])
