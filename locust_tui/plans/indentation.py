"""Mistakes of indentation: tabs, and lines that fit no block above them."""

from __future__ import annotations

import re

from .mistake import Edit, Lines, Mark, Mistake, indent_of, line_at, significant, span_at


def tab_mistake(lines: Lines, place: Mark) -> Mistake:
    """A tab in the indentation: replaced everywhere, with the first width that can be read."""
    edits = tab_edits(lines)
    line = line_at(lines, place.line)
    return Mistake(
        "a tab is used for indentation; YAML allows spaces only",
        "locust-tui fmt replaces it, or use 2 spaces",
        span_at(place.line, line.index("\t") if "\t" in line else place.column),
        edits,
        "tab",
    )


def tab_edits(lines: Lines) -> tuple[Edit, ...]:
    """Repairs of every tab in the indentation, with the first width under which the lines can be read."""
    widths = (4, 8, 2) if any(line.startswith(" ") and line.strip() for line in lines) else (2,)
    candidates = [_without_tabs(lines, width) for width in widths]
    return next((c for c in candidates if c and _readable(lines, c)), candidates[0])


def _without_tabs(lines: Lines, width: int) -> tuple[Edit, ...]:
    edits = []
    for number, line in enumerate(lines):
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        if "\t" in indent:
            edits.append(Edit(number, 0, len(indent), indent.expandtabs(width)))
    return tuple(edits)


def _readable(lines: Lines, edits: tuple[Edit, ...]) -> bool:
    import yaml

    text = list(lines)
    for edit in edits:
        text[edit.line] = edit.text + text[edit.line][edit.end :]
    try:
        for _ in yaml.parse("\n".join(text), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            pass
    except yaml.YAMLError:
        return False
    return True


_DASHES = re.compile(r" *((?:- +)*)")


def _levels(lines: Lines, before: int, dash: bool) -> list[int]:
    """Indentations of the blocks (or, with `dash`, of the lists) that are open above a line, outermost first."""
    stack: list[tuple[int, bool]] = []
    for line in lines[:before]:
        if not significant(line):
            continue
        depth = indent_of(line)
        while stack and stack[-1][0] > depth:
            stack.pop()
        match = _DASHES.match(line)
        for _ in range(match.group(1).count("-") if match else 0):
            stack.append((depth, True))
            depth += len(re.match(r"- +", line[depth:]).group())  # type: ignore[union-attr]
        stack.append((depth, False))
    return [level for level, is_dash in stack if is_dash == dash]


def misplaced(lines: Lines, number: int) -> Mistake | None:
    line = line_at(lines, number)
    depth = indent_of(line)
    dash = line.lstrip().startswith("- ")
    others = [
        level for level in _levels(lines, number, dash) or _levels(lines, number, False) if level != depth
    ]
    if not others or not line.strip():
        return None
    level = min(others, key=lambda n: (abs(n - depth), -n))
    name = re.match(r"(?:- +)?[\"']?([^\s:,{}\[\]\"']+)", line.strip())
    what = name.group(1) if name else line.strip()[:20]
    edits = [Edit(number, 0, depth, " " * level)]
    for below in range(number + 1, len(lines)):
        if significant(lines[below]):
            if indent_of(lines[below]) <= depth:
                break
            edits.append(
                Edit(below, 0, indent_of(lines[below]), " " * (indent_of(lines[below]) + level - depth))
            )
    spaces = f"{depth} space{'' if depth == 1 else 's'}"
    return Mistake(
        f'"{what}" is indented by {spaces}; its neighbours by {level}',
        f"indent it by {level}",
        span_at(number, depth, depth + len(what)),
        tuple(edits),
        "indent",
    )
