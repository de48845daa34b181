"""Numbers with units: exact conversion, and how they are written for people."""

from __future__ import annotations

import math
import re
from fractions import Fraction

from .criterion import Limit

_MICRO = Fraction(1, 1_000_000)

UNITS: dict[str, tuple[str, Fraction]] = {
    "ns": ("time", Fraction(1, 1_000_000_000)),
    "us": ("time", _MICRO),
    "µs": ("time", _MICRO),
    "μs": ("time", _MICRO),
    "ms": ("time", Fraction(1, 1000)),
    "s": ("time", Fraction(1)),
    "min": ("time", Fraction(60)),
    "h": ("time", Fraction(3600)),
    "B": ("size", Fraction(1)),
    "kB": ("size", Fraction(10**3)),
    "MB": ("size", Fraction(10**6)),
    "GB": ("size", Fraction(10**9)),
    "TB": ("size", Fraction(10**12)),
    "KiB": ("size", Fraction(2**10)),
    "MiB": ("size", Fraction(2**20)),
    "GiB": ("size", Fraction(2**30)),
    "TiB": ("size", Fraction(2**40)),
    "%": ("share", Fraction(1)),
}
"""Unit → what it measures, and its size in the base unit (seconds, bytes, points of 100)."""

_LADDERS = (
    (("ns", 1), ("µs", 1), ("ms", 1), ("s", 1), ("min", 2), ("h", 2)),
    (("B", 1), ("kB", 1), ("MB", 1), ("GB", 1), ("TB", 1)),
    (("B", 1), ("KiB", 1), ("MiB", 1), ("GiB", 1), ("TiB", 1)),
)
"""Units from small to large, each with the value from which it is preferred to the one before."""

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
_LONGEST_NUMBER = 400
_LARGEST_EXPONENT = 330


class QuantityError(ValueError):
    """A number or a unit that cannot be compared; the text says why."""


def exact(number: float | str) -> Fraction:
    """`number` as the decimal it is written as: 80.1 is 801/10, whatever its binary neighbour is.

    Raises QuantityError for text that is no number, for NaN, infinity and anything past 10^330.
    """
    text = repr(number) if isinstance(number, float) else str(number).strip()
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        raise QuantityError(f"{text[:40]} is not a finite number")
    _, _, exponent = text.lower().partition("e")
    if exponent and abs(int(exponent)) > _LARGEST_EXPONENT:
        raise QuantityError(f"{text[:40]} is too large or too small to compare")
    return Fraction(text)


def dimension(unit: str | None) -> str | None:
    """What `unit` measures ("time", "size", "share"); None for a plain number. Raises QuantityError if unknown."""
    if not unit:
        return None
    try:
        return UNITS[unit][0]
    except KeyError:
        known = ", ".join(u for u in UNITS if u not in ("us", "μs"))
        raise QuantityError(f"unknown unit {unit[:20]!r} (known: {known})") from None


def convert(value: Fraction, unit: str | None, to: str | None) -> Fraction:
    """`value` in `unit` as a number of `to`. A limit without a unit is read in the value's own.

    Raises QuantityError if a unit is unknown, if they measure different things, or if only the limit has one:
    whether a bare 0.8 means 0.8 % or 80 % is not for us to guess.
    """
    ours, theirs = dimension(unit), dimension(to)
    if theirs is None:
        return value
    if ours is None:
        raise QuantityError(f"the value has no unit and the limit is in {to}; add unit: {to}")
    if ours != theirs:
        raise QuantityError(f"a value in {unit} cannot be compared with a limit in {to}")
    return value * UNITS[unit or ""][1] / UNITS[to or ""][1]


def _ladder(unit: str) -> tuple[tuple[str, int], ...]:
    found = [ladder for ladder in _LADDERS if unit.replace("us", "µs").replace("μs", "µs") in dict(ladder)]
    return found[0] if found else ()


def _digits(value: float, places: int) -> str:
    if float(value).is_integer() and abs(value) < 1e15:
        return str(int(value))
    if abs(value) >= 10 ** (places - 1):
        return f"{value:.0f}"
    text = f"{value:.{places}g}"
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def format_value(value: float | None, unit: str | None = None, limit: Limit | None = None) -> str:
    """`value` for people: in the unit that suits its size, three digits ("11.2 ms", "86 %", "9.4 MB").

    With `limit`, as many digits as it takes to stand on the right side of its bounds ("9.999999 ms" under
    "< 10 ms"). None is "—".
    """
    if value is None:
        return "—"
    if not math.isfinite(value):
        return "not a number"
    shown, name = value, unit or ""
    ladder = _ladder(name)
    if ladder and value:
        base = abs(value) * UNITS[name][1]
        fitting = [u for u, least in ladder if base >= least * UNITS[u][1]]
        name = fitting[-1] if fitting else ladder[0][0]
        shown = float(exact(float(value)) * UNITS[unit or ""][1] / UNITS[name][1])
    text = _digits(shown, 3)
    for places in range(4, 18):
        if not _misleads(text, shown, name, limit):
            break
        text = f"{shown:.{places}g}"
    return f"{text} {name}".rstrip()


def _misleads(text: str, shown: float, unit: str, limit: Limit | None) -> bool:
    """Whether rounding carried the value onto a bound, off it or across it."""
    if limit is None:
        return False
    for bound in (limit.above, limit.below, limit.minimum, limit.maximum):
        if bound is None:
            continue
        try:
            at = float(convert(exact(float(bound)), limit.unit or unit, unit))
        except QuantityError:
            continue
        if (float(text) > at, float(text) == at) != (shown > at, shown == at):
            return True
    return False


def limit_text(limit: Limit | None) -> str:
    """A limit for people: "< 10 ms", "≥ 2 and ≤ 3", "= success"; empty when there is none."""
    if limit is None:
        return ""
    if limit.text:
        return limit.text
    unit = f" {limit.unit}" if limit.unit else ""
    bounds = ((">", limit.above), ("≥", limit.minimum), ("<", limit.below), ("≤", limit.maximum))
    parts = [f"{sign} {bound:.12g}{unit}" for sign, bound in bounds if bound is not None]
    if limit.expect is not None:
        parts.append(f"{'matches' if is_pattern(limit.expect) else '='} {limit.expect}")
    return " and ".join(parts)


def is_pattern(expect: str) -> bool:
    """Whether an expected value is written as a /regular expression/."""
    return len(expect) > 2 and expect.startswith("/") and expect.endswith("/")
