"""Alerts with a real worker: told once, acknowledged by a person, resolved when it is over, whoever is killed in between."""

from __future__ import annotations

import json
import sqlite3

import pytest

from locust_tui.client.requests import AcknowledgeAlert, AddToPlan, TakeFromPlan
from locust_tui.domain.events import AlertMoved, MessageSent
from locust_tui.domain.states import AlertState as A
from locust_tui.domain.world import World
from project import Project

PLAN = """\
project: P
calendar: {week: 1h}
workstreams:
  a: {run: "until [ -e go ]; do sleep 0.05; done"}
alerts:
  - {name: busy, when: agents_running > 0, notify: [ana, nobody-here], severity: critical}
people: {lead: [ana]}
"""


def added(**places: object) -> AddToPlan:
    return AddToPlan(tuple((place.replace("__", "/"), json.dumps(value)) for place, value in places.items()))


def fires(name: str, state: A = A.FIRING) -> object:
    return lambda w: any(a.alert == name and a.state is state for a in w.alerts.values())


def messages(project: Project) -> list[tuple[str, str]]:
    return [(m.to, m.subject) for m in project.events(MessageSent)]


def begun(project: Project) -> World:
    project.write(PLAN)
    project.up()
    return project.reaches(fires("busy"))  # type: ignore[arg-type]


def test_it_is_told_once_acknowledged_and_resolved(project: Project) -> None:
    world = begun(project)
    status = world.alerts["busy/"]
    assert (status.fired, dict(status.values)) == (1, {"agents_running": 1.0})
    told = {m.to: m for m in world.messages.values()}
    assert set(told) == {"ana", "nobody-here"}
    assert (told["ana"].subject, told["ana"].priority) == ("alert busy: firing", "high")
    assert told["ana"].text == "agents_running > 0: agents_running 1"
    assert told["ana"].delivered
    assert "nobody is called" in told["nobody-here"].dead
    assert project.refused(AcknowledgeAlert("buzy")).exit_code == 3
    answer = project.ask(AcknowledgeAlert("busy", by="ana"))
    assert answer.data == {"acknowledged": ["busy"], "by": "ana"}
    assert project.refused(AcknowledgeAlert("busy")).exit_code == 4
    (project.path / "go").touch()
    after = project.reaches(fires("busy", A.RESOLVED))  # type: ignore[arg-type]
    assert after.alerts["busy/"].fired == 1
    assert [m.state for m in project.events(AlertMoved)] == [A.FIRING, A.ACKNOWLEDGED, A.RESOLVED]
    assert [s for to, s in messages(project) if to == "ana"] == ["alert busy: firing", "alert busy: resolved"]
    project.assert_sound()


def test_a_killed_worker_tells_nobody_twice(project: Project) -> None:
    begun(project)
    before = messages(project)
    for n in range(2):
        project.kill()
        project.up()
        # a rule that begins to fire was looked at after the restart, and the other with it
        project.ask(added(**{f"alerts__again{n}": {"when": "workstreams_total > 0"}}))
        project.reaches(fires(f"again{n}"))  # type: ignore[arg-type]
    assert messages(project) == before
    assert project.world().alerts["busy/"].state is A.FIRING
    project.assert_sound()


def test_the_move_and_its_messages_are_one_commit(project: Project) -> None:
    begun(project)
    with sqlite3.connect(project.folder.store) as database:
        rows = database.execute(
            "SELECT kind, at FROM events WHERE kind IN ('alert.moved', 'message.sent') ORDER BY revision"
        ).fetchall()
    assert [kind for kind, _ in rows] == ["alert.moved", "message.sent", "message.sent"]
    assert len({at for _, at in rows}) == 1


def test_a_project_without_a_plan_file_watches_and_fires_on_nothing_unknown(project: Project) -> None:
    project.up()
    project.ask(
        added(
            project__name="bare",
            alerts__phase={"when": "phase_progress < expected_progress - 10", "notify": ["boss"]},
            alerts__late={"when": "progress < expected_progress - 10"},
            alerts__sure={"when": "workstreams_total >= 0"},
        )
    )
    world = project.reaches(fires("sure"))  # type: ignore[arg-type]
    assert set(world.alerts) == {"sure/"}
    assert world.messages == {}


@pytest.mark.parametrize(
    ("rule", "near"),
    [
        ({"when": "phase_progres < 10"}, "phase_progress"),
        ({"when": "__import__('os')"}, ""),
        ({"when": ""}, ""),
        ({"when": "progress < 10", "for": "soon"}, ""),
    ],
)
def test_what_cannot_be_watched_is_refused_at_once(project: Project, rule: object, near: str) -> None:
    begun(project)
    error = project.refused(added(alerts__mine=rule))
    assert error.exit_code == 2
    assert near in (error.help or "")
    assert [a for a in project.world().additions if a.startswith("alerts")] == []


def test_a_rule_that_is_taken_back_is_resolved_without_a_word(project: Project) -> None:
    begun(project)
    project.ask(added(alerts__mine={"when": "agents_running > 0", "notify": ["ana"]}))
    project.reaches(fires("mine"))  # type: ignore[arg-type]
    before = messages(project)
    project.ask(TakeFromPlan(("alerts/mine",)))
    world = project.reaches(fires("mine", A.RESOLVED))  # type: ignore[arg-type]
    assert "no longer in the plan" in world.alerts["mine/"].why
    assert messages(project) == before


def test_a_gate_that_is_overdue_is_told_to_those_who_decide_it(project: Project) -> None:
    project.write(
        "project: P\ncalendar: {week: 2s}\n"
        "workstreams: {a: {run: 'true', weeks: 1}}\n"
        "people: {lead: [ana]}\n"
        "gates: {g1: {needs: a, week: 1, approvers: [lead]}}\n"
    )
    project.up()
    world = project.reaches(fires("gate-overdue"))  # type: ignore[arg-type]
    assert world.alerts["gate-overdue/g1"].scope == "g1"
    assert [(m.to, m.subject) for m in world.messages.values()] == [
        ("lead", "alert gate-overdue (g1): firing")
    ]


def test_for_makes_it_wait(project: Project) -> None:
    begun(project)
    project.ask(added(alerts__slow={"when": "agents_running > 0", "for": "1h"}))
    world = project.reaches(fires("slow", A.PENDING))  # type: ignore[arg-type]
    assert world.alerts["slow/"].fired == 0
    (project.path / "go").touch()
    project.reaches(fires("slow", A.RESOLVED))  # type: ignore[arg-type]
    assert not [to for to, subject in messages(project) if "slow" in subject]
