"""What a person is shown before trusting a plan is all of it, to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.domain.plan import Plan
from locust_tui.plans.reading import load_plan
from locust_tui.plans.shown import ShownCommand, shown_commands, visible
from locust_tui.plans.surface import Executable
from locust_tui.plans.trust import SurfaceDiff, TrustState, grant, trust_state
from locust_tui.plans.trust_lines import trust_lines


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "plan.yaml"


def write(path: Path, text: str) -> Plan:
    path.write_text(text)
    return load_plan(path)


def marked(command: ShownCommand) -> list[tuple[str, str]]:
    return [(line.mark, line.text) for line in command.lines]


def state_of(*commands: Executable, diff: SurfaceDiff | None = None) -> TrustState:
    return TrustState(False, (), commands, diff)


def sh(text: str, owner: str = "workstream z") -> Executable:
    return Executable(owner, "run", ("/bin/sh", "-c", text))


def test_the_end_of_a_long_command_is_shown(path: Path) -> None:
    hidden = "echo ok " + " " * 300 + "; touch /tmp/hidden"
    plan = write(path, f"workstreams: {{z: {{run: {hidden!r}}}}}\n")
    (command,) = shown_commands(trust_state(path, plan))
    assert (command.owner, command.kind, command.mark) == ("workstream z", "run", " ")
    assert marked(command) == [(" ", hidden)]


def test_lines_of_a_block_stay_lines(path: Path) -> None:
    plan = write(path, "workstreams:\n  z:\n    run: |\n      echo one\n        indented\n      echo two\n")
    (command,) = shown_commands(trust_state(path, plan))
    assert [(line.label, line.text) for line in command.lines] == [
        ("run (shell)", "echo one"),
        ("", "  indented"),
        ("", "echo two␊"),
    ]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("echo\rrm", "echo␍rm"),
        ("echo\trm", "echo␉rm"),
        ("a\x1b[2Kb", "a␛[2Kb"),
        ("a\u00a0b", "a<U+00A0>b"),
        ("a\u202eb", "a<U+202E>b"),
        ("a\u3000b\ufe0f", "a<U+3000>b<U+FE0F>"),
        ("e\u0301\u0302\u0303\u0304\u0305\u0306", "e\u0301<U+0302><U+0303><U+0304><U+0305><U+0306>"),
        ("echo \\  ", "echo \\␠␠"),
        ("a\u2028b", "a<U+2028>b"),
    ],
)
def test_what_a_terminal_hides_is_visible(text: str, seen: str) -> None:
    assert marked(shown_commands(state_of(sh(text)))[0]) == [(" ", seen)]


@given(st.text(st.characters(codec="utf-8", exclude_characters="␊␠␍␉"), min_size=1))
def test_nothing_of_a_command_is_lost(text: str) -> None:
    (command,) = shown_commands(state_of(sh(text)))
    shown = "\n".join(line.text for line in command.lines)
    assert all(c == "\n" or visible(c) in shown or c in shown or f"<U+{ord(c):04X}>" in shown for c in text)
    assert len(shown) >= len(text)


def test_folder_variables_and_agent_are_told_apart_from_the_command(path: Path) -> None:
    plan = write(
        path,
        "agents: {c: {command: 'claude -p {instructions}', model: opus}}\n"
        "workstreams:\n  a: {run: [echo, 'a b'], cwd: sub, env: {A: 'x y'}}\n  b: {agent: c, instructions: be good}\n",
    )
    rows = [
        (c.owner, line.label, line.text) for c in shown_commands(trust_state(path, plan)) for line in c.lines
    ]
    assert rows == [
        ("agent c", "command", "claude -p '{instructions}'"),
        ("agent c", "kind", "claude"),
        ("agent c", "model", "opus"),
        ("workstream a", "run", "echo 'a b'"),
        ("workstream a", "folder", "sub"),
        ("workstream a", "env", "A='x y'"),
        ("workstream b", "instructions", "be good"),
        ("workstream b", "agent", "c"),
    ]


def test_what_changed_comes_first_line_by_line(path: Path) -> None:
    before = "workstreams:\n  a: {run: make}\n  z:\n    run: |\n      one\n      two\n  gone: {run: old}\n"
    grant(path, write(path, before))
    after = before.replace("two", "too\n      three").replace("gone: {run: old}", "new: {run: fresh}")
    shown = shown_commands(trust_state(path, write(path, after)))
    assert [(c.mark, c.owner) for c in shown] == [
        ("~", "workstream z"),
        ("+", "workstream new"),
        ("-", "workstream gone"),
        (" ", "workstream a"),
    ]
    assert marked(shown[0]) == [(" ", "one"), ("-", "two␊"), ("+", "too"), ("+", "three␊")]
    assert shown[3].lines[0].mark == " "


def test_a_list_of_texts_carries_all_of_it() -> None:
    old, new = sh("echo a"), sh("echo a\ntouch /tmp/hidden")
    state = state_of(new, sh("make", "workstream b"), diff=SurfaceDiff((new,), (old,)))
    assert trust_lines(state) == (
        "  workstream z, run (shell): echo a",
        "+ │ touch /tmp/hidden",
        "  workstream b, run (shell): make",
    )
