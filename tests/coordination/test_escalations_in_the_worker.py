"""Escalations with a real worker: raised by what agents say, carried on over its death, and settled once by two people."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from locust_tui.analysis.overview import build_snapshot
from locust_tui.client.connection import Connection
from locust_tui.client.requests import (
    AcknowledgeEscalation,
    AnswerEscalation,
    Escalate,
    WorkstreamAction,
)
from locust_tui.domain import events as e
from locust_tui.domain.snapshot import WaitingView
from locust_tui.domain.world import World
from locust_tui.errors import LocustTuiError
from locust_tui.plans.reading import load_plan
from project import Project

PLAN = """\
project: Climb
meta: {id: boss}
orchestrators: {core: {}, edge: {}}
workstreams:
  api: {run: exec ./agent, orchestrator: core}
  ui: {run: "true", orchestrator: edge, needs: api}
escalation:
  - {kind: workstream, to: [orchestrator, boss], within: 1s}
  - {kind: cross-domain, to: [boss], within: 1s}
  - {kind: architecture, to: [boss, review], within: 1d}
"""
BLOCKED = """\
#!/bin/sh
echo '::locust blocker=no database::waiting'
while [ ! -e go ]; do sleep 0.1; done
echo '::locust blocker=::found it'
exec sleep 60
"""


def waiting(project: Project, at: float | None = None) -> list[WaitingView]:
    """Now, or as it was when the clock read `at`."""
    now = max(x.at for x in project.all_events()) if at is None else at
    with project.record() as record:
        world = record.world_at(now)
    return list(build_snapshot(load_plan(project.plan), "", "", world, now, worker_pid=1).waiting)


def open_ones(world: World) -> dict[str, str]:
    return {s.item or s.id: ", ".join(s.waits_for) for s in world.escalations.values() if s.open}


def test_what_an_agent_cannot_get_past_climbs_by_itself_and_comes_down_when_it_is_gone(
    project: Project,
) -> None:
    project.script("agent", BLOCKED)
    project.write(PLAN)
    project.up()
    world = project.reaches(lambda w: w.workstream("api").blocker)
    assert not world.escalations
    project.reaches(lambda w: open_ones(w))
    (raised,) = (x for x in project.all_events() if isinstance(x.body, e.EscalationRaised))
    (one,) = (w for w in waiting(project, raised.at) if w.kind == "escalation")
    assert (one.item, one.wanted) == ("blocked:api", "core")
    project.kill()
    project.up()
    project.reaches(lambda w: open_ones(w) == {"blocked:api": "boss"})
    steps = len(project.events(e.EscalationStepped))
    project.reaches(lambda _: len(project.events(e.EscalationStepped)) > steps)
    assert open_ones(project.world()) == {"blocked:api": "boss"}
    (project.path / "go").touch()
    world = project.reaches(lambda w: not open_ones(w))
    (status,) = world.escalations.values()
    assert (status.closed_why, status.decision, status.replies) == (
        "its cause is gone: api is running", "", (),
    )  # fmt: skip
    assert [w for w in waiting(project) if w.kind == "escalation"] == []
    assert len(project.events(e.EscalationRaised)) == 1
    told = {m.id: m.to for m in world.messages.values()}
    assert (told["E1.1"], told["E1.2"]) == ("core", "boss")
    project.assert_sound()


def test_a_failure_that_holds_another_domain_is_one_matter_until_somebody_tries_again(
    project: Project,
) -> None:
    project.script("agent", "#!/bin/sh\ntest -e go && exec sleep 60\nexit 3\n")
    project.write(PLAN)
    project.up()
    world = project.reaches(lambda w: open_ones(w))
    assert open_ones(world) == {"failed:api": "boss"}
    (status,) = world.escalations.values()
    assert (status.kind, status.what) == ("cross-domain", "api failed: exit code 3")
    assert [w.item for w in waiting(project) if w.kind == "escalation"] == ["failed:api"]
    (project.path / "go").touch()
    project.steer("api", WorkstreamAction.RETRY)
    project.reaches(lambda w: not open_ones(w))
    project.assert_sound()


def test_of_two_people_at_once_one_settles_it_and_the_other_learns_who_did(project: Project) -> None:
    project.write(PLAN.replace("exec ./agent", "exec sleep 60"))
    project.up()
    project.reaches(lambda w: w.workstream("api").state == "running")
    for n in range(5):
        id = project.ask(Escalate(f"matter {n}", "api", "timeline")).data["id"]
        together = Barrier(2)

        def decide(name: str, id: str = id, together: Barrier = together) -> str:
            with Connection(project.folder.socket, timeout=20) as connection:
                together.wait(20)
                try:
                    connection.ask(AnswerEscalation(id, f"as {name} says", by=name))
                except LocustTuiError as error:
                    return f"{error.exit_code}: {error.message}"
                return name

        with ThreadPoolExecutor(2) as both:
            said = sorted(both.map(decide, ("ana", "bo")), key=len)
        (winner, loser) = said
        assert winner in ("ana", "bo")
        assert loser == f"4: {id} is settled already: as {winner} says (answered by {winner} for boss)"
        assert [r.by for r in project.world().escalations[id].replies] == [winner]
    project.assert_sound()


def test_an_open_one_outlives_the_worker_with_its_answers_and_its_time(project: Project) -> None:
    project.write(PLAN.replace("exec ./agent", "exec sleep 60"))
    project.up()
    project.reaches(lambda w: w.workstream("api").state == "running")
    id = project.ask(Escalate("the architecture of it all", "api")).data["id"]
    project.ask(AnswerEscalation(id, "split it", "review", by="tom"))
    project.ask(AcknowledgeEscalation(id, by="ana"))
    before = project.world().escalations[id]
    project.kill()
    project.up()
    assert project.world().escalations[id] == before
    assert before.waits_for == ("boss",)
    project.ask(AnswerEscalation(id, "split it", by="ana", consequences="two crates"))
    record = project.world().escalations[id]
    assert (record.decision, record.context, record.consequences) == (
        "split it", "the architecture of it all", "two crates",
    )  # fmt: skip
    project.assert_sound()
