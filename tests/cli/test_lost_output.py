"""Whoever reads what a verb prints may leave, be full or be gone: the exit code tells, no traceback does, the work goes on."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from locust_tui.client.requests import SendMessage
from project import Project, is_running, until

COMMAND = [sys.executable, "-m", "locust_tui"]
PLAN = """\
project: P
workstreams:
  slow: {run: "while :; do echo tock; sleep 0.05; done"}
  quick: {run: "true"}
gates: {ship: {needs: [quick], criteria: [{manual: Ready?}]}}
"""
READING = [
    "--report", "status", "status --json", "ps", "check", "schema", "gate ls", "gate show g1", "ws ls", "ws show keel",
    "events", "events --json", "replay --at r5", "diff r5", "deps", "critical-path", "forecast", "earned-value", "flow",
    "kpi", "success show", "whatif", "why keel", "monitor ls", "metrics get --json", "alert ls", "features ls", "inbox",
    "baseline show", "risk ls", "hooks ls", "message ls", "memory ls", "export --mermaid", "paths", "doctor", "keys",
    "completion bash", "task status", "swarm status", "agent ls", "trust --list", "--help", "gate --help", "--version",
    "fmt --check",
]  # fmt: skip
MODES = ["reader", "full", "closed"]
SOME = [("status", "closed"), ("events --json", "full"), ("--version", "closed"), ("--help", "closed"),
        ("--help", "reader"), ("doctor", "full"), ("inbox", "reader")]  # fmt: skip


def call(words: str, mode: str, folder: Path) -> tuple[int, str]:
    """Exit code and stderr of a verb with its stdout in a bad state."""
    command = subprocess.list2cmdline([*COMMAND, *words.split()])
    line = {
        "reader": f"{command} | true; exit ${{PIPESTATUS[0]}}",
        "full": f"{command} >/dev/full",
        "closed": f"{command} >&-",
    }[mode]
    done = subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr


def assert_told(words: str, mode: str, folder: Path) -> None:
    code, said = call(words, mode, folder)
    assert "Traceback" not in said, said
    assert said.count("\n") <= 2, said
    if code == 74 and mode != "reader":
        assert "standard output is closed" in said or "could not be written" in said
    else:
        plain = subprocess.run([*COMMAND, *words.split()], cwd=folder, capture_output=True, timeout=60)
        assert code in (0, plain.returncode)
        assert mode == "reader" or not plain.stdout, "what was not written was taken for said"


@pytest.mark.fault(65, "verbs write into a pipe that nobody reads, into a full device, into nothing")
@pytest.mark.parametrize(("words", "mode"), SOME, ids=lambda value: value)
def test_what_cannot_be_printed_is_told_by_the_exit_code(sailed: Path, words: str, mode: str) -> None:
    assert_told(words, mode, sailed.parent)


@pytest.mark.soak
@pytest.mark.fault(
    65, "every reading verb writes into a pipe that nobody reads, into a full device, into nothing"
)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("words", READING)
def test_no_reading_verb_does_otherwise(sailed: Path, words: str, mode: str) -> None:
    assert_told(words, mode, sailed.parent)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path / "plan")
    made.write(PLAN)
    yield made
    made.end()


def agent(project: Project) -> int:
    """The endless one, once it runs."""
    world = project.reaches(lambda w: w.runs.get("slow.1") and w.runs["slow.1"].pid)
    pid = world.runs["slow.1"].pid
    assert pid is not None
    return pid


@pytest.mark.fault(65, "the reader of `run` leaves under way")
def test_run_leaves_worker_and_agents_at_work_when_its_reader_leaves(project: Project) -> None:
    with subprocess.Popen(
        [*COMMAND, "run"], cwd=project.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.readline()
        run.stdout.close()
        agent(project)
        news(project)
        said = run.stderr.read()
        assert run.wait(30) == 0, said
    assert "the worker and its agents go on" in said
    assert is_running(agent(project))
    assert is_running(project.pid())


@pytest.mark.fault(62, "the terminal of `run`, `events -f` and `logs -f` is closed under nohup")
@pytest.mark.parametrize(
    "words",
    [["run"], ["events", "-f"], pytest.param(["logs", "-f", "slow"], marks=pytest.mark.soak)],
    ids=lambda words: words[0],
)
def test_a_closed_terminal_ends_who_tells_and_nothing_else(project: Project, words: list[str]) -> None:
    if words != ["run"]:
        project.up()
        agent(project)
    pid, master = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        os.chdir(project.path)
        os.execv(sys.executable, [*COMMAND, *words])
    seen = bytearray()
    until(
        lambda: seen.extend(os.read(master, 4096)) or b"slow" in seen or words[0] == "logs",
        what="its first words",
    )
    at_work = agent(project)
    os.close(master)
    if words[0] != "logs":
        news(project)
    _, status = until(lambda: (found := os.waitpid(pid, os.WNOHANG))[0] and found, what="its end")
    assert os.waitstatus_to_exitcode(status) == 74
    assert is_running(at_work)
    assert is_running(project.pid())


@pytest.mark.fault(
    65, "what agents call all day writes into a full device, a pipe that nobody reads, into nothing"
)
def test_the_quick_calls_of_agents_tell_it_too(project: Project) -> None:
    project.up()
    stored = subprocess.run([*COMMAND, "memory", "store", "k", "v"], cwd=project.path, capture_output=True)
    assert stored.returncode == 0, stored
    for mode in MODES:
        code, said = call("memory get k", mode, project.path)
        assert code == (0 if mode == "reader" else 74), said
        assert "Traceback" not in said
        assert said.count("\n") <= 2


def news(project: Project) -> None:
    """Something that is told."""
    project.ask(SendMessage("ops", "x", subject="News"))


@pytest.mark.fault(65, "what is told on stderr goes into a full device, a pipe that nobody reads")
@pytest.mark.parametrize("words", ["status nowhere.yaml", "stauts", "gate"])
@pytest.mark.parametrize("lost", ["2>/dev/full", "2> >(true)", "2>&-"])
def test_an_error_that_nobody_hears_changes_no_exit_code(tmp_path: Path, words: str, lost: str) -> None:
    heard, unheard = (
        subprocess.run(
            ["bash", "-c", f"{subprocess.list2cmdline(COMMAND)} {words} {where}"], cwd=tmp_path, timeout=60
        )
        for where in ("2>/dev/null", lost)
    )
    assert heard.returncode == unheard.returncode != 0
