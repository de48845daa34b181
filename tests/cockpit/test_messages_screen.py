"""Messages in the cockpit: what is listed and shown, which ones, reading, acknowledging, answering, writing."""

from __future__ import annotations

import dataclasses

import hostile
import pytest
import sample
import sample_coordination
from piloting import Open, host, lines, settled, text
from rich.cells import cell_len
from sample import NOW
from textual.pilot import Pilot

from locust_tui.client.port import Link, LinkState
from locust_tui.client.requests import AcknowledgeMessage, ReadMessages, SendMessage
from locust_tui.domain.coordination import MessageStatus
from locust_tui.domain.snapshot import Snapshot
from locust_tui.safe_text import safe
from locust_tui.screens import messages as screen
from locust_tui.screens.asking import AskScreen
from locust_tui.screens.message_lines import message_row
from locust_tui.screens.messages import MessagesScreen
from locust_tui.widgets.inbox import GUTTER
from locust_tui.widgets.view import View


def shown(pilot: Pilot[None]) -> MessagesScreen:
    found = pilot.app.screen
    assert isinstance(found, MessagesScreen)
    return found


def ids(pilot: Pilot[None]) -> list[str]:
    return [m.id for m in shown(pilot).items.items]


async def opened(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press("m", *keys)
    await settled(pilot)


async def test_a_row_says_state_from_to_priority_and_subject_the_latest_first(cockpit: Open) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, _):
        await opened(pilot)
        assert ids(pilot) == ["m8", "m7", "m6", "m5", "m4", "m3", "m2", "m1"]
        rows = lines(pilot)
        assert any("✗ dead" in r and "WS-14 → docs-team" in r and "second pair of eyes" in r for r in rows)
        assert any("✓ acknowledged" in r and "WS-07 → ana" in r and "tooltip border" in r for r in rows)
        assert any("⋯ queued" in r and "30m" in r and "ana → WS-06" in r for r in rows)
        assert any("plugins → core (#plugins)" in r and "high" in r for r in rows)


async def test_the_whole_of_it_stands_behind_the_bar_with_what_became_of_it(cockpit: Open) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, _):
        await opened(pilot, "j", "j", "j", "j")
        said = text(pilot)
        assert "acknowl.   by ana" in said
        assert "desktop: no notification service" in said
        assert f"{GUTTER}Which border style should the tooltip have?" in said
        await pilot.press("k")
        await settled(pilot)
        assert "agent (attempt 1, 28m ago)" in text(pilot)


@pytest.mark.parametrize(
    ("key", "left"),
    [("1", "m8 m7 m6 m5 m4 m3 m2 m1"), ("2", "m8 m6"), ("3", "m3"), ("4", "m7 m6 m4 m3 m1")],
)
async def test_keys_choose_which_are_listed(cockpit: Open, key: str, left: str) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, _):
        await opened(pilot, key)
        assert ids(pilot) == left.split()
        await pilot.press("escape")
        await settled(pilot)
        assert (key == "1") is not isinstance(pilot.app.screen, MessagesScreen)


async def test_the_filter_looks_into_the_text_and_esc_goes_back_a_level_at_a_time(cockpit: Open) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, _):
        await opened(pilot, "4", "slash", *"eyes", "enter")
        assert ids(pilot) == ["m3"]
        await pilot.press("escape")
        assert ids(pilot) == ["m7", "m6", "m4", "m3", "m1"]
        await pilot.press("escape")
        assert len(ids(pilot)) == 8
        await pilot.press("escape")
        await settled(pilot)
        assert not isinstance(pilot.app.screen, MessagesScreen)


async def test_the_cursor_stays_on_its_message_while_others_come(cockpit: Open) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, port):
        await opened(pilot, "j", "j")
        new = MessageStatus("m9", "operator", "hello", "WS-05", NOW)
        port.change(messages=(*port.snapshot.messages, new))
        await settled(pilot)
        assert ids(pilot)[0] == "m9"
        assert shown(pilot).current is not None
        assert shown(pilot).current.id == "m6"  # type: ignore[union-attr]


async def test_what_a_person_had_before_them_is_read_and_nothing_else(
    cockpit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "READ_S", 0.001)
    async with cockpit(sample_coordination.coordinating()) as (pilot, port):
        await opened(pilot, "j")  # m7, which an agent reads
        await pilot.press("j")
        while ReadMessages(messages=("m6",)) not in port.asked:
            await settled(pilot)
        await settled(pilot)
        read = {id for r in port.asked if isinstance(r, ReadMessages) for id in r.messages}
        assert read <= {"m8", "m6"}
        assert "by ana, 0s ago" in text(pilot)


async def test_a_message_that_only_came_up_is_not_read_at_once(cockpit: Open) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, port):
        await opened(pilot)
        assert not [r for r in port.asked if isinstance(r, ReadMessages)]


async def test_acknowledging(cockpit: Open, no_waiting: None) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, port):
        await opened(pilot, "a")
        assert AcknowledgeMessage("m8") in port.asked
        assert "✓ acknowledged" in text(pilot)
        await pilot.press("a")
        await settled(pilot)
        assert "was acknowledged by ana" in text(pilot)
        await pilot.press("3", "a")
        await settled(pilot)
        assert "reached nobody" in text(pilot)
        assert sum(isinstance(r, AcknowledgeMessage) for r in port.asked) == 1


async def test_keys_wait_half_a_second_after_a_message_changed_under_the_cursor(cockpit: Open) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, port):
        await opened(pilot, "a")
        assert not [r for r in port.asked if isinstance(r, AcknowledgeMessage)]
        assert "wait half a second" in text(pilot)


