"""Tidying a plan file: even indentation, no tabs, no stray spaces, one newline at the end.

Only the white space at the ends of lines and behind a key that stands in no column changes: comments, quotes, hand-made columns and everything the
plan says stay as they were written.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from yaml import YAMLError
from yaml.events import AliasEvent, ScalarEvent

from ..errors import NotFoundError
from .builder import build_tree
from .find import near_plans
from .findings import Findings
from .marks import replace_file
from .reading import PlanInvalidError
from .source import UnreadableError, decode_text, read_bytes
from .tree import Tree, TreeError, line_of

STEP = 2
"""Spaces per level."""


def format_text(text: str, file: str = "plan") -> str:
    """`text` tidied: it says exactly what it said, and tidying it again changes nothing.

    Raises PlanInvalidError where the text cannot be read; tabs in the indentation are replaced.
    """
    from .indentation import tab_edits
    from .syntax import read_tree

    lines = re.sub(r"\r\n?", "\n", text).split("\n")
    for edit in tab_edits(lines):
        lines[edit.line] = edit.text + lines[edit.line][edit.end :]
    source = "\n".join(lines)
    findings = Findings(file, lines)
    tree = read_tree(source, findings)
    if tree is None or findings.failed:
        raise PlanInvalidError(findings.sorted())
    for result in (_tidy(lines, tree, indent=True), _tidy(lines, tree, indent=False)):
        if _says(result, tree.value):
            return result
    return source


def _says(text: str, value: Any) -> bool:
    try:
        return bool(build_tree(text).value == value)
    except (YAMLError, TreeError):
        return False


def format_file(path: str | os.PathLike[str], *, check: bool = False) -> bool:
    """Tidy the plan at `path` in place (or only look, with `check`); True when it was (or would be) changed."""
    try:
        data, facts = read_bytes(path)
        text = decode_text(data)
    except FileNotFoundError:
        raise NotFoundError(f"{path}: no such plan", help=near_plans(path)) from None
    except UnreadableError as error:
        findings = Findings(os.fspath(path), [])
        findings.error("unreadable", error.message, error.help)
        raise PlanInvalidError(findings.sorted()) from None
    formatted = format_text(text, os.fspath(path)).encode()
    if formatted == data:
        return False
    if not check:
        replace_file(Path(os.path.realpath(path)), formatted, facts.st_mode & 0o7777)
    return True


def _tidy(lines: list[str], tree: Tree, *, indent: bool) -> str:
    columns: dict[int, tuple[int, bool]] = {}
    for number, place in _columns(tree) if indent else ():
        # a dash stands before the key that shares its line
        columns.setdefault(number, place)
    verbatim = _verbatim(tree)
    lines = [
        _closed_up(lines, n) if n in columns and n not in verbatim else line for n, line in enumerate(lines)
    ]
    shifts = _shifts(lines, columns)
    result: list[str] = []
    for number, line in enumerate(lines):
        if number in verbatim:
            result.append(_moved(line, shifts[number]))
            continue
        line = (
            _dashed(line.rstrip(), columns.get(number))
            if number in columns
            else _moved(line.rstrip(), shifts[number])
        )
        if line or (result and result[-1]):
            result.append(line)
    text = "\n".join(result).rstrip("\n")
    # the line breaks at the end of a block text may be part of it
    tail = "\n".join(lines)[len("\n".join(lines).rstrip("\n")) :] if len(lines) - 2 in verbatim else "\n"
    return text + (tail or "\n") if text else ""


_GAP = re.compile(r"( *)[\w.-]+:( +)(?=[^\s#])")


def _closed_up(lines: list[str], number: int) -> str:
    """The line with one space behind its key, unless the entry before or behind it has its value in the same column."""
    line = lines[number]
    found = _GAP.match(line)
    if found is None or len(found.group(2)) == 1:
        return line
    for beside in (range(number - 1, -1, -1), range(number + 1, len(lines))):
        entry = _next_entry(lines, beside, _indent(line))
        if entry is not None and entry.end() == found.end():
            return line
    return line[: found.start(2)] + " " + line[found.end() :]


def _next_entry(lines: list[str], numbers: range, indent: int) -> re.Match[str] | None:
    """The first entry on the way that begins in the same column; None where the block ends before."""
    for number in numbers:
        line = lines[number]
        if not line.strip() or _indent(line) > indent or line.lstrip().startswith("#"):
            continue
        return _GAP.match(line) if _indent(line) == indent else None
    return None


def _columns(tree: Tree) -> Iterator[tuple[int, tuple[int, bool]]]:
    """Each line that begins an entry of a block → the column it should begin in, and whether with a dash."""
    waiting: list[tuple[Any, Any, int]] = [(tree.value, tree.root, 0)]
    seen: set[int] = set()
    while waiting:
        value, event, column = waiting.pop()
        if id(value) in seen or not isinstance(value, dict | list) or event.flow_style:
            continue
        seen.add(id(value))
        entries = tree.marks[id(value)][0]
        dash = isinstance(value, list)
        pairs = (
            [(None, item) for item in entries] if dash else [p for p in entries.values() if p[0] is not None]
        )
        items = (
            value if isinstance(value, list) else [v for k, v in value.items() if entries[k][0] is not None]
        )
        for (key, item_event), item in zip(pairs, items, strict=True):
            first: Any = item_event if dash else key
            mark = first.start_mark
            yield mark.line, (column, dash)
            if not isinstance(item_event, ScalarEvent | AliasEvent):
                waiting.append((item, item_event, column + STEP))


def _verbatim(tree: Tree) -> set[int]:
    """Lines (0-based) inside texts that span lines: their spaces may be part of the text."""
    found: set[int] = set()
    for entries, _, _ in tree.marks.values():
        for pair in entries.values() if isinstance(entries, dict) else entries:
            event = pair[1] if isinstance(pair, tuple) else pair
            if isinstance(event, ScalarEvent):
                first, last = line_of(event.start_mark), line_of(event.end_mark)
                found.update(range(first + 1, last + (0 if event.style in ("|", ">") else 1)))
    return found


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _shifts(lines: list[str], columns: dict[int, tuple[int, bool]]) -> list[int]:
    """By how many columns each line moves: with its entry; comments with the entry below them."""
    shifts = [0] * len(lines)
    current = 0
    for number, line in enumerate(lines):
        if number in columns:
            current = columns[number][0] - _indent(line)
        shifts[number] = current
    below = 0
    for number in range(len(lines) - 1, -1, -1):
        if number in columns:
            below = shifts[number]
        elif lines[number].lstrip().startswith("#"):
            shifts[number] = below
    return shifts


def _moved(line: str, shift: int) -> str:
    if shift < 0:
        return line[min(-shift, _indent(line)) :]
    return " " * shift + line if line else line


def _dashed(line: str, place: tuple[int, bool] | None) -> str:
    """The line at its column; behind a dash stands one space."""
    column, dash = place or (0, False)
    rest = line.lstrip(" ")
    if dash and (match := re.match(r"-( +)\S", rest)):
        rest = "- " + rest[1 + len(match.group(1)) :]
    return " " * column + rest
