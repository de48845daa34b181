"""What is pasted or held down, however much and however its bytes come: it is bounded, it is no key, it decides nothing."""

from __future__ import annotations

import os
import string
from collections.abc import Callable
from pathlib import Path

import pytest
import sample
from hypothesis import given
from hypothesis import strategies as st
from piloting import Open
from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

from locust_tui.client.requests import EvaluateGate, Request, SteerWorkstream
from locust_tui.domain.events import GateDecided
from locust_tui.domain.snapshot import Snapshot
from locust_tui.domain.states import GateState
from locust_tui.screens import pasting
from locust_tui.screens.keyboard import Keyboard
from locust_tui.screens.pasting import BEGIN, END, MOST_PASTED, Cut
from project import Project
from terminal import Terminal, ready

TYPED = st.lists(
    st.one_of(
        st.sampled_from(["a", "\x1b[A", "\x1b[<0;3;4M", "ü", "\r", BEGIN + END]),
        st.text(st.characters(exclude_characters="\x1b\0"), max_size=30).map(
            lambda inside: BEGIN + inside + END
        ),
        st.sampled_from(["\x1b", "\x1b[20", "\x1b[201", "y\n"]).map(
            lambda part: BEGIN + part + "x" + part + END
        ),
    )
)


def heard(keyboard: XTermParser, pieces: list[str]) -> list[str]:
    """What a keyboard makes of what comes, in words."""
    return [word(message) for piece in pieces if piece for message in keyboard.feed(piece)]


def word(message: Message) -> str:
    if isinstance(message, events.Paste):
        return f"paste {message.text!r}"
    return f"{type(message).__name__} {getattr(message, 'key', '')}{getattr(message, 'words', '')}"


@given(TYPED, st.integers(1, 40))
def test_however_the_bytes_are_cut_a_paste_is_one_and_keys_are_keys(typed: list[str], size: int) -> None:
    whole = "".join(typed)
    pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
    pastes = [f"paste {part[len(BEGIN) : -len(END)]!r}" for part in typed if part.startswith(BEGIN)]
    found = heard(Keyboard(), pieces)
    assert [w for w in found if w.startswith("paste")] == pastes
    assert found == heard(Keyboard(), [whole])


@given(TYPED)
def test_it_is_what_textual_would_have_made_of_it(typed: list[str]) -> None:
    plain = [part for part in typed if part != BEGIN + END and "\x1b" not in part[len(BEGIN) : -len(END)]]
    whole = "".join(plain)
    assert heard(Keyboard(), [whole]) == heard(XTermParser(), [whole])


def test_the_rest_of_a_long_paste_is_dropped_and_it_is_said() -> None:
    keyboard = Keyboard()
    pieces = [BEGIN, *["y\n" * 2048] * 20, "\x1b[20", "1~a"]
    messages = [message for piece in pieces for message in keyboard.feed(piece)]
    paste, cut, key = messages
    assert isinstance(paste, events.Paste)
    assert len(paste.text) == MOST_PASTED
    assert isinstance(cut, Cut)
    assert str(4096 * 20 - MOST_PASTED) in cut.words
    assert isinstance(key, events.Key)


def test_an_agent_gets_a_paste_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Keyboard, "for_an_agent", True)
    fits = list(Keyboard().feed(BEGIN + "x" * 100_000 + END))
    assert [len(m.text) for m in fits if isinstance(m, events.Paste)] == [100_000]
    (only,) = Keyboard().feed(BEGIN + "x" * 300_000 + END)
    assert isinstance(only, Cut)
    assert "none of it" in only.words


def test_where_the_end_of_a_paste_is_lost_keys_are_keys_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(pasting, "get_time", lambda: now[0])
    keyboard = Keyboard()
    assert heard(keyboard, [BEGIN + "half a pas", "te"]) == []
    now[0] += 4
    assert heard(keyboard, ["q", "x" * 100]) == []  # a slow line
    now[0] += 6
    assert heard(keyboard, ["x" * 100]) == []  # nobody types that
    now[0] += 6
    found = heard(keyboard, ["q"])
    assert found[0].startswith("paste 'half a pasteqxxx")
    assert found[1:] == ["Key q"]


