"""What agents say: taken once, from stdout and from their events file, at any speed, up to the last byte."""

from __future__ import annotations

import sys
import time

import pytest

from locust_tui.client.requests import Ping
from locust_tui.domain.events import Noted, WorkstreamReported
from project import Project, until


def reports(project: Project) -> list[tuple[float | None, str | None, str | None]]:
    return [(e.progress, e.note, e.deliverable) for e in project.events(WorkstreamReported)]


def test_lines_on_stdout_and_in_the_events_file_are_reports(project: Project) -> None:
    project.script(
        "agent",
        "#!/bin/sh\n"
        "echo '::locust progress=40,deliverable=api::half%0Adone'\n"
        "echo 'no ::locust progress=99::report'\n"
        "until [ -e go ]; do sleep 0.05; done\n"
        'echo \'{"progress": 60, "note": "from the file", "next": "tests"}\' >> "$LOCUST_TUI_EVENTS"\n'
        "exec sleep 60\n",
    )
    project.write("project: R\nworkstreams:\n  a: {run: ./agent, deliverables: [api]}\n")
    project.up()
    project.reaches(lambda w: w.workstream("a").reported == 40)
    (project.path / "go").touch()
    world = project.reaches(lambda w: w.workstream("a").reported == 60)
    assert reports(project) == [(40, "half\ndone", "api"), (60, "from the file", None)]
    status = world.workstream("a")
    assert (status.note, status.next, status.claimed) == ("from the file", "tests", ("api",))
    assert status.verified == ()


def test_what_cannot_be_read_is_noted_and_changes_nothing(project: Project) -> None:
    project.script(
        "agent",
        "#!/bin/sh\necho '::locust progress=40::'\n"
        "echo '::locust progress=140::'\necho '::locust wrong=1::'\n"
        "echo '::locust deliverable=nothing::'\n"
        'printf \'garbage\\n{"progress": "x"}\\n[[[[\\n\' >> "$LOCUST_TUI_EVENTS"\nexec sleep 60\n',
    )
    project.write("project: R\nworkstreams:\n  a: {run: ./agent, deliverables: [api]}\n")
    project.up()
    until(lambda: len([e for e in project.events(Noted) if e.subject == "a.1"]) == 6, what="six notes")
    world = project.reaches(lambda w: w.workstream("a").reported == 40)
    assert world.workstream("a").claimed == ()


def test_the_last_line_counts_without_its_newline(project: Project) -> None:
    project.script(
        "agent",
        '#!/bin/sh\nprintf \'{"note": "file"}\' >> "$LOCUST_TUI_EVENTS"\nprintf "work\\n::locust progress=100::all of it"\n',
    )
    project.write("project: R\nworkstreams:\n  a: {run: ./agent}\n")
    project.up()
    project.reaches(lambda w: w.workstream("a").state == "accepted")
    assert reports(project) == [(100, "all of it", None), (None, "file", None)]


def test_a_report_is_taken_once_whoever_restarts(project: Project) -> None:
    project.script(
        "agent",
        '#!/bin/sh\nfor n in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "::locust progress=$n::step $n"; sleep 0.25; done\n',
    )
    project.write("project: R\nworkstreams:\n  a: {run: ./agent}\n")
    for step in (1, 4, 7):
        project.up()
        project.reaches(lambda w: (w.workstream("a").reported or 0) >= step)  # noqa: B023
        project.kill()
    project.up()
    project.reaches(lambda w: w.workstream("a").state == "accepted")
    assert [r[0] for r in reports(project)] == list(range(1, 13))


@pytest.mark.fault(22, "lines as fast as a program writes them, under a worker")
def test_a_flood_neither_stalls_the_worker_nor_fills_the_record(project: Project) -> None:
    project.write(
        "project: R\nworkstreams:\n  flood: {run: exec yes}\n"
        "  talk: {run: \"exec yes '::locust progress=7::still here'\"}\n"
        "  calm: {run: 'sleep 1; echo ::locust progress=50::; sleep 60'}\n"
    )
    project.up()
    project.reaches(lambda w: w.workstream("calm").reported == 50)
    slowest = 0.0
    for _ in range(20):
        began = time.monotonic()
        project.ask(Ping())
        slowest = max(slowest, time.monotonic() - began)
    assert slowest < 20.0
    began, before = time.monotonic(), project.world().revision
    time.sleep(2)
    rate = (project.world().revision - before) / (time.monotonic() - began)
    assert rate < 60
    project.reaches(lambda w: w.workstream("talk").reported == 7)


@pytest.mark.fault(24, "an agent writes every byte there is")
def test_every_byte_is_in_the_log_binary_and_all(project: Project) -> None:
    project.script(
        "agent.py",
        "import os\ndata = bytes(range(256)) * 4096\nwhile data:\n    data = data[os.write(1, data):]\n",
    )
    project.write(f"project: R\nworkstreams:\n  a: {{run: [{sys.executable}, agent.py]}}\n")
    project.up()
    project.reaches(lambda w: w.workstream("a").state == "accepted")
    assert project.output("a.1") == bytes(range(256)) * 4096


def test_what_was_noted_once_is_not_noted_again_by_the_next_worker(project: Project) -> None:
    project.script(
        "agent",
        "#!/bin/sh\necho '::locust wrong=1::'\n"
        "printf 'garbage\\n' >> \"$LOCUST_TUI_EVENTS\"\nexec sleep 60\n",
    )
    project.write("project: R\nworkstreams:\n  a: {run: ./agent}\n")
    project.up()
    until(lambda: len(warnings(project)) == 2, what="both notes")
    project.kill()
    project.up()
    with open(project.folder.runs / "a.1" / "events.jsonl", "a") as events:
        events.write('{"progress": 7}\n')
    project.reaches(lambda w: w.workstream("a").reported == 7)
    assert len(warnings(project)) == 2
    project.assert_sound()


def warnings(project: Project) -> list[Noted]:
    return [e for e in project.events(Noted) if e.level == "warning" and e.subject == "a.1"]
