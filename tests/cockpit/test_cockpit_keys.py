"""What keys do in the cockpit: selecting, steering, filtering, going places, leaving."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import fake_port
import pytest
import sample
from live import write_log
from piloting import Open, host, lines, settled, text
from textual import events

from locust_tui.app import CockpitApp
from locust_tui.client.port import Link, LinkState
from locust_tui.client.requests import ConfirmPlan, EvaluateGate, SteerWorkstream, WorkstreamAction
from locust_tui.domain.states import WorkstreamState
from locust_tui.errors import RefusedError
from locust_tui.screens import base
from locust_tui.screens.commands import COMMANDS, GROUPS
from locust_tui.screens.main import MainScreen
from locust_tui.screens.palette import rank


async def test_what_needs_a_person_is_selected_first(cockpit: Open) -> None:
    async with cockpit() as (pilot, _):
        assert host(pilot).main.selected == "WS-07"


async def test_tree_board_and_log_speak_of_one_subject(cockpit: Open, tmp_path: Path) -> None:
    async with cockpit(logs=write_log(tmp_path)) as (pilot, _):
        main = host(pilot).main
        await pilot.press("k", "k")
        assert main.selected == "WS-05"
        assert main.tree_pane.current_key == "WS-05"
        assert main.log_pane.run is not None
        assert main.log_pane.run.id == "WS-05.1"
        await pilot.press("1", "j")
        assert main.selected == main.board.current.current_key == "WS-06"


async def test_the_cursor_goes_with_its_card(cockpit: Open) -> None:
    async with cockpit() as (pilot, port):
        main = host(pilot).main
        moved = tuple(
            dataclasses.replace(w, state=WorkstreamState.REVIEW) if w.id == "WS-07" else w
            for w in port.snapshot.workstreams
        )
        port.change(workstreams=moved)
        await settled(pilot)
        assert main.selected == "WS-07"
        assert main.board.current.column.id == "review"
        assert main.focused is main.board.current


async def test_rows_keep_their_place_under_the_cursor(cockpit: Open) -> None:
    async with cockpit(sample.big(200), (120, 36)) as (pilot, port):
        main = host(pilot).main
        await pilot.press("1", "ctrl+d", "ctrl+d", "ctrl+d")
        pane = main.tree_pane
        before = (pane.current_key, pane.cursor - pane.top)
        dropped = port.snapshot.workstreams[0].id
        first = dataclasses.replace(
            port.snapshot.orchestrators[0], workstreams=port.snapshot.orchestrators[0].workstreams[1:]
        )
        port.change(
            workstreams=tuple(w for w in port.snapshot.workstreams if w.id != dropped),
            orchestrators=(first, *port.snapshot.orchestrators[1:]),
        )
        await settled(pilot)
        assert (pane.current_key, pane.cursor - pane.top) == before


def type_at_once(app: CockpitApp, *keys: str) -> None:
    """As from a terminal whose bytes come all together."""
    assert app._driver is not None
    for key in keys:
        typed = events.Key(key, key if len(key) == 1 else None)
        typed.set_sender(app)
        app._driver.send_message(typed)


@pytest.mark.parametrize(("move", "subject"), [("j", "WS-06"), ("right", "WS-04"), ("G", "WS-15")])
async def test_a_key_typed_ahead_means_what_the_key_before_it_leads_to(
    cockpit: Open, move: str, subject: str
) -> None:
    async with cockpit() as (pilot, port):
        app = host(pilot)
        app.main.select("WS-05")
        app.main.focus_pane("board" if move == "right" else "tree")
        await settled(pilot)
        type_at_once(app, move, "s")
        await settled(pilot)
        assert app.main.selected == subject
        assert f"{subject} is" in text(pilot) or port.asked == [
            SteerWorkstream(subject, WorkstreamAction.START)
        ]


async def test_words_typed_at_once_with_the_key_that_asks_for_them_are_words(cockpit: Open) -> None:
    """And no commands: p would pause, c would measure a gate."""
    async with cockpit() as (pilot, port):
        app = host(pilot)
        app.main.select("WS-05")
        await settled(pilot)
        type_at_once(app, "slash", *"pce")
        await settled(pilot)
        assert app.filter_words == "pce"
        assert port.asked == []
        await pilot.press("escape")
        await settled(pilot)
        type_at_once(app, "colon", *"config layer", "enter")
        await settled(pilot)
        assert "Configuration Layer" in lines(pilot)[0]
        await pilot.press("escape")
        await settled(pilot)
        type_at_once(app, "exclamation_mark", "slash", *"gate")
        await settled(pilot)
        assert "/ gate" in text(pilot)
        assert port.asked == []


@pytest.mark.parametrize("opens", ["colon", "exclamation_mark", "question_mark", "enter", "L", "m", "H", "T"])
@pytest.mark.parametrize("below", [(), ("g",)], ids=["over the board", "over a gate"])
async def test_a_key_that_leaves_a_screen_leaves_it_once(
    cockpit: Open, opens: str, below: tuple[str, ...]
) -> None:
    async with cockpit() as (pilot, _):
        app = host(pilot)
        await pilot.press(*below)
        await settled(pilot)
        before = list(app.screen_stack)
        await pilot.press(opens)
        await settled(pilot)
        assert len(app.screen_stack) > len(before) or app.past is not None
        type_at_once(app, *["escape"] * 3)
        await settled(pilot)
        assert app.screen_stack in (before, before[:1])
        assert app.past is None


async def test_what_is_entered_twice_at_once_is_done_once(cockpit: Open) -> None:
    async with cockpit() as (pilot, port):
        app = host(pilot)
        app.main.select("WS-05")
        await pilot.press("colon", *"pause")
        await settled(pilot)
        type_at_once(app, "enter", "enter")
        await settled(pilot)
        assert app.main.is_current
        assert len(port.asked) == 1


@pytest.mark.parametrize(
    ("subject", "key", "action"),
    [
        ("WS-08", "s", WorkstreamAction.START),
        ("WS-05", "p", WorkstreamAction.PAUSE),
        ("WS-15", "R", WorkstreamAction.RETRY),
    ],
)
async def test_steering_at_once(cockpit: Open, subject: str, key: str, action: WorkstreamAction) -> None:
    async with cockpit() as (pilot, port):
        host(pilot).main.select(subject)
        await pilot.press(key)
        await settled(pilot)
        assert port.asked == [SteerWorkstream(subject, action)]
        assert host(pilot).main.answer.words.startswith("✓ " + subject)


async def test_a_paused_one_resumes_with_the_same_key(cockpit: Open) -> None:
    async with cockpit() as (pilot, port):
        paused = tuple(
            dataclasses.replace(w, state=WorkstreamState.PAUSED, actions=("resume", "cancel"))
            if w.id == "WS-05"
            else w
            for w in port.snapshot.workstreams
        )
        port.change(workstreams=paused)
        await settled(pilot)
        host(pilot).main.select("WS-05")
        assert "resume" in lines(pilot)[-1]
        await pilot.press("p")
        await settled(pilot)
        assert port.asked == [SteerWorkstream("WS-05", WorkstreamAction.RESUME)]


async def test_what_cannot_be_done_says_why_and_asks_nothing(cockpit: Open) -> None:
    async with cockpit() as (pilot, port):
        host(pilot).main.select("WS-09")
        await pilot.press("A")
        await settled(pilot)
        assert port.asked == []
        assert "WS-09 is blocked · needs WS-05" in text(pilot)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_footer_offers_what_can_be_done_to_the_work(cockpit: Open, size: tuple[int, int]) -> None:
    base = sample.running()
    works = tuple(
        dataclasses.replace(w, actions=("reopen",)) if w.state is WorkstreamState.ACCEPTED else w
        for w in base.workstreams
    )
    async with cockpit(dataclasses.replace(base, workstreams=works), size) as (pilot, _):
        main = host(pilot).main
        for subject, offered in (("WS-04", {"A accept", "X reject"}), ("WS-01", {"O reopen"})):
            main.select(subject)
            await settled(pilot)
            footer = lines(pilot)[-1]
            words = ("A accept", "X reject", "p pause", "s start", "R retry", "O reopen")
            assert {word for word in words if word in footer} == offered
            await pilot.press("enter")
            await settled(pilot)
            footer = lines(pilot)[-1]
            assert {word for word in words if word in footer} == offered
            await pilot.press("escape")


async def test_the_workers_refusal_is_shown_with_its_help(cockpit: Open) -> None:
    async with cockpit() as (pilot, port):
        port.refusal = RefusedError("WS-08 is over the cap of 20 agents", help="pause another first")
        host(pilot).main.select("WS-08")
        await pilot.press("s")
        await settled(pilot)
        assert "WS-08 is over the cap of 20 agents · pause another first" in text(pilot)


@pytest.mark.parametrize(("key", "action"), [("x", WorkstreamAction.CANCEL), ("A", WorkstreamAction.ACCEPT)])
async def test_what_is_hard_to_undo_wants_its_id_typed(
    cockpit: Open, no_waiting: None, key: str, action: WorkstreamAction
) -> None:
    async with cockpit() as (pilot, port):
        host(pilot).main.select("WS-04")
        await pilot.press(key, *"seen it", "enter", "enter", *"WS-4", "enter")
        await settled(pilot)
        assert port.asked == []
        await pilot.press("backspace", *"04", "enter")
        await settled(pilot)
        assert port.asked == [SteerWorkstream("WS-04", action, "seen it", "ana")]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (WorkstreamState.ACCEPTED, "✓ WS-04 is accepted"),
        (WorkstreamState.NEEDS_INPUT, "✗ WS-04 is not accepted: it needs you"),
        (WorkstreamState.REWORK, "✗ WS-04 is not accepted: it is "),
    ],
)
async def test_what_came_of_an_acceptance_is_told_and_not_what_was_asked(
    cockpit: Open, no_waiting: None, monkeypatch: pytest.MonkeyPatch, state: WorkstreamState, said: str
) -> None:
    monkeypatch.setitem(fake_port._AFTER, "accept", state)
    async with cockpit(size=(160, 50)) as (pilot, _):
        host(pilot).main.select("WS-04")
        await pilot.press("A", "enter", "enter", *"WS-04", "enter")
        await settled(pilot)
        assert said in text(pilot)


async def test_rejecting_wants_a_note(cockpit: Open, no_waiting: None) -> None:
    async with cockpit() as (pilot, port):
        host(pilot).main.select("WS-04")
        await pilot.press("X", "enter", *"WS-04", "enter")
        await settled(pilot)
        assert port.asked == []
        assert "note is missing" in text(pilot)


async def test_verifying_names_the_deliverable(cockpit: Open, no_waiting: None) -> None:
    async with cockpit() as (pilot, port):
        host(pilot).main.select("WS-05")
        await pilot.press("v", "enter", "enter", "enter", *"WS-05", "enter")
        await settled(pilot)
        assert port.asked == [SteerWorkstream("WS-05", WorkstreamAction.VERIFY, "", "ana", "result-area")]


async def test_checking_a_gate_now(cockpit: Open) -> None:
    async with cockpit() as (pilot, port):
        await pilot.press("3", "c")
        await settled(pilot)
        assert port.asked == [EvaluateGate("g2")]


async def test_a_held_plan_takes_a_typed_yes(cockpit: Open, no_waiting: None) -> None:
    async with cockpit(sample.held_confirm()) as (pilot, port):
        await pilot.press("y", *"yes", "enter")
        await settled(pilot)
        assert port.asked == [ConfirmPlan("d3", "ana")]


async def test_filter_leaves_matches_in_tree_and_board_and_esc_clears_it(cockpit: Open) -> None:
    async with cockpit() as (pilot, _):
        main = host(pilot).main
        await pilot.press("slash", *"plugin")
        await settled(pilot)
        assert [w.id for c in main.board.columns for w in c.items] == ["WS-08", "WS-07"]
        assert {"plugins", "WS-07", "WS-08"} <= {main.tree_pane.key(item) for item in main.tree_pane.items}
        await pilot.press("enter", "escape")
        await settled(pilot)
        assert sum(len(c.items) for c in main.board.columns) == 15


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
@pytest.mark.parametrize("pane", ["1", "2"])
async def test_keys_mean_what_the_filter_leaves(cockpit: Open, size: tuple[int, int], pane: str) -> None:
    async with cockpit(size=size) as (pilot, port):
        main = host(pilot).main
        await pilot.press(pane, "slash", *"WS-05", "enter")
        await settled(pilot)
        assert main.selected == main.focused_pane.current_key == "WS-05"
        assert main.log_pane.run is not None
        assert main.log_pane.run.id == "WS-05.1"
        await pilot.press("p")
        await settled(pilot)
        assert port.asked == [SteerWorkstream("WS-05", WorkstreamAction.PAUSE)]
        await pilot.press("escape")
        await settled(pilot)
        assert main.selected == main.tree_pane.current_key == main.board.current.current_key == "WS-05"


async def test_nothing_is_steered_while_the_filter_leaves_nothing(cockpit: Open) -> None:
    async with cockpit() as (pilot, port):
        main = host(pilot).main
        main.select("WS-05")
        await pilot.press("slash", *"WS-05x", "enter", "p")
        await settled(pilot)
        assert main.selected == ""
        assert port.asked == []
        assert "the filter leaves nothing" in text(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert main.selected == main.board.current.current_key == "WS-05"


async def test_going_to_what_the_filter_hides_lets_the_filter_go(cockpit: Open) -> None:
    async with cockpit() as (pilot, port):
        main = host(pilot).main
        await pilot.press("slash", *"WS-07", "enter", "colon", *"WS-05", "enter", "p")
        await settled(pilot)
        assert port.asked == [SteerWorkstream("WS-05", WorkstreamAction.PAUSE)]
        await pilot.press("escape")
        await settled(pilot)
        assert host(pilot).filter_words == ""
        assert main.selected == main.tree_pane.current_key == "WS-05"


async def test_the_selection_is_never_what_the_filter_hides_by_now(cockpit: Open) -> None:
    async with cockpit() as (pilot, port):
        main = host(pilot).main
        main.select("WS-05")
        await pilot.press("1", "slash", *"running", "enter")
        assert main.selected == "WS-05"
        moved = tuple(
            dataclasses.replace(w, state=WorkstreamState.ACCEPTED) if w.id == "WS-05" else w
            for w in port.snapshot.workstreams
        )
        port.change(workstreams=moved)
        await settled(pilot)
        assert main.selected == main.tree_pane.current_key != "WS-05"


async def test_log_is_followed_filtered_and_scrolled(cockpit: Open, tmp_path: Path) -> None:
    logs = write_log(tmp_path)
    async with cockpit(logs=logs) as (pilot, _):
        main = host(pilot).main
        with logs["WS-07.2"].open("a") as log:
            log.writelines(f"line {n}\n" for n in range(100))
        main.log_pane.poll()
        await settled(pilot)
        assert "line 99" in text(pilot)
        await pilot.press("5", "k", "k")
        await settled(pilot)
        assert "paused: f follows" in text(pilot)
        await pilot.press("f", "slash", *"line 42", "enter")
        await settled(pilot)
        assert "line 42" in text(pilot)
        assert "line 99" not in text(pilot)


async def test_palette_finds_commands_workstreams_gates_and_runs(cockpit: Open) -> None:
    async with cockpit() as (pilot, port):
        await pilot.press("colon", *"config layer", "enter")
        await settled(pilot)
        assert "Configuration Layer" in lines(pilot)[0]
        await pilot.press("escape", "ctrl+p", *"try the", "enter")
        await settled(pilot)
        assert host(pilot).main.is_current
        assert port.asked == []
        await pilot.press("colon", *"run WS-05.1", "enter")
        await settled(pilot)
        assert "WS-05 · attempt 1" in lines(pilot)[0]


def test_palette_ranks_word_starts_before_the_middle_and_letters_in_order_last() -> None:
    ranks = [rank("gate", "gate g1"), rank("gate", "navigate"), rank("gte", "gate g1"), rank("xyz", "gate")]
    assert ranks[3] is None
    assert [r for r in ranks if r is not None] == sorted(r for r in ranks if r is not None)


async def test_waiting_list_leads_to_the_thing(cockpit: Open) -> None:
    async with cockpit() as (pilot, _):
        await pilot.press("exclamation_mark", "j", "j", "enter")
        await settled(pilot)
        assert lines(pilot)[0].startswith("╭ Gate g2")


async def test_worker_gone_says_so_and_a_key_starts_it(cockpit: Open) -> None:
    gone = Link(LinkState.GONE, None, "it ended 4s ago")
    async with cockpit(link=gone) as (pilot, port):
        assert "worker stopped · u starts it · it ended 4s ago" in text(pilot)
        await pilot.press("s")
        await settled(pilot)
        assert "no worker runs; u starts it" in text(pilot)
        assert port.asked == []
        await pilot.press("u")
        await settled(pilot)
        assert port.started == 1
        assert "worker stopped" not in text(pilot)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_note_of_the_caller_stands_on_the_main_screen_while_nothing_is_more_urgent(
    cockpit: Open, size: tuple[int, int]
) -> None:
    note = ("a plan week lasts 2 s here", "locust-tui demo --fresh")
    async with cockpit(size=size, note=note) as (pilot, port):
        assert "a plan week lasts 2 s here" in text(pilot)
        assert "begin again: locust-tui demo --fresh" in text(pilot)
        await pilot.press("o")
        await settled(pilot)
        assert "--fresh" not in text(pilot)
        await pilot.press("escape")
        port.change(held=sample.held_confirm().held)
        await settled(pilot)
        assert "plan changed" in text(pilot)
        assert "--fresh" not in text(pilot)


async def test_leaving_says_what_goes_on(cockpit: Open) -> None:
    async with cockpit() as (pilot, _):
        await pilot.press("q")
        left = host(pilot).left()
    assert left.exit_code == 0
    assert left.words == "Worker 1234 goes on; 6 agents running. locust-tui open plan.yaml brings you back."


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 20), (200, 60)])
async def test_every_pane_is_reached_by_number_and_by_tab(cockpit: Open, size: tuple[int, int]) -> None:
    async with cockpit(size=size) as (pilot, _):
        main = host(pilot).main
        for key, name in zip("12345", ("tree", "board", "gate", "kpis", "log"), strict=True):
            await pilot.press(key)
            assert main.at == name
            assert main.focused is main.focused_pane
        seen = []
        for _ in range(5):
            await pilot.press("tab")
            seen.append(main.at)
        assert sorted(seen) == sorted({"tree", "board", "gate", "kpis", "log"})


async def test_empty_panes_name_a_key(cockpit: Open) -> None:
    bare = dataclasses.replace(
        sample.not_started(), workstreams=(), orchestrators=(), gates=(), kpis=(), phases=(), meta_id=None
    )
    async with cockpit(bare) as (pilot, _):
        main = host(pilot).main
        keys = {key for c in COMMANDS for key in c.shown.split()}
        for pane in (main.tree_pane, main.gate, main.log_pane, *main.board.columns[1:]):
            words = " ".join(row.text for row in pane.empty())
            assert keys & {w.strip(".;:") for w in words.split()}, words


def test_every_command_has_its_own_keys_its_words_and_an_action() -> None:
    keys = [key for c in COMMANDS for key in c.keys.split(",")]
    assert len(keys) == len(set(keys))
    assert len({c.id for c in COMMANDS}) == len(COMMANDS)
    for command in COMMANDS:
        assert command.words
        assert command.group in GROUPS
        assert callable(getattr(MainScreen, f"do_{command.id}"))


async def test_help_lists_every_key(cockpit: Open) -> None:
    async with cockpit(size=(120, 100)) as (pilot, _):
        await pilot.press("question_mark")
        await settled(pilot)
        shown = text(pilot)
        assert all(command.words in shown for command in COMMANDS)


async def test_a_snapshot_that_changes_nothing_paints_nothing(cockpit: Open) -> None:
    async with cockpit(sample.big(300)) as (pilot, port):
        main = host(pilot).main
        painted: list[object] = []
        for pane in (main.tree_pane, *main.board.columns, main.gate, main.kpis, main.log_pane, main.headline):
            pane.refresh = lambda *regions, _pane=pane, **_: painted.append(_pane)  # type: ignore[assignment, misc]
        port.change(revision=port.snapshot.revision + 1)
        await settled(pilot)
        assert painted == []


# what is said


async def test_an_answer_that_was_read_goes_with_the_next_key(
    cockpit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with cockpit() as (pilot, _):
        main = host(pilot).main
        host(pilot).say("trusted: the plan may run", "done")
        await pilot.press("j")
        assert main.answer.display  # nobody can have read it yet
        assert not main.footer.display
        monkeypatch.setattr(base, "READ_S", 0.0)
        await pilot.press("j")
        assert not main.answer.display
        assert main.footer.display


async def test_the_key_that_is_refused_leaves_the_reason_standing(
    cockpit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "READ_S", 0.0)
    async with cockpit() as (pilot, port):
        host(pilot).say("earlier words", "done")
        port.refusal = RefusedError("the worker says no")
        await pilot.press("p")
        await settled(pilot)
        assert "the worker says no" in host(pilot).main.answer.words
        assert host(pilot).main.answer.display


async def test_an_answer_goes_by_itself_where_nobody_types(
    cockpit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "SAID_S", 0.05)
    async with cockpit() as (pilot, _):
        main = host(pilot).main
        host(pilot).say("trusted: the plan may run", "done")
        assert main.answer.display
        async with asyncio.timeout(60):
            while main.answer.display:
                await pilot.pause()
        assert main.footer.display
