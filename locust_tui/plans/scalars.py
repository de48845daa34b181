"""YAML 1.2 core rules for unquoted scalars: only true and false are booleans, 010 is ten, 17:00 is a text."""

from __future__ import annotations

import re
from typing import Final

_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]{1,18}\Z|0o[0-7]{1,18}\Z|0x[0-9a-fA-F]{1,15}\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?\Z")
_OTHERS = frozenset("~nNtTfF-+.0123456789")

Scalar = str | int | float | bool | None


class WrittenInt(int):
    """A whole number whose text differs from its value: `010`, `0x1F`, `+3`."""

    text: str

    def __str__(self) -> str:
        return self.text


class WrittenFloat(float):
    """A number with a fraction or exponent; `str` gives it as written (`1.0`, `1e3`)."""

    text: str

    def __str__(self) -> str:
        return self.text


def resolve(text: str) -> Scalar:
    """The value of an unquoted scalar.

    Numbers beyond 18 digits, infinities and not-a-number stay texts: no plan means them as numbers.
    """
    if not text:
        return None
    if text[0] not in _OTHERS:
        return text
    if text in _NULL:
        return None
    if (truth := _BOOL.get(text)) is not None:
        return truth
    if _INT.match(text):
        return _whole(text)
    if len(text) <= 40 and not text.lstrip("+-").isdigit() and _FLOAT.match(text):
        number = WrittenFloat(text)
        if number in (float("inf"), float("-inf")):
            return text
        number.text = text
        return number
    return text


def _whole(text: str) -> int:
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    value = int(text[2:], base) if base != 10 else int(text)
    if int.__str__(value) == text:
        return value
    written = WrittenInt(value)
    written.text = text
    return written
