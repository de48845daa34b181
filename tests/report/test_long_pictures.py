"""Pictures of long plans: nothing of a line is left out, however many weeks it has."""

from __future__ import annotations

import re

from locust_tui.report.elements import markup
from locust_tui.report.svg.burn_up import BurnUp, burn_up

WEEKS = 260


def test_lines_of_a_plan_of_years_go_from_its_first_week_to_its_last() -> None:
    points = [(float(n), n / 2, n / 3, float(WEEKS)) for n in range(WEEKS + 1)]
    drawn = markup(burn_up("long", BurnUp(points, float(WEEKS), None, None, None), 900))
    assert "characters)" not in drawn
    lines = dict(re.findall(r'<path d="([^"]*)" class="(pv|ev|scope)"', drawn))
    assert sorted(lines.values()) == ["ev", "pv", "scope"]
    assert all(len(steps.split("L")) == WEEKS + 1 for steps in lines)
