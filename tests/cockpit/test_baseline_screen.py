"""What was agreed and what was changed since, in the cockpit: the list, before and after, saying why, agreeing anew."""

from __future__ import annotations

import dataclasses

import pytest
import sample
from fake_port import FakePort
from piloting import Open, host, lines, opened, settled, text
from sample_governing import DATES, LIMIT, STUDY, Known
from test_cockpit_pictures import Same, name_of, sizes
from textual.pilot import Pilot

from locust_tui.client.port import Link, LinkState
from locust_tui.client.requests import ConfirmPlan, NotePlanChange, SetBaseline
from locust_tui.domain.snapshot import Snapshot
from locust_tui.domain.studies.baseline import BaselineStudy
from locust_tui.screens.asking import AskScreen
from locust_tui.screens.baseline import BaselineScreen
from locust_tui.screens.gate import GateScreen
from locust_tui.screens.workstream import WorkstreamScreen
from locust_tui.widgets.charset import use_ascii


@pytest.fixture(autouse=True)
def as_ana(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locust_tui.screens.baseline.user_name", lambda: "ana")


async def changes(
    pilot: Pilot[None], port: FakePort, *keys: str, study: BaselineStudy = STUDY
) -> BaselineScreen:
    port.studies = Known(study)
    return await opened(pilot, "B", BaselineScreen, *keys)


async def test_every_change_stands_there_the_latest_first_with_class_values_who_and_age(
    cockpit: Open,
) -> None:
    async with cockpit(size=(160, 40)) as (pilot, port):
        screen = await changes(pilot, port)
        assert [c.kind.value for c in screen.items.items] == ["scope", "limit", "needs", "dates"]
        said = text(pilot)
        assert "gate g2, Unit test coverage: limit  > 80% → > 70%" in said
        assert "ana   1d" in said


async def test_what_was_agreed_stands_beside_it_with_what_it_is_now(cockpit: Open) -> None:
    async with cockpit(size=(160, 40)) as (pilot, port):
        await changes(pilot, port)
        left = [line[:62] for line in lines(pilot)]
        assert any("ana, at the start" in line for line in left)
        assert any("Unit test coverage" in line and "> 80% → > 70%" in line for line in left)
        assert any("WS-02" in line and "week 2-3 → 3-4" in line for line in left)
        assert any("WS-10" in line and "removed" in line for line in left)
        assert any("WS-01 Core Types" in line and "→" not in line for line in left)


async def test_a_limit_eased_after_a_failure_says_so(cockpit: Open) -> None:
    async with cockpit() as (pilot, port):
        await changes(pilot, port, "j")
        said = text(pilot)
        for words in ("before   > 80%", "after    > 70%", "it asks for less than before",
                      "the criterion had failed with 76.2 %", "cannot reach 80 before the fair"):  # fmt: skip
            assert words in said, words


async def test_why_a_plan_changed_is_said_in_two_steps(cockpit: Open, no_waiting: None) -> None:
    async with cockpit() as (pilot, port):
        await changes(pilot, port, "j", "j", "n")
        assert isinstance(pilot.app.screen, AskScreen)
        assert port.asked == []
        await pilot.press(*"late hire", "enter", "enter", *"note", "enter")
        await settled(pilot)
        assert port.asked == [NotePlanChange(61, "late hire", "ana")]
        assert "why the plan changed at revision 61 is on record" in text(pilot)
        assert port.studies.asked == ["baseline", "baseline"]


async def test_agreeing_anew_names_the_plan_that_was_seen(cockpit: Open, no_waiting: None) -> None:
    async with cockpit() as (pilot, port):
        await changes(pilot, port, "equals_sign")
        assert "4 fields of it differ from what was agreed" in text(pilot)
        await pilot.press(*"fair moved", "enter", "enter", *"agree", "enter")
        await settled(pilot)
        assert port.asked == [SetBaseline("fair moved", "ana", "ef" * 32)]


async def test_what_is_agreed_already_and_a_worker_that_is_gone(cockpit: Open) -> None:
    first = dataclasses.replace(STUDY, revisions=STUDY.revisions[:1], drift=())
    async with cockpit() as (pilot, port):
        await changes(pilot, port, "equals_sign", study=first)
        assert "is what was agreed last" in text(pilot)
        assert "The plan is as it was agreed." in text(pilot)
    async with cockpit() as (pilot, port):
        port.show(Link(LinkState.GONE))
        await settled(pilot)
        await changes(pilot, port, "n")
        assert "no worker runs" in text(pilot)
        assert port.asked == []


async def test_nothing_agreed_yet(cockpit: Open) -> None:
    async with cockpit(sample.not_started()) as (pilot, port):
        await changes(pilot, port, study=BaselineStudy((), (), ()))
        assert "the project has not started" in text(pilot)


async def test_enter_opens_what_it_is_about(cockpit: Open) -> None:
    async with cockpit() as (pilot, port):
        await changes(pilot, port, "j", "enter")
        assert isinstance(pilot.app.screen, GateScreen)
    async with cockpit() as (pilot, port):
        await changes(pilot, port, "G", "enter")
        assert isinstance(pilot.app.screen, WorkstreamScreen)


async def test_it_asks_again_only_when_the_record_has_gone_on_and_not_at_once(cockpit: Open) -> None:
    async with cockpit() as (pilot, port):
        await changes(pilot, port)
        for _ in range(3):
            port.change(progress=50.0)
            await settled(pilot)
        assert port.studies.asked == ["baseline"]


async def test_on_a_small_screen_tab_leads_to_what_was_agreed_and_back(cockpit: Open) -> None:
    async with cockpit(size=(80, 24)) as (pilot, port):
        await changes(pilot, port)
        assert "Milestones" not in text(pilot)
        await pilot.press("tab")
        await settled(pilot)
        assert "Milestones" in text(pilot)
        assert "Changes 4" not in text(pilot)
        await pilot.press("tab")
        await settled(pilot)
        assert "Changes 4" in text(pilot)
        await pilot.press("B")
        await settled(pilot)
        assert not isinstance(pilot.app.screen, BaselineScreen)


async def test_a_yes_to_a_held_plan_may_say_why(cockpit: Open, no_waiting: None) -> None:
    async with cockpit(sample.held_confirm()) as (pilot, port):
        await pilot.press("y")
        await settled(pilot)
        await pilot.press("up", "up", *"fair moved", "down", "down", *"yes", "enter")
        await settled(pilot)
        (asked,) = port.asked
        assert isinstance(asked, ConfirmPlan)
        assert (asked.note, asked.by) == ("fair moved", "ana")


@sizes
async def test_baseline_picture(cockpit: Open, same_picture: Same, size: tuple[int, int]) -> None:
    async with cockpit(size=size) as (pilot, port):
        await changes(pilot, port, "j")
        same_picture(host(pilot), name_of(size))


async def test_baseline_in_ascii(cockpit: Open, same_picture: Same) -> None:
    use_ascii(True)
    async with cockpit(size=(80, 24)) as (pilot, port):
        await changes(pilot, port, "tab")
        assert all(line.isascii() for line in lines(pilot))
        same_picture(host(pilot), "ascii-agreed")


def eased_gate() -> Snapshot:
    """The running sample whose gate g2 asks for less than was agreed."""
    base = sample.running()
    gates = tuple(
        dataclasses.replace(g, changed=(LIMIT, dataclasses.replace(DATES, section="gates", subject="g2")))
        if g.id == "g2"
        else g
        for g in base.gates
    )
    return dataclasses.replace(base, gates=gates)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_gate_says_for_ever_that_it_asks_for_less(
    cockpit: Open, no_waiting: None, size: tuple[int, int]
) -> None:
    async with cockpit(eased_gate(), size) as (pilot, _):
        await pilot.press("3", "a")
        await settled(pilot)
        said = text(pilot)
        assert "changed" in said
        assert "⚠ Unit test coverage: limit > 80% → > 70%, by bo" in said
        assert "1 change more since the start" in said
        await pilot.press("e")
        await settled(pilot)
        await pilot.press("ctrl+d", "ctrl+d", "ctrl+d")
        await settled(pilot)
        assert "lowered to > 70% by bo" in text(pilot)


async def test_the_gates_pane_says_so_too(cockpit: Open) -> None:
    async with cockpit(eased_gate(), (200, 60)) as (pilot, _):
        assert "⚠ asks for less than agreed: Unit test coverage: limit > 80% → > 70%, by bo" in text(pilot)
