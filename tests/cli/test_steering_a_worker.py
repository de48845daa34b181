"""Verbs that change something, against a real worker with real agents."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from project import is_running

Tui = Callable[..., CompletedProcess[str]]
COMMAND = [sys.executable, "-m", "locust_tui"]

FERRY = """\
project: Ferry
workstreams:
  load:  {run: "echo loading; echo '::locust progress=50::half the cars'"}
  steer: {needs: load, run: "echo out; exec sleep 600"}
  horn:  {needs: load, run: "exit 7"}
gates:
  sign:  {needs: [load], criteria: [{name: dry, run: "true"}, {manual: Is it safe?}]}
  leak:  {needs: [load], criteria: [{name: hull, run: "false"}]}
"""


@pytest.fixture
def ferry(tmp_path: Path, tui: Tui) -> Iterator[Path]:
    """A trusted plan; whatever runs of it is stopped at the end."""
    plan = tmp_path / "locust-plan.yaml"
    plan.write_text(FERRY)
    assert tui("trust", "--yes").returncode == 0
    yield plan
    tui("down", "--stop-agents")


def follow_until(cwd: Path, wanted: str, *others: str) -> None:
    """Read the event log as it grows until each of the words was seen."""
    open_words = {wanted, *others}
    with subprocess.Popen([*COMMAND, "events", "-f"], cwd=cwd, stdout=subprocess.PIPE, text=True) as follow:
        assert follow.stdout is not None
        for line in follow.stdout:
            open_words -= {w for w in open_words if w in line}
            if not open_words:
                break
        follow.terminate()
    assert not open_words


def test_up_attaches_and_down_leaves_agents_until_told(tui: Tui, ferry: Path) -> None:
    first = json.loads(tui("up", "--json").stdout)
    assert first["started"] is True
    again = json.loads(tui("up", "--json").stdout)
    assert again == {**first, "started": False}
    follow_until(ferry.parent, "steer.1   pid", "horn      from running")
    (agent,) = json.loads(tui("ps", "--json").stdout)
    assert (agent["run"], agent["state"], agent["source"]) == ("steer.1", "running", "process")
    assert is_running(agent["pid"])
    told = tui("down")
    assert told.stdout == f"worker {first['pid']} stopped; 1 agent goes on\n"
    assert is_running(agent["pid"])
    (unwatched,) = json.loads(tui("ps", "--json").stdout)
    assert (unwatched["state"], unwatched["pid"]) == ("running", agent["pid"])
    assert "no worker" in unwatched["reason"] or "shim" in unwatched["reason"]
    assert tui("down", "--stop-agents").returncode == 0
    assert not is_running(agent["pid"])
    assert json.loads(tui("ps", "--json").stdout) == []


def test_gates_are_decided_by_people_on_evidence(tui: Tui, ferry: Path) -> None:
    tui("up")
    follow_until(ferry.parent, "sign      from not-due", "leak      from not-due")
    told = tui("gate", "check", "leak", "--json")
    assert told.returncode == 1
    gate = json.loads(told.stdout)
    assert (gate["criteria"][0]["state"], gate["criteria"][0]["evidence"]["exit_code"]) == ("fail", 1)
    refused = tui("gate", "approve", "leak", "--by", "ana")
    assert refused.returncode == 4
    why = tui("why", "leak").stdout
    assert why.startswith("leak is not met: ")
    for way in ("locust-tui gate check leak", "locust-tui gate waive leak hull --note WHY"):
        assert way in refused.stderr
        assert f"  next: {way}\n" in why
    assert json.loads(tui("why", "leak", "--json").stdout)["state"] == "ready"
    assert json.loads(tui("gate", "show", "leak", "--json").stdout)["decision"] is None
    seen = json.loads(tui("gate", "show", "sign", "--json").stdout)
    stale = tui("gate", "approve", "sign", "--digest", "0" * 64)
    assert stale.returncode == 4
    told = tui("gate", "approve", "sign", "--by", "ana", "--note", "saw it", "--digest", seen["digest"])
    assert (told.returncode, told.stdout.startswith("gate sign: go")) == (0, True)
    decided = json.loads(tui("gate", "show", "sign", "--json").stdout)
    assert (decided["decision"]["by"], decided["decision"]["note"]) == ("ana", "saw it")
    assert tui("gate", "waive", "leak", "hull").returncode == 2
    assert tui("gate", "waive", "leak", "hull", "--note", "it is a model").returncode == 0
    told = tui("gate", "approve", "leak", "--condition", "patch it", "--owner", "bo", "--due", "9", "--json")
    assert json.loads(told.stdout)["decided"] == "conditional"
    leak = json.loads(tui("gate", "show", "leak", "--json").stdout)
    assert leak["decision"]["conditions"] == [{"text": "patch it", "owner": "bo", "due": "9"}]
    assert leak["criteria"][0]["state"] == "waived"
    assert tui("gate", "kill", "sign").returncode == 4
    assert tui("gate", "hold", "sign", "--note", "fog").returncode == 0


def test_a_checked_gate_is_in_the_state_that_its_criteria_say(tui: Tui, ferry: Path) -> None:
    ferry.write_text(
        "workstreams: {a: {run: 'true'}}\ngates: {g: {needs: [a], criteria: [{files: [x.txt]}]}}\n"
    )
    assert tui("trust", "--yes").returncode == 0
    tui("up")
    follow_until(ferry.parent, "not passed: x.txt")
    for _ in range(3):
        (ferry.parent / "x.txt").write_text("hi")
        told = tui("gate", "check", "g")
        assert told.returncode == 0
        assert "pending" in told.stdout.splitlines()[1], told.stdout
        (ferry.parent / "x.txt").unlink()
        told = tui("gate", "check", "g")
        assert told.returncode == 1
        assert "not met" in told.stdout.splitlines()[1], told.stdout


def test_workstreams_are_steered_and_answered_for(tui: Tui, ferry: Path) -> None:
    tui("up")
    follow_until(ferry.parent, "steer.1   pid", "horn      from running")
    items = {i["item"]: i for i in json.loads(tui("inbox", "--json").stdout)}
    assert items["failed:horn"]["choices"] == ["retry", "cancel", "defer"]
    assert tui("answer", "horn", "defer", "--note", "no horn today").returncode == 0
    assert json.loads(tui("ws", "show", "horn", "--json").stdout)["state"] == "deferred"
    assert tui("ws", "pause", "steer").stdout.startswith("steer is paused")
    assert tui("ws", "resume", "STEER").stdout.startswith("steer is running")
    told = tui("kill", "steer")
    assert told.stdout.startswith("steer.1 is being ended (pid ")
    follow_until(ferry.parent, "steer.1   signal")
    assert tui("kill", "steer").returncode == 4
    assert tui("ws", "reject", "load").returncode in (2, 4)
    why = json.loads(tui("why", "steer", "--json").stdout)
    assert any("run steer.1: killed" in line for line in why["because"])
    assert tui("ws", "cancel", "steer").returncode == 0


def test_a_yes_to_a_changed_plan_names_what_it_changes(tui: Tui, ferry: Path) -> None:
    tui("up")
    follow_until(ferry.parent, "steer.1   pid")
    without = FERRY.replace('  steer: {needs: load, run: "echo out; exec sleep 600"}\n', "")
    ferry.write_text(without.replace("sign:  {needs", "sign:  {approvers: [ana], needs"))
    assert tui("trust", "--yes").returncode == 0
    follow_until(ferry.parent, "not in force (confirm)")
    named = ("workstream steer removed", "gate sign: approvers")
    asked = tui("inbox").stdout
    answered = tui("answer", "plan:confirm", "yes")
    assert answered.returncode == 0
    told = tui("events").stdout
    for words in named:
        assert words in asked
        assert words in answered.stdout
        assert words in told.split("is in force")[-1]


def test_ending_an_agent_is_asked_for_on_a_terminal_only(tui: Tui, ferry: Path) -> None:
    tui("up")
    follow_until(ferry.parent, "steer.1   pid")
    code, shown = on_a_terminal(ferry.parent, ["ws", "defer", "steer"], "is ended? [y/N]", "n")
    assert code == 4
    assert "defer steer: its agent steer.1 (pid " in shown
    assert "steer is running" in tui("why", "steer").stdout
    assert tui("ws", "defer", "steer").stdout.startswith("steer is deferred")
    assert tui("ws", "reopen", "steer").returncode == 0
    follow_until(ferry.parent, "steer.2   pid")
    code, shown = on_a_terminal(ferry.parent, ["ws", "cancel", "steer", "--yes"], "never asked", "")
    assert (code, "[y/N]" in shown) == (0, False)


def test_logs_follow_to_the_end_of_the_run(tui: Tui, ferry: Path) -> None:
    tui("up")
    follow_until(ferry.parent, "steer.1   pid")
    assert tui("logs", "load").stdout == "loading\n::locust progress=50::half the cars\n"
    with subprocess.Popen(
        [*COMMAND, "logs", "-f", "steer"], cwd=ferry.parent, stdout=subprocess.PIPE
    ) as follow:
        assert follow.stdout is not None
        assert follow.stdout.readline() == b"out\n"
        tui("kill", "steer")
        assert follow.stdout.read() == b""
        assert follow.wait(20) == 0


def test_run_ends_with_one_and_names_every_open_point(tui: Tui, ferry: Path) -> None:
    ferry.write_text(FERRY.replace("exec sleep 600", "true"))
    tui("trust", "--yes")
    told = tui("run", "--approve-gates", "passing", "--by", "ana")
    assert told.returncode == 1
    assert "horn failed" in told.stderr
    assert "gate leak is not passed" in told.stderr
    assert 'gate sign waits for a decision and for a person\'s answer to "Is it safe?"' in told.stderr
    assert all(line[:4].isdigit() and "Z  " in line for line in told.stdout.splitlines())
    assert "no worker" in tui("status").stdout
    again = tui("run", "--json")
    lines = [json.loads(line) for line in again.stdout.splitlines()]
    assert lines[-1]["ended"] is True
    assert lines[-1]["ok"] is False
    assert len(lines[-1]["open"]) >= 2
    assert again.returncode == 1


def test_run_that_all_went_well_ends_with_zero(tui: Tui, ferry: Path) -> None:
    ferry.write_text("workstreams: {a: {run: 'true'}, b: {needs: a, run: 'true'}}\n")
    tui("trust", "--yes")
    told = tui("run")
    assert told.returncode == 0
    assert told.stderr == "the plan is complete: everything is accepted or deferred, and every gate is open\n"
    assert json.loads(tui("status", "--json").stdout)["verdict"] == "complete"


def test_interrupting_run_stops_what_it_started(tui: Tui, ferry: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "run"], cwd=ferry.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        open_words = {"steer.1   pid", "horn      from running"}
        while open_words:
            line = run.stdout.readline()
            assert line, open_words
            open_words -= {words for words in open_words if words in line}
        (agent,) = json.loads(tui("ps", "--json").stdout)
        run.send_signal(signal.SIGINT)
        assert run.wait(30) == 130
        assert "stopping the worker and its agents" in run.stderr.read()
    assert not is_running(agent["pid"])
    assert json.loads(tui("status", "--json").stdout)["worker"]["running"] is False


def test_run_leaves_a_worker_alone_that_it_did_not_start(tui: Tui, ferry: Path) -> None:
    pid = json.loads(tui("up", "--json").stdout)["pid"]
    follow_until(ferry.parent, "steer.1   pid", "horn      from running")
    with subprocess.Popen([*COMMAND, "run"], cwd=ferry.parent, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None
        assert "it stays" in run.stderr.readline()
        run.terminate()
        assert run.wait(30) == 143
        assert "leaving the worker and its agents running" in run.stderr.read()
    assert is_running(pid)
    assert [a["run"] for a in json.loads(tui("ps", "--json").stdout)] == ["steer.1"]


def test_an_agent_of_the_plan_may_report_and_nothing_else(tui: Tui, ferry: Path) -> None:
    tool = f"{sys.executable} -m locust_tui"
    ferry.write_text(
        f"""\
