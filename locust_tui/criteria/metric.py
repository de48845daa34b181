"""One number (or word) out of a JSON document or out of a command's output."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.quantity import UNITS, QuantityError, exact

from .reading import METRIC_LIMIT, MeasureError, one_line, read_bounded

_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_NUMBER = re.compile(
    r"(?<![\w.\-+])(?<!\d[,:/])"
    r"(?P<number>[-+]?(?:\d{1,3}(?:,\d{3})++(?!\d)(?:\.\d++)?|\d++(?:\.\d++)?|\.\d++)(?:[eE][-+]?\d{1,4})?)"
    rf"(?![.,:/-]?\d)(?:[ \t]?(?P<unit>{_UNIT})(?![\w/]))?(?P<glued>\w)?",
    re.ASCII,
)
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_SEGMENT = re.compile(r"[^.\[\]]+|\[(-?\d{1,9}|\"[^\"]*\"|'[^']*')\]")
_DEEPEST_PATH = 64


@dataclass(frozen=True, slots=True)
class Found:
    """A number with the unit that stands behind it, or a text."""

    number: Fraction | None = None
    unit: str | None = None
    text: str | None = None


def plain(output: str) -> str:
    """`output` without terminal escapes, so that a colour's number is never the measured one."""
    return _ESCAPES.sub("", output).replace("\r\n", "\n")


def last_number(output: str) -> Found | None:
    """The last number in `output`, with its unit where a known one follows ("took 9.1 ms"); None without any.

    Parts of a word, a version, a date, a clock time or a fraction are none, nor is "1,5", which two countries
    read differently. "1,234,567" is one number.
    """
    last: re.Match[str] | None = None
    for match in _NUMBER.finditer(plain(output)):
        if match["glued"] is None:
            last = match
    if last is None:
        return None
    try:
        return Found(number=exact(last["number"].replace(",", "")), unit=last["unit"])
    except QuantityError as error:
        raise MeasureError(str(error)) from error


def from_output(output: str, at: str | None) -> Found:
    """With `at`, the value at that path of the JSON document that `output` is; else its last number."""
    if at is not None:
        return value_at(parse_json(plain(output).strip(), "the output"), at, "the output")
    number = last_number(output)
    if number is None:
        said = one_line(plain(output), 80)
        raise MeasureError(f"no number in the output: {said}" if said else "the command printed nothing")
    return number


def from_file(path: Path, at: str | None) -> Found:
    """The value at `at` of a JSON file; without `at`, the whole value, or the last number of a text file."""
    content = read_bounded(path, METRIC_LIMIT)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MeasureError(f"{path.name} is not UTF-8 text: {error}") from error
    if at is not None:
        return value_at(parse_json(text, path.name), at, path.name)
    number = last_number(text)
    if number is None:
        raise MeasureError(f"no number in {path.name}")
    return number


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise MeasureError(f"the key {twice[:60]!r} is there twice")
    return document


def _no_constant(name: str) -> Any:
    raise MeasureError(f"it holds {name}, which is no number")


def parse_json(text: str, source: str) -> Any:
    """`text` as JSON with exact numbers. Raises MeasureError for NaN, infinities, repeated keys and deep nesting."""
    try:
        return json.loads(
            text,
            object_pairs_hook=_once,
            parse_constant=_no_constant,
            parse_float=_Literal,
            parse_int=_Literal,
        )
    except MeasureError as error:
        raise MeasureError(f"{source}: {error.message}") from error
    except RecursionError:
        raise MeasureError(f"{source} is nested too deeply to be a measurement") from None
    except ValueError as error:
        raise MeasureError(f"{source} is not valid JSON: {error}") from error


class _Literal(str):
    """A number as the document writes it; told apart from a string by its type."""

    __slots__ = ()


def _keys(at: str) -> list[str | int]:
    keys: list[str | int] = []
    position = 0
    for match in _SEGMENT.finditer(at):
        between = at[position : match.start()]
        if between not in ("", "."):
            break
        inner = match[1]
        if inner is None:
            keys.append(match[0])
        else:
            keys.append(inner[1:-1] if inner[0] in "\"'" else int(inner))
        position = match.end()
    if not keys or position != len(at) or len(keys) > _DEEPEST_PATH:
        raise MeasureError(
            f"{at[:80]!r} is not a path", help="write it like mean.point_estimate or results[0].mean"
        )
    return keys


def value_at(document: Any, at: str, source: str) -> Found:
    """The number, word or truth value at a dotted path; list items by index (`results.0.mean`, `results[-1]`).

    Raises MeasureError naming the first step that is missing, and what is there instead.
    """
    here = document
    walked: list[str] = []
    for key in _keys(at):
        where = ".".join(walked) or "the top"
        if isinstance(here, list):
            index = int(key) if str(key).lstrip("-").isdecimal() else None
            if index is None or not -len(here) <= index < len(here):
                raise MeasureError(f"{source} has no item {key} at {where}: a list of {len(here)}")
            here = here[index]
        elif isinstance(here, dict):
            if str(key) not in here:
                there = one_line(", ".join(here), 80) or "nothing"
                raise MeasureError(f"{source} has no {key} at {where}", help=f"there is: {there}")
            here = here[str(key)]
        else:
            raise MeasureError(f"{source} has a plain value at {where}, so nothing at {at[:80]}")
        walked.append(str(key))
    return _scalar(here, at, source)


def _scalar(value: Any, at: str, source: str) -> Found:
    if isinstance(value, _Literal):
        try:
            return Found(number=exact(str(value)))
        except QuantityError as error:
            raise MeasureError(f"{source}: {error}") from error
    if isinstance(value, bool):
        return Found(text="true" if value else "false")
    if isinstance(value, str):
        return Found(text=value)
    kind = "nothing (null)" if value is None else "a list" if isinstance(value, list) else "an object"
    raise MeasureError(f"{source} has {kind} at {at[:80]}, not a value")
