"""The screen of an orchestrator says whether its own part is on track, and why not."""

from __future__ import annotations

from dataclasses import replace

from sample import NOW, running

from locust_tui.client.port import Link, LinkState
from locust_tui.domain.states import Verdict
from locust_tui.screens.orchestrator_facts import orchestrator_facts
from locust_tui.widgets.view import View


def lines(verdict: Verdict, *reasons: str) -> list[str]:
    core, *others = running().orchestrators
    core = replace(core, verdict=verdict, reasons=reasons)
    view = View(replace(running(), orchestrators=(core, *others)), Link(LinkState.LIVE), NOW)
    return [line.row.text for line in orchestrator_facts(core, view, 60)]


def test_a_part_that_is_behind_says_so_with_its_reasons() -> None:
    said = lines(
        Verdict.NO,
        "gate g1 is 6 working days overdue",
        "progress 40 %, plan 62 %: 22 points behind, \x1b[31mred",
    )
    at = next(n for n, line in enumerate(said) if "on track" in line)
    assert "✗ off track" in said[at]
    assert said[at + 1].strip() == "gate g1 is 6 working days overdue"
    assert "\x1b" not in "".join(said)
    assert all(len(line) <= 60 for line in said[at : at + 4])


def test_a_part_on_track_is_one_line_and_an_unknown_one_none() -> None:
    assert [
        line.strip() for line in lines(Verdict.YES, "progress 40 %, plan 40 %") if "on track" in line
    ] == ["on track  ✓ on track"]
    assert not [line for line in lines(Verdict.UNKNOWN) if "on track" in line]
