"""Answering from the keyboard: two steps, bound to what was shown, never by a burst, a paste, a click or a stale screen."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from contextvars import copy_context
from functools import partial

import pytest
import sample
from piloting import Open, settled, text
from textual import events
from textual._time import get_time
from textual.pilot import Pilot

from locust_tui.client.port import Link, LinkState
from locust_tui.client.requests import (
    AcknowledgeEscalation,
    AnswerAsk,
    AnswerEscalation,
    Request,
    SteerWorkstream,
    WorkstreamAction,
)
from locust_tui.domain.snapshot import AnsweredView
from locust_tui.screens.inbox import InboxScreen
from locust_tui.widgets import form
from locust_tui.widgets.answer_form import AnswerForm
from locust_tui.widgets.form import GUARD_S, Guard

WAITED = form.waited
FIRST = ("permission:WS-05.1:1", "digest-of-WS-05-1")


def inbox(pilot: Pilot[None]) -> InboxScreen:
    screen = pilot.app.screen
    assert isinstance(screen, InboxScreen)
    return screen


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await settled(pilot)


@pytest.mark.parametrize(
    ("keys", "choice", "note"),
    [
        (["a", "y"], "allow", ""),
        (["A", "y"], "always", ""),
        (["d", *"use make", "enter"], "deny", "use make"),
    ],
)
async def test_a_permission_is_allowed_once_always_or_denied_with_a_message(
    cockpit: Open, no_waiting: None, keys: list[str], choice: str, note: str
) -> None:
    async with cockpit(sample.asking()) as (pilot, port):
        await press(pilot, "exclamation_mark", *keys)
        assert port.asked == [AnswerAsk(FIRST[0], choice, note, None, FIRST[1])]
        assert FIRST[0] not in [i.item for i in port.snapshot.waiting]
        assert "recorded as ana" in text(pilot)


async def test_always_shows_the_very_words_of_the_rule_before_it_counts(
    cockpit: Open, no_waiting: None
) -> None:
    async with cockpit(sample.asking()) as (pilot, port):
        await press(pilot, "exclamation_mark", "A")
        shown = text(pilot)
        assert "From now on WS-05 does without asking what this rule covers:" in shown
        assert shown.count("┃ Bash(cargo bench overlay)") == 2
        assert port.asked == []


async def test_always_is_not_offered_where_no_rule_could_say_it(cockpit: Open, no_waiting: None) -> None:
    async with cockpit(sample.asking()) as (pilot, port):
        await press(pilot, "exclamation_mark", "G", "A", "y")
        assert "A always" not in text(pilot)
        assert port.asked == []


@pytest.mark.parametrize(
    ("keys", "answer"), [(["2", "y"], ("square", "")), (["t", *"both", "enter"], ("", "both"))]
)
async def test_a_question_is_answered_by_number_or_in_own_words(
    cockpit: Open, no_waiting: None, keys: list[str], answer: tuple[str, str]
) -> None:
    async with cockpit(sample.asking()) as (pilot, port):
        await press(pilot, "exclamation_mark", "j", "j", "j", *keys)
        assert port.asked == [AnswerAsk("question:WS-07.2:1", *answer, None, "digest-of-question")]


async def test_own_words_are_not_sent_empty(cockpit: Open, no_waiting: None) -> None:
    async with cockpit(sample.asking()) as (pilot, port):
        await press(pilot, "exclamation_mark", "j", "j", "j", "t", "enter")
        assert "write something first" in text(pilot)
        assert port.asked == []


@pytest.mark.parametrize(
    ("down", "keys", "answer"),
    [(5, ["a", "y"], ("request:plugins:1", "grant")), (6, ["1", "y"], ("account:codex", "mended"))],
)
async def test_requests_are_granted_and_escalations_have_their_choices(
    cockpit: Open, no_waiting: None, down: int, keys: list[str], answer: tuple[str, str]
) -> None:
    async with cockpit(sample.asking()) as (pilot, port):
        await press(pilot, "exclamation_mark", *(["j"] * down), *keys)
        (asked,) = port.asked
        assert isinstance(asked, AnswerAsk)
        assert (asked.item, asked.choice) == answer


@pytest.mark.parametrize(
    ("keys", "request_made"),
    [
        (["a", "y"], AcknowledgeEscalation("E1")),
        (["2", *"later", "enter"], AnswerEscalation("E1", "", note="later", pass_on=True, digest="d1")),
        (["t", *"split it", "enter"], AnswerEscalation("E1", "split it", digest="d1")),
    ],
)
async def test_an_escalation_is_seen_passed_on_or_decided_in_words(
    cockpit: Open, no_waiting: None, keys: list[str], request_made: Request
) -> None:
    one = dataclasses.replace(
        sample.question(), item="escalation:E1", kind="escalation", subject="WS-15",
        choices=("acknowledge", "pass-on"), digest="d1",
    )  # fmt: skip
    async with cockpit(dataclasses.replace(sample.asking(), waiting=(one,))) as (pilot, port):
        await press(pilot, "exclamation_mark", *keys)
        assert port.asked == [request_made]


async def test_a_part_of_the_agents_that_are_asked_for_may_be_granted(
    cockpit: Open, no_waiting: None
) -> None:
    one = dataclasses.replace(
        sample.question(), item="request:core:1", kind="request", subject="core",
        choices=("grant", "grant 3", "deny"), digest="d1",
    )  # fmt: skip
    async with cockpit(dataclasses.replace(sample.asking(), waiting=(one,))) as (pilot, port):
        await press(pilot, "exclamation_mark", "2", "3")
        assert "grants 3 of them" in text(pilot)
        await press(pilot, "y")
        (asked,) = port.asked
        assert isinstance(asked, AnswerAsk)
        assert asked.choice == "grant 3"


async def test_failed_work_is_tried_again_from_here(cockpit: Open, no_waiting: None) -> None:
    failed = dataclasses.replace(
        sample.question(), item="failed:WS-15", kind="escalation", subject="WS-15", choices=("retry", "cancel", "defer"), digest=""
    )  # fmt: skip
    async with cockpit(dataclasses.replace(sample.asking(), waiting=(failed,))) as (pilot, port):
        await press(pilot, "exclamation_mark", "1", *"look at the log", "enter")
        assert port.asked == [SteerWorkstream("WS-15", WorkstreamAction.RETRY, "look at the log")]
        await press(pilot, "2")
        assert pilot.app.screen.id == "ask"


async def test_gates_and_reviews_are_decided_on_their_own_screens(cockpit: Open, no_waiting: None) -> None:
    async with cockpit(sample.asking()) as (pilot, port):
        await press(pilot, "exclamation_mark", "j", "j", "a", "y")
        assert "enter leads to where this is decided" in text(pilot)
        await press(pilot, "j", "j", "enter")
        assert pilot.app.screen.id in ("workstream", "review-screen")
        assert port.asked == []


async def test_several_of_a_kind_are_answered_together_each_bound_to_its_own_digest(
    cockpit: Open, no_waiting: None
) -> None:
    async with cockpit(sample.asking()) as (pilot, port):
        await press(pilot, "exclamation_mark", "space", "space", "space")
        assert "only things of one kind" in text(pilot) or "decided alone" in text(pilot)
        await press(pilot, "a")
        shown = text(pilot)
        assert "2 permissions of WS-05" in shown
        assert "estimates.json docs/bench" in shown
        await press(pilot, "y")
        assert port.asked == [
            AnswerAsk(f"permission:WS-05.1:{n}", "allow", "", None, f"digest-of-WS-05-{n}") for n in (1, 2)
        ]


async def test_a_mark_goes_with_what_was_marked(cockpit: Open, no_waiting: None) -> None:
    async with cockpit(sample.asking()) as (pilot, port):
        await press(pilot, "exclamation_mark", "space", "space")
        changed = dataclasses.replace(port.snapshot.waiting[0], detail="rm -rf /", digest="another")
        port.change(waiting=(changed, *port.snapshot.waiting[1:]))
        await settled(pilot)
        assert list(inbox(pilot).marked) == ["permission:WS-05.1:2"]
        assert "1 marked thing changed or went" in text(pilot)


async def test_what_changes_under_the_second_step_takes_it_back(cockpit: Open, no_waiting: None) -> None:
    async with cockpit(sample.asking()) as (pilot, port):
        await press(pilot, "exclamation_mark", "a")
        changed = dataclasses.replace(port.snapshot.waiting[0], detail="rm -rf /", digest="another")
        port.change(waiting=(changed, *port.snapshot.waiting[1:]))
        await settled(pilot)
        assert "it changed: look again" in text(pilot)
        assert "┃ rm -rf /" in text(pilot)
        await press(pilot, "y")
        assert port.asked == []


async def test_what_somebody_else_answered_meanwhile_says_so(cockpit: Open, no_waiting: None) -> None:
    async with cockpit(sample.asking()) as (pilot, port):
        await press(pilot, "exclamation_mark", "a")
        gone = port.snapshot.waiting[0]
        told = AnsweredView(gone.item, gone.kind, gone.subject, gone.what, sample.NOW, "deny", by="bo")
        port.change(waiting=port.snapshot.waiting[1:], answered=(told,))
        await settled(pilot)
        assert "answered by bo: deny" in text(pilot)
        assert inbox(pilot).form is None
        await press(pilot, "y")
        assert port.asked == []


async def test_a_refusal_because_it_changed_is_said_and_the_new_state_drawn(
    cockpit: Open, no_waiting: None
) -> None:
    async with cockpit(sample.asking()) as (pilot, port):
        await press(pilot, "exclamation_mark", "a")
        changed = dataclasses.replace(port.snapshot.waiting[0], digest="another")
        port.snapshot = dataclasses.replace(port.snapshot, waiting=(changed, *port.snapshot.waiting[1:]))
        await press(pilot, "y")
        assert "is no longer what was answered" in text(pilot)
        assert "look at it again" in text(pilot)


# no single key, click, burst or paste


async def test_no_single_key_answers(cockpit: Open, no_waiting: None) -> None:
    for key in ("a", "A", "d", "y", "enter", "1", "space"):
        async with cockpit(sample.asking()) as (pilot, port):
            await press(pilot, "exclamation_mark", key)
            assert port.asked == []


@pytest.mark.fault(66, "a burst of keys on an answer")
async def test_a_burst_of_keys_answers_nothing(cockpit: Open) -> None:
    async with cockpit(sample.asking()) as (pilot, port):
        await press(pilot, "exclamation_mark", *"ayayAydx", "enter", *"ay")
        assert port.asked == []


async def test_keys_faster_than_a_hand_answer_nothing_after_the_dead_time_either(
    cockpit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form, "GUARD_S", 0.0)
    monkeypatch.setattr(form, "HUMAN_PACE_S", 30.0)
    async with cockpit(sample.asking()) as (pilot, port):
        await press(pilot, "exclamation_mark", "d", *"no", "enter")
        assert "too fast for a hand" in text(pilot)
        assert port.asked == []


@pytest.mark.fault(66, "a burst of keys on an answer, while the cockpit is at something else")
async def test_a_key_counts_from_when_it_was_pressed_however_late_it_is_dealt_with(
    cockpit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [get_time()]
    monkeypatch.setattr(form, "waited", WAITED)
    monkeypatch.setattr(form, "get_time", lambda: now[0])
    monkeypatch.setattr(form, "GUARD_S", GUARD_S)
    async with cockpit(sample.asking()) as (pilot, port):
        await press(pilot, "exclamation_mark")
        inbox(pilot).guard = Guard(lambda: now[0])
        await press(pilot, "a")
        answer, burst = inbox(pilot).form, now[0]
        assert answer is not None
        for _ in range(3):
            key = events.Key("y", "y")
            key.time = burst
            now[0] += 2 * GUARD_S
            answer.on_key(key)
        await settled(pilot)
        assert port.asked == []
        key = events.Key("y", "y")
        key.time = now[0]
        answer.on_key(key)
        await settled(pilot)
        assert len(port.asked) == 1


@pytest.mark.fault(66, "an answer is pasted")
async def test_a_paste_answers_nothing(cockpit: Open, no_waiting: None) -> None:
    async with cockpit(sample.asking()) as (pilot, port):
        await press(pilot, "exclamation_mark", "a")
        for focused in (inbox(pilot).form, inbox(pilot)):
            assert focused is not None
            focused.post_message(events.Paste("y\n"))
        await settled(pilot)
        assert "a paste decides nothing" in text(pilot)
        await press(pilot, "escape", "d")
        assert inbox(pilot).form is not None
        inbox(pilot).form.post_message(events.Paste("no\nyes\n"))  # type: ignore[union-attr]
        await settled(pilot)
        assert port.asked == []
        assert "no" in text(pilot)


async def test_a_click_selects_and_answers_nothing(cockpit: Open, no_waiting: None) -> None:
    async with cockpit(sample.asking()) as (pilot, port):
        await press(pilot, "exclamation_mark")
        await pilot.click("#items", offset=(5, 2))
        await pilot.click("#footer", offset=(3, 0))
        await settled(pilot)
        assert port.asked == []
        assert inbox(pilot).items.current_key == "permission:WS-05.1:2"


async def test_the_dead_time_starts_again_when_another_thing_slips_under_the_cursor(
    cockpit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form, "HUMAN_PACE_S", 0.0)
    monkeypatch.setattr(form, "GUARD_S", 0.0)
    async with cockpit(sample.asking()) as (pilot, port):
        await press(pilot, "exclamation_mark")
        assert not inbox(pilot).guard.closed
        monkeypatch.setattr(form, "GUARD_S", 60.0)
        port.change(waiting=port.snapshot.waiting[1:])
        await settled(pilot)
        await press(pilot, "a")
        assert inbox(pilot).form is None
        assert "wait half a second" in text(pilot)


async def test_the_form_says_which_key_decides_as_soon_as_it_does(
    cockpit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form, "HUMAN_PACE_S", 0.0)
    monkeypatch.setattr(form, "GUARD_S", 0.0)
    later: list[tuple[float, Callable[[], object]]] = []

    def in_time(_: AnswerForm, seconds: float, call: Callable[[], object]) -> None:
        later.append((seconds, partial(copy_context().run, call)))  # as a timer's task has it

    monkeypatch.setattr(AnswerForm, "set_timer", in_time)
    async with cockpit(sample.asking()) as (pilot, _):
        await press(pilot, "exclamation_mark", "a")
        monkeypatch.setattr(form, "GUARD_S", 0.3)
        guard, now = pilot.app.screen.query_one(AnswerForm).guard, [100.0]
        guard.clock = lambda: now[0]
        guard.restart()
        await press(pilot, "y")
        assert "wait half a second" in text(pilot)
        now[0] += 0.2
        guard.restart()
        now[0] += 0.1
        ((seconds, call),) = later
        assert seconds == 0.3
        call()
        await settled(pilot)
        assert "wait half a second" in text(pilot)
        now[0] += 0.2
        later[1][1]()
        await settled(pilot)
        assert "y allows it once" in text(pilot)


async def test_no_letter_of_a_message_is_lost_while_the_key_that_decides_has_to_wait(
    cockpit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form, "HUMAN_PACE_S", 0.0)
    monkeypatch.setattr(form, "GUARD_S", 0.0)
    async with cockpit(sample.asking()) as (pilot, port):
        await press(pilot, "exclamation_mark")
        monkeypatch.setattr(form, "GUARD_S", 60.0)
        await press(pilot, "d", *"not so", "enter")
        assert "message  not so" in text(pilot)
        assert "wait half a second" in text(pilot)
        assert port.asked == []


async def test_without_a_worker_nothing_is_answered(cockpit: Open, no_waiting: None) -> None:
    gone = Link(LinkState.GONE, None, "it ended")
    async with cockpit(sample.asking(), link=gone) as (pilot, port):
        await press(pilot, "exclamation_mark", "a", "y")
        assert "no worker runs; u starts it" in text(pilot)
        assert port.asked == []


async def test_a_click_beside_the_form_takes_no_key_from_it(cockpit: Open, no_waiting: None) -> None:
    async with cockpit(sample.asking()) as (pilot, port):
        await press(pilot, "exclamation_mark", "d", *"no")
        assert await pilot.click(offset=(5, 3))
        await press(pilot, "w")
        asked = inbox(pilot).form
        assert asked is not None
        assert asked.entry is not None
        assert asked.entry.value == "now"
        await press(pilot, "escape")
        assert inbox(pilot).form is None
        await press(pilot, "escape")
        assert not isinstance(pilot.app.screen, InboxScreen)
        assert port.asked == []


async def test_a_form_that_had_no_room_for_a_moment_hears_keys_again(cockpit: Open, no_waiting: None) -> None:
    async with cockpit(sample.asking()) as (pilot, port):
        await press(pilot, "exclamation_mark", "d", *"no")
        asked = inbox(pilot).form
        assert asked is not None
        asked.display = False
        await settled(pilot)
        assert pilot.app.focused is None
        asked.display = True
        await settled(pilot)
        await press(pilot, "w")
        assert asked.entry is not None
        assert asked.entry.value == "now"
        await press(pilot, "escape")
        assert inbox(pilot).form is None
        assert port.asked == []
