"""Moments as people write them on a command line."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

import click

_AGO = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d|w)(?:\s+ago)?")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def parse_moment(text: str, now: float) -> float:
    """Seconds since the epoch of "2025-12-01", "2025-12-01T14:30" (UTC unless it says otherwise), or of "15m" ago.

    Raises ValueError.
    """
    ago = _AGO.fullmatch(text.strip())
    if ago is not None:
        return now - float(ago.group(1)) * _SECONDS[ago.group(2)]
    moment = datetime.fromisoformat(text.strip())
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


class Moment(click.ParamType[float]):
    """A click parameter that is a moment."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        try:
            return parse_moment(str(value), time.time())
        except (ValueError, OverflowError):
            self.fail(
                f'"{value}" is no moment; write 2025-12-01T14:30 (UTC) or 15m for 15 minutes ago', param, ctx
            )


MOMENT = Moment()
