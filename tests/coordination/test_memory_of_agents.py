"""The shared memory from inside a run: in the run's name, about its own work, and never starting a worker."""

from __future__ import annotations

import json
import sys

from locust_tui.domain.events import WorkstreamReported
from project import Project, is_running, until

TUI = f"{sys.executable} -m locust_tui"


def test_an_agent_writes_in_its_runs_name_and_reports_on_its_own_work(project: Project) -> None:
    status = '{"progress": 0.4, "next": "tests"}'
    project.script(
        "agent",
        f"""#!/bin/sh
{TUI} memory store "locust/workstream/{{workstream}}/status" --value '{status}' || exit 8
{TUI} memory store notes/{{name}}/{{run}} --value '{{"n": 1}}' || exit 9
{TUI} memory store locust/b/status --value '{{"progress": 90}}' 2> refused
echo $? > code
{TUI} memory get notes/a/a.1 > got
""",
    )
    project.write('project: {name: P}\nworkstreams: {a: {run: ./agent}, b: {run: "true", needs: a}}\n')
    project.up()
    world = project.ends()
    assert project.states()["a"] == "accepted", project.output("a.1")
    assert world.memory["notes/a/a.1"].by == "a.1"
    assert json.loads((project.path / "got").read_text()) == {"n": 1}
    (report,) = project.events(WorkstreamReported)
    assert (report.workstream, report.run, report.progress, report.next) == ("a", "a.1", 40.0, "tests")
    assert (project.path / "code").read_text().strip() == "4"
    assert "nothing was stored" in (project.path / "refused").read_text()


def test_what_it_says_last_is_its_word_whichever_way_it_says_it(project: Project) -> None:
    project.script(
        "agent",
        f"""#!/bin/sh
{TUI} agent report --progress 50 && {TUI} memory store locust/a/status --value '{{"progress": 90}}'
""",
    )
    project.write("project: {name: P}\nworkstreams: {a: {run: ./agent}}\n")
    project.up()
    world = project.ends()
    assert [r.progress for r in project.events(WorkstreamReported)] == [50.0, 90.0]
    assert world.workstream("a").reported == 90.0


def test_without_a_worker_an_agent_starts_none(project: Project) -> None:
    project.script(
        "agent",
        f"""#!/bin/sh
echo > begun
while [ ! -e go ]; do sleep 0.05; done
{TUI} memory store k --value 1 2> said
echo $? > code.new
{TUI} task create --title t --assigned-to a 2>> said
echo $? >> code.new
{TUI} task done t 2>> said
echo $? >> code.new; mv code.new code
""",
    )
    project.write("project: {name: P}\nworkstreams: {a: {run: ./agent}}\n")
    project.up()
    until((project.path / "begun").exists)
    pid = project.kill()
    (project.path / "go").touch()
    code = project.path / "code"
    until(code.exists)
    assert code.read_text().split() == ["5", "5", "5"]
    assert (project.path / "said").read_text().count("may not start one; nothing was changed") == 3
    assert project.pid() == pid
    assert not is_running(pid)
