"""A whole project whose every word attacks: nothing of it reaches a terminal, whatever screen or verb tells of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hostile_project import settle
from markup_app import MarkupApp
from piloting import host, looked, until
from terminal_bytes import forbidden
from textual.pilot import Pilot

from locust_tui.app import CockpitApp
from locust_tui.cli.root import VERBS
from locust_tui.client.feed import Feed, shown_path
from locust_tui.screens.commands import COMMANDS, Command
from project import Project
from terminal import Terminal, ready

LEAVES = {"quit", "interrupt", "up_worker"}
CALLS = {
    "report": ["report", "report --format text", "report --format html"],
    "status": ["status", "status --json"],
    "ps": ["ps"],
    "check": ["check", "check other.plan.yaml", "check broken.plan.yaml", "check torn.plan.yaml"],
    "import": ["import hostile.md --dry-run"],
    "exec": ["exec hostile.md --dry-run"],
    "fmt": ["fmt --check"],
    "trust": ["trust other.plan.yaml --yes", "trust --list"],
    "gate": ["gate ls", "gate show fly", "gate check fly"],
    "ws": ["ws ls", "ws show works", "ws diff works", "ws verify works d1 --by eve"],
    "logs": ["logs works", "logs fails"],
    "send": ["send fails hello"],
    "kill": ["kill fails"],
    "events": ["events", "events works.1"],
    "replay": ["replay"],
    "diff": ["diff r1"],
    "deps": ["deps"],
    "critical-path": ["critical-path --gates"],
    "forecast": ["forecast"],
    "earned-value": ["earned-value --curve"],
    "evm": ["evm"],
    "flow": ["flow -w"],
    "kpi": ["kpi", "kpi pace"],
    "success": ["success show --facts"],
    "whatif": ["whatif s1"],
    "land": ["land"],
    "why": ["why", "why works", "why fly", "why judged"],
    "monitor": ["monitor ls", "monitor show main", "monitor health"],
    "metrics": ["metrics get"],
    "alert": ["alert ls"],
    "features": ["features ls"],
    "github": ["github config"],
    "inbox": ["inbox"],
    "answer": ["answer nothing yes"],
    "swarm": ["swarm status"],
    "task": ["task status"],
    "escalate": ["escalate ls", "escalate show E1"],
    "request-agents": ["request-agents ls"],
    "baseline": ["baseline show", "baseline changes"],
    "risk": ["risk ls", "risk map", "risk show R1"],
    "agent": ["agent ls"],
    "hooks": ["hooks ls"],
    "message": ["message ls", "message show m1"],
    "memory": ["memory ls", "memory get k1", "memory history k2"],
    "export": ["export --format mermaid", "export --format json"],
    "paths": ["paths"],
    "doctor": ["doctor"],
}
"""Verb → calls of it that show what the project says."""
SHOWS_NOTHING = {
    "open": "it is the cockpit", "demo": "it has a plan of its own", "up": "it says a pid", "down": "it says a pid",
    "run": "it ends with the project", "schema": "it knows no project", "new": "it writes a plan",
    "attach": "it is a terminal emulator with tests of its own", "mcp": "it speaks JSON", "spawn": "it starts agents",
    "summarize": "it reads its input", "keys": "it knows no project", "completion": "it knows no project",
}  # fmt: skip
_BYTES = {
    "exclamation_mark": b"!", "slash": b"/", "colon": b":", "question_mark": b"?", "enter": b"\r", "tab": b"\t",
    "shift+tab": b"\x1b[Z", "down": b"\x1b[B", "up": b"\x1b[A", "left": b"\x1b[D", "right": b"\x1b[C",
    "ctrl+d": b"\x04", "ctrl+u": b"\x15", "escape": b"\x1b",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hostile:
    project: Project
    environ: dict[str, str]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    home = tmp_path_factory.mktemp("home")
    environ = {
        "HOME": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "GIT_CONFIG_GLOBAL": str(home / "hostile" / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        project = Project(home / "plan")
        try:
            settle(project, home / "hostile")
            yield Hostile(project, environ)
        finally:
            project.end()


@pytest.fixture
def hostile(made: Hostile, monkeypatch: pytest.MonkeyPatch) -> Project:
    for name, value in made.environ.items():
        monkeypatch.setenv(name, value)
    return made.project


def keys_of(command: Command) -> bytes:
    key = command.keys.partition(",")[0]
    return _BYTES.get(key, key.encode())


def looking() -> list[Command]:
    return [c for c in COMMANDS if c.id not in LEAVES]


@pytest.mark.fault(
    25, "a plan, its agents' output, reports, messages, files and commits attack; every screen is opened"
)
@pytest.mark.parametrize(("part", "size"), [(0, (80, 24)), (1, (160, 50))], ids=["small", "large"])
def test_no_screen_lets_anything_through(hostile: Project, part: int, size: tuple[int, int]) -> None:
    seen = set[str]()
    with Terminal(str(hostile.plan), script="real_cockpit.py", columns=size[0], rows=size[1]) as terminal:
        terminal.until(ready)
        for command in [c for c in looking() if c.group != "Move"][part::2]:
            terminal.send(keys_of(command))
            terminal.quiet(0.12)
            seen.add(terminal.text)
            terminal.send(b"\x1b")
            terminal.quiet(0.12)
        terminal.back()
        assert forbidden(bytes(terminal.raw)) == []
    assert len(seen) > 10


@pytest.mark.fault(
    26, "the same project holds markup that would click: every cell of every screen is looked at"
)
async def test_no_cell_of_any_screen_does_anything_when_clicked(hostile: Project) -> None:
    opened = set[str]()
    async with Feed(hostile.folder, shown_path(hostile.plan)) as feed:
        app = CockpitApp(feed, hertz=1_000)
        async with app.run_test(size=(160, 50)) as pilot:
            await until(pilot, lambda: app.view is not None)
            for command in looking():
                key = command.keys.partition(",")[0]
                if command.group == "Workstream" or key == "escape":
                    continue
                await pilot.press(key)
                await looked(pilot)
                opened.add(type(app.screen).__name__)
                assert clickable(pilot) == [], command.id
                while len(host(pilot).screen_stack) > 1:
                    host(pilot).pop_screen()
                    await pilot.pause()
    assert len(opened) > 15, opened


def clickable(pilot: Pilot[None]) -> list[str]:
    """Texts of cells that do something when they are clicked."""
    return [
        segment.text
        for strip in pilot.app.screen._compositor.render_strips()
        for segment in strip
        if segment.style is not None and (segment.style.meta.get("@click") or segment.style.link)
    ]


async def test_a_program_that_reads_markup_would_be_found_out() -> None:
    async with MarkupApp().run_test() as pilot:
        assert clickable(pilot) == ["click", "approve"]


@pytest.mark.fault(25, "the same project is told of by every verb, on a terminal")
@pytest.mark.fault(26, "the same project is told of by every verb, on a terminal")
def test_no_verb_lets_anything_through(hostile: Project, tmp_path: Path) -> None:
    calls = [call.split() for verb in CALLS.values() for call in verb]
    asked = tmp_path / "calls"
    asked.write_text(json.dumps({"folder": str(hostile.path), "calls": calls}))
    with Terminal(str(asked), script="all_verbs.py", columns=120, rows=40) as terminal:
        terminal.ended(280)
        raw = bytes(terminal.raw)
    said = raw.decode()
    assert said.count("=== ended with ") == len(calls)
    assert "Traceback" not in said
    plain = said.replace("\r\n", "\n")
    for part in plain.split("=== ended with "):
        assert forbidden(part.encode(), own=()) == [], part[-300:]
        assert "\x07" not in part
    assert plain.count("[@click=app.quit]click[/]") > 3, "markup is printed as it is written"
    assert plain.count("␛]0;owned␇") > 20, "what would steer is shown for what it is"


def test_no_verb_is_forgotten() -> None:
    assert set(CALLS) | set(SHOWS_NOTHING) == set(VERBS)
