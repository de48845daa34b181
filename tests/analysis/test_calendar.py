"""The calendar of a plan: weeks, working days, holidays, time zones in which clocks are turned."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.analysis.worktime import begin_moment, days_between, end_moment, working_time
from locust_tui.domain.clock import plan_time, week_end, week_of
from locust_tui.domain.plan import Calendar, Weeks
from locust_tui.plans.quantities import BadValueError, parse_weeks

BERLIN = ZoneInfo("Europe/Berlin")
DAY = 86_400.0


def there(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> float:
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN).timestamp()


def berlin(date: str, **more: object) -> Calendar:
    start = datetime.fromisoformat(date).replace(tzinfo=BERLIN).timestamp()
    return replace(Calendar(start=start, start_date=date, timezone="Europe/Berlin"), **more)  # type: ignore[arg-type]


AUTUMN = berlin("2025-10-20")
"""A Monday; clocks go back on the Sunday of its first week, so that this week has 169 hours."""
SPRING = berlin("2026-03-23")
"""A Monday; clocks go forward on the Sunday of its first week."""


@pytest.mark.parametrize("calendar", [AUTUMN, SPRING])
def test_weeks_end_at_midnight_where_the_plan_is_however_many_hours_they_have(calendar: Calendar) -> None:
    start = calendar.start
    assert start is not None
    for week in range(1, 60):
        end = week_end(calendar, start, week)
        local = datetime.fromtimestamp(end, BERLIN)
        assert (local.hour, local.minute, local.weekday()) == (0, 0, 0)
        assert week_of(calendar, start, end - 1) == week
        assert week_of(calendar, start, end) == week + 1
        assert plan_time(calendar, start, end) == week


def test_the_last_hour_of_a_week_in_which_clocks_go_back_belongs_to_it() -> None:
    assert week_of(AUTUMN, AUTUMN.start, there(2025, 10, 26, 23, 30)) == 1
    assert week_of(AUTUMN, AUTUMN.start, there(2025, 10, 27, 0, 0)) == 2


@given(st.floats(-30 * DAY, 400 * DAY), st.floats(0, 10 * DAY))
def test_time_only_goes_forward(at: float, more: float) -> None:
    for calendar in (AUTUMN, SPRING, berlin("2025-10-22", holidays=("2025-12-25", "2025-12-26"))):
        start = calendar.start
        assert start is not None
        assert plan_time(calendar, start, start + at + more) >= plan_time(calendar, start, start + at)
        before, after = (working_time(calendar, start, start + t) for t in (at, at + more))
        assert after >= before - 1e-9


@given(st.integers(0, 400), st.integers(0, 4))
def test_a_moment_found_for_a_position_lies_there(tenths: int, which: int) -> None:
    calendars = (
        AUTUMN,
        SPRING,
        Calendar(start=AUTUMN.start, week_s=2.0),
        berlin("2025-10-23", workdays=(0, 2, 5)),
        berlin("2025-12-15", holidays=("2025-12-25", "2025-12-26", "2026-01-01")),
    )
    calendar, weeks = calendars[which], tenths / 10
    start = calendar.start
    assert start is not None
    for moment in (begin_moment(calendar, start, weeks), end_moment(calendar, start, weeks)):
        assert working_time(calendar, start, moment) == pytest.approx(weeks)
    assert end_moment(calendar, start, weeks) <= begin_moment(calendar, start, weeks)


def test_a_week_begins_on_its_first_working_day_and_ends_with_its_last() -> None:
    calendar = berlin("2025-10-20", holidays=("2025-10-27", "2025-11-07"))
    start = calendar.start
    assert start is not None
    assert begin_moment(calendar, start, 1.0) == there(2025, 10, 28)  # the Monday is a holiday
    assert end_moment(calendar, start, 1.0) == there(2025, 10, 25)  # Friday's end
    assert end_moment(calendar, start, 3.0) == there(2025, 11, 7)  # Thursday's end


def test_a_week_without_working_days_ends_with_the_working_day_before_it() -> None:
    free = tuple(f"2025-10-{day}" for day in (27, 28, 29, 30, 31))
    calendar = berlin("2025-10-20", holidays=free)
    start = calendar.start
    assert start is not None
    assert end_moment(calendar, start, 2.0) == there(2025, 10, 25)
    assert begin_moment(calendar, start, 1.0) == there(2025, 11, 3)
    assert working_time(calendar, start, there(2025, 10, 29)) == 2.0
    assert days_between(calendar, start, there(2025, 10, 25), there(2025, 11, 4)) == pytest.approx(6.0)
    # the week that is free counts as one in the plan, and nobody works in it


def test_a_plan_whose_every_day_is_free_has_no_working_moment_and_says_so_without_searching_for_ever() -> (
    None
):
    first = datetime.fromisoformat("2025-10-20")
    free = tuple(f"{first + timedelta(days=n):%Y-%m-%d}" for n in range(7 * 700))
    calendar = berlin("2025-10-20", holidays=free)
    start = calendar.start
    assert start is not None
    assert end_moment(calendar, start, 3.0) == start
    assert begin_moment(calendar, start, 0.5) == start


def test_a_plan_may_start_on_any_day_of_the_week() -> None:
    calendar = berlin("2025-10-22")  # a Wednesday: its weeks are Wednesday to Tuesday, with five working days
    start = calendar.start
    assert start is not None
    assert working_time(calendar, start, there(2025, 10, 25)) == pytest.approx(0.6)
    assert working_time(calendar, start, there(2025, 10, 27)) == pytest.approx(0.6)
    assert end_moment(calendar, start, 1.0) == there(2025, 10, 29)


def test_weeks_that_are_scaled_have_no_weekdays() -> None:
    calendar = Calendar(start=AUTUMN.start, week_s=3600.0, timezone="Europe/Berlin", holidays=("2025-10-20",))
    start = 1_000_000.0
    assert working_time(calendar, start, start + 1800) == 0.5
    assert week_of(calendar, start, start + 3600) == 2
    assert begin_moment(calendar, start, 2.5) == end_moment(calendar, start, 2.5) == start + 9000


@pytest.mark.parametrize("text", ["3-8", "3–8", "3..8", "weeks 3-8"])
def test_a_range_of_weeks_is_written_in_four_ways(text: str) -> None:
    assert parse_weeks(text) == Weeks(3, 8)


def test_one_week_is_a_range() -> None:
    assert parse_weeks(4) == parse_weeks("4") == Weeks(4, 4)


@pytest.mark.parametrize("text", ["8-3", "0-2", "-1", "0", "3-", "x"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(BadValueError):
        parse_weeks(text)
