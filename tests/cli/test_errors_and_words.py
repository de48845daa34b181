"""Errors as JSON, help for a bare group, near names, interrupts and pipes: what scripts and fingers rely on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Tui = Callable[..., CompletedProcess[str]]
COMMAND = [sys.executable, "-m", "locust_tui"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["check", "--json", "missing.yaml"], 3),
        (["status", "--json"], 3),
        (["report", "--format", "json"], 3),
        (["status", "--json", "--nonsense"], 2),
    ],
)
def test_with_json_an_error_is_an_object_on_stdout(tui: Tui, words: list[str], code: int) -> None:
    told = tui(*words)
    assert told.returncode == code
    error = json.loads(told.stdout)
    assert set(error) == {"error", "help", "exit_code"}
    assert (error["exit_code"], told.stderr) == (code, "")
    assert error["error"]


def test_a_broken_plan_is_an_error_object_too(tui: Tui, harbour: Path) -> None:
    harbour.write_text("workstreams: {a: {needs: nobody}}\n")
    told = tui("status", "--json")
    assert told.returncode == 2
    assert "nobody" in json.loads(told.stdout)["error"]


@pytest.mark.parametrize("group", ["gate", "agent", "ws"])
def test_a_bare_group_prints_its_help_whole(tui: Tui, group: str) -> None:
    told = tui(group)
    assert told.returncode == 2
    assert told.stderr.startswith(f"Usage: locust-tui {group} ")
    assert told.stderr == tui(group, "--help").stdout
    assert "error:" not in told.stderr


@pytest.mark.parametrize(
    ("typed", "near"),
    [("staus", "status"), ("gates", "gate"), ("send", None), ("swarm", None), ("memory", None)],
)
def test_only_really_near_verbs_are_offered(tui: Tui, typed: str, near: str | None) -> None:
    told = tui(typed)
    assert told.returncode == 2
    if near is None:
        assert "did you mean" not in told.stderr
    else:
        assert f"did you mean {near}" in told.stderr


def test_an_interrupt_leaves_no_empty_line(sailed: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "events", "-f"],
        cwd=sailed.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as follow:
        assert follow.stdout is not None
        assert follow.stderr is not None
        follow.stdout.readline()
        follow.send_signal(signal.SIGINT)
        assert follow.wait(20) == 130
        assert follow.stderr.read() == ""


@pytest.mark.fault(65, "the reader of `logs` leaves")
def test_a_log_whose_reader_leaves_is_no_error(sailed: Path) -> None:
    folder = sailed.parent / ".locust-tui" / "runs" / "keel.1"
    folder.mkdir(parents=True)
    (folder / "log").write_bytes(b"a line of the log\n" * 200_000)
    (folder / "exit.json").write_text("{}")
    with subprocess.Popen(
        [*COMMAND, "logs", "keel"], cwd=sailed.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as logs:
        assert logs.stdout is not None
        assert logs.stderr is not None
        assert logs.stdout.readline() == b"a line of the log\n"
        logs.stdout.close()
        assert (logs.wait(20), logs.stderr.read()) == (0, b"")


def test_an_unknown_format_is_refused_with_those_that_exist(tui: Tui, sailed: Path) -> None:
    told = tui("report", "--format", "pdf")
    assert told.returncode == 2
    assert all(word in told.stderr for word in ("pdf", "html", "md", "json", "text"))


def test_a_state_folder_that_is_not_there_is_not_found(tui: Tui, harbour: Path) -> None:
    for words in (["status"], ["ps"], ["report"], ["inbox"], ["events"]):
        told = tui(*words, "--state-dir", "nowhere")
        assert told.returncode == 3, words
        assert "nowhere" in told.stderr
    assert tui("deps", "--state-dir", "nowhere").returncode == 0
    assert not (harbour.parent / "nowhere").exists()


def test_an_unknown_deliverable_is_named_with_near_ones(tui: Tui, sailed: Path) -> None:
    events = sailed.parent / "events.jsonl"
    run = {"LOCUST_TUI_PLAN": str(sailed), "LOCUST_TUI_WORKSTREAM": "keel", "LOCUST_TUI_EVENTS": str(events)}
    inside = {**os.environ, **run}
    told = tui("agent", "report", "--deliverable", "drawings", "done", env=inside)
    assert told.returncode == 3
    assert 'keel has no deliverable "drawings"' in told.stderr
    assert "did you mean drawing?" in told.stderr
    assert not events.exists()
    assert tui("agent", "report", "--deliverable", "drawing", "done", env=inside).returncode == 0
    assert json.loads(events.read_text()) == {"deliverable": "drawing"}


def test_new_beside_a_plan_tells_a_files_name_from_a_projects(tui: Tui, harbour: Path) -> None:
    told = tui("new", "foo")
    assert told.returncode == 4
    assert "locust-plan.yaml is already there" in told.stderr
    assert "foo.plan.yaml" in told.stderr
    assert tui("new", "foo.plan.yaml").returncode == 0


def test_work_behind_a_cancelled_need_names_the_way_back(tui: Tui, tmp_path: Path) -> None:
    (tmp_path / "locust-plan.yaml").write_text(
        "workstreams: {a: {run: 'true'}, b: {needs: a, run: 'true'}}\n"
    )
    assert tui("trust", "--yes").returncode == 0
    assert tui("ws", "cancel", "a", "--note", "not now").returncode in (0, 4)
    told = tui("why", "b")
    tui("down", "--stop-agents")
    assert "next: locust-tui ws reopen a" in told.stdout
