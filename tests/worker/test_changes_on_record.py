"""A plan that changes while it runs: the record says who, when and why, and a gate never forgets what was eased."""

from __future__ import annotations

import os
import sys

import pytest

from locust_tui.analysis.baseline import KINDS, baseline_study, recorded_changes
from locust_tui.client.requests import (
    AddToPlan,
    ConfirmPlan,
    EvaluateGate,
    NotePlanChange,
    RecheckPlan,
    SetBaseline,
)
from locust_tui.domain import events as e
from locust_tui.domain.states import CriterionState
from locust_tui.domain.studies.baseline import BaselineStudy, PlanChange
from locust_tui.ownership import user_name
from locust_tui.plans.trust import revoke
from locust_tui.report.baseline_text import gate_change_words
from project import Project

ME = user_name(os.getuid())
PLAN = """\
project: Changing
workstreams:
  a: {run: exec sleep 60, weeks: 1-2}
gates:
  ship:
    needs: [a]
    week: 2
    criteria:
      - {name: Coverage, metric: {run: echo 76.2}, above: 80}
      - {name: Ready, manual: Is it ready?}
"""


def recorded(project: Project) -> tuple[PlanChange, ...]:
    with project.record() as store:
        return recorded_changes(store.events(kinds=KINDS), lambda digest: store.plan_of(digest)[0])


def study(project: Project) -> BaselineStudy:
    with project.record() as store:
        events = store.events(kinds=KINDS)
        return baseline_study(events, lambda digest: store.plan_of(digest)[0], events[-1].at)


@pytest.fixture
def failed(project: Project) -> Project:
    """Its gate has been measured, and has failed."""
    project.write(PLAN)
    project.up()
    project.reaches(lambda w: w.project.plan_digest)
    project.ask(EvaluateGate("ship"))
    project.reaches(lambda w: (r := w.criteria.get("gate:ship/coverage")) and r.state is CriterionState.FAIL)
    return project


def accepted(project: Project, count: int) -> e.PlanAccepted:
    project.reaches(lambda w: w.project.plan_changes == count)
    return project.events(e.PlanAccepted)[-1]


def test_lowering_a_limit_after_a_fail_is_visible_on_the_gate_for_ever(failed: Project) -> None:
    failed.write(PLAN.replace("above: 80", "above: 70"))
    accepted(failed, 1)
    (change,) = failed.world().gates["ship"].changed
    assert (change.before, change.after, change.eased) == ("> 80", "> 70", True)
    assert change.found == "had failed with 76.2"
    assert (change.by, change.who) == (ME, f"{ME}, owner of the file")
    failed.write(PLAN)  # and taken back
    accepted(failed, 2)
    changed = failed.world().gates["ship"].changed
    assert [(c.after, c.eased) for c in changed] == [("> 70", True), ("> 80", False)]
    assert changed[0].revision < changed[1].revision
    assert study(failed).drift == ()
    failed.assert_sound()


def test_a_date_that_moved_is_visible_on_the_gate(failed: Project) -> None:
    failed.write(PLAN.replace("    week: 2", "    week: 3"))
    accepted(failed, 1)
    (change,) = failed.world().gates["ship"].changed
    assert (change.field, change.before, change.after, change.eased) == ("week", "2", "3", False)
    assert gate_change_words(change).startswith(f"week was 2, moved to 3 by {ME} (owner of the file) at ")


def test_a_saved_file_says_whose_it_is_when_it_was_saved_and_who_trusted_it(failed: Project) -> None:
    failed.write(PLAN.replace("1-2", "1-3"))
    saved = os.stat(failed.plan)
    event = accepted(failed, 1)
    assert (event.how, event.saved_by, event.trusted_by) == ("file", ME, ME)
    assert event.saved_at == pytest.approx(saved.st_mtime)
    assert event.trusted_at is not None
    assert event.gates == ()
    (started,) = failed.events(e.ProjectStarted)
    assert started.user == ME
    agreed = study(failed).agreed
    assert agreed is not None
    assert agreed.by == ME


