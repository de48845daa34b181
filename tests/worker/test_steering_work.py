"""What a person may do to a workstream, in which states, and what then really happens to its processes."""

from __future__ import annotations

import pytest

from locust_tui.client.requests import SteerWorkstream, StopRun, WorkstreamAction
from locust_tui.domain.events import RunChanged, WorkstreamReviewed
from locust_tui.domain.states import RunState
from locust_tui.domain.world import World
from project import Project, is_running, state_letter, until

A = WorkstreamAction


def lasting(project: Project, more: str = "") -> World:
    project.write(
        f"project: S\nworkstreams:\n  a: {{run: exec sleep 60{more}}}\n  b: {{run: 'true', needs: a}}\n"
    )
    project.up()
    return project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid)


def test_pause_stops_every_process_and_resume_lets_them_go_on(project: Project) -> None:
    project.write("project: S\nworkstreams:\n  a: {run: 'sleep 60 & setsid sleep 61 & wait'}\n")
    project.up()
    project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid and len(project.agents()) >= 3)
    pids = project.agents()
    project.steer("a", A.PAUSE, note="wait for the review")
    until(lambda: {state_letter(p) for p in pids} == {"T"}, what="a pause of every process")
    world = project.world()
    assert world.runs["a.1"].state is RunState.PAUSED
    assert "wait for the review" in world.workstream("a").reason
    assert project.refused(SteerWorkstream("a", A.PAUSE)).exit_code == 4
    project.steer("a", A.RESUME)
    until(lambda: "T" not in {state_letter(p) for p in pids}, what="an end of the pause")
    assert project.world().runs["a.1"].state is RunState.RUNNING
    assert project.refused(SteerWorkstream("a", A.RESUME)).exit_code == 4


def test_a_paused_run_takes_no_time_from_its_limit(project: Project) -> None:
    project.write(
        "project: S\nworkstreams:\n  a: {run: exec sleep 60, timeout: 8s}\n"
        "  other: {run: 'until [ -e go ]; do sleep 0.05; done; sleep 1.5'}\n"
    )
    project.up()
    project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid)
    project.steer("a", A.PAUSE)
    (project.path / "go").touch()
    project.reaches(lambda w: w.workstream("other").state == "accepted")
    project.steer("a", A.RESUME)
    run = project.reaches(lambda w: not w.runs["a.1"].live).runs["a.1"]
    assert run.reason == "timed out after 8s"
    changes = [(e.body.state, e.at) for e in project.all_events() if isinstance(e.body, RunChanged)]
    paused_at = next(at for state, at in changes if state is RunState.PAUSED)
    on_hold = next(at for state, at in changes if at > paused_at and state is RunState.RUNNING) - paused_at
    assert on_hold >= 1.5
    assert run.ended is not None
    assert run.started is not None
    assert run.ended - run.started >= 8 + on_hold - 0.1


@pytest.mark.parametrize(("action", "state"), [(A.CANCEL, "cancelled"), (A.DEFER, "deferred")])
def test_cancel_and_defer_end_the_run_and_reopen_plans_it_again(
    project: Project, action: A, state: str
) -> None:
    pid = lasting(project).runs["a.1"].pid
    assert pid is not None
    project.steer("a", action, note="not now", by="ana")
    world = project.reaches(lambda w: not w.runs["a.1"].live)
    assert not is_running(pid)
    assert world.workstream("a").state == state
    assert world.runs["a.1"].state is RunState.KILLED
    assert world.runs["a.1"].reason == f"{state} by ana"
    assert project.reaches(lambda w: w.workstream("b").state == "blocked" or state == "deferred")
    assert world.workstream("a").reason == f'{state} by ana: "not now"'
    assert project.refused(SteerWorkstream("a", A.START)).help == "locust-tui ws reopen a"
    project.steer("a", A.REOPEN)
    project.reaches(lambda w: w.runs.get("a.2") and w.runs["a.2"].pid)
    project.assert_sound()


def test_a_stopped_run_waits_for_a_person_and_is_not_retried(project: Project) -> None:
    lasting(project, ", retry: 3")
    project.ask(StopRun("a"))
    world = project.reaches(lambda w: w.workstream("a").state == "paused")
    assert world.runs["a.1"].state is RunState.KILLED
    world = project.ends()
    assert "a.2" not in world.runs
    assert project.refused(StopRun("a.1")).exit_code == 4
    project.steer("a", A.RESUME)
    project.reaches(lambda w: w.runs.get("a.2") and w.runs["a.2"].pid)


def test_start_passes_dates_and_never_needs(project: Project) -> None:
    project.write(
        "project: S\nschedule: as-planned\ncalendar: {week: 1h}\nworkstreams:\n"
        "  later: {run: 'true', weeks: 3-4}\n  behind: {run: 'true', needs: later, weeks: 4-5}\n"
    )
    project.up()
    project.reaches(lambda w: w.project.started)
    error = project.refused(SteerWorkstream("behind", A.START))
    assert error.exit_code == 4
    assert "later" in error.message
    project.steer("later", A.START)
    project.reaches(lambda w: w.workstream("later").state == "accepted")
    assert "behind.1" not in project.world().runs