workstreams:
  good: {{run: "{tool} agent report --progress 30 --note hello; exec sleep 600"}}
  bad:
    run: |
      {tool} trust --yes && echo TRUSTED
      {tool} gate approve g && echo APPROVED
      {tool} ws cancel good && echo CANCELLED
      {tool} down && echo DOWN
      {tool} fmt && echo TIDIED
      {tool} status --json | grep -c schema
gates:
  g: {{criteria: [{{name: ok, run: "true"}}]}}
"""
    )
    tui("trust", "--yes")
    tui("up")
    follow_until(ferry.parent, "good says 30% done, hello", "bad.1     exit")
    log = tui("logs", "bad").stdout
    for word in ("TRUSTED", "APPROVED", "CANCELLED", "DOWN", "TIDIED"):
        assert word not in log
    assert log.splitlines()[-1] == "1"
    assert json.loads(tui("gate", "show", "g", "--json").stdout)["decision"] is None
    good = json.loads(tui("ws", "show", "good", "--json").stdout)
    assert (good["reported"], good["verified"]) == (30, 0)


def on_a_terminal(cwd: Path, words: list[str], asked: str, answer: str) -> tuple[int, str]:
    """Run a verb on a terminal of its own and answer its one question; exit code and all that was shown."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        os.execv(sys.executable, [*COMMAND, *words])
    shown, answered = "", False
    while select.select([terminal], [], [], 30)[0]:
        try:
            shown += os.read(terminal, 4096).decode("utf-8", "replace")
        except OSError:
            break
        if asked in shown and not answered:
            os.write(terminal, f"{answer}\n".encode())
            answered = True
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), shown


