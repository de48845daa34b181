"""Success in a running worker: measured once more at the end, reminded of once when due, recorded by a named person."""

from __future__ import annotations

import pytest

from locust_tui.analysis.success import scoreboard
from locust_tui.client.requests import RecordSuccess
from locust_tui.domain import events as e
from locust_tui.domain.states import CriterionState, WorkstreamState
from locust_tui.domain.studies.success import Met, WatchState
from locust_tui.plans.reading import load_plan, read_plan
from project import Project as Folder

PLAN = """\
project: F
workstreams:
  a: {run: touch made}
success:
  - {name: Made, run: test -e made}
  - {name: Counted, check: "lines == 0"}
  - {name: Liked, manual: Do people like it?}
facts:
  lines: {run: "cat made | wc -l"}
after_release:
  - {name: Contributions, due: 1s, manual: List the contributors}
  - {name: Contacts, due: 1s, manual: List who wrote}
  - {name: Benchmarks, due: each release, run: test -e made}
  - {name: Used, due: 3 months, manual: List the dependents}
"""


def test_success_is_measured_at_the_end_and_looked_after_once(project: Folder) -> None:
    project.write(PLAN)
    project.up()
    ended = project.reaches(lambda w: w.project.ended is not None)
    assert ended.criteria["success/Made".lower()].state is CriterionState.PASS
    ends = [v.revision for v in project.all_events() if isinstance(v.body, e.ProjectEnded)]
    made = [
        v
        for v in project.all_events()
        if isinstance(v.body, e.CriterionMeasured) and "made" in v.body.result.key
    ]
    accepted = next(
        v
        for v in project.all_events()
        if isinstance(v.body, e.WorkstreamMoved) and v.body.new is WorkstreamState.ACCEPTED
    )
    assert accepted.revision < made[-1].revision < ends[0]

    world = project.reaches(lambda w: "after_release/benchmarks" in w.criteria and w.messages)
    (message,) = world.messages.values()
    assert message.to == "operator"
    assert message.subject == "After the release: 2 things are to be looked at"
    assert "Contributions" in message.text
    assert "Contacts" in message.text
    assert "Used" not in message.text
    assert "inbox" in message.delivered

    told = project.ask(RecordSuccess("contributions", True, "3 people", "see the log", "ana"))
    assert told.data == {"check": "Contributions", "met": True, "value": "3 people"}
    project.ask(RecordSuccess("Liked", False, by="bo"))
    refusals = [project.refused(RecordSuccess(name, True)) for name in ("Made", "Nothing like it", "Cont")]
    assert [r.exit_code for r in refusals] == [4, 3, 2]
    project.kill()
    project.up()
    project.ask(RecordSuccess("Contacts", True, by="ana"))
    world = project.world()
    assert len(world.messages) == 1  # the next worker says nothing again
    board = scoreboard(load_plan(project.plan), world, (world.project.ended or 0.0) + 5, project.all_events())
    assert [line.met for line in board.lines] == [Met.MET, Met.MET, Met.NOT_MET]
    assert [w.state for w in board.watches] == [WatchState.RECORDED] * 3 + [WatchState.AHEAD]
    assert (board.watches[0].by, board.watches[0].note) == ("ana", "see the log")
    assert board.watches[0].rests.count == 1
    assert project.world().successes["Liked"].by == "bo"
    project.assert_sound()


@pytest.mark.parametrize("due", ["soon", "3 moons"])
def test_a_due_date_that_nobody_understands_is_said_where_it_stands(project: Folder, due: str) -> None:
    project.plan.write_text(PLAN.replace("3 months", due))
    (found,) = read_plan(project.plan).problems
    assert (found.code, found.line) == ("due-date", 14)
    assert due in found.message
