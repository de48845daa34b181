"""Whether a value meets its limit, decided on exact decimals."""

from __future__ import annotations

from fractions import Fraction

from locust_tui.domain.criterion import Limit
from locust_tui.domain.quantity import QuantityError, convert, exact, is_pattern

from .patterns import found


def has_bounds(limit: Limit | None) -> bool:
    """Whether the limit is (also) one on a number."""
    return limit is not None and any(
        bound is not None for bound in (limit.above, limit.below, limit.minimum, limit.maximum)
    )


def in_limit_unit(value: Fraction, unit: str | None, limit: Limit | None) -> tuple[Fraction, str | None]:
    """`value` in the limit's unit where it has one. Raises QuantityError when they cannot be compared."""
    to = (limit.unit if limit else None) or None
    return (convert(value, unit, to), to) if to else (convert(value, unit, None), unit)


def meets(value: Fraction, unit: str | None, limit: Limit) -> bool:
    """Whether every bound holds: above and below exclude their own value, minimum and maximum include it.

    Raises QuantityError for an unknown unit, for two that do not compare, and for a bound that is no number.
    """
    compared, _ = in_limit_unit(value, unit, limit)
    return not (
        (limit.above is not None and compared <= exact(float(limit.above)))
        or (limit.below is not None and compared >= exact(float(limit.below)))
        or (limit.minimum is not None and compared < exact(float(limit.minimum)))
        or (limit.maximum is not None and compared > exact(float(limit.maximum)))
    )


def is_expected(text: str, expect: str) -> bool:
    """Whether `text` is `expect`, white space around both aside, or holds a match of a /regular expression/.

    Two numbers are the same however they are written: 1.0 is 1. Raises MeasureError for an unusable pattern.
    """
    if is_pattern(expect):
        return found(expect[1:-1], text)
    said, wanted = text.strip(), expect.strip()
    if said == wanted:
        return True
    try:
        return exact(said) == exact(wanted)
    except QuantityError:
        return False
