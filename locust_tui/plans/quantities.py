"""What a plan writes in short: durations, sizes, percentages, weeks and dates."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from ..domain.plan import Weeks
from ..domain.quantity import UNITS, QuantityError
from ..domain.quantity import convert as exact_convert


class BadValueError(ValueError):
    """A value that cannot be read; `message` and `help` are for the person who wrote it.

    `at` leads from the value to the part of it that is meant.
    """

    def __init__(self, message: str, help: str | None = None, at: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        self.at = at


_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d|w)", re.ASCII)


def parse_duration(value: Any) -> float:
    """Seconds of `30s`, `5m`, `4h`, `2d`, `1w`, `1h30m`; a day is 24 hours, a week 7 days of wall time."""
    text = str(value).strip()
    seconds, end = 0.0, 0
    for match in _DURATION.finditer(text):
        if text[end : match.start()].strip():
            break
        seconds += float(match.group(1)) * _SECONDS[match.group(2)]
        end = match.end()
    if end and end == len(text) and not isinstance(value, bool):
        return seconds
    if re.fullmatch(r"\d+(\.\d+)?", text):
        raise BadValueError(f'"{text}" lacks a unit', f"{text}s, {text}m or {text}h")
    raise BadValueError(f'"{text}" is not a duration', "write it like 30s, 5m, 4h, 2d or 1w")


def format_duration(seconds: float) -> str:
    """The shortest way to write a duration in a plan: 5400 → "1h30m"."""
    if seconds == 0:
        return "0s"
    parts: list[str] = []
    left = round(seconds * 1000)
    for unit, size in (
        ("w", 604_800_000),
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1000),
        ("ms", 1),
    ):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


_WEEKS = re.compile(
    r"(?:weeks?\s+)?(-?\d+)\s*(?:(?:-|–|—|\.\.|to)\s*(-?\d+))?\s*\Z", re.ASCII | re.IGNORECASE
)
MAX_WEEK = 10_000


def parse_weeks(value: Any) -> Weeks:
    """`3-8`, `3–8`, `3..8`, `weeks 3-8` and `4`: 1-based, both ends included."""
    text = str(value).strip()
    match = _WEEKS.match(text)
    if match is None or isinstance(value, bool):
        raise BadValueError(f'"{text}" is not a range of weeks', "write it like 3-8, or 4")
    first = int(match.group(1))
    last = int(match.group(2) or first)
    if first < 1 or last < 1:
        wrong = first if first < 1 else last
        if wrong == 0:
            raise BadValueError(
                "week 0 does not exist; the first week is week 1", f"1-{last}" if last > 0 else "1"
            )
        raise BadValueError(f"week {wrong} does not exist; the first week is week 1", None)
    if last < first:
        raise BadValueError(f"weeks {first}-{last} runs backwards", f"{last}-{first}")
    if last > MAX_WEEK:
        raise BadValueError(
            f"week {last} is beyond week {MAX_WEEK:,}", "weeks count from the start of the plan"
        )
    return Weeks(first, last)


def parse_week(value: Any) -> int:
    """One week of the plan: `4` or `week 4`."""
    weeks = parse_weeks(value)
    if weeks.first != weeks.last:
        raise BadValueError(f"weeks {weeks} are a range; one week is due", f"{weeks.last}")
    return weeks.last


_RANGE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:(?:-|–|—|\.\.|to)\s*(\d+(?:\.\d+)?))?\s*(%?)\s*\Z", re.ASCII)


def parse_range(value: Any) -> tuple[float, float | None, str]:
    """`2-3` → (2, 3, ""); `90%` → (90, None, "%")."""
    text = str(value).strip()
    match = _RANGE.match(text)
    if match is None or isinstance(value, bool):
        raise BadValueError(f'"{text}" is not a number or a range', "write it like 2-3")
    low = float(match.group(1))
    high = float(match.group(2)) if match.group(2) else None
    if high is not None and high < low:
        raise BadValueError(f"{text} runs backwards", f"{match.group(2)}-{match.group(1)}")
    return low, high, match.group(3)


_ALIASES = {"m": "min", "mins": "min", "sec": "s", "hours": "h", "KB": "kB"}


_QUANTITY = re.compile(
    r"([-+]?\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d{1,3})?|[-+]?\.\d+)\s*([^\s\d].*)?\Z", re.ASCII
)


def parse_quantity(value: Any) -> tuple[float, str | None]:
    """`10ms` → (10, "ms"), `90%` → (90, "%"), `10 MiB` → (10, "MiB"), `3` → (3, None)."""
    text = str(value).strip()
    match = _QUANTITY.match(text)
    if match is None or isinstance(value, bool | list | dict) or value is None:
        raise BadValueError(f'"{text}" is not a number', "write it like 80%, 10ms, 10MB or 3")
    unit = match.group(2)
    return float(match.group(1).replace("_", "")), None if unit is None else known_unit(unit.strip())


def known_unit(unit: str) -> str:
    """`unit` under its usual name; BadValueError when it is not known."""
    name = _ALIASES.get(unit, unit)
    if name not in UNITS:
        near = {u.lower(): u for u in UNITS}.get(unit.lower())
        known = "%, ns, us, ms, s, min, h, B, kB, MB, GB, KiB, MiB, GiB"
        raise BadValueError(
            f'"{unit}" is not a known unit', f"did you mean {near}?" if near else f"units are {known}"
        )
    return name


def convert(value: float, unit: str | None, to: str | None) -> float:
    """`value` in another unit of the same kind; BadValueError when there is no way between them."""
    if unit == to or unit is None or to is None:
        return value
    try:
        return float(exact_convert(Fraction(repr(value)), unit, to))
    except QuantityError as error:
        raise BadValueError(str(error), f"give the limit in {to}") from None


_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\Z", re.ASCII)


def parse_date(value: Any) -> datetime.date:
    """A day like 2025-11-17."""
    text = str(value).strip()
    match = _DATE.match(text)
    if match is None:
        raise BadValueError(f'"{text}" is not a date', "write it like 2025-11-17")
    year, month, day = (int(part) for part in match.groups())
    if not 1 <= month <= 12:
        raise BadValueError(
            f"{text} is not a date (month {month})", "write it as year-month-day, like 2025-11-17"
        )
    if year < 1:
        raise BadValueError(f"{text} is not a date (year {year})", "write it like 2025-11-17")
    last = (
        (datetime.date(year + month // 12, month % 12 + 1, 1) - datetime.timedelta(days=1)).day
        if year < 9999
        else 31
    )
    if not 1 <= day <= last:
        raise BadValueError(f"{text} is not a date (day {day})", f"that month has {last} days")
    return datetime.date(year, month, day)


_EVERY = re.compile(r"([a-z]+)\s+(\d{1,2}):(\d{2})", re.ASCII | re.IGNORECASE)


def parse_every(value: Any) -> str:
    """When a report is due: `fri 17:00`, `day 9:00`, or a duration such as `1w`; the text as it is written."""
    text = " ".join(str(value).split())
    match = _EVERY.fullmatch(text)
    if match is None:
        if re.fullmatch(r"[\d.]+\s*[a-z].*", text, re.IGNORECASE) and parse_duration(text) > 0:
            return text
        raise BadValueError(f'"{text}" says no time to report at', "write it like fri 17:00, day 9:00 or 1w")
    day, hour, minute = match.group(1).lower(), int(match.group(2)), int(match.group(3))
    if hour > 23 or minute > 59:
        raise BadValueError(f"{match.group(2)}:{match.group(3)} is no time of day", f"{day} 17:00")
    if day not in ("day", "daily"):
        _day(day)
    return text


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def parse_days(value: Any) -> tuple[int, ...]:
    """`mon-fri`, or a list of days; Monday is 0."""
    parts: Iterable[Any] = value if isinstance(value, list) else str(value).split(",")
    found: set[int] = set()
    for part in parts:
        ends = [_day(name) for name in re.split(r"-|–|\.\.", str(part).strip(), maxsplit=1)]
        first, last = ends[0], ends[-1]
        found.update(range(first, last + 1) if first <= last else [*range(first, 7), *range(last + 1)])
    return tuple(sorted(found))


def _day(name: str) -> int:
    short = name.strip().lower()[:3]
    if short not in DAYS:
        raise BadValueError(f'"{name}" is not a day of the week', "mon, tue, wed, thu, fri, sat or sun")
    return DAYS.index(short)