def test_taking_trust_back_meanwhile_hides_no_change(failed: Project) -> None:
    revoke(failed.plan)
    failed.ask(RecheckPlan())
    assert failed.world().project.held is not None
    failed.write(PLAN.replace("above: 80", "above: 70"))
    accepted(failed, 1)
    (change,) = failed.world().gates["ship"].changed
    assert (change.after, change.found) == ("> 70", "had failed with 76.2")


def test_a_yes_keeps_its_name_and_its_reason(failed: Project) -> None:
    failed.reaches(lambda w: w.live_runs())
    failed.write(PLAN.replace("exec sleep 60", "exec sleep 61"))
    held = failed.reaches(lambda w: w.project.held and w.project.held.why == "confirm")
    assert held.project.held is not None
    failed.ask(ConfirmPlan(held.project.held.digest, "bo", "sleep longer"))
    event = accepted(failed, 1)
    assert (event.how, event.note) == ("yes", "sleep longer")
    (change,) = recorded(failed)
    assert (change.field, change.by, change.who, change.why) == ("run", "bo", "bo", "sleep longer")


def test_what_a_command_adds_is_a_change_by_whom_it_was(failed: Project) -> None:
    failed.ask(AddToPlan((("workstreams/extra", '{"run": "true"}'),), "cy"))
    event = accepted(failed, 1)
    assert (event.how, event.saved_by) == ("command", "")
    (change,) = recorded(failed)
    assert (change.words, change.by, change.kind) == ("workstream extra added (extra)", "cy", "scope")


def test_a_note_explains_a_change_later_and_stands_on_the_gate(failed: Project) -> None:
    failed.write(PLAN.replace("above: 80", "above: 70").replace("1-2", "1-3"))
    accepted(failed, 1)
    revision = failed.world().gates["ship"].changed[0].revision
    failed.ask(NotePlanChange(revision, "the fair", "ana"))
    failed.ask(NotePlanChange(revision, "the fair was moved", "bo"))
    assert [c.why for c in recorded(failed)] == ["the fair was moved"] * 2
    assert failed.world().gates["ship"].changed[0].why == "the fair was moved"
    assert study(failed).revisions[-1].noted_by == "bo"
    assert failed.refused(NotePlanChange(revision + 1, "x")).exit_code == 3
    assert failed.refused(NotePlanChange(revision, "  ")).exit_code == 2
    failed.assert_sound()


def test_agreeing_anew_is_a_persons_decision_about_the_plan_that_was_seen(failed: Project) -> None:
    first = failed.world().project.plan_digest
    assert failed.refused(SetBaseline("why not")).exit_code == 4
    failed.write(PLAN.replace("1-2", "1-3"))
    accepted(failed, 1)
    assert [c.words for c in study(failed).drift] == ["workstream a: weeks 1-2 → 1-3"]
    assert failed.refused(SetBaseline("the fair", digest=str(first))).exit_code == 4
    assert failed.refused(SetBaseline("")).exit_code == 2
    failed.ask(SetBaseline("the fair was moved", "ana"))
    found = study(failed)
    assert [(b.number, b.by) for b in found.baselines] == [(1, ME), (2, "ana")]
    assert found.baselines[0].digest == first
    assert found.drift == ()
    failed.assert_sound()


def test_an_agent_neither_agrees_nor_explains(project: Project) -> None:
    verb = f"{sys.executable} -m locust_tui baseline"
    project.script(
        "try", f"#!/bin/sh\n{verb} set --note mine\necho $? > code\n{verb} note 2 mine\necho $? >> code\n"
    )
    project.write("project: A\nworkstreams:\n  a: {run: ./try}\n")
    project.up()
    project.reaches(lambda w: w.workstreams.get("a") and w.workstreams["a"].attempt and not w.live_runs())
    assert (project.path / "code").read_text().split() == ["4", "4"]
    assert project.events(e.BaselineSet) == project.events(e.PlanNoted) == []
