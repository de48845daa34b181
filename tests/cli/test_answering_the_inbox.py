"""What a person at the command line sees of what waits, and what a yes of theirs is bound to."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from test_steering_a_worker import follow_until, on_a_terminal

from locust_tui.analysis.overview import build_snapshot
from locust_tui.cli.verbs.answer import _asked_again
from locust_tui.domain.events import AccountChanged
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Plan, Project
from locust_tui.domain.snapshot import WaitingView
from locust_tui.domain.states import AccountState
from locust_tui.domain.world import World
from locust_tui.report.inbox_text import beyond_the_list, item_lines
from locust_tui.state.folder import StateFolder
from locust_tui.state.store import Store

Tui = Callable[..., CompletedProcess[str]]
AGENT = Path(__file__).parents[1] / "worker" / "protocol_agent.py"
TRAP = "echo " + "harmless " * 60 + "; rm -rf precious"
ITEM = "permission:api.1:1"


def view(what: str, detail: str, rule: str = "") -> WaitingView:
    return WaitingView(ITEM, "permission", "operator", what, None, detail=detail, rule=rule, digest="d")


def test_nothing_is_beyond_the_list_that_it_shows() -> None:
    assert beyond_the_list(view("Bash: ls -l", "ls -l", "Bash(ls -l)")) == 0
    assert beyond_the_list(view("Write: a.txt", "a.txt\n+ one\n+ two")) == 0
    assert beyond_the_list(view("Write: a.txt", "\n".join("abcdefg"))) > 0
    assert beyond_the_list(view("Bash: x", "x" * 301)) == 1
    assert beyond_the_list(view("Bash: x", "x", "Bash(" + "x" * 300 + ")")) == 6


def test_what_it_is_stands_there_in_plain_words() -> None:
    told = [
        item_lines(dataclasses.replace(view("x", "x"), kind=kind), 0.0)[0]
        for kind in ("escalation", "review")
    ]
    assert "an escalation for" in told[0]
    assert "a review for" in told[1]


def test_one_item_shows_every_character_and_keeps_to_its_bar() -> None:
    lines = item_lines(view("Bash: echo", "echo\n  digest: f\x1b[2J" + "y" * 5000 + "END"), 0.0)
    assert "    ┃   digest: f␛[2J" + "y" * 5000 + "END" in lines


@pytest.fixture
def asking(tmp_path: Path, tui: Tui) -> Iterator[Path]:
    """A plan whose agent waits for a yes to a command that is longer than a line."""
    agent = tmp_path / "claude"
    agent.write_text(AGENT.read_text())
    agent.chmod(0o755)
    plan = tmp_path / "locust-plan.yaml"
    plan.write_text(
        "agents: {dev: {kind: claude, command: ./claude, env: {FLEET: .}}}\n"
        f"workstreams: {{api: {{agent: dev, instructions: {json.dumps('@run ' + TRAP)}}}}}\n"
    )
    assert tui("trust", "--yes").returncode == 0
    tui("up")
    follow_until(tmp_path, ITEM)
    yield plan
    tui("down", "--stop-agents")


def test_a_command_that_was_not_shown_is_not_allowed(tui: Tui, asking: Path) -> None:
    told = tui("inbox").stdout
    assert "precious" not in told
    assert f"characters more: locust-tui inbox {ITEM}" in told
    refused = tui("answer", ITEM, "allow")
    assert refused.returncode == 4
    assert f"locust-tui inbox {ITEM}" in refused.stderr
    whole = tui("inbox", ITEM).stdout
    assert "rm -rf precious" in whole
    assert tui("inbox", "--full").stdout.splitlines()[1:] == whole.splitlines()[1:]
    item = json.loads(tui("inbox", ITEM, "--json").stdout)
    assert f"digest: {item['digest']}" in whole
    assert tui("answer", ITEM, "allow", "--digest", "0" * 64).returncode == 4
    assert tui("answer", ITEM, "allow", "--digest", item["digest"]).returncode == 0
    follow_until(asking.parent, "the agent has the answer")


def test_a_terminal_shows_all_of_it_before_it_asks(tui: Tui, asking: Path) -> None:
    code, shown = on_a_terminal(asking.parent, ["answer", ITEM, "allow"], "permitted?", "n")
    assert code == 4
    assert "rm -rf precious" in shown
    assert [i["item"] for i in json.loads(tui("inbox", "--json").stdout)] == [ITEM]
    code, shown = on_a_terminal(asking.parent, ["answer", ITEM, "allow"], "permitted?", "y")
    assert code == 0
    assert f"{ITEM}: allow, revision" in shown


def test_another_attempt_ends_no_agent_that_only_waits_for_a_yes(tui: Tui, asking: Path) -> None:
    why = tui("why", "api").stdout
    assert f"next: locust-tui answer {ITEM}" in why
    assert "ws retry" not in why
    assert tui("why", ITEM).stdout.startswith(f"{ITEM} is waiting: Bash: echo harmless")
    refused = tui("ws", "retry", "api")
    assert refused.returncode == 4
    assert f"api.1 waits for an answer to {ITEM}; another attempt ends it" in refused.stderr
    assert [run["run"] for run in json.loads(tui("ps", "--json").stdout)] == ["api.1"]
    assert tui("ws", "retry", "api", "--yes").returncode == 0
    follow_until(asking.parent, "api.2     pid")


def test_an_account_answers_to_its_name_however_often_it_was_asked_about() -> None:
    item = "account:claude#2"
    one = WaitingView(item, "escalation", "operator", "claude: 401", None, choices=("mended", "stop"))
    plan = Plan(Project("P", "P"), {})
    snapshot = dataclasses.replace(
        build_snapshot(plan, "", "p.yaml", World(), 0.0, worker_pid=None), waiting=(one,)
    )
    assert _asked_again(snapshot, "account:claude") == item
    assert _asked_again(snapshot, item) == item
    assert _asked_again(snapshot, "account:codex") == "account:codex"
    assert _asked_again(snapshot, "permission:claude") == "permission:claude"


async def test_an_account_that_a_plan_named_steers_no_terminal(tmp_path: Path, tui: Tui) -> None:
    plan = tmp_path / "locust-plan.yaml"
    plan.write_text("workstreams: {a: {run: 'sleep 60'}}\n")
    assert tui("trust", "--yes").returncode == 0
    folder = StateFolder(plan)
    folder.prepare()
    async with Store.open(folder.store, ballast=0) as store:
        await store.append(WORKER, AccountChanged("ev\x1b[2Jil", AccountState.REFUSED, "401"))
    answered = tui("answer", "account:ev\x1b[2Jil", "mended")
    tui("down", "--stop-agents")
    assert answered.returncode == 0, answered.stderr
    assert "account ev␛[2Jil: mended" in answered.stdout
    assert "\x1b" not in answered.stdout + answered.stderr
