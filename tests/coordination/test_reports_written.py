"""Scheduled reports of a real worker: on time, made up for when missed, and the same bytes whenever they are written."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from locust_tui.client.requests import StoreMemory
from locust_tui.domain.coordination import ReportStatus
from locust_tui.domain.events import EventBody, MessageSent, PlanAccepted, ProjectStarted, ReportWritten
from locust_tui.domain.people import WORKER
from locust_tui.domain.states import GateState, WorkstreamState
from locust_tui.errors import LocustTuiError
from locust_tui.plans.reading import load_plan, read_plan
from locust_tui.state.store import Store
from locust_tui.worker.coordination.reports import due, next_due
from project import Project, until

PLAN = """\
project: {{name: Harbour, short: Harbour}}
calendar: {{week: 2s}}
workstreams:
  a: {{name: The work, run: "true", needs: never}}
gates: {{never: {{approvers: [nobody]}}}}
people: {{lead: [ana]}}
reports: [{{name: weekly, every: {every}, out: "out/week-{{week}}.md", to: [ana]}}]
"""


def written(project: Project) -> list[ReportWritten]:
    return project.events(ReportWritten)


def test_a_report_is_written_when_it_is_due(project: Project) -> None:
    project.write(PLAN.format(every="2s"))
    project.up()
    project.reaches(lambda w: w.reports and w.reports["weekly"].week >= 2)
    assert [r.week for r in written(project)][:2] == [1, 2]
    first = written(project)[0]
    text = (project.path / first.path).read_text()
    assert text.startswith(f"# Harbour Development Status - Week {first.week}")
    world = project.world()
    told = json.loads(world.memory[f"locust/status/week-{first.week}"].value)
    assert told["week"] == first.week
    sent = [m for m in project.events(MessageSent) if m.to == "ana"]
    assert first.path in sent[0].text
    assert sent[0].subject == f"Report weekly, week {first.week}"


def test_a_report_due_as_a_week_ends_is_that_weeks(project: Project) -> None:
    project.write(PLAN.format(every="2s"))
    project.up()
    project.reaches(lambda w: w.reports and w.reports["weekly"].week >= 2)
    project.kill()
    for report in written(project)[:2]:
        kept = project.folder.root / "reports" / f"weekly-week-{report.week}.json"
        for file in (project.path / report.path, kept):
            form = file.suffix.removeprefix(".")
            told = [
                sys.executable,
                "-m",
                "locust_tui",
                "report",
                "--week",
                str(report.week),
                "--format",
                form,
            ]
            done = subprocess.run(told, cwd=project.path, check=True, capture_output=True)
            assert done.stdout == file.read_bytes()


def test_a_finished_plan_has_one_report_more_and_then_none(project: Project) -> None:
    project.write(PLAN.format(every="2s"))
    project.folder.prepare()
    start = time.time() - 60
    asyncio.run(_past(project, start, ProjectStarted()))
    world = project.world()
    plan = load_plan(project.plan)
    (report,) = plan.reports
    assert len(due(plan, world, report, start + 9)) == 4
    for workstream in plan.workstreams.values():
        status = world.workstream(workstream.id)
        world.workstreams[workstream.id] = replace(status, state=WorkstreamState.ACCEPTED)
    for gate in plan.gates.values():
        world.gates[gate.id] = replace(world.gate(gate.id), state=GateState.GO)
    world.project = replace(world.project, ended=start + 5)
    assert len(due(plan, world, report, start + 60)) == 3, "after 2, 4 and 6 s"
    world.reports[report.name] = ReportStatus(
        report.name, 3, "out/week-3.md", datetime.fromtimestamp(start + 6, UTC).isoformat(), start + 7
    )
    assert due(plan, world, report, start + 60) == []
    assert next_due(plan, world, report) is None


def test_the_same_moment_gives_the_same_bytes_again(project: Project) -> None:
    project.write(PLAN.format(every="3s"))
    project.up()
    project.reaches(lambda w: w.reports)
    first = written(project)[0]
    for n in range(5):
        project.ask(StoreMemory(f"later/{n}", "1"))
    path = project.path / first.path
    before = path.read_bytes()
    command = [
        sys.executable,
        "-m",
        "locust_tui",
        "report",
        "--at",
        first.due,
        "--week",
        str(first.week),
        "--out",
        str(path),
    ]
    path.unlink()
    subprocess.run(command, cwd=project.path, check=True, capture_output=True)
    assert path.read_bytes() == before


async def _past(project: Project, at: float, *bodies: EventBody) -> None:
    async with Store.open(project.folder.store, ballast=0) as store:
        reading = read_plan(project.plan)
        assert reading.plan is not None
        await store.put_plan(reading.digest, str(project.plan), reading.text, reading.plan)
        await store.append(WORKER, PlanAccepted(reading.digest, str(project.plan)), *bodies, at=at)


def test_what_was_missed_is_written_at_the_next_start(project: Project) -> None:
    weekday = datetime.now(UTC).strftime("%a").lower()
    text = PLAN.format(every=f"{weekday} 00:00").replace("week: 2s", "week: 7d")
    project.write(text)
    project.folder.prepare()
    now = time.time()
    today = now - now % 86_400
    asyncio.run(_past(project, today - 20 * 86_400, ProjectStarted()))
    project.up()
    project.reaches(lambda w: w.reports and len(w.messages) >= 3)
    dues = [datetime.fromisoformat(r.due).timestamp() for r in written(project)]
    assert dues == [today - 14 * 86_400, today - 7 * 86_400, today]
    assert [r.week for r in written(project)] == [1, 2, 3]
    assert all((project.path / f"out/week-{n}.md").exists() for n in (1, 2, 3))
    project.kill()
    project.up()
    project.ask(StoreMemory("k", "1"))
    assert len(written(project)) == 3


@pytest.mark.parametrize(
    ("out", "told"),
    [
        ("../week.md", "leads out of the plan's folder"),
        (".git/hooks/pre-commit.md", "hidden place"),
        ("/etc/week.md", "leads out"),
        ("Makefile", "is no kind of report"),
        ("week-{weak}.md", "nothing is known to fill in for {weak}"),
    ],
)
def test_a_report_replaces_nothing_but_reports(project: Project, out: str, told: str) -> None:
    project.write(PLAN.format(every="fri 17:00").replace("out/week-{week}.md", out), trust=False)
    (problem,) = [p for p in read_plan(project.plan).problems if p.is_error]
    assert told in problem.message
    assert problem.line == 7


@pytest.mark.parametrize(
    "name",
    ["../../../../tmp/x", "a/b", "/etc/x", ".hidden", "", "..", r"w\e[31m", r"w\u202e", "x" * 65],
)
def test_a_reports_name_is_part_of_a_file_name(project: Project, name: str) -> None:
    project.write(PLAN.format(every="fri 17:00").replace("name: weekly", f'name: "{name}"'), trust=False)
    (problem,) = [p for p in read_plan(project.plan).problems if p.is_error]
    assert "is no name for a report" in problem.message or not name
    assert problem.help
    assert problem.line == 7
    project.write(
        PLAN.format(every="fri 17:00").replace("name: weekly", 'name: "Weekly status 1.0"'), trust=False
    )
    assert not [p for p in read_plan(project.plan).problems if p.is_error]


def test_a_report_named_by_its_key_is_checked_there(project: Project) -> None:
    plan, _, _ = PLAN.format(every="fri 17:00").partition("reports:")
    project.write(f"{plan}reports:\n  ../x: {{every: fri 17:00}}\n", trust=False)
    (problem,) = [p for p in read_plan(project.plan).problems if p.is_error]
    assert (problem.line, problem.col) == (8, 3)


def accepted_before(project: Project, **changes: Any) -> None:
    """A plan in force whose report no check would let in today; its file is broken, so it stays so."""
    project.write(PLAN.format(every="2s"))
    project.folder.prepare()
    plan = load_plan(project.plan)
    plan = replace(plan, reports=(replace(plan.reports[0], **changes),))

    async def put() -> None:
        async with Store.open(project.folder.store, ballast=0) as store:
            await store.put_plan("before", str(project.plan), project.plan.read_text(), plan)
            await store.append(WORKER, PlanAccepted("before", str(project.plan)), ProjectStarted())

    asyncio.run(put())
    project.write("workstreams: [", trust=False)


@pytest.mark.parametrize(
    ("changes", "link"),
    [
        ({"name": "../../../escaped/x", "out": None}, None),
        ({"name": "../../../escaped/x"}, None),
        ({"name": "../escaped/x", "out": "{name}.md"}, None),
        ({"name": ".git/hooks/x", "out": "{name}.md"}, None),
        ({"out": "../escaped/x.md"}, None),
        ({}, "out"),
    ],
)
def test_a_plan_from_before_writes_no_report_elsewhere(
    project: Project, changes: dict[str, Any], link: str | None
) -> None:
    accepted_before(project, **changes)
    escaped = project.path.parent / "escaped"
    escaped.mkdir()
    (project.path / ".git" / "hooks").mkdir(parents=True)
    if link:
        (project.path / link).symlink_to(escaped)
    project.up()
    until(lambda: "leads out of" in project.log(), what="that it says so")
    assert not list(escaped.rglob("*"))
    assert not list((project.path / ".git").rglob("x*"))
    assert not written(project)


def test_a_link_in_the_place_of_the_reports_own_copies_is_refused_at_the_door(project: Project) -> None:
    accepted_before(project, out=None)
    escaped = project.path.parent / "escaped"
    escaped.mkdir()
    (project.path / ".locust-tui" / "reports").symlink_to(escaped)
    with pytest.raises(LocustTuiError, match="reports is a symbolic link"):
        project.up()
    assert not list(escaped.rglob("*"))
