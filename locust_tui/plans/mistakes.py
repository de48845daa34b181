"""What a person did when YAML breaks: each usual mistake behind the parser's errors."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .enclosures import after_quote, closes_nothing, escape, open_flow, open_quote
from .indentation import misplaced, tab_mistake
from .mistake import (
    KEY,
    Edit,
    Lines,
    Mark,
    Mistake,
    char_at,
    line_at,
    lost,
    quoted,
    significant,
    span_at,
    value_end,
    within,
)
from .problem import Span

_WORD = re.compile(r"(\s*(?:- +)*)([\w.-]+)(.*)$")


def diagnose(error: Any, lines: Lines) -> Mistake:
    """The mistake behind a libyaml error (its `problem`, `context` and marks)."""
    problem, context = str(error.problem or ""), str(error.context or "")
    if error.problem_mark is None or not lines:
        return Mistake("the file cannot be read", None, Span(1, 1, 1, 2))
    mark = within(error.problem_mark, lines)
    origin = within(error.context_mark or error.problem_mark, lines)
    for test, explain in _RULES:
        if test in problem or test in context:
            found = explain(lines, mark, origin)
            if found is not None:
                return found
    return lost(lines, mark)


def _bad_start(lines: Lines, mark: Mark, origin: Mark) -> Mistake | None:
    """A value that begins with a character YAML keeps for itself."""
    place = mark if char_at(lines, mark) in "\t@`%>|]},?!" else origin
    char = char_at(lines, place)
    if char == "\t":
        return tab_mistake(lines, place)
    line = line_at(lines, place.line)
    end = max(place.column + 1, value_end(line, place.column + 1))
    value = line[place.column : end]
    edits = (Edit(place.line, place.column, end, quoted(value)),) if value else ()
    return Mistake(
        f'a value cannot begin with "{char}" here',
        _start_help(line, place.column, value),
        span_at(place.line, place.column),
        edits,
        "value-start",
    )


def _start_help(line: str, column: int, value: str) -> str:
    limit = re.match(r">\s*(=?)\s*([\d.]+\s*\S*)$", value)
    if limit:
        return f"put it in quotes, or write {'min' if limit.group(1) else 'above'}: {limit.group(2)}"
    key = re.search(r"([\w.-]+):\s*$", line[:column])
    return f"put it in quotes: {key.group(1) + ': ' if key else ''}{quoted(value)}"


def _uneven(lines: Lines, mark: Mark, _origin: Mark) -> Mistake | None:
    """A line whose indentation fits no block above it; or text behind a quoted value."""
    number = mark.line
    line = line_at(lines, number)
    if line[: mark.column].strip():
        return after_quote(lines, mark) or closes_nothing(lines, mark)
    return misplaced(lines, number)


def _colon(lines: Lines, mark: Mark, _origin: Mark) -> Mistake | None:
    """A colon where none can be: a text with ": ", a key above without its colon, or a line too deep."""
    line = line_at(lines, mark.line)
    key = KEY.match(line)
    if key is not None and key.end() - 1 < mark.column:
        return _colon_in_text(lines, mark, key)
    above = next((n for n in range(mark.line - 1, -1, -1) if significant(lines[n])), None)
    if above is None:
        return None
    if KEY.match(lines[above]) is None and (bare := _bare_word(lines, above)):
        return bare
    name = line[: mark.column].strip().removeprefix("- ")
    if not re.fullmatch(r"[\w.-]+", name):
        return _text_over_lines(lines, mark)
    return misplaced(lines, mark.line)


def _colon_in_text(lines: Lines, mark: Mark, key: re.Match[str]) -> Mistake:
    line = line_at(lines, mark.line)
    start = key.end() + len(line[key.end() :]) - len(line[key.end() :].lstrip())
    end = value_end(line, start)
    text = line[start:end]
    return Mistake(
        'a text with ": " needs quotes',
        f"{key.group(2).strip()}: {quoted(text)}",
        span_at(mark.line, mark.column),
        (Edit(mark.line, start, end, quoted(text)),),
        "quotes",
    )


def _text_over_lines(lines: Lines, mark: Mark) -> Mistake:
    return Mistake(
        'a text with ": " needs quotes',
        'put the text in quotes, or write it below "|", indented',
        span_at(mark.line, mark.column),
        (Edit(mark.line, mark.column, mark.column + 1, " -"),),
        "quotes",
    )


def _bare_word(lines: Lines, number: int) -> Mistake | None:
    """A line that is only a word, or a word and a value: its colon is missing."""
    match = _WORD.match(lines[number])
    if match is None or match.group(3).strip().startswith((",", "]", "}")):
        return None
    lead, word, rest = match.groups()
    column = len(lead) + len(word)
    tail = rest.strip()
    return Mistake(
        f'expected ":" after {word}',
        f"{word}: {tail}" if tail and not tail.startswith("#") else f"{word}: {{run: make}}",
        span_at(number, column),
        (Edit(number, column, column, ":"),),
        "colon",
    )


def _simple_key(lines: Lines, _mark: Mark, origin: Mark) -> Mistake | None:
    line = line_at(lines, origin.line)
    if line[: origin.column].strip(" -"):
        return lost(lines, origin)
    return _bare_word(lines, origin.line)


def _list_in_line(lines: Lines, mark: Mark, _origin: Mark) -> Mistake | None:
    line = line_at(lines, mark.line)
    end = value_end(line, mark.column)
    item = line[mark.column + 1 : end].strip()
    return Mistake(
        "a list cannot begin on the line of its key", f"put the dash on the next line, or write [{item}]",
        span_at(mark.line, mark.column), (Edit(mark.line, mark.column, end, f"[{quoted(item)}]"),), "list",
    )  # fmt: skip


_RULES: tuple[tuple[str, Callable[[Lines, Mark, Mark], Mistake | None]], ...] = (
    ("mapping values are not allowed", _colon),
    ("block sequence entries are not allowed", _list_in_line),
    ("mapping keys are not allowed", _bad_start),
    ("could not find expected ':'", _simple_key),
    ("cannot start any token", _bad_start),
    ("while scanning a block scalar", _bad_start),
    ("while scanning an alias", _bad_start),
    ("while scanning an anchor", _bad_start),
    ("while scanning a tag", _bad_start),
    ("while parsing a tag", _bad_start),
    ("unknown escape character", escape),
    ("while scanning a quoted scalar", open_quote),
    ("while parsing a flow", open_flow),
    ("did not find expected node content", _bad_start),
    ("did not find expected key", _uneven),
    ("did not find expected '-' indicator", _uneven),
)