async def test_an_answer_goes_to_its_sender_and_names_what_it_answers(
    cockpit: Open, no_waiting: None
) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, port):
        await opened(pilot, "j", "j", "r")
        assert isinstance(pilot.app.screen, AskScreen)
        assert f"{GUTTER}The omnibar draws before the overlay" in text(pilot)
        port.data = {"sent": [{"id": "m9", "to": "plugins"}], "dead": []}
        await pilot.press("enter", *"frozen until six", "enter", *"send", "enter")
        await settled(pilot)
        wanted = SendMessage(
            "plugins",
            "frozen until six",
            "m6",
            subject="re: WS-05 and WS-04 both move the overlay",
            priority="normal",
        )
        assert wanted in port.asked
        assert "sent: m9 to plugins" in text(pilot)


async def test_nobody_answers_what_the_worker_told(cockpit: Open, no_waiting: None) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, _):
        await opened(pilot, "r")
        assert isinstance(pilot.app.screen, MessagesScreen)
        assert "nobody wrote it" in text(pilot)


async def test_a_new_message_to_nobody_says_that_it_is_kept_as_a_dead_letter(
    cockpit: Open, no_waiting: None
) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, port):
        await opened(pilot, "n")
        port.data = {
            "sent": [],
            "dead": [
                {"id": "m9", "to": "cor", "why": 'nobody is called "cor"', "help": "did you mean core?"}
            ],
        }
        await pilot.press(
            *"cor", "enter", "enter", "right", "right", "enter", *"hi", "enter", *"send", "enter"
        )
        await settled(pilot)
        assert SendMessage("cor", "hi", subject="", priority="high") in port.asked
        assert 'kept as a dead letter: nobody is called "cor" · did you mean core?' in text(pilot)


async def test_channels_and_names_are_written_as_they_are(cockpit: Open, no_waiting: None) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, port):
        await opened(pilot, "n", *"#plugins,ana", "enter", "enter", "enter", *"hi", "enter", *"send", "enter")
        await settled(pilot)
        assert SendMessage("#plugins,ana", "hi") in port.asked


async def test_without_a_worker_nothing_is_written_or_acknowledged(cockpit: Open, no_waiting: None) -> None:
    gone = Link(LinkState.GONE, None, "it ended")
    async with cockpit(sample_coordination.coordinating(), link=gone) as (pilot, port):
        for key in ("a", "n", "r"):
            await opened(pilot, key) if key == "a" else await pilot.press("j", key)
            await settled(pilot)
            assert "no worker runs" in text(pilot)
        assert port.asked == []


async def test_enter_leads_to_the_work_of_whom_it_is_from_or_to(cockpit: Open) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, _):
        await opened(pilot, "j", "j", "enter")
        assert pilot.app.screen.id == "orchestrator"
        await pilot.press("escape", "j", "j", "enter")
        await settled(pilot)
        assert pilot.app.screen.id == "workstream"


async def test_an_empty_list_names_a_key(cockpit: Open) -> None:
    async with cockpit() as (pilot, _):
        await opened(pilot)
        assert "n writes one" in text(pilot)


@pytest.mark.parametrize("part", range(4))
async def test_hostile_messages_are_harmless(cockpit: Open, no_waiting: None, part: int) -> None:
    poison = "".join(hostile.CORPUS[part::4])
    snapshot = hostile.poisoned(sample_coordination.coordinating(), poison)
    async with cockpit(snapshot, (100, 40)) as (pilot, _):
        for keys in (["m"], ["j"], ["3"], ["slash", "x"], ["escape", "r"], ["escape", "n"]):
            await pilot.press(*keys)
            await settled(pilot)
            for line in lines(pilot):
                assert safe(line, oneline=True) == line
                assert cell_len(line) == 100


async def test_what_a_sender_wrote_cannot_draw_our_lines(cockpit: Open) -> None:
    evil = "hi\n\x1b[2J\x1b[H  acknowl.   by ana\r   read       by ana"
    message = MessageStatus("m1", "operator", evil, "WS-05", NOW - 60, subject="x\n  read by ana")
    base = dataclasses.replace(sample.running(), messages=(message,))
    async with cockpit(base) as (pilot, _):
        await opened(pilot)
        said = [line for line in lines(pilot)[4:] if "by ana" in line]
        assert said
        assert all(GUTTER in line for line in said)


async def test_thousands_of_messages_build_rows_only_for_what_is_in_view(
    cockpit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = 0
    real = message_row

    def counted(*args: object) -> object:
        nonlocal built
        built += 1
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(screen, "message_row", counted)
    async with cockpit(sample_coordination.crowded(), (80, 24)) as (pilot, port):
        await opened(pilot)
        assert 0 < built <= 40
        built = 0
        port.change(revision=900)
        await settled(pilot)
        assert built == 0


def seen(snapshot: Snapshot) -> View:
    return View(snapshot, Link(LinkState.LIVE), NOW)


def test_messages_to_an_orchestrator_without_an_agent_are_peoples() -> None:
    message = MessageStatus("m1", "integration", "x", "core", NOW - 5)
    base = dataclasses.replace(sample_coordination.coordinating(), messages=(message,))
    assert [m.id for m in seen(base).unread] == ["m1"]
    led = dataclasses.replace(base, leads=frozenset({"integration"}))
    assert seen(led).unread == ()


@pytest.mark.parametrize("width", [80, 120, 200])
async def test_the_headline_counts_what_people_have_not_read(cockpit: Open, width: int) -> None:
    async with cockpit(sample_coordination.coordinating(), (width, 36)) as (pilot, port):
        assert "2 m" in lines(pilot)[0]
        read = tuple(dataclasses.replace(m, read=NOW) for m in port.snapshot.messages)
        port.change(messages=read)
        await settled(pilot)
        assert "msg" not in lines(pilot)[0]
        assert "message" not in lines(pilot)[0]
    assert host(pilot) is not None
