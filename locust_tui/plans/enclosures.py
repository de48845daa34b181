"""Mistakes with brackets and quotes: one that is never closed, closes nothing, or ends before its text does."""

from __future__ import annotations

import re

from .mistake import KEY, Edit, Lines, Mark, Mistake, char_at, line_at, quoted, span_at, unclosed, value_end


def closes_nothing(lines: Lines, mark: Mark) -> Mistake | None:
    """A closing bracket that no other opened."""
    char = char_at(lines, mark)
    if char not in ("]", "}"):
        return None
    return Mistake(
        f'this "{char}" closes nothing', "remove it, or put the whole value in quotes",
        span_at(mark.line, mark.column), (Edit(mark.line, mark.column, mark.column + 1, ""),), "bracket",
    )  # fmt: skip


def after_quote(lines: Lines, mark: Mark) -> Mistake | None:
    """Text behind a value's closing quote."""
    line = line_at(lines, mark.line)
    key = KEY.match(line)
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


def open_flow(lines: Lines, mark: Mark, origin: Mark) -> Mistake | None:
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


def open_quote(lines: Lines, mark: Mark, origin: Mark) -> Mistake | None:
    """A quote without its second."""
    line = line_at(lines, origin.line)
    quote = line[origin.column : origin.column + 1]
    rest = line[origin.column + 1 :].rstrip()
    return Mistake(
        f"this quote ({quote}) is never closed", f"add {quote} where the text ends", span_at(origin.line, origin.column),
        (Edit(origin.line, origin.column, len(line), quoted(rest)),), "open-quote",
    )  # fmt: skip


def escape(lines: Lines, mark: Mark, _origin: Mark) -> Mistake | None:
    """A backslash that YAML gives no meaning."""
    line = line_at(lines, mark.line)
    start = line.rfind("\\", 0, mark.column + 1)
    if start < 0:
        return None
    return Mistake(
        f"{line[start : start + 2]} has no meaning inside double quotes", "write \\\\ for a backslash, or use single quotes",
        span_at(mark.line, start, start + 2), (Edit(mark.line, start, start, "\\"),), "escape",
    )  # fmt: skip
