"""What a person did when YAML breaks: each usual mistake, its words, and a repair that lets the reading go on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .problem import Span


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace columns `start` to `end` (0-based) of one line (0-based); lines are never added or removed."""

    line: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Mistake:
    message: str
    help: str | None
    span: Span
    edits: tuple[Edit, ...] = ()
    """Empty when the rest of the file cannot be guessed."""
    code: str = "syntax"


Lines = list[str]
_KEY = re.compile(r"(\s*(?:- +)*)([^\s#:{}\[\],\"'&*!|>%@`][^#:]*?)\s*:(?=\s|$)")
_WORD = re.compile(r"(\s*(?:- +)*)([\w.-]+)(.*)$")


def diagnose(error: Any, lines: Lines) -> Mistake:
    """The mistake behind a libyaml error (its `problem`, `context` and marks)."""
    problem, context = str(error.problem or ""), str(error.context or "")
    if error.problem_mark is None or not lines:
        return Mistake("the file cannot be read", None, Span(1, 1, 1, 2))
    mark = _within(error.problem_mark, lines)
    origin = _within(error.context_mark or error.problem_mark, lines)
    for test, explain in _RULES:
        if test in problem or test in context:
            found = explain(lines, mark, origin)
            if found is not None:
                return found
    return _lost(lines, mark)


@dataclass(frozen=True, slots=True)
class _Mark:
    """A place in the text, 0-based; at most just behind its last character."""

    line: int
    column: int


def _within(mark: Any, lines: Lines) -> _Mark:
    if mark.line >= len(lines):
        return _Mark(len(lines) - 1, len(lines[-1]))
    return _Mark(mark.line, min(mark.column, len(lines[mark.line])))


def _line(lines: Lines, number: int) -> str:
    return lines[number] if 0 <= number < len(lines) else ""


def _span(line: int, start: int, end: int | None = None) -> Span:
    return Span(line + 1, start + 1, line + 1, (start + 1 if end is None else end) + 1)


def _lost(lines: Lines, mark: _Mark) -> Mistake:
    line = min(mark.line, max(0, len(lines) - 1))
    return Mistake(
        "the structure breaks here",
        "compare indentation, quotes and brackets with the lines above",
        _span(line, mark.column),
    )


def _value_end(line: str, start: int) -> int:
    """Where an unquoted value that begins at `start` ends: at a comment, the line's end, or a closing bracket."""
    depth = _flow_depth(line[:start])
    end = len(line)
    for position in range(start, len(line)):
        char = line[position]
        if char == "#" and position and line[position - 1] in " \t":
            end = position
            break
        if depth > 0 and char in ",]}":
            end = position
            break
    return start + len(line[start:end].rstrip())


def _flow_depth(text: str) -> int:
    bare = re.sub(r"\"(?:\\.|[^\"\\])*\"|'(?:''|[^'])*'", "", text)
    return sum(bare.count(c) for c in "[{") - sum(bare.count(c) for c in "]}")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _bad_start(lines: Lines, mark: _Mark, origin: _Mark) -> Mistake | None:
    """A value that begins with a character YAML keeps for itself."""
    place = mark if _char(lines, mark) in "\t@`%>|]},?!" else origin
    char = _char(lines, place)
    if char == "\t":
        return _tab(lines, place)
    line = _line(lines, place.line)
    end = max(place.column + 1, _value_end(line, place.column + 1))
    value = line[place.column : end]
    edits = (Edit(place.line, place.column, end, _quoted(value)),) if value else ()
    return Mistake(
        f'a value cannot begin with "{char}" here',
        _start_help(line, place.column, value),
        _span(place.line, place.column),
        edits,
        "value-start",
    )


def _start_help(line: str, column: int, value: str) -> str:
    limit = re.match(r">\s*(=?)\s*([\d.]+\s*\S*)$", value)
    if limit:
        return f"put it in quotes, or write {'min' if limit.group(1) else 'above'}: {limit.group(2)}"
    key = re.search(r"([\w.-]+):\s*$", line[:column])
    return f"put it in quotes: {key.group(1) + ': ' if key else ''}{_quoted(value)}"


