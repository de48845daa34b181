"""Exit codes, streams and near names: what scripts and shells rely on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import click
import pytest

from locust_tui import __version__
from locust_tui.cli.root import VERBS, root

Tui = Callable[..., CompletedProcess[str]]
COMMAND = [sys.executable, "-m", "locust_tui"]


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_version(tui: Tui, flag: str) -> None:
    assert tui(flag).stdout == f"locust-tui {__version__}\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("stauts",), 2, "did you mean status"),
        (("status", "--jsn"), 2, "did you mean --json"),
        (("gate", "aprove", "g1"), 2, "did you mean approve"),
        (("plan.yaml",), 2, "locust-tui open plan.yaml"),
        (("attach", "kel"), 2, "needs a terminal"),
        (("whatever", "crash"), 2, 'there is no verb "whatever"'),
        (("why", "kel"), 3, "did you mean keel"),
        (("gate", "show", "g2"), 3, "did you mean g1"),
        (("ws", "show", "mats"), 3, "did you mean mast"),
        (("logs", "sails"), 3, "sails has not run yet"),
        (("logs", "keel", "--attempt", "7"), 3, 'no run "keel.7"'),
        (("status", "locust-pln.yaml"), 3, "did you mean locust-plan.yaml"),
        (("demo", "locus", "--headless"), 3, "did you mean locust"),
        (("answer", "gate:g9", "go"), 3, "nothing called"),
        (("answer", "failed:ribs", "dance"), 2, "choose one of: retry, cancel, defer"),
        (("events", "--since", "tomorrowish"), 2, "is no moment"),
        (("export",), 2, "--mermaid"),
        (("agent", "report", "--progress", "5"), 2, "LOCUST_TUI_EVENTS is not set"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, tuple) else None,
)
def test_errors_say_one_thing_to_do(
    tui: Tui, sailed: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    told = tui(*words)
    assert told.returncode == code
    assert told.stdout == ""
    assert told.stderr.startswith("error: ")
    assert said in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.fault(64, "no terminal at all")
def test_alone_without_a_terminal_it_is_one_line(tui: Tui, harbour: Path) -> None:
    told = tui()
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.count("\n") == 1
    assert "--report" in told.stderr
    assert "status --json" in told.stderr


def test_no_plan_here_is_said_with_the_way_to_one(tui: Tui, tmp_path: Path) -> None:
    told = tui("status")
    assert told.returncode == 3
    assert "locust-tui new" in told.stderr


@pytest.mark.parametrize(
    "words",
    [("up",), ("run",), ("ws", "pause", "keel"), ("gate", "approve", "g1"), ("kill", "mast")],
    ids=" ".join,
)
def test_an_untrusted_plan_starts_nothing_without_a_terminal(
    tui: Tui, sailed: Path, words: tuple[str, ...]
) -> None:
    told = tui(*words)
    assert told.returncode == 4
    assert "locust-tui trust locust-plan.yaml" in told.stderr
    assert not (sailed.parent / ".locust-tui" / "worker.sock").exists()


def test_check_counts_and_its_exit_code(tui: Tui, harbour: Path) -> None:
    assert tui("check").returncode == 0
    assert tui("check", harbour).stdout.endswith("\n")
    harbour.write_text(harbour.read_text().replace("needs: keel,", "needs: kel,"))
    told = tui("check", "--json")
    assert told.returncode == 2
    (problem,) = (p for p in json.loads(told.stdout) if p["severity"] == "error")
    assert (problem["line"], problem["help"]) == (13, "did you mean keel?")
    for words in (["status"], ["--report"], ["forecast"]):
        told = tui(*words)
        assert (told.returncode, told.stdout) == (2, "")
        assert "locust-plan.yaml:13:" in told.stderr
    assert tui("check", "nowhere.yaml").returncode == 3


@pytest.mark.fault(65, "verbs write into `head`")
def test_a_reader_that_leaves_early_is_no_error(harbour: Path) -> None:
    for words in ("status --json", "--report", "schema", "--version"):
        line = f"{sys.executable} -m locust_tui {words} | head -c 1 >/dev/null; exit ${{PIPESTATUS[0]}}"
        done = subprocess.run(
            ["bash", "-c", line], cwd=harbour.parent, capture_output=True, text=True, timeout=60
        )
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.fault(65, "verbs write into a full device")
@pytest.mark.parametrize(
    "words",
    [["status", "--json"], ["--report"], ["check"], ["--version"], ["--help"], ["keys"]],
    ids=" ".join,
)
def test_a_full_disk_ends_with_74(harbour: Path, words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, *words], cwd=harbour.parent, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60
        )
    assert done.returncode == 74
    assert done.stderr.count("\n") == 1
    assert "could not be written" in done.stderr


@pytest.mark.fault(65, "verbs write into a closed output")
def test_a_closed_stdout_ends_with_74(harbour: Path) -> None:
    line = f"exec {sys.executable} -m locust_tui status >&-"
    done = subprocess.run(
        ["bash", "-c", line], cwd=harbour.parent, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 74
    assert "Traceback" not in done.stderr


@pytest.mark.fault(64, "verbs write latin-1 and ASCII")
@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_a_narrow_encoding_loses_signs_and_nothing_else(tui: Tui, sailed: Path, encoding: str) -> None:
    told = tui("status", env={**os.environ, "PYTHONIOENCODING": encoding, "LC_ALL": "C"})
    assert told.returncode == 0
    assert told.stdout.isascii()
    assert "x failed" in told.stdout
    report = tui("--report", env={**os.environ, "PYTHONIOENCODING": encoding}, encoding=encoding)
    assert report.returncode == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_it_quietly(sailed: Path, number: signal.Signals, code: int) -> None:
    with subprocess.Popen(
        [*COMMAND, "events", "-f"], cwd=sailed.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as follow:
        assert follow.stdout is not None
        assert follow.stderr is not None
        for line in follow.stdout:
            if b"decided by ana" in line:
                break
        follow.send_signal(number)
        assert follow.wait(20) == code
        assert b"Traceback" not in follow.stderr.read()


def test_events_follow_filter_and_escape(tui: Tui, sailed: Path) -> None:
    everything = json.loads(tui("events", "--json").stdout)
    assert [e["revision"] for e in everything] == list(range(1, len(everything) + 1))
    assert everything[0]["at"] == "2026-01-05T09:00:00.000Z"
    assert {e["subject"] for e in json.loads(tui("events", "ribs", "--json").stdout)} == {"ribs", "ribs.1"}
    since = json.loads(tui("events", "--since", "2026-01-27", "--json").stdout)
    assert [e["kind"] for e in since] == ["criterion.measured", "gate.moved", "gate.decided"]
    text = tui("events").stdout
    assert "\x1b" not in text
    assert "␛[31m" in text


def test_logs_keep_every_byte_in_a_pipe_when_asked_to(tui: Tui, sailed: Path) -> None:
    log = sailed.parent / ".locust-tui" / "runs" / "keel.1" / "log"
    log.parent.mkdir(mode=0o700)
    data = bytes(range(256)) * 3 + "\x1b]0;owned\x07 ümläut\n".encode()
    log.write_bytes(data)
    done = subprocess.run(
        [*COMMAND, "logs", "keel", "--raw"], cwd=sailed.parent, capture_output=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, data)
    assert tui("logs", "ribs").returncode == 3


def test_an_agent_reports_into_its_own_file(tui: Tui, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    env = {**os.environ, "LOCUST_TUI_EVENTS": str(events)}
    assert tui("agent", "report", "--progress", "40", "--note", "half\nway", env=env).returncode == 0
    assert tui("agent", "report", "--deliverable", "api", "done", env=env).returncode == 0
    assert tui("agent", "report", "--blocker", "no key", "--next", "ask", env=env).returncode == 0
    assert tui("agent", "report", env=env).returncode == 2
    assert tui("agent", "report", "--progress", "140", env=env).returncode == 2
    assert [json.loads(line) for line in events.read_text().splitlines()] == [
        {"progress": 40.0, "note": "half\nway"},
        {"deliverable": "api"},
        {"blocker": "no key", "next": "ask"},
    ]


def test_trust_is_given_shown_and_taken_back(tui: Tui, harbour: Path) -> None:
    assert tui("trust").returncode == 4
    assert "workstream keel\n    run (shell) │ true\n" in tui("trust").stderr
    assert json.loads(tui("trust", "--json").stdout)["trusted"] is False
    assert tui("trust", "--yes").stdout == "locust-plan.yaml is trusted\n"
    assert [r["path"] for r in json.loads(tui("trust", "--list", "--json").stdout)] == [str(harbour)]
    harbour.write_text(harbour.read_text().replace('weeks: 1-2, run: "true"', 'weeks: 1-2, run: "rm -rf /"'))
    told = tui("up")
    assert told.returncode == 4
    assert tui("trust", "--revoke").returncode == 0
    assert tui("trust", "--revoke").returncode == 1


def test_a_first_plan_is_written_once_and_is_sound(tui: Tui, tmp_path: Path) -> None:
    assert tui("new", "Ferry").stdout == "locust-plan.yaml\n"
    assert tui("check", "--strict").returncode == 0
    assert tui("new").returncode == 4
    assert tui("fmt", "--check").returncode == 0


def test_analysis_of_a_plan_that_never_ran(tui: Tui, harbour: Path) -> None:
    path = json.loads(tui("critical-path", "--json").stdout)
    assert path["path"][-1] == "sails"
    assert set(path["float"]) == {"keel", "ribs", "mast", "sails"}
    forecast = json.loads(tui("forecast", "--json", "--runs", "500").stdout)
    assert set(forecast) >= {
        "p50_week",
        "p85_week",
        "p95_week",
        "in_window",
        "smallest_cap",
        "seed",
        "runs",
        "gates",
    }
    assert forecast["p50_week"] <= forecast["p85_week"] <= forecast["p95_week"]
    assert (
        tui("forecast", "--json", "--runs", "500").stdout == tui("forecast", "--json", "--runs", "500").stdout
    )
    edges = json.loads(tui("deps", "--json").stdout)
    assert [(e["from"], e["to"], e["condition"], e["met"]) for e in edges] == [
        ("keel", "ribs", "50%", False),
        ("keel", "mast", "done", False),
        ("mast", "sails", "done", False),
        ("ribs", "sails", "done", False),
    ]
    graph = json.loads(tui("export", "--json").stdout)
    assert (len(graph["nodes"]), len(graph["edges"])) == (1 + 2 + 4, 2 + 4 + 4)
    assert tui("export", "--mermaid").stdout.startswith("graph TB\n")
    assert tui("export", "--dot").stdout.startswith("digraph plan {\n")
    assert not (harbour.parent / ".locust-tui").exists()


def failures(tui: Tui) -> list[dict[str, str]]:
    """What doctor finds fault with, of the plan and of the machine; its exit code says the same."""
    told = tui("doctor", "--json")
    found = [one for one in json.loads(told.stdout) if one["state"] == "fail"]
    assert told.returncode == bool(found)
    return found


def test_doctor_finds_the_missing_program(tui: Tui, harbour: Path) -> None:
    before = {found["subject"] for found in failures(tui)}
    harbour.write_text(
        harbour.read_text().replace('weeks: 1-2, run: "true"', "weeks: 1-2, run: [no-such-program]")
    )
    (failed,) = (found for found in failures(tui) if found["subject"] not in before)
    assert "no-such-program" in failed["detail"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(tui: Tui, shell: str) -> None:
    assert "_LOCUST_TUI_COMPLETE" in tui("completion", shell).stdout


def test_completion_knows_the_verbs(tui: Tui, harbour: Path) -> None:
    env = {
        **os.environ,
        "_LOCUST_TUI_COMPLETE": "bash_complete",
        "COMP_WORDS": "locust-tui crit",
        "COMP_CWORD": "1",
    }
    assert tui(env=env).stdout == "plain,critical-path\n"


def test_every_verb_has_help_and_the_name_it_is_called_by() -> None:
    context = click.Context(root)
    for name, verb in VERBS.items():
        command = root.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert command.get_help(click.Context(command, info_name=name)).startswith(f"Usage: {name}")
        assert verb.help.endswith(".")


def test_an_empty_name_is_nobody_and_an_empty_path_no_plan(tui: Tui, sailed: Path) -> None:
    for words in (("gate", "approve", "g1"), ("ws", "cancel", "keel"), ("answer", "x", "yes")):
        done = tui(*words, "--by", " ")
        assert done.returncode == 2
        assert "--by" in done.stderr
    done = tui("check", "")
    assert (done.returncode, done.stdout) == (2, "")
