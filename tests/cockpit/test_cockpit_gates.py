"""Deciding a gate takes a choice, a note and the gate's id typed by a hand; nothing less gets through."""

from __future__ import annotations

import dataclasses
import string

import pytest
import sample
from piloting import Open, host, settled, text
from textual import events
from textual.pilot import Pilot

from locust_tui.client.requests import DecideGate, EvaluateGate, SignCriterion, WaiveCriterion
from locust_tui.domain.people import Condition
from locust_tui.domain.states import DecisionKind
from locust_tui.errors import RefusedError
from locust_tui.screens.gate import GateScreen
from locust_tui.widgets import form
from locust_tui.widgets.form import GUARD_S


class Hand:
    """A monotonic clock a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float = 1.0) -> None:
        self.now += seconds


@pytest.fixture(autouse=True)
def half_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the clock in the test's hand."""
    monkeypatch.setattr(form, "GUARD_S", GUARD_S)


def gate_screen(pilot: Pilot[None]) -> GateScreen:
    screen = pilot.app.screen
    assert isinstance(screen, GateScreen)
    return screen


async def opened_gate(pilot: Pilot[None]) -> Hand:
    """The gate screen, its guard run out, its clock in the test's hand."""
    await pilot.press("a")
    await settled(pilot)
    hand = Hand()
    screen = gate_screen(pilot)
    screen.guard.clock = hand
    screen.guard.restart()
    hand.wait()
    return hand


async def typed(pilot: Pilot[None], hand: Hand, *keys: str) -> None:
    for key in keys:
        hand.wait(0.2)
        await pilot.press(key)


async def test_go_is_bound_to_the_evidence_that_was_seen(cockpit: Open) -> None:
    async with cockpit(sample.ready_to_go()) as (pilot, port):
        hand = await opened_gate(pilot)
        await pilot.press("enter")
        hand.wait()
        await typed(pilot, hand, *"seen", "enter", "enter", "g", "2", "enter")
        await settled(pilot)
        assert port.asked == [DecideGate("g2", DecisionKind.GO, "seen", "ana", (), (), "digest-of-g2")]
        assert host(pilot).main.is_current
        assert "g2: Go, recorded as ana" in text(pilot)


async def test_a_refused_decision_stays_open_with_the_workers_words(cockpit: Open) -> None:
    async with cockpit(sample.ready_to_go()) as (pilot, port):
        hand = await opened_gate(pilot)
        port.refusal = RefusedError("ana may not sign for tech-review", help="ask one of: bo")
        await pilot.press("enter")
        hand.wait()
        await typed(pilot, hand, "enter", "enter", "g", "2", "enter")
        await settled(pilot)
        assert "ana may not sign for tech-review" in text(pilot)
        assert gate_screen(pilot).form is not None


async def test_go_says_why_it_is_not_possible(cockpit: Open) -> None:
    async with cockpit() as (pilot, port):
        hand = await opened_gate(pilot)
        assert "2 must criteria have not passed" in text(pilot)
        await pilot.press("enter")
        hand.wait()
        assert gate_screen(pilot).form is None
        assert port.asked == []


async def test_no_single_key_decides(cockpit: Open) -> None:
    async with cockpit(sample.ready_to_go(), (80, 24)) as (pilot, port):
        for key in [*string.ascii_letters, *string.digits, "enter", "space"]:
            hand = await opened_gate(pilot)
            await pilot.press(key)
            hand.wait()
            while len(pilot.app.screen_stack) > 1:
                pilot.app.pop_screen()
                await pilot.pause()
        assert [request for request in port.asked if not isinstance(request, EvaluateGate)] == []


async def test_keys_count_only_half_a_second_after_it_appears(cockpit: Open) -> None:
    async with cockpit(sample.ready_to_go()) as (pilot, _):
        hand = await opened_gate(pilot)
        screen = gate_screen(pilot)
        screen.guard.restart()
        hand.wait(0.4)
        await pilot.press("enter")
        assert screen.form is None
        hand.wait(0.2)
        await pilot.press("enter")
        assert screen.form is not None


async def test_changed_evidence_starts_the_decision_again(cockpit: Open) -> None:
    async with cockpit(sample.ready_to_go()) as (pilot, port):
        hand = await opened_gate(pilot)
        await pilot.press("enter")
        hand.wait()
        await typed(pilot, hand, "enter", "enter", "g", "2")
        gates = tuple(
            dataclasses.replace(g, evidence_digest="another") if g.id == "g2" else g
            for g in port.snapshot.gates
        )
        port.change(gates=gates)
        await settled(pilot)
        await pilot.press("enter")
        hand.wait()
        await pilot.press("enter")
        await settled(pilot)
        assert port.asked == []
        assert "the evidence has changed" in text(pilot)
        await typed(pilot, hand, "g", "2", "enter")
        await settled(pilot)
        assert [request.evidence_digest for request in port.asked if isinstance(request, DecideGate)] == [
            "another"
        ]


