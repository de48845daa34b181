"""When a limit resets, from the sentences that agent programs have said it in over time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.agents.limit_words import reset_moment

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "resets"),
    [
        ("Claude AI usage limit reached|1795347562", datetime.fromtimestamp(1795347562, UTC)),
        ("5-hour limit reached ∙ resets 2am", datetime(2026, 11, 23, 1, 0, tzinfo=UTC)),
        ("You've hit your limit · resets 10am (America/Chicago)", datetime(2026, 11, 22, 16, 0, tzinfo=UTC)),
        ("You've hit your 5-hour limit · resets 11:07am (UTC)", datetime(2026, 11, 22, 11, 7, tzinfo=UTC)),
        ("You've hit your session limit · resets 9:40am (UTC)", datetime(2026, 11, 23, 9, 40, tzinfo=UTC)),
        ("weekly limit · resets Nov 25, 10:03am (UTC)", datetime(2026, 11, 25, 10, 3, tzinfo=UTC)),
        ("weekly limit · resets Jan 2, 12am (UTC)", datetime(2027, 1, 2, 0, 0, tzinfo=UTC)),
        (
            "You’ve hit your usage limit. Upgrade to Pro or try again at 11:17 AM.",
            datetime(2026, 11, 22, 10, 17, tzinfo=UTC),
        ),
        (
            "You've hit your usage limit. Or try again at Nov 25th, 2026 10:03 AM.",
            datetime(2026, 11, 25, 9, 3, tzinfo=UTC),
        ),
    ],
)
def test_sentences(text: str, resets: datetime) -> None:
    one_hour_ahead = timezone(timedelta(hours=1))
    assert reset_moment(text, NOW.timestamp(), one_hour_ahead) == resets.timestamp()


@pytest.mark.parametrize(
    "text", ["", "the limit is high", "resets at dawn", "limit · resets Foo 99, 13am (UTC)"]
)
def test_other_sentences(text: str) -> None:
    assert reset_moment(text, NOW.timestamp()) is None


@given(st.text(max_size=80), st.text(max_size=20))
def test_nothing_raises(text: str, zone: str) -> None:
    reset_moment(text, 0.0)
    reset_moment(f"limit · resets 10am ({zone})", NOW.timestamp())


@pytest.mark.parametrize("late", [0, 38, 9 * 60])
def test_a_minute_that_has_just_passed_is_tried_soon_not_tomorrow(late: int) -> None:
    said = datetime(2026, 11, 22, 18, 32, tzinfo=UTC).timestamp() + late
    assert reset_moment("You've hit your 5-hour limit · resets 6:32pm (UTC)", said) == said + 60
