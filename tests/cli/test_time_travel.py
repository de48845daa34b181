"""Looking back from the command line: what was printed then is printed again, and what changed since is told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from locust_tui.cli.command import Settings
from locust_tui.cli.moment import MOMENT
from locust_tui.cli.start import run
from locust_tui.cli.target import State, find_target, read_state
from locust_tui.client.away import Seen, remember
from locust_tui.client.requests import WorkstreamAction
from locust_tui.client.seen import seen_path
from locust_tui.domain.events import Noted
from locust_tui.domain.states import WorkstreamState
from locust_tui.errors import NotFoundError
from locust_tui.report.figures import iso
from locust_tui.report.status_json import status_document
from locust_tui.report.status_text import status_text
from locust_tui.safe_text import mask_with
from locust_tui.state.folder import StateFolder
from locust_tui.state.reader import ReadOnlyStore
from project import Project, until

PLAN = """\
project: P
calendar: {week: 1h}
phases: {1: {name: One, weeks: 1-2}}
orchestrators: {core: {phases: 1}}
resources: {max_agents: 3}
workstreams:
  a: {phase: 1, weeks: 1, run: "echo hi"}
  b: {phase: 1, weeks: 1-2, needs: a, run: "until [ -e end ]; do sleep 0.02; done; exit 3"}
  c: {phase: 1, weeks: 2, needs: b, run: "true"}
gates:
  g1: {closes: 1, week: 2, criteria: [{name: there, files: [end]}]}
"""
Done = subprocess.CompletedProcess[str]
Tui = Callable[..., Done]


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tui]:
    """The command line in `tmp_path`, in this very process: most of what is told here needs no other."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOCUST_TUI_ASCII", "0")
    handler = signal.getsignal(signal.SIGTERM)

    def call(*words: str) -> Done:
        with redirect_stdout(StringIO()) as told, redirect_stderr(StringIO()) as said:
            code = run(words)
        return Done(words, code, told.getvalue(), said.getvalue())

    yield call
    signal.signal(signal.SIGTERM, handler)
    mask_with(None)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path / "plan")
    made.write(PLAN)
    yield made
    made.end()


def live(project: Project) -> State:
    return read_state(find_target(Settings(plan_file=project.plan)))


def past(project: Project, at: float) -> State:
    return read_state(find_target(Settings(plan_file=project.plan)), at=at)


def told(document: dict[str, Any]) -> dict[str, Any]:
    """Without what only the files of live runs say now: when they last wrote."""
    agents = [{k: v for k, v in agent.items() if k != "last_seen"} for agent in document["agents"]]
    return {**document, "agents": agents}


def test_a_moment_reads_as_it_was_printed_then(project: Project) -> None:
    printed: list[tuple[State, str, dict[str, Any]]] = []

    def undisturbed() -> State | None:
        """Nothing happened while it was read, and nothing was about to be written down."""
        if time.time() - project.all_events()[-1].at < 0.3:
            return None
        state = live(project)
        return state if project.all_events()[-1].revision == state.world.revision else None

    def keep() -> None:
        state = until(undisturbed, what="a quiet moment")
        snapshot = state.snapshot()
        printed.append((state, status_text(snapshot), status_document(snapshot)))

    project.up()
    project.reaches(lambda w: w.workstream("b").state is WorkstreamState.RUNNING)
    keep()
    (project.path / "end").touch()
    project.reaches(lambda w: w.workstream("b").state is WorkstreamState.FAILED)
    keep()
    project.steer("b", WorkstreamAction.CANCEL)
    project.reaches(lambda w: w.workstream("c").state is not WorkstreamState.PLANNED)
    keep()
    project.write(PLAN.replace("name: One", "name: Uno"))
    project.reaches(lambda w: w.project.plan_changes == 1)
    keep()
    project.end()
    for state, text, document in printed:
        again = past(project, state.at)
        assert again.world == state.world
        snapshot = again.snapshot()
        assert status_text(snapshot) == text
        assert told(status_document(snapshot)) == told(document)
    assert len({text for _, text, _ in printed}) == len(printed)


