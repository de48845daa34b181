"""`hooks schedule|on-event|ls|rm|run`, `memory get --callback` and `summarize`, as they are typed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from locust_tui.domain.events import HookRan, MessageSent
from project import Project

PLAN = """\
project: {name: P}
workstreams: {a: {run: "true", needs: never}, WS-02: {run: "true", needs: never}}
gates: {never: {approvers: [nobody]}}
hooks: {written: {do: ps}}
"""
Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def tui(project: Project) -> Call:
    project.write(PLAN)

    def run(*args: str, **more: object) -> subprocess.CompletedProcess[str]:
        options: dict[str, object] = {"cwd": project.path, "timeout": 60, **more}
        if "input" not in options:
            options["stdin"] = subprocess.DEVNULL
        command = [sys.executable, "-m", "locust_tui", *args]
        return subprocess.run(command, capture_output=True, text=True, **options)  # type: ignore[call-overload,no-any-return]

    return run


SCRIPT = """
  npx claude-flow@alpha task status --pattern 'WS-*' --json |
  npx claude-flow@alpha summarize |
  npx claude-flow@alpha memory store "locust/daily/{date}"
"""


def test_a_schedule_shows_its_next_run_and_can_be_run_now(tui: Call) -> None:
    made = tui("hooks", "schedule", "--cron", "0 9 * * 1-5", "--task", "daily", "--script", SCRIPT)
    assert made.returncode == 0, made.stderr
    assert "hook daily: 0 9 * * 1-5; next run 20" in made.stdout
    assert "warning" not in made.stderr
    again = tui("hooks", "schedule", "--cron", "0 8 * * *", "--task", "daily", "--script", SCRIPT, "--json")
    assert json.loads(again.stdout)["when"] == "0 8 * * *"
    ran = tui("hooks", "run", "daily", "--json")
    assert ran.returncode == 0, ran.stdout
    stored = tui("memory", "get", "--pattern", "locust/daily/*").stdout
    assert "1 items" in stored
    listed = {h["name"]: h for h in json.loads(tui("hooks", "ls", "--json").stdout)}
    assert (listed["daily"]["runs"], listed["daily"]["last_ok"], listed["daily"]["missed"]) == (1, True, 0)
    assert listed["written"]["when"] == "called back"
    assert "daily" in tui("hooks", "ls").stdout


def test_an_event_leads_to_a_message_and_to_memory(tui: Call, project: Project) -> None:
    action = "notify --to operator --priority high\nmemory store issues/{workstream}"
    made = tui("hooks", "on-event", "--event", "blocker-detected", "--action", action)
    assert made.returncode == 0, made.stderr
    assert "hook on-blocker-detected: blocker-detected" in made.stdout
    assert tui("memory", "store", "locust/ws02/status", "--value", '{"blockers": ["no key"]}').returncode == 0
    project.reaches(lambda w: w.hooks["on-blocker-detected"].runs == 1)
    (ran,) = project.events(HookRan)
    assert ran.ok, ran.said
    (sent,) = [m for m in project.events(MessageSent) if m.to == "operator"]
    assert (sent.text, sent.priority) == ("workstream.reported WS-02: no key", "high")
    assert json.loads(tui("memory", "get", "issues/WS-02").stdout)["kind"] == "workstream.reported"


def test_actions_without_a_name_get_one_of_their_own(tui: Call) -> None:
    def name(action: str) -> str:
        made = tui("hooks", "on-event", "--event", "agent-exited", "--action", action, "--json")
        return str(json.loads(made.stdout)["name"])

    assert [name("ps"), name("ps"), name("status"), name("ps")] == [
        "on-agent-exited", "on-agent-exited", "on-agent-exited-2", "on-agent-exited",
    ]  # fmt: skip


def test_a_date_that_a_shell_filled_in_is_warned_about(tui: Call) -> None:
    day = time.strftime("%Y-%m-%d", time.gmtime())
    made = tui(
        "hooks",
        "schedule",
        "--cron",
        "@daily",
        "--task",
        "d",
        "--script",
        f"status --json | memory store daily/{day}",
    )
    assert made.returncode == 0
    assert f'holds "{day}"' in made.stderr


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["schedule", "--cron", "61 * * * *", "--task", "x", "--script", "ps"], 2, "bad minute"),
        (["schedule", "--cron", "@daily", "--task", "x", "--script", "ps && ls"], 2, 'only a shell knows "&&"'),
        (["schedule", "--cron", "@daily", "--task", "x", "--script", "gate approve never"], 2, 'can\'t run "gate approve"'),
        (["schedule", "--cron", "@daily", "--task", "x/y", "--script", "ps"], 2, "no name for a hook"),
        (["schedule", "--cron", "@daily", "--script", "ps"], 2, "--task"),
        (["on-event", "--event", "blocker", "--action", "ps"], 2, "did you mean blocker-detected"),
        (["on-event", "--event", "agent-exited", "--action", "  "], 2, "no line"),
        (["on-event", "--event", "agent-exited", "--action", "ps", "--actoin", "x"], 2, "--action"),
        (["run", "writen"], 3, "did you mean written"),
        (["rm", "nobody"], 3, "no hook"),
        (["rm", "written"], 3, "no command put anything"),
        (["shedule"], 2, "did you mean schedule"),
    ],
)  # fmt: skip
def test_every_no_has_its_code_and_changes_nothing(tui: Call, words: list[str], code: int, told: str) -> None:
    done = tui("hooks", *words)
    assert (done.returncode, told in done.stderr) == (code, True), done.stderr
    assert [h["name"] for h in json.loads(tui("hooks", "ls", "--json").stdout)] == ["written"]


def test_a_hook_is_removed(tui: Call) -> None:
    assert tui("hooks", "schedule", "--cron", "@daily", "--task", "d", "--script", "ps").returncode == 0
    assert tui("hooks", "rm", "d").returncode == 0
    assert [h["name"] for h in json.loads(tui("hooks", "ls", "--json").stdout)] == ["written"]


def test_a_value_calls_a_hook_back(tui: Call) -> None:
    assert (
        tui(
            "hooks", "schedule", "--cron", "@daily", "--task", "sum", "--script", "summarize --json"
        ).returncode
        == 0
    )
    assert tui("memory", "store", "all", "--value", '[{"progress": 20}, {"progress": 40}]').returncode == 0
    done = tui("memory", "get", "--key", "all", "--callback", "sum")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["progress"] == 30.0
    assert tui("memory", "get", "--key", "all", "--callback", "none").returncode == 3


def test_a_failing_hook_says_why(tui: Call) -> None:
    assert (
        tui(
            "hooks", "schedule", "--cron", "@daily", "--task", "f", "--script", "memory get nothing"
        ).returncode
        == 0
    )
    done = tui("hooks", "run", "f")
    assert (done.returncode, "there is no memory of nothing" in done.stdout) == (1, True)


def test_summarize_rolls_up_what_comes(tui: Call) -> None:
    done = tui(
        "summarize",
        input='{"state": "running", "progress": 40}\n{"state": "failed", "id": "a", "why": "exit 1"}\n',
    )
    assert done.stdout.splitlines() == [
        "2 items", "states: failed 1, running 1", "progress: 40 %, mean of 1", "blockers: 1", "- a: failed: exit 1",
    ]  # fmt: skip
    assert json.loads(tui("summarize", "--json", input="").stdout)["items"] == 0