MOST_S = 5.0
"""Of the processor. It takes 0.3 s, and Textual alone many seconds."""


@pytest.mark.fault(66, "5 MB are pasted into the filter")
def test_five_megabytes_are_taken_at_once_and_the_cut_is_said() -> None:
    with Terminal("running", columns=100) as terminal:
        terminal.until(ready)
        terminal.send(b"/")
        terminal.until("words of id")
        paste = b"\x1b[200~" + b"x" * 5_000_000 + b"\x1b[201~"
        before = terminal.cpu_s()
        for start in range(0, len(paste), 4_096):
            os.write(terminal.master, paste[start : start + 4_096])
            terminal.pump(0)
        terminal.until("that paste was long: its last 4934464 characters")
        assert terminal.cpu_s() - before < MOST_S
        terminal.send(b"\x1b")
        terminal.until(ready)


PLAN = """\
project: Keys
workstreams: {a: {run: "true"}}
gates: {ship: {needs: [a], criteria: [{manual: Ready?}], approvers: [ana]}}
"""


@pytest.mark.fault(66, "yeses and names are pasted, keys are held down, on a gate of a real worker")
def test_neither_pastes_nor_keys_held_down_decide_a_gate(tmp_path: Path) -> None:
    project = Project(tmp_path / "plan")
    project.write(PLAN)
    try:
        project.up()
        project.reaches(lambda w: w.gate("ship").state is GateState.PENDING or None)
        project.ask(EvaluateGate("ship"))
        with Terminal(str(project.plan), script="real_cockpit.py", columns=110, rows=36) as terminal:
            terminal.until(ready)
            terminal.until("ship")
            for keys in (b"a", b"y", b"\r"):
                hold(terminal, keys)
                paste(terminal, keys)
            terminal.send(b"\x1b")
            terminal.quiet()
            terminal.send(b"a")
            terminal.until("Decide")
            paste(terminal, b"y\n" * 100)
            paste(terminal, b"ship\r" * 100)
            terminal.send(b"y\r" * 100 + b"ship\r" * 100)
            for keys in (b"\r", b"y", b"ship\r"):
                hold(terminal, keys)
            terminal.quiet(0.7)
            shown = terminal.text
        assert project.events(GateDecided) == [], shown
        assert project.world().gate("ship").state is GateState.PENDING
    finally:
        project.end()


@pytest.mark.soak
@pytest.mark.fault(66, "each key in turn is held down on an inbox, a gate, a review, a change of the plan")
@pytest.mark.parametrize(
    ("shown", "opens"),
    [
        (sample.asking, ["exclamation_mark"]),
        (sample.ready_to_go, ["a"]),
        (sample.held_confirm, ["y"]),
        (sample.held_trust, ["y"]),
    ],
    ids=["inbox", "gate", "confirm", "trust"],
)
async def test_one_key_alone_decides_nothing_however_often_it_comes(
    cockpit: Open, no_waiting: None, shown: Callable[[], Snapshot], opens: list[str]
) -> None:
    """As slow as a hand, so that nothing is refused for its pace alone."""
    async with cockpit(shown()) as (pilot, port):
        for key in (*string.ascii_lowercase.replace("q", ""), "A", "X", "1", "2", "enter", "space"):
            await pilot.press("escape", "escape", *opens, *[key] * 3)
            assert ([r for r in port.asked if decides(r)], port.trusted) == ([], []), key


def decides(request: Request) -> bool:
    if isinstance(request, SteerWorkstream):
        return request.action.value in ("accept", "reject", "cancel", "defer")
    return type(request).__name__.startswith(("Answer", "Decide", "Confirm", "Waive", "Sign"))


def hold(terminal: Terminal, keys: bytes) -> None:
    """Thirty times a second, ten times."""
    for _ in range(10):
        terminal.send(keys)
        terminal.pump(1 / 30)


def paste(terminal: Terminal, data: bytes) -> None:
    terminal.send(b"\x1b[200~" + data + b"\x1b[201~")
    terminal.pump(0.05)