def test_a_terminal_is_shown_the_commands_and_asked(tui: Tui, ferry: Path) -> None:
    tui("trust", "--revoke")
    code, shown = on_a_terminal(ferry.parent, ["up"], "as you?", "n")
    assert code == 4
    assert "workstream horn\r\n    run (shell) │ exit 7" in shown
    assert not (ferry.parent / ".locust-tui" / "worker.sock").exists()
    code, shown = on_a_terminal(ferry.parent, ["up"], "as you?", "y")
    assert code == 0
    assert "started" in shown
    assert [r["path"] for r in json.loads(tui("trust", "--list", "--json").stdout)] == [str(ferry)]


def test_a_terminal_never_gets_an_agents_control_characters(tui: Tui, ferry: Path) -> None:
    ferry.write_text(
        "workstreams: {evil: {run: \"printf '\\\\033]0;owned\\\\007 \\\\033[31mred\\\\033[0m \\\\033[2J end\\\\n'\"}}\n"
    )
    tui("trust", "--yes")
    tui("run")
    code, shown = on_a_terminal(ferry.parent, ["logs", "evil"], "never asked", "")
    assert code == 0
    assert "\x1b]" not in shown
    assert "\x1b[2J" not in shown
    assert "␛]0;owned␇" in shown
    assert "\x1b[31mred\x1b[0m" in shown
    piped = tui("logs", "evil").stdout  # its reader may be `tail`, and that writes to a terminal
    assert piped == "␛]0;owned␇ red ␛[2J end\n"
    raw = subprocess.run(
        [*COMMAND, "logs", "evil", "--raw"], cwd=ferry.parent, capture_output=True, timeout=60
    )
    assert raw.stdout.startswith(b"\x1b]0;owned\x07 ")