@pytest.mark.fault(66, "the confirmation of a gate is pasted")
async def test_a_paste_never_confirms(cockpit: Open) -> None:
    async with cockpit(sample.ready_to_go()) as (pilot, port):
        hand = await opened_gate(pilot)
        pilot.app.post_message(events.Paste("\n".join(["y", "g2"] * 100)))
        await settled(pilot)
        assert gate_screen(pilot).form is None
        await pilot.press("enter")
        hand.wait()
        await typed(pilot, hand, "enter", "enter")
        form = gate_screen(pilot).form
        assert form is not None
        form.post_message(events.Paste("g2\n"))
        await settled(pilot)
        await typed(pilot, hand, "enter")
        await settled(pilot)
        assert port.asked == []
        assert form.entries[-1].value == ""


@pytest.mark.fault(66, "a paste on a gate comes as keys")
async def test_a_paste_that_comes_as_keys_is_too_fast_for_a_hand(cockpit: Open) -> None:
    async with cockpit(sample.ready_to_go()) as (pilot, port):
        hand = await opened_gate(pilot)
        await pilot.press("enter")
        hand.wait()
        await typed(pilot, hand, "enter", "enter")
        await pilot.press("g", "2", "enter")
        await settled(pilot)
        assert port.asked == []
        assert "too fast for a hand" in text(pilot)


async def test_the_mouse_decides_nothing(cockpit: Open) -> None:
    async with cockpit(sample.ready_to_go(), (80, 24)) as (pilot, port):
        await opened_gate(pilot)
        for y in range(24):
            await pilot.click(offset=(10, y))
            await pilot.click(offset=(10, y), times=2)
        await settled(pilot)
        assert gate_screen(pilot).form is None
        assert port.asked == []


async def test_a_click_beside_the_form_takes_no_key_from_it_on_a_gate(cockpit: Open) -> None:
    async with cockpit(sample.ready_to_go()) as (pilot, port):
        hand = await opened_gate(pilot)
        await pilot.press("enter")
        hand.wait()
        assert (form := gate_screen(pilot).form) is not None
        assert await pilot.click(offset=(10, 4))
        await typed(pilot, hand, *"yes")
        assert form.value(form.fields[form.at].id) == "yes"
        await pilot.press("escape")
        await settled(pilot)
        assert gate_screen(pilot).form is None
        assert port.asked == []


async def test_conditional_wants_a_condition_an_owner_and_a_date(cockpit: Open) -> None:
    async with cockpit() as (pilot, port):
        hand = await opened_gate(pilot)
        await typed(pilot, hand, "j", "enter")
        hand.wait()
        await typed(
            pilot, hand, *"faster", "enter", *"bo", "enter", "7", "enter", "enter", "enter", "g", "2", "enter"
        )
        await settled(pilot)
        wanted = DecideGate(
            "g2", DecisionKind.CONDITIONAL, "", "ana", (Condition("faster", "bo", "7"),), (), "digest-of-g2"
        )
        assert port.asked == [wanted]


@pytest.mark.parametrize("steps", [2, 3, 4])
async def test_what_shuts_or_sends_back_wants_a_note(cockpit: Open, steps: int) -> None:
    async with cockpit() as (pilot, port):
        hand = await opened_gate(pilot)
        await typed(pilot, hand, *(["j"] * steps), "enter")
        hand.wait()
        form = gate_screen(pilot).form
        assert form is not None
        form.at = len(form.fields) - 1
        await typed(pilot, hand, "g", "2", "enter")
        await settled(pilot)
        assert port.asked == []
        assert "note is missing" in text(pilot)


async def test_signing_and_waiving_name_the_criterion(cockpit: Open) -> None:
    async with cockpit() as (pilot, port):
        hand = await opened_gate(pilot)
        await typed(pilot, hand, *(["j"] * 5), "enter")
        hand.wait()
        await typed(pilot, hand, "enter", "enter", "enter", "g", "2", "enter")
        await settled(pilot)
        assert port.asked == [SignCriterion("g2", "api", "ana", "")]
        hand = await opened_gate(pilot)
        await typed(pilot, hand, *(["j"] * 6), "enter")
        hand.wait()
        await typed(pilot, hand, "enter", "enter", "w", "enter", "enter", "g", "2", "enter")
        await settled(pilot)
        assert port.asked[1:] == [WaiveCriterion("g2", "overlay", "w", "ana", None)]


async def test_esc_leads_back_one_level_at_a_time(cockpit: Open) -> None:
    async with cockpit(sample.ready_to_go()) as (pilot, port):
        hand = await opened_gate(pilot)
        await pilot.press("enter")
        hand.wait()
        await pilot.press("escape")
        hand.wait()
        assert gate_screen(pilot).form is None
        await pilot.press("escape")
        await settled(pilot)
        assert host(pilot).main.is_current
        assert port.asked == []
