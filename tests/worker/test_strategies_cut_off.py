"""A death between the plan file and the record of an approved change: all of it holds, or nothing of it, and it is said."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from test_strategies_applied import PLAN, apply, preview, started

import faults
from locust_tui.client.requests import ApplyStrategy, UndoStrategy
from locust_tui.domain import events as e
from locust_tui.errors import LocustTuiError, UnreachableError
from project import Project, is_running, until

QUICK = PLAN.replace(
    "    needs: [a]   # all of it\n", "    needs: [a]   # all of it\n    crew: {agents: 2, gain: 0.7}\n"
)


def killed_at(point: str, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker dies there while it applies "quick"; nobody heard that it did."""
    fault = faults.die_at(monkeypatch, tmp_path, point, 1)
    started(project)
    pid = project.pid()
    with pytest.raises(LocustTuiError):
        apply(project, "quick")
    fault.assert_happened()
    until(lambda: not is_running(pid))
    faults.die_no_more(monkeypatch)


@pytest.mark.fault(
    29, "the worker is killed before and after it writes an approved change into the plan file"
)
def test_killed_before_the_file_is_written_nothing_was_changed(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_at("rewrite.begun", project, tmp_path, monkeypatch)
    assert project.plan.read_text() == PLAN
    project.up()
    assert project.world().strategies == {}
    (not_made,) = project.events(e.PlanNotRewritten)
    assert not_made.why == "the worker ended before it was written"
    assert project.world().project.rewriting is None
    apply(project, "quick")
    assert project.plan.read_text() == QUICK
    project.assert_sound()


@pytest.mark.fault(
    29, "the worker is killed before and after it writes an approved change into the plan file"
)
def test_killed_after_the_file_is_written_the_next_worker_puts_it_on_record(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_at("rewrite.written", project, tmp_path, monkeypatch)
    assert project.plan.read_text() == QUICK
    assert project.world().strategies == {}
    project.up()
    world = project.world()
    (applied,) = world.strategies.values()
    assert (applied.strategies, applied.note, applied.by) == (("quick",), "we are late", "ana")
    accepted = project.events(e.PlanAccepted)[-1]
    assert (accepted.how, accepted.note, accepted.digest) == (
        "strategy",
        "we are late",
        world.project.plan_digest,
    )
    assert (world.project.held, world.project.rewriting) == (None, None)
    project.ask(UndoStrategy("1"))
    assert project.plan.read_text() == PLAN
    project.assert_sound()


@pytest.mark.fault(
    58,
    "the worker is killed before, between and after the steps of an approved change, and the same is asked again",
)
@pytest.mark.parametrize("point", ["rewrite.begun", "rewrite.written", "reply.unsent"])
def test_what_is_asked_again_is_answered_as_it_would_have_been(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    started(project)
    fault = faults.die_at(monkeypatch, tmp_path, point, 1)
    for key, request, file in (
        ("apply", ApplyStrategy(("quick",), "late", preview(project, "quick").digest, "ana"), QUICK),
        ("undo", UndoStrategy("1", "in time", "ana"), PLAN),
    ):
        project.kill()
        fault.mark.unlink(missing_ok=True)
        pid = project.up()
        with pytest.raises(UnreachableError):
            project.ask(request, key=key)
        fault.assert_happened()
        until(lambda pid=pid: not is_running(pid))  # type: ignore[misc]
        project.up()
        answer = project.ask(request, key=key)
        assert (answer.data["id"], project.plan.read_text()) == ("1", file)
        assert project.ask(request, key=key).data == answer.data
    assert len(project.events(e.StrategyApplied)) == len(project.events(e.StrategyUndone)) == 1
    project.assert_sound()


def test_a_file_that_was_edited_since_counts_as_edited(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_at("rewrite.written", project, tmp_path, monkeypatch)
    project.plan.write_text(QUICK.replace("name: P,", "name: Other,"))
    project.up()
    (not_made,) = project.events(e.PlanNotRewritten)
    assert "counts as edited" in not_made.why
    assert project.world().strategies == {}
    assert project.events(e.PlanAccepted)[-1].how == "file"
    project.assert_sound()


def typed(project: Project, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "locust_tui", "whatif", *words, "--yes"]
    return subprocess.run(command, cwd=project.path, env=dict(os.environ), text=True, capture_output=True)


@pytest.mark.fault(
    29, "whatif is killed between the note of an approval and the plan file, before the first start"
)
@pytest.mark.parametrize(
    ("point", "undo", "applied"),
    [
        ("approved.kept", (), ()),
        pytest.param("approved.undone", ("--undo",), (), marks=pytest.mark.soak),
        ("approved.undoing", ("--undo", "--reverse"), ("quick",)),
        pytest.param("approved.undone", ("--undo", "--reverse"), (), marks=pytest.mark.soak),
    ],
)
def test_before_the_first_start_only_what_the_file_has_is_taken_up(
    project: Project,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    point: str,
    undo: tuple[str, ...],
    applied: tuple[str, ...],
) -> None:
    project.write(PLAN)
    if undo:
        assert typed(project, "quick", "--apply", "--note", "late").returncode == 0
        if "--reverse" in undo:
            project.plan.write_text(project.plan.read_text().replace("name: P,", "name: Other,"))
    fault = faults.die_at(monkeypatch, tmp_path, point, 1)
    done = typed(project, *(undo or ("quick", "--apply", "--note", "late")))
    assert done.returncode == -9, done.stderr
    fault.assert_happened()
    faults.die_no_more(monkeypatch)
    assert ("crew" in project.plan.read_text()) == bool(applied)
    project.trust()
    project.up()
    found = [s.strategies for s in project.world().strategies.values()]
    assert found == [applied] * bool(applied)
