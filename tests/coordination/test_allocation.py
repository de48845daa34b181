"""Slots that are asked for: by whom, what the plan's rule answers, what a person may grant, and how they end."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from locust_tui.analysis.grants import choices_for, granted_by, room
from locust_tui.analysis.slots import no_slot, taken_slots
from locust_tui.client import requests as r
from locust_tui.domain.events import Event, EventBody
from locust_tui.domain.fold import apply
from locust_tui.domain.people import WORKER, Person
from locust_tui.domain.plan import (
    AgentType,
    GrantRule,
    Meta,
    Orchestrator,
    Plan,
    Project,
    Resources,
    Workstream,
)
from locust_tui.domain.states import RunState
from locust_tui.domain.world import RunStatus, World
from locust_tui.errors import NotFoundError, RefusedError, UsageError
from locust_tui.worker.asking import answer_ask
from locust_tui.worker.callers import Caller
from locust_tui.worker.coordination import grant_rules as rules

ANA = Caller(os.getuid(), 7, "ana", None, False)


def plan(grant: str = "ask", cap: int | None = 6, expires: float | None = None) -> Plan:
    works = {
        f"w{n}": Workstream(f"w{n}", f"W{n}", orchestrator="core", agent="rust", instructions="x")
        for n in range(9)
    }
    return Plan(
        Project("P", "P"),
        works,
        agents={"rust": AgentType("rust", command=("c",), max=2), "free": AgentType("free", command=("c",))},
        orchestrators={"core": Orchestrator("core", "Core", "kernel"), "edge": Orchestrator("edge", "Edge")},
        meta=Meta("boss", "Boss"),
        resources=Resources(cap, pools={"core": 3}, requests=GrantRule(grant, expires)),
    )  # fmt: skip


@dataclass
class Desk:
    plan: Plan
    now: float = 100.0
    world: World = field(default_factory=World)

    def commit(self, by: Person, *bodies: EventBody) -> None:
        for body in bodies:
            apply(self.world, Event(self.world.revision + 1, self.now, by, body))

    def request(self, count: int = 2, why: str = "tests", run: str = "", **more: Any) -> dict[str, Any]:
        told = rules.request_agents(
            self.plan, self.world, r.RequestAgents(count, why, **more), self.world.runs.get(run)
        )
        self.commit(Person("ana"), *told.events)
        self.settle()
        return told.data

    def settle(self) -> float | None:
        while True:
            events, at = rules.by_time(self.plan, self.world, self.now)
            if not events:
                return at
            self.commit(WORKER, *events)

    def answer(self, item: str, choice: str, note: str = "") -> None:
        told = answer_ask(self.plan, self.world, r.AnswerAsk(item, choice, note), "ana", self.now)
        self.commit(Person("ana"), *told.events)

    def run(self, *subjects: str, kind: str = "rust") -> None:
        for subject in subjects:
            self.world.runs[f"{subject}.1"] = RunStatus(f"{subject}.1", subject, 1, kind, RunState.RUNNING)

    def end(self, subject: str) -> None:
        self.world.runs[f"{subject}.1"] = replace(self.world.runs[f"{subject}.1"], state=RunState.EXITED)
        self.settle()

    def hold(self, id: str) -> str | None:
        slots = taken_slots(self.plan, self.world.live_runs(), self.world.grants.values())
        return no_slot(self.plan, slots, self.plan.workstreams[id])


def test_a_persons_grant_raises_the_quota_at_once() -> None:
    desk = Desk(plan())
    desk.run("w0", "w1", "w2", kind="free")
    assert "its quota is 3" in (desk.hold("w3") or "")
    item = desk.request(orchestrator="kernel")["item"]
    ask = desk.world.asks[item]
    assert (item, ask.choices) == ("request:core:1", ("grant", "grant 1", "deny"))
    assert ask.what == "core asks for 2 more agents at a time, for tests (its quota is 3)"
    desk.answer(item, "grant")
    assert desk.hold("w3") is None
    one = desk.world.asks[desk.request(count=1, orchestrator="kernel")["item"]]
    assert one.what == "core asks for 1 more agent at a time, for tests (its quota is 3)"


def test_a_type_request_raises_the_types_cap_until_it_is_released() -> None:
    desk = Desk(plan())
    desk.run("w0", "w1")
    assert desk.hold("w2") == "no free slot: 2 of 2 rust agents"
    item = desk.request(agent_type="rust")["item"]
    desk.answer(item, "grant")
    assert desk.hold("w2") is None
    desk.run("w2")
    told = rules.end_grant(desk.world, r.EndGrant(item, "done"), "ana")
    desk.commit(Person("ana"), *told.events)
    assert desk.hold("w3") == "no free slot: 3 of 2 rust agents"
    assert desk.world.runs["w2.1"].live
    with pytest.raises(RefusedError, match="released by ana: done"):
        rules.end_grant(desk.world, r.EndGrant(item), "bo")


def test_a_grant_for_type_and_orchestrator_counts_for_both() -> None:
    desk = Desk(plan())
    desk.answer(desk.request(1, orchestrator="core", agent_type="rust")["item"], "grant")
    slots = taken_slots(desk.plan, (), desk.world.grants.values())
    assert (slots.granted["core"], slots.granted_types["rust"]) == (1, 1)


@pytest.mark.parametrize(("choice", "note", "count"), [("grant 1", "", 1), ("1", "", 1), ("grant", "1", 1), ("grant", "for now", 2)])  # fmt: skip
def test_a_part_may_be_granted(choice: str, note: str, count: int) -> None:
    desk = Desk(plan())
    item = desk.request(orchestrator="core")["item"]
    desk.answer(item, choice, note)
    assert desk.world.grants[item].count == count


def test_no_more_is_granted_than_was_asked_for() -> None:
    desk = Desk(plan())
    item = desk.request(orchestrator="core")["item"]
    with pytest.raises(UsageError):
        desk.answer(item, "grant 3")
    assert granted_by("grant", "9", 2) == 2
    assert [granted_by(c, "", 2) for c in ("0", "-1", "deny", "grant all")] == [None] * 4
    assert choices_for(50) == ("grant", "deny")


def test_denied_by_hand_it_gives_nothing() -> None:
    desk = Desk(plan())
    item = desk.request(orchestrator="core")["item"]
    desk.answer(item, "deny")
    assert not desk.world.grants
    assert desk.world.asks[item].choice == "deny"


def test_the_rule_never_denies_and_is_named() -> None:
    desk = Desk(plan("never"))
    item = desk.request(orchestrator="core")["item"]
    assert (desk.world.asks[item].choice, desk.world.asks[item].by, desk.world.grants) == (
        "deny",
        "worker",
        {},
    )


def test_within_the_cap_it_is_granted_at_once_in_part_or_waits_for_room() -> None:
    desk = Desk(plan("within-cap"))
    whole = desk.request(orchestrator="core")["item"]
    assert desk.world.grants[whole].count == 2
    assert room(desk.plan, desk.world) == 4  # of six, two are promised
    desk.run("w0", "w1", "w2", kind="free")
    part = desk.request(3, orchestrator="edge")["item"]
    assert (desk.world.asks[part].choice, desk.world.grants[part].count) == ("grant 1", 1)
    desk.run("w3", "w4", "w5", kind="free")
    queued = desk.request(1, agent_type="rust")["item"]
    assert desk.world.asks[queued].open
    desk.end("w5")
    assert desk.world.grants[queued].count == 1


def test_by_hand_nothing_is_granted_that_the_cap_has_no_room_for() -> None:
    desk = Desk(plan(cap=3))
    desk.run("w0", "w1", kind="free")
    item = desk.request(2, orchestrator="core")["item"]
    with pytest.raises(RefusedError, match="stays open: there is room for 1") as some:
        desk.answer(item, "grant")
    assert some.value.help == f"locust-tui answer {item} 1"
    desk.run("w2", kind="free")
    with pytest.raises(RefusedError, match="no room under the cap of 3: 3 agents at work"):
        desk.answer(item, "grant 1")
    assert desk.world.asks[item].open
    desk.end("w2")
    desk.answer(item, "1")
    assert desk.world.grants[item].count == 1


def test_a_grant_ends_with_its_time() -> None:
    desk = Desk(plan(expires=3600.0))
    item = desk.request(orchestrator="core")["item"]
    desk.answer(item, "grant")
    other = desk.request(1, agent_type="rust", expires=60.0)["item"]
    desk.answer(other, "grant")
    assert desk.settle() == 160.0
    desk.now = 159.9
    desk.settle()
    assert not desk.world.grants[other].ended
    desk.now = 160.0
    assert desk.settle() == 3700.0
    assert desk.world.grants[other].ended == "its time is over"
    assert not desk.world.grants[item].ended


def test_an_agent_asks_for_its_orchestrator_once_at_a_time_and_learns_what_became_of_it() -> None:
    desk = Desk(plan())
    desk.run("w0")
    first = desk.request(2, "busy", "w0.1")
    assert desk.request(3, "busy", "w0.1") == {
        "item": first["item"],
        "waiting": True,
        "count": 2,
        "known": True,
    }
    desk.answer(first["item"], "grant 1")
    (message,) = desk.world.messages.values()
    assert (message.to, message.subject) == ("w0", "1 of 2 more agents are granted")
    assert desk.request(1, "busy", "w0.1")["item"] == "request:core:2"


def test_who_has_no_orchestrator_is_told_whom_to_name() -> None:
    lonely = replace(plan(), workstreams={"web": Workstream("web", "Web", agent="free")})
    desk = Desk(lonely)
    desk.run("web")
    with pytest.raises(NotFoundError, match="web has no orchestrator") as told:
        desk.request(run="web.1")
    assert told.value.help == "one of core, edge"
    desk.plan = replace(lonely, orchestrators={})
    with pytest.raises(NotFoundError) as told:
        desk.request(run="web.1")
    assert told.value.help == "the plan has none to ask for"


@pytest.mark.parametrize("more", [{"orchestrator": "cor"}, {"agent_type": "rusty"}])
def test_a_name_that_is_none_has_near_ones(more: dict[str, str]) -> None:
    with pytest.raises(NotFoundError) as told:
        Desk(plan()).request(**more)
    assert "did you mean" in (told.value.help or "")


@pytest.mark.parametrize("more", [{"count": 0}, {"count": 101}, {"expires": 0.0}])
def test_what_is_no_request_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Desk(plan()).request(orchestrator="core", **more)
