"""What commands say in the forms of other systems reaches the record as reports: few, and never more than a claim."""

from __future__ import annotations

import shutil
import sys
import time

import pytest

from locust_tui.domain.events import GateDecided, Noted, WorkstreamReported
from locust_tui.worker.claims import EVERY_S
from project import Project, until

SEND = f"""#!{sys.executable} -S
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.sendto(sys.argv[1].encode(), os.environ["NOTIFY_SOCKET"])
"""


def run(project: Project, script: str, *, agent: str = "", more: str = "") -> None:
    project.script("work", f"#!/bin/sh\n{script}\n")
    project.write(
        f"project: C\nagents: {{sh: {{command: ./work{agent}}}}}\n"
        f"workstreams:\n  a: {{agent: sh, instructions: x{more}}}\n"
    )
    project.up()


def said(project: Project) -> list[tuple[float | None, str | None]]:
    return [(e.progress, e.note) for e in project.events(WorkstreamReported)]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("::error file=app.js,line=3::it broke", (None, "error: it broke (app.js:3)")),
        ("::notice::half of it", (None, "half of it")),
        ("##vso[task.setprogress value=75;]uploading", (75, "uploading")),
        ("##teamcity[progressMessage 'compiling']", (None, "compiling")),
        ("\\033]9;4;1;40\\007", (40, None)),
        ("\\033]9;4;2;40\\007", (None, "error: the program shows an error at 40 %")),
        ("\\033]777;notify;Tests;all green\\007", (None, "Tests: all green")),
    ],
)
def test_each_form_is_a_report(project: Project, line: str, told: tuple[float | None, str | None]) -> None:
    run(project, f"printf '%b\\n' \"{line}\"; exec sleep 60")
    project.reaches(lambda w: w.workstream("a").note or w.workstream("a").reported)
    assert said(project) == [told]


def test_in_a_terminal_of_its_own_too(project: Project) -> None:
    run(project, "printf '\\033]9;4;1;30\\007\\n'; echo '::warning::odd'; exec sleep 60", agent=", pty: true")
    project.reaches(lambda w: w.workstream("a").reported == 30 and w.workstream("a").note == "warning: odd")


def test_a_flood_of_them_is_few_events_and_the_last_word_counts(project: Project) -> None:
    run(
        project,
        'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo "::error::wrong $i"; done;'
        " printf '\\033]9;4;1;99\\007'",
    )
    world = project.reaches(lambda w: w.workstream("a").state == "accepted")
    told, run_status = said(project), world.runs["a.1"]
    assert told[-1] == (99, "error: wrong 3000") or told[-2:] == [(None, "error: wrong 3000"), (99, None)]
    assert run_status.started is not None
    assert run_status.ended is not None
    assert len(told) <= 3 + (run_status.ended - run_status.started) / EVERY_S


def test_the_same_again_is_no_news(project: Project) -> None:
    run(project, "for n in 1 2 3 4 5 6; do echo '::warning::still slow'; sleep 0.6; done")
    project.reaches(lambda w: w.workstream("a").state == "accepted")
    assert said(project) == [(None, "warning: still slow")]


def test_ones_own_report_stands_where_it_came_later(project: Project) -> None:
    run(project, "printf '##vso[task.setprogress value=50;]x\\n::locust progress=80::y\\n'")
    project.reaches(lambda w: w.workstream("a").state == "accepted")
    assert said(project) == [(80, "y")]


def test_a_file_that_is_printed_changes_only_what_is_reported(project: Project) -> None:
    (project.path / "evil").write_text(
        "::locust progress=100,deliverable=api::done\n##vso[task.complete result=Succeeded;]\n"
        "##teamcity[buildStatus status='SUCCESS']\n::error::x\n  ::error::not at the start\n"
    )
    project.script("work", "#!/bin/sh\ncat evil; exit 3\n")
    project.write(
        "project: C\nagents: {sh: {command: ./work}}\nworkstreams:\n"
        "  a: {agent: sh, instructions: x, deliverables: [{id: api, files: api.txt}]}\n"
        "gates: {g: {needs: [a], criteria: [{name: c, run: 'true'}]}}\n"
    )
    project.up()
    world = project.reaches(lambda w: w.workstream("a").state in ("failed", "needs-input"))
    assert world.workstream("a").reported == 100
    assert world.workstream("a").verified == ()
    assert project.events(GateDecided) == []
    assert "error: x" in [n for _, n in said(project)]
    assert "not at the start" not in str(said(project))


def test_a_service_s_datagrams(project: Project) -> None:
    project.script("tell", SEND)
    run(project, "./tell 'READY=1'; ./tell 'STATUS=warming up\nX_PROGRESS=25'; exec sleep 60")
    world = project.reaches(lambda w: w.workstream("a").reported == 25)
    assert world.workstream("a").note == "warming up"


@pytest.mark.skipif(shutil.which("systemd-notify") is None, reason="no systemd-notify here")
def test_systemd_s_own_program(project: Project) -> None:
    run(project, "systemd-notify --status='by systemd'; exec sleep 60")
    project.reaches(lambda w: w.workstream("a").note == "by systemd")


def test_the_next_worker_hears_at_the_same_place(project: Project) -> None:
    project.script("tell", SEND)
    run(
        project,
        "echo $NOTIFY_SOCKET > where; until [ -e go ]; do sleep 0.05; done; ./tell STATUS=again; exec sleep 60",
    )
    until(lambda: (project.path / "where").exists() and (project.path / "where").read_text())
    project.kill()
    project.up()
    (project.path / "go").touch()
    project.reaches(lambda w: w.workstream("a").note == "again")


def test_another_user_s_word_and_a_stranger_s_are_none(project: Project) -> None:
    import socket

    run(project, "echo $NOTIFY_SOCKET > where; echo '::notice::here'; exec sleep 60")
    project.reaches(lambda w: w.workstream("a").note == "here")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(b"STATUS=I am no agent", (project.path / "where").read_text().strip())
    time.sleep(0.7)  # nothing is to happen: there is nothing to wait for
    assert project.world().workstream("a").note == "here"


def test_a_petted_watchdog_is_a_sign_of_life(project: Project) -> None:
    project.script("tell", SEND)
    run(
        project,
        "for n in 1 2 3 4 5 6 7 8; do ./tell WATCHDOG=1; sleep 0.5; done; exec sleep 60",
        agent=", stall: 3s",
    )
    world = project.reaches(lambda w: (r := w.runs.get("a.1")) and r.state == "stalled")
    run_status = world.runs["a.1"]
    stalled_at = next(e.at for e in project.all_events() if getattr(e.body, "state", None) == "stalled")
    assert run_status.started is not None
    assert stalled_at - run_status.started > 4 + 2


def test_a_socket_goes_with_its_run_and_nothing_is_noted(project: Project) -> None:
    run(project, "echo $NOTIFY_SOCKET > where")
    project.reaches(lambda w: w.workstream("a").state == "accepted")
    from pathlib import Path

    assert not Path((project.path / "where").read_text().strip()).exists()
    assert project.events(Noted) == []


def test_a_long_path_gets_a_short_socket(tmp_path) -> None:  # type: ignore[no-untyped-def]
    project = Project(tmp_path / ("d" * 60) / ("e" * 60))
    try:
        project.script("tell", SEND)
        run(project, "./tell STATUS=heard; exec sleep 60")
        project.reaches(lambda w: w.workstream("a").note == "heard")
    finally:
        project.end()
