"""The weekly report is the template; what was spent follows only where an agent said so or a budget stands."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from locust_tui.domain.snapshot import SpendView
from locust_tui.report.spending import spending_lines


@dataclass
class Shown:
    spend: SpendView | None
    orchestrators: tuple[object, ...] = ()
    workstreams: tuple[object, ...] = ()


@pytest.mark.parametrize(
    ("spend", "lines"),
    [(None, 0), (SpendView(tokens=None, cost_usd=0.03), 0), (SpendView(tokens=1200, cost_usd=0.03), 1)],
)
def test_hours_at_a_rate_alone_add_no_section(spend: SpendView | None, lines: int) -> None:
    assert len(list(spending_lines(Shown(spend)))) == lines  # type: ignore[arg-type]
