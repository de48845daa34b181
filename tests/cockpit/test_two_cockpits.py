"""Two people before two real cockpits of one plan decide the same gate: one decision counts, the other person hears of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from locust_tui.domain.events import GateDecided
from locust_tui.domain.states import DecisionKind, GateState
from locust_tui.screens.person import user_name
from locust_tui.widgets.form import GUARD_S
from project import Project, state_letter, until
from terminal import Terminal, ready

ME = user_name()
PLAN = """
project: Two
workstreams: {done: {run: 'true'}, next: {run: exec sleep 60, needs: [g]}}
gates: {g: {name: Ready, needs: [done], criteria: [{name: there, run: 'true'}]}}
"""


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Project]:
    project = Project(tmp_path / "plan")
    try:
        project.write(PLAN)
        project.up()
        project.reaches(lambda w: w.gate("g").state is GateState.PENDING)
        yield project
    finally:
        project.end()


def about_to_say_go(terminal: Terminal) -> None:
    """The form of a go is filled in, the gate's id typed: only enter is missing."""
    terminal.until(ready)
    terminal.quiet(0.5)
    terminal.send(b"a")
    terminal.until("Decide")
    terminal.quiet(GUARD_S + 0.2)
    terminal.send(b"\r")
    terminal.until("type g")
    terminal.quiet(GUARD_S + 0.2)
    for key in (b"\r", b"\r", b"g"):
        terminal.send(key)
        terminal.quiet(0.2)


@pytest.mark.fault(
    59, "two cockpits, one of them stopped until the other's decision is made, say go at the same moment"
)
def test_a_decision_from_a_screen_that_stood_still_is_not_made(gate: Project) -> None:
    one = Terminal(str(gate.plan), script="real_cockpit.py", columns=100, rows=32)
    other = Terminal(str(gate.plan), script="real_cockpit.py", columns=100, rows=32)
    with one, other:
        about_to_say_go(one)
        about_to_say_go(other)
        os.kill(other.pid, signal.SIGSTOP)
        until(lambda: state_letter(other.pid) == "T")
        other.send(b"\r")
        gate.decide("g", DecisionKind.HOLD, by="ana", note="not yet")
        one.until("ana has decided hold")
        os.kill(other.pid, signal.SIGCONT)
        other.until(lambda shown: "ana decided hold" in shown or "ana has decided hold" in shown)
        one.quiet(GUARD_S + 0.2)
        one.send(b"\r")
        one.until("to confirm, type g")
        assert gate.world().gate("g").state is GateState.HOLD
        assert [e.decision.by.name for e in gate.events(GateDecided)] == ["ana"]
        for terminal in (one, other):
            terminal.send(b"g")
            terminal.quiet(0.7)
        one.send(b"\r")
        other.send(b"\r")
        gate.reaches(lambda w: w.gate("g").state is GateState.GO)
        for terminal in (one, other):
            terminal.until(lambda shown: f"recorded as {ME}" in shown or told(shown))
        assert sum(f"recorded as {ME}" in terminal.text for terminal in (one, other)) == 1
    assert [e.decision.kind for e in gate.events(GateDecided)] == [DecisionKind.HOLD, DecisionKind.GO]


def told(shown: str) -> bool:
    """Whether the screen says that somebody else said go."""
    return f"{ME} decided go" in shown or f"{ME} has decided go" in shown
