"""What a person did when YAML breaks: each usual mistake behind the parser's errors."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .indentation import misplaced, tab_mistake
from .mistake import (
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
    unclosed,
    value_end,
    within,
)
from .problem import Span

_KEY = re.compile(r"(\s*(?:- +)*)([^\s#:{}\[\],\"'&*!|>%@`][^#:]*?)\s*:(?=\s|$)")
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
        return _after_quote(lines, mark) or _closes_nothing(lines, mark)
    return misplaced(lines, number)


def _closes_nothing(lines: Lines, mark: Mark) -> Mistake | None:
    char = char_at(lines, mark)
    if char not in ("]", "}"):
        return None
    return Mistake(
        f'this "{char}" closes nothing', "remove it, or put the whole value in quotes",
        span_at(mark.line, mark.column), (Edit(mark.line, mark.column, mark.column + 1, ""),), "bracket",
    )  # fmt: skip


def _after_quote(lines: Lines, mark: Mark) -> Mistake | None:
    line = line_at(lines, mark.line)
    key = _KEY.match(line)
    if key is None:
        return None
    start = key.end() + len(line[key.end() :]) - len(line[key.end() :].lstrip())
    raw = line[start:].rstrip()
    if raw[:1] not in "\"'" or start >= mark.column:
        return None
    text = quoted(raw) if raw[0] == "'" else "'" + raw.replace("'", "''") + "'"
    return Mistake(
        "there is text behind the closing quote",
        f"put the whole value in quotes: {key.group(2).strip()}: {text}",
        span_at(mark.line, mark.column),
        (Edit(mark.line, start, len(line), text),),
        "quotes",
    )


def _colon(lines: Lines, mark: Mark, _origin: Mark) -> Mistake | None:
    """A colon where none can be: a text with ": ", a key above without its colon, or a line too deep."""
    line = line_at(lines, mark.line)
    key = _KEY.match(line)
    if key is not None and key.end() - 1 < mark.column:
        return _colon_in_text(lines, mark, key)
    above = next((n for n in range(mark.line - 1, -1, -1) if significant(lines[n])), None)
    if above is None:
        return None
    if _KEY.match(lines[above]) is None and (bare := _bare_word(lines, above)):
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


def _open_flow(lines: Lines, mark: Mark, origin: Mark) -> Mistake | None:
    """A bracket that is never closed, a colon inside a text, or a comma that is missing."""
    line = line_at(lines, mark.line)
    if char_at(lines, origin) not in ("{", "["):
        origin = unclosed(lines, origin) or origin
    opened = char_at(lines, origin) or "{"
    closing = "}" if opened == "{" else "]"
    char = char_at(lines, mark)
    if char == ":":
        head = line[: mark.column]
        start = max(head.rfind(c) for c in ",{[")
        pair = re.match(r"\s*([\w.-]+):\s+", head[start + 1 :])
        if pair:
            begin = start + 1 + pair.end()
            end = value_end(line, mark.column)
            text = line[begin:end]
            return Mistake(
                'a text with ": " needs quotes', f"{pair.group(1)}: {quoted(text)}", span_at(mark.line, mark.column),
                (Edit(mark.line, begin, end, quoted(text)),), "quotes",
            )  # fmt: skip
    if char in ("]", "}") and char != closing:
        return Mistake(
            f'"{closing}" is missing before this "{char}"', f'add "{closing}"', span_at(mark.line, mark.column),
            (Edit(mark.line, mark.column, mark.column, closing),), "bracket",
        )  # fmt: skip
    if mark.line != origin.line or mark.line >= len(lines) or not char:
        first = line_at(lines, origin.line)
        end = value_end(first, len(first)) if "#" not in first else len(re.sub(r"\s+#.*$", "", first))
        return Mistake(
            f'this "{opened}" is never closed', f'add "{closing}"', span_at(origin.line, origin.column),
            (Edit(origin.line, end, end, closing),), "bracket",
        )  # fmt: skip
    return Mistake(
        f'expected "," or "{closing}" here',
        "a text with brackets, commas or quotes needs quotes around all of it",
        span_at(mark.line, mark.column),
        (),
        "bracket",
    )


def _open_quote(lines: Lines, mark: Mark, origin: Mark) -> Mistake | None:
    line = line_at(lines, origin.line)
    quote = line[origin.column : origin.column + 1]
    rest = line[origin.column + 1 :].rstrip()
    return Mistake(
        f"this quote ({quote}) is never closed", f"add {quote} where the text ends", span_at(origin.line, origin.column),
        (Edit(origin.line, origin.column, len(line), quoted(rest)),), "open-quote",
    )  # fmt: skip


def _escape(lines: Lines, mark: Mark, _origin: Mark) -> Mistake | None:
    line = line_at(lines, mark.line)
    start = line.rfind("\\", 0, mark.column + 1)
    if start < 0:
        return None
    return Mistake(
        f"{line[start : start + 2]} has no meaning inside double quotes", "write \\\\ for a backslash, or use single quotes",
        span_at(mark.line, start, start + 2), (Edit(mark.line, start, start, "\\"),), "escape",
    )  # fmt: skip


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
    ("unknown escape character", _escape),
    ("while scanning a quoted scalar", _open_quote),
    ("while parsing a flow", _open_flow),
    ("did not find expected node content", _bad_start),
    ("did not find expected key", _uneven),
    ("did not find expected '-' indicator", _uneven),
)
