"""Moments as people write them on a command line, and the point of the record that they mean."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

import click

from ..analysis.moments import FORMS, Point, parse_point

if TYPE_CHECKING:
    from ..domain.studies.moments import Moment
    from ..state.reader import ReadOnlyStore
    from .target import Target

SKEW_S = 60.0
"""So far ahead of this machine's clock a moment is taken for now: clocks are set, and the worker's goes on as it was."""
AT_HELP = 'As it was then: 2025-12-01T14:30 (UTC), 15m ago, "week 3", r812, "gate g2", "WS-03 accepted".'


class RecordMoment(float):
    """A moment that only the record knows, as "week 3", "r812" or "gate g2": no number before `moment_in` found it."""

    point: Point
    text: str

    @classmethod
    def of(cls, point: Point, text: str) -> Self:
        made = cls("nan")
        made.point, made.text = point, text
        return made


class MomentType(click.ParamType[float]):
    """A click parameter that is a moment: seconds since the epoch, or a `RecordMoment`."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        now = time.time()
        try:
            point = parse_point(str(value), now)
        except (ValueError, OverflowError):
            raise _unclear(f'"{value}" is no moment; {FORMS}', param, ctx) from None
        if not isinstance(point, float):
            return RecordMoment.of(point, str(value))
        if point > now + SKEW_S:
            raise _unclear(f'"{value}" is yet to come', param, ctx)
        return point


def _unclear(message: str, param: click.Parameter | None, ctx: click.Context | None) -> click.BadParameter:
    """An optional argument is named without the brackets of its usage line."""
    hint = param.get_error_hint(ctx).replace("[", "").replace("]", "") if param and ctx else None
    return click.BadParameter(message, ctx, param, hint)


MOMENT = MomentType()


def moment_in(store: ReadOnlyStore, at: float) -> Moment:
    """The point of the record that a `MOMENT` means. NotFoundError where nothing like it happened."""
    from ..domain.studies.moments import Moment
    from ..state.history import find_moment
    from ..state.log import revision_at

    if isinstance(at, RecordMoment):
        return find_moment(store, at.point, time.time())
    return Moment(revision_at(store.connection, at), at)


def seconds_of(target: Target, at: float | None) -> float | None:
    """A `MOMENT` as seconds since the epoch. NotFoundError for one of a record that is not there."""
    if not isinstance(at, RecordMoment):
        return at
    from ..errors import NotFoundError
    from ..state.reader import ReadOnlyStore

    if not target.has_record:
        raise NotFoundError(
            f'nothing has been recorded yet, so there is no "{at.text}"', help="locust-tui up"
        )
    with ReadOnlyStore(target.folder.store) as store:
        return moment_in(store, at).at