def out(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_form_of_a_moment_reads_the_same_record(sailed: Path, typed: Tui) -> None:
    target = find_target(Settings(plan_file=sailed))

    def revision(text: str) -> tuple[int, str | None]:
        state = read_state(target, at=MOMENT.convert(text, None, None))
        return state.world.revision, iso(state.at)

    assert revision("r12") == (12, "2026-01-15T16:01:00Z")
    assert revision("keel accepted") == (12, "2026-01-15T16:01:00Z")
    assert revision("2026-01-15T16:01")[0] == 12
    assert revision("2026-01-15 17:01+01:00")[0] == 12
    assert revision("week 2") == (12, "2026-01-18T23:59:59Z")
    assert revision("gate G1") == (26, "2026-01-28T09:00:00Z")
    assert revision("gate g1 pending")[0] == 25
    assert revision("start")[0] == 3
    shown = json.loads(out(typed("status", "--json", "--at", "week 2")))
    assert (shown["revision"], shown["at"]) == (12, "2026-01-18T23:59:59Z")
    assert shown == json.loads(out(typed("replay", "--json", "--at", "week 2")))


@pytest.mark.parametrize(
    ("at", "message", "help"),
    [
        ("r99", "no revision 99", "r1 to r26"),
        ("gate g7", 'no gate "g7"', "did you mean g1"),
        ("gate g1 hold", "gate g1 has never come to be hold", "locust-tui events g1"),
        ("sails accepted", "workstream sails has never come to be accepted", "locust-tui events sails"),
        ("saisl accepted", 'no workstream "saisl"', "did you mean sails"),
        ("week 9999", "week 9999 has not begun", "it is week"),
    ],
)
def test_a_moment_that_there_was_not_says_which_there_were(
    sailed: Path, at: str, message: str, help: str
) -> None:
    with pytest.raises(NotFoundError, match=message) as error:
        read_state(find_target(Settings(plan_file=sailed)), at=MOMENT.convert(at, None, None))
    assert help in (error.value.help or "")


@pytest.mark.parametrize(
    ("at", "code", "message"),
    [("r99", 3, "no revision 99"), ("sometime", 2, "week 3"), ("2199-01-01", 2, "yet to come")],
)
def test_what_is_no_moment_ends_with_a_code_and_one_thing_to_do(
    sailed: Path, tui: Tui, at: str, code: int, message: str
) -> None:
    done = tui("replay", "--at", at)
    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr
    assert "help: " in done.stderr


def test_without_a_record_there_is_no_revision(harbour: Path, typed: Tui) -> None:
    done = typed("status", "--at", "r3")
    assert done.returncode == 3
    assert "nothing has been recorded yet" in done.stderr
    assert typed("diff", "1h").returncode == 3


def test_what_reads_the_present_reads_the_past_too(sailed: Path, typed: Tui) -> None:
    at = ("--at", "2026-01-19T12:00")
    assert "4712" in out(typed("ps", *at))
    assert "not run" in out(typed("gate", "show", "g1", *at))
    assert {w["id"]: w["state"] for w in json.loads(out(typed("ws", "ls", "--json", *at)))}[
        "ribs"
    ] == "running"
    edges = json.loads(out(typed("deps", "--json", *at)))
    assert {(e["from"], e["to"]): e["met"] for e in edges}["ribs", "sails"] is False
    assert json.loads(out(typed("inbox", "--json", *at))) == []
    assert out(typed("events", *at)).count("\n") == 16
    assert out(typed("events", "--since", "keel accepted", *at)).count("\n") == 5
    assert typed("events", "-f", *at).returncode == 2
    assert typed("status", "--watch", *at).returncode == 2


def test_a_difference_names_who_and_where_it_stands_on_record(sailed: Path, typed: Tui) -> None:
    text = out(typed("diff", "r5", "gate g1"))
    lines = [line.split() for line in text.splitlines()]
    assert [
        "✓",
        "r26",
        "g1",
        "Keel",
        "to",
        "rigging",
        "not",
        "due",
        "→",
        "go,",
        "by",
        "ana:",
        "fine",
    ] in lines
    assert ["✗", "r18", "ribs", "Fit", "the", "ribs", "planned", "→", "failed:", "exit", "3"] in lines
    order = [text.index(word) for word in ("Gates", "Failed", "Workstreams", "Figures", "Criteria", "Runs")]
    assert order == sorted(order)
    found = json.loads(out(typed("diff", "r5", "gate g1", "--json")))
    assert (found["before"]["revision"], found["after"]["revision"]) == (5, 26)
    (gate,) = (c for c in found["changes"] if c["group"] == "gates")
    assert (gate["subject"], gate["before"], gate["after"], gate["by"], gate["revision"]) == (
        "g1", "not-due", "go", "ana", 26,
    )  # fmt: skip
    progress = next(f for f in found["figures"] if f["id"] == "progress")
    assert (progress["before"], progress["after"]) == (0.0, 25.0)
    assert "nothing happened" in out(typed("diff", "2026-01-16", "2026-01-17"))
    assert json.loads(out(typed("diff", "gate g1", "r5", "--json")))["changes"] == found["changes"]


def test_status_since_last_begins_where_the_cockpit_was_left(sailed: Path, typed: Tui) -> None:
    done = typed("status", "--since", "last")
    assert done.returncode == 3
    assert "no cockpit of yours" in done.stderr
    with ReadOnlyStore(StateFolder(sailed).store) as store:
        at = store.events(11, 1)[0].at
    path = seen_path(StateFolder(sailed))
    remember(path, Seen(12, at, None))
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    text = out(typed("status", "--since", "last"))
    assert text.startswith("from wk 2 2026-01-15T16:01:00Z r12\n")
    assert "keel" not in text
    assert "ribs" in text
    assert out(typed("status", "--since", "r5", "--at", "r12")) == out(typed("diff", "r5", "r12"))


def test_a_repaired_record_says_so_whenever_it_is_looked_back_at(project: Project) -> None:
    project.up()
    project.reaches(lambda w: w.workstream("b").state is WorkstreamState.RUNNING)
    project.kill()
    store = project.folder.store
    store.write_bytes(b"no database at all" * 1_000)
    store.with_name(f"{store.name}-wal").unlink(missing_ok=True)
    project.up()
    until(lambda: project.events(Noted), what="a word on the repair")
    env = {**os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "locust_tui", "replay", "--at", "now"],
        cwd=project.path, env=env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "the record may not tell everything" in done.stderr
    assert "was damaged" in done.stderr
    assert "the record may not tell everything" not in done.stdout


@pytest.mark.parametrize("verb", ["report", "earned-value", "forecast"])
def test_what_is_computed_takes_every_form_of_a_moment(sailed: Path, typed: Tui, verb: str) -> None:
    assert out(typed(verb, "--at", "keel accepted")) == out(typed(verb, "--at", "2026-01-15T16:01"))