def _char(lines: Lines, mark: _Mark) -> str:
    return _line(lines, mark.line)[mark.column : mark.column + 1]


def _tab(lines: Lines, place: _Mark) -> Mistake:
    """A tab in the indentation: replaced everywhere, with the first width that can be read."""
    edits = tab_edits(lines)
    line = _line(lines, place.line)
    return Mistake(
        "a tab is used for indentation; YAML allows spaces only",
        "locust-tui fmt replaces it, or use 2 spaces",
        _span(place.line, line.index("\t") if "\t" in line else place.column),
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


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _significant(line: str) -> bool:
    stripped = line.strip()
    return bool(stripped) and not stripped.startswith("#")


_DASHES = re.compile(r" *((?:- +)*)")


def _levels(lines: Lines, before: int, dash: bool) -> list[int]:
    """Indentations of the blocks (or, with `dash`, of the lists) that are open above a line, outermost first."""
    stack: list[tuple[int, bool]] = []
    for line in lines[:before]:
        if not _significant(line):
            continue
        depth = _indent(line)
        while stack and stack[-1][0] > depth:
            stack.pop()
        match = _DASHES.match(line)
        for _ in range(match.group(1).count("-") if match else 0):
            stack.append((depth, True))
            depth += len(re.match(r"- +", line[depth:]).group())  # type: ignore[union-attr]
        stack.append((depth, False))
    return [level for level, is_dash in stack if is_dash == dash]


def _uneven(lines: Lines, mark: _Mark, _origin: _Mark) -> Mistake | None:
    """A line whose indentation fits no block above it; or text behind a quoted value."""
    number = mark.line
    line = _line(lines, number)
    if line[: mark.column].strip():
        return _after_quote(lines, mark)
    return _misplaced(lines, number)


def _misplaced(lines: Lines, number: int) -> Mistake | None:
    line = _line(lines, number)
    depth = _indent(line)
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
        if _significant(lines[below]):
            if _indent(lines[below]) <= depth:
                break
            edits.append(Edit(below, 0, _indent(lines[below]), " " * (_indent(lines[below]) + level - depth)))
    spaces = f"{depth} space{'' if depth == 1 else 's'}"
    return Mistake(
        f'"{what}" is indented by {spaces}; its neighbours by {level}',
        f"indent it by {level}",
        _span(number, depth, depth + len(what)),
        tuple(edits),
        "indent",
    )


def _after_quote(lines: Lines, mark: _Mark) -> Mistake | None:
    line = _line(lines, mark.line)
    key = _KEY.match(line)
    if key is None:
        return None
    start = key.end() + len(line[key.end() :]) - len(line[key.end() :].lstrip())
    raw = line[start:].rstrip()
    if raw[:1] not in "\"'" or start >= mark.column:
        return None
    text = _quoted(raw) if raw[0] == "'" else "'" + raw.replace("'", "''") + "'"
    return Mistake(
        "there is text behind the closing quote",
        f"put the whole value in quotes: {key.group(2).strip()}: {text}",
        _span(mark.line, mark.column),
        (Edit(mark.line, start, len(line), text),),
        "quotes",
    )


def _colon(lines: Lines, mark: _Mark, _origin: _Mark) -> Mistake | None:
    """A colon where none can be: a text with ": ", a key above without its colon, or a line too deep."""
    line = _line(lines, mark.line)
    key = _KEY.match(line)
    if key is not None and key.end() - 1 < mark.column:
        return _colon_in_text(lines, mark, key)
    above = next((n for n in range(mark.line - 1, -1, -1) if _significant(lines[n])), None)
    if above is None:
        return None
    if _KEY.match(lines[above]) is None and (bare := _bare_word(lines, above)):
        return bare
    name = line[: mark.column].strip().removeprefix("- ")
    if not re.fullmatch(r"[\w.-]+", name):
        return _text_over_lines(lines, mark)
    return _misplaced(lines, mark.line)


def _colon_in_text(lines: Lines, mark: _Mark, key: re.Match[str]) -> Mistake:
    line = _line(lines, mark.line)
    start = key.end() + len(line[key.end() :]) - len(line[key.end() :].lstrip())
    end = _value_end(line, start)
    text = line[start:end]
    return Mistake(
        'a text with ": " needs quotes',
        f"{key.group(2).strip()}: {_quoted(text)}",
        _span(mark.line, mark.column),
        (Edit(mark.line, start, end, _quoted(text)),),
        "quotes",
    )


def _text_over_lines(lines: Lines, mark: _Mark) -> Mistake:
    return Mistake(
        'a text with ": " needs quotes',
        'put the text in quotes, or write it below "|", indented',
        _span(mark.line, mark.column),
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
        _span(number, column),
        (Edit(number, column, column, ":"),),
        "colon",
    )


def _simple_key(lines: Lines, _mark: _Mark, origin: _Mark) -> Mistake | None:
    line = _line(lines, origin.line)
    if line[: origin.column].strip(" -"):
        return _lost(lines, origin)
    return _bare_word(lines, origin.line)


def _open_flow(lines: Lines, mark: _Mark, origin: _Mark) -> Mistake | None:
    """A bracket that is never closed, a colon inside a text, or a comma that is missing."""
    line = _line(lines, mark.line)
    opened = _char(lines, origin) or "{"
    closing = "}" if opened == "{" else "]"
    char = _char(lines, mark)
    if char == ":":
        head = line[: mark.column]
        start = max(head.rfind(c) for c in ",{[")
        pair = re.match(r"\s*([\w.-]+):\s+", head[start + 1 :])
        if pair:
            begin = start + 1 + pair.end()
            end = _value_end(line, mark.column)
            text = line[begin:end]
            return Mistake(
                'a text with ": " needs quotes', f"{pair.group(1)}: {_quoted(text)}", _span(mark.line, mark.column),
                (Edit(mark.line, begin, end, _quoted(text)),), "quotes",
            )  # fmt: skip
    if mark.line != origin.line or mark.line >= len(lines) or not char:
        first = _line(lines, origin.line)
        end = _value_end(first, len(first)) if "#" not in first else len(re.sub(r"\s+#.*$", "", first))
        return Mistake(
            f'this "{opened}" is never closed', f'add "{closing}"', _span(origin.line, origin.column),
            (Edit(origin.line, end, end, closing),), "bracket",
        )  # fmt: skip
    return Mistake(
        f'expected "," or "{closing}" here',
        "a text with brackets, commas or quotes needs quotes around all of it",
        _span(mark.line, mark.column),
        (),
        "bracket",
    )


def _open_quote(lines: Lines, mark: _Mark, origin: _Mark) -> Mistake | None:
    line = _line(lines, origin.line)
    quote = line[origin.column : origin.column + 1]
    rest = line[origin.column + 1 :].rstrip()
    return Mistake(
        f"this quote ({quote}) is never closed", f"add {quote} where the text ends", _span(origin.line, origin.column),
        (Edit(origin.line, origin.column, len(line), _quoted(rest)),), "quotes",
    )  # fmt: skip


def _escape(lines: Lines, mark: _Mark, _origin: _Mark) -> Mistake | None:
    line = _line(lines, mark.line)
    start = line.rfind("\\", 0, mark.column + 1)
    if start < 0:
        return None
    return Mistake(
        f"{line[start : start + 2]} has no meaning inside double quotes", "write \\\\ for a backslash, or use single quotes",
        _span(mark.line, start, start + 2), (Edit(mark.line, start, start, "\\"),), "escape",
    )  # fmt: skip


def _list_in_line(lines: Lines, mark: _Mark, _origin: _Mark) -> Mistake | None:
    line = _line(lines, mark.line)
    end = _value_end(line, mark.column)
    item = line[mark.column + 1 : end].strip()
    return Mistake(
        "a list cannot begin on the line of its key", f"put the dash on the next line, or write [{item}]",
        _span(mark.line, mark.column), (Edit(mark.line, mark.column, end, f"[{_quoted(item)}]"),), "list",
    )  # fmt: skip


_RULES: tuple[tuple[str, Callable[[Lines, _Mark, _Mark], Mistake | None]], ...] = (
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