def test_the_hello_demo_runs_headless_to_the_question_it_asks_a_person(tui: Tui, tmp_path: Path) -> None:
    told = tui("demo", "hello", "--headless")
    assert told.returncode == 1
    assert told.stdout.startswith("# ")
    assert 'gate ship waits for a decision and for a person\'s answer to "Ready to ship?"' in told.stderr
    plan = tmp_path / "hello-demo" / "locust-plan.yaml"
    named = ["--plan", "hello-demo/locust-plan.yaml"]
    typed = ["gate", "approve", "ship", "--note", "…", *named]
    assert f"next: locust-tui {' '.join(typed)}\n" in told.stderr
    assert "gate sign" not in told.stderr
    assert plan.exists()
    assert tui(*typed).returncode == 0
    assert tui("down", *named[1:]).returncode == 0
    told = tui("demo", "hello", "--headless")
    assert told.returncode == 0, told.stderr
    assert "- Completion: 100%" in told.stdout
    assert tui("demo", "hello", "--headless", "--dir", tmp_path).returncode == 2


def test_a_finished_demo_says_so_and_begins_anew_when_asked(tui: Tui, tmp_path: Path) -> None:
    plan = tmp_path / "hello-demo" / "locust-plan.yaml"
    assert tui("demo", "hello", "--headless").returncode == 1
    named = ["--plan", str(plan)]
    assert tui("gate", "approve", "ship", "--note", "it works", *named).returncode == 0
    assert tui("down", str(plan)).returncode == 0
    again = tui("demo", "hello", "--headless")
    assert again.returncode == 0
    assert "is finished" in again.stderr
    assert "--fresh" in again.stderr
    (plan.parent / "left-over").touch()
    assert tui("up", str(plan)).returncode == 0
    fresh = tui("demo", "hello", "--headless", "--fresh")
    assert fresh.returncode == 1
    assert "gate ship" in fresh.stderr
    assert not (plan.parent / "left-over").exists()
    assert tui("demo", "hello", "--headless", "--fresh", "--dir", tmp_path).returncode == 2
    assert plan.exists()
