"""A yes counts only for the criteria that it was said to, as they were written and measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

from locust_tui.analysis.approvals import difference
from locust_tui.domain.people import Judged

COVERAGE = Judged("coverage", "Coverage", ">= 80 %", "d1", "abc")


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ((COVERAGE,), ""),
        ((replace(COVERAGE, inputs=""),), ""),
        ((replace(COVERAGE, name="Cover"),), ""),
        ((replace(COVERAGE, limit=">= 70 %", definition="d2"),), "Coverage: limit >= 80 % -> >= 70 %"),
        ((replace(COVERAGE, definition="d2"),), "Coverage is measured in another way"),
        ((replace(COVERAGE, inputs="def"),), "Coverage was measured again, on other inputs"),
        ((), "Coverage is no criterion any more"),
        ((COVERAGE, Judged("new", "New", "", "d", "")), "New is a new criterion"),
    ],
)
def test_what_differs_is_said_in_words(now: tuple[Judged, ...], words: str) -> None:
    assert difference((COVERAGE,), now) == words
