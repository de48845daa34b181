"""whatif, as a person types it: side by side, together, applied by approval, taken back byte for byte."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from locust_tui.cli import start
from locust_tui.domain import events as e
from locust_tui.safe_text import mask_with
from project import Project

PLAN = """\
project: {name: P, window: 2-6}
calendar: {week: 1h}
agents: {hand: {command: "sleep 600", rate: 2}}
resources: {max_agents: 2}   # both hands
workstreams:
  # the beginning
  a: {weeks: 1-2, agent: hand, instructions: x, deliverables: [{id: d1, files: [d1]}, {id: d2, files: [d2]}]}
  b: {weeks: 3-5, agent: hand, instructions: x, deliverables: [{id: d1, files: [b1]}, {id: d2, files: [b2]}], needs: a}
  c: {weeks: 1, needs: a, run: "true"}
strategies:
  - {id: less, kind: descope, candidates: [c], to: v2}
  - {id: more, kind: add-capacity, adds: {hand: 2}}
  - {id: lax, kind: waive}
"""
Typed = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path / "plan")
    made.write(PLAN)
    yield made
    made.end()


@pytest.fixture
def typed(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Typed]:
    """The verb in this process: each call would else take longer to start than to answer."""
    monkeypatch.chdir(project.path)
    before = signal.getsignal(signal.SIGTERM)

    def run(*words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        found = start.run(["whatif", *words])
        out, err = capsys.readouterr()
        assert found == code, (words, found, out, err)
        return subprocess.CompletedProcess(words, found, out, err)

    yield run
    signal.signal(signal.SIGTERM, before)
    mask_with(None)


def told(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(done.stdout)


def test_without_a_name_all_stand_side_by_side_and_nothing_is_written(project: Project, typed: Typed) -> None:
    said = typed(str(project.plan)).stdout
    for words in (
        "STRATEGY",
        "now",
        "less",
        "more",
        "lax",
        "crash",
        "fast-track",
        "saves 0.0 weeks, frees 1 agent-week",
    ):
        assert words in said, words
    assert project.plan.read_text() == PLAN
    assert not project.folder.root.exists()


def test_its_document_has_every_figure_and_a_reason_where_there_is_none(typed: Typed) -> None:
    document = told(typed("--json", "crash", "fast-track", "--runs", "100"))
    assert [s["id"] for s in document["strategies"]] == ["crash", "fast-track"]
    assert document["together"]["strategies"] == ["crash", "fast-track"]
    first = document["strategies"][0]
    assert (document["now"]["weeks"], first["weeks"], first["saved_weeks"]) == (5.0, 3.5, 1.5)
    assert first["changes"][0] == {
        "subject": "workstream a",
        "field": "agents",
        "before": "1",
        "after": "2 (× 0.7)",
    }
    assert "+  a:" in first["diff"]
    assert {"subject": "c", "why": "a command, and no agent, does it"} in first["refused"]
    lax = told(typed("lax", "--json"))["strategies"][0]
    assert (lax["possible"], lax["digest"]) == (False, None)
    assert lax["reason"] == "no should criterion of other than critical work is left"
    strict = told(typed("crash", "--strict", "--no-gates", "--json"))
    assert (strict["strict"], strict["with_gates"]) == (True, False)


def test_what_cannot_be_is_refused_with_a_word(typed: Typed) -> None:
    assert "did you mean" in typed("lesss", code=3).stderr
    assert "a note is wanted" in typed("less", "--apply", "--yes", code=2).stderr
    assert "which strategy" in typed("--apply", "--note", "x", code=2).stderr
    assert "leave --strict" in typed("less", "--apply", "--note", "x", "--strict", code=2).stderr
    assert "nobody is here to say yes" in typed("less", "--apply", "--note", "x", code=4).stderr
    assert "no should criterion" in typed("lax", "--apply", "--note", "x", "--yes", code=4).stderr
    assert "no strategy was applied" in typed("--undo", "--yes", code=3).stderr


def test_a_plan_that_never_ran_is_changed_and_given_back_and_the_first_worker_knows(
    project: Project, typed: Typed
) -> None:
    shown = typed("less", "--apply", "--note", "too much", "--by", "ana", "--yes")
    assert "+  c: {weeks: 1, needs: a" in shown.stderr
    assert "defer: v2}" in project.plan.read_text()
    assert "is what it was" in typed("--undo", "--yes").stdout
    assert project.plan.read_text() == PLAN
    typed("more", "--apply", "--note", "hire", "--by", "ana", "--yes")
    typed("less", "--apply", "--note", "too much", "--by", "bo", "--yes")
    changed = project.plan.read_text()
    project.up()
    project.reaches(lambda w: len(w.strategies) == 2 and w.workstream("c").state == "deferred")
    assert [(s.by, s.note) for s in project.world().strategies.values()] == [
        ("ana", "hire (before the first start)"),
        ("bo", "too much (before the first start)"),
    ]
    typed("--undo", "--yes")
    assert project.plan.read_text() != changed
    typed("--undo", "--yes")
    assert project.plan.read_text() == PLAN


def test_a_file_that_was_edited_since_keeps_its_edits(project: Project, typed: Typed) -> None:
    typed("less", "--apply", "--note", "x", "--yes")
    edited = project.plan.read_text() + "# mine\n"
    project.plan.write_text(edited)
    refused = typed("--undo", "--yes", code=4).stderr
    assert "was changed since" in refused
    assert "--reverse" in refused
    assert project.plan.read_text() == edited
    assert "lacks its changes" in typed("--undo", "--reverse", "--yes").stdout
    assert project.plan.read_text() == PLAN + "# mine\n"
    assert "no strategy was applied" in typed("--undo", "--yes", code=3).stderr


def test_a_running_plan_is_changed_by_its_worker(project: Project, typed: Typed) -> None:
    project.up()
    project.reaches(lambda w: w.workstream("a").state == "running")
    answer = told(typed("fast-track", "--apply", "--note", "late", "--by", "ana", "--yes", "--json"))
    assert (answer["id"], answer["changes"]) == ("1", ["workstream b: need a done → 50%"])
    assert "needs: {a: 50%}}" in project.plan.read_text()
    assert project.events(e.StrategyApplied)[0].note == "late"
    listed = told(typed("--applied", "--json"))
    assert [(one["by"], one["undone_at"]) for one in listed] == [("ana", None)]
    assert "fast-track by ana" in typed("--applied").stdout
    assert "stays" in told(typed("--undo", "--yes", "--json", "--note", "no"))
    assert project.plan.read_text() == PLAN
    assert "no strategy is applied" in typed("--undo", "--yes", code=3).stderr


def test_agents_neither_apply_nor_take_back(project: Project) -> None:
    project.write(
        PLAN.replace('"sleep 600"', f'"{sys.executable} -m locust_tui whatif less --apply --note x --yes"')
    )
    project.up()
    project.reaches(lambda w: "a.1" in w.runs and w.runs["a.1"].ended is not None)
    assert b"is for people" in project.output("a.1")
    assert project.events(e.StrategyApplied) == []


def test_damaged_approvals_are_said_and_never_dropped_in_silence(project: Project, typed: Typed) -> None:
    typed("more", "--apply", "--note", "hire", "--by", "ana", "--yes")
    (kept,) = project.plan.parent.glob(".locust-tui/plan-approved*")
    kept.write_bytes(kept.read_bytes()[:20])
    assert "cannot be read" in typed("--undo", "--yes", code=4).stderr
    project.up()
    project.reaches(lambda _: kept.with_suffix(".refused").exists() and project.events(e.Noted))
    assert any("plan-approved" in n.text and "set aside" in n.text for n in project.events(e.Noted))
    assert not kept.exists()


def test_approvals_that_came_when_agents_had_run_are_nobodys_word(project: Project, typed: Typed) -> None:
    typed("more", "--apply", "--note", "hire", "--by", "ana", "--yes")
    (kept,) = project.plan.parent.glob(".locust-tui/plan-approved*")
    forged = kept.read_bytes().replace(b"hire", b"hers")
    project.up()
    project.reaches(lambda w: w.runs and len(w.strategies) == 1)
    project.kill()
    kept.write_bytes(forged)
    project.up()
    project.reaches(lambda _: not kept.exists())
    assert [s.note for s in project.world().strategies.values()] == ["hire (before the first start)"]
    assert any("nobody's word" in n.text for n in project.events(e.Noted))