def test_failed_work_is_retried_when_asked_and_told_why(project: Project) -> None:
    project.write(
        "project: S\nworkstreams:\n  a: {run: 'echo \"$LOCUST_TUI_NOTE\"; test $LOCUST_TUI_RUN = a.2'}\n"
    )
    project.up()
    project.reaches(lambda w: w.workstream("a").state == "failed")
    assert project.refused(SteerWorkstream("a", A.START)).exit_code == 4
    project.steer("a", A.RETRY, note="the server is up again", by="ana")
    project.reaches(lambda w: w.workstream("a").state == "accepted")
    assert project.output("a.1") == b"\n"
    assert b"the server is up again" in project.output("a.2")


def test_a_rejection_reaches_the_next_attempt_in_its_instructions(project: Project) -> None:
    project.write(
        "project: S\nagents: {writer: {command: [sh, -c, 'echo \"$1\"', sh, '{instructions}']}}\n"
        "workstreams:\n  a: {agent: writer, instructions: Write the manual., reviewers: [ana]}\n"
    )
    project.up()
    project.reaches(lambda w: w.workstream("a").state == "review")
    project.steer("a", A.REJECT, note="chapter two is missing; echo $(id)", by="ana")
    project.reaches(lambda w: w.workstream("a").attempt == 2 and w.workstream("a").state == "review")
    assert project.output("a.1") == b"Write the manual.\n"
    told = project.output("a.2").decode()
    assert told.startswith("Write the manual.\n\nThe attempt before this one was sent back: rejected by ana")
    assert "chapter two is missing; echo $(id)" in told
    project.steer("a", A.ACCEPT, by="ana")
    world = project.reaches(lambda w: w.workstream("a").state == "accepted")
    assert world.workstream("a").returned == ""
    assert (world.workstream("a").reviews, world.workstream("a").reviews_passed) == (2, 1)


def test_a_note_survives_a_pause_and_the_worker(project: Project) -> None:
    project.write(
        "project: S\nresources: {max_agents: 1}\nworkstreams:\n"
        "  a: {run: 'echo \"$LOCUST_TUI_NOTE\"', reviewers: [ana]}\n"
    )
    project.up()
    project.reaches(lambda w: w.workstream("a").state == "review")
    project.kill()
    project.up()
    project.steer("a", A.REJECT, note="again please", by="ana")
    project.reaches(lambda w: w.workstream("a").attempt == 2 and w.workstream("a").state == "review")
    assert b"again please" in project.output("a.2")


def test_instructions_too_long_for_an_argument_come_in_a_file(project: Project) -> None:
    long = "x" * 200_000
    project.script("reader", '#!/bin/sh\nwc -c < "${1#--file=}"\n')
    project.write(
        "project: S\nagents: {reader: {command: [./reader, '--file={instructions_file}']}}\n"
        f"workstreams:\n  a: {{agent: reader, instructions: {long}}}\n"
    )
    project.up()
    project.reaches(lambda w: w.workstream("a").state == "accepted")
    assert int(project.output("a.1")) == 200_000


def test_a_reviewer_says_yes_and_checks_still_decide(project: Project) -> None:
    project.write(
        "project: S\nworkstreams:\n  good: {run: 'true', reviewers: [ana]}\n"
        "  bad: {run: 'true', reviewers: [ana], accept: [{name: exists, run: test -e made}]}\n"
    )
    project.up()
    project.reaches(
        lambda w: w.workstream("good").state == "review" and w.workstream("bad").state == "needs-input"
    )
    assert project.refused(SteerWorkstream("bad", A.ACCEPT, by="ana")).exit_code == 4
    assert project.refused(SteerWorkstream("good", A.ACCEPT, by="bob")).exit_code == 4
    project.steer("good", A.ACCEPT, by="ana", note="fine")
    world = project.reaches(lambda w: w.workstream("good").state == "accepted")
    assert world.workstream("bad").state == "needs-input"
    reviews = [e for e in project.events(WorkstreamReviewed) if e.workstream == "good"]
    assert [(r.passed, r.note) for r in reviews] == [(True, "fine")]


def test_a_person_verifies_only_what_no_machine_measures(project: Project) -> None:
    project.write(
        "project: S\nworkstreams:\n  a: {run: exec sleep 60, deliverables: [{id: api, files: [api]}, {id: talk, name: the talk}]}\n"
        "  b: {run: 'true', needs: {a: 50%}}\n"
    )
    project.up()
    project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid)
    assert project.refused(SteerWorkstream("a", A.VERIFY, deliverable="api")).exit_code == 4
    assert project.refused(SteerWorkstream("a", A.VERIFY, deliverable="tlk")).exit_code == 3
    project.steer("a", A.VERIFY, deliverable="talk", by="ana")
    world = project.reaches(lambda w: "b.1" in w.runs)
    assert world.workstream("a").verified == ("talk",)


def test_accepted_work_is_reopened_and_nothing_else_may_be_done_to_it(project: Project) -> None:
    project.write("project: S\nworkstreams:\n  a: {run: 'true'}\n")
    project.up()
    project.reaches(lambda w: w.workstream("a").state == "accepted")
    for action in (A.START, A.PAUSE, A.RESUME, A.RETRY, A.CANCEL, A.DEFER, A.ACCEPT):
        assert project.refused(SteerWorkstream("a", action)).exit_code == 4
    project.steer("a", A.REOPEN, note="one more case")
    world = project.reaches(
        lambda w: w.workstream("a").attempt == 2 and w.workstream("a").state == "accepted"
    )
    assert world.workstream("a").reopened == 1
    project.assert_sound()
