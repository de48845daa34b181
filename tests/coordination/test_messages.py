"""Who may write to whom, what becomes of names, lists and channels, and how a message goes from queued to acknowledged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from locust_tui.client import requests as r
from locust_tui.domain.events import Event, EventBody, MessageRead, RunCreated, RunEnded
from locust_tui.domain.fold import apply
from locust_tui.domain.people import Person
from locust_tui.domain.plan import Meta, NotifyRoute, Orchestrator, Plan, Project, Workstream
from locust_tui.domain.states import RunState
from locust_tui.domain.world import RunStatus, World
from locust_tui.errors import NotFoundError, RefusedError, UsageError
from locust_tui.worker.callers import Caller
from locust_tui.worker.coordination import messages
from locust_tui.worker.told import Told

PLAN = Plan(
    Project("P", "P"),
    {
        "WS-01": Workstream("WS-01", "Types", orchestrator="core", agent="c", instructions="Build"),
        "WS-02": Workstream("WS-02", "Parser", orchestrator="core", agent="c", instructions="Build"),
        "WS-07": Workstream("WS-07", "Tooltip", orchestrator="plugins", agent="c", instructions="Build"),
    },
    meta=Meta("boss", "Meta", "c", instructions="Lead"),
    orchestrators={
        "core": Orchestrator("core", "Core", "locust-core-orchestrator", "c", instructions="Lead"),
        "plugins": Orchestrator("plugins", "Plugins"),
    },
    people={"lead": ("ana",)},
    aliases={"locust-core-framework": "core"},
    channels={"dev": ("WS-01", "ana"), "typo": ("WS-01", "anna"), "empty": ()},
    notify={"lead": NotifyRoute("lead", ("bell", "webhook:https://u:secret@example.org/x?key=1"))},
)
PERSON = Caller(1000, 1, "ana", None, False)


def agent(subject: str) -> Caller:
    return Caller(1000, 2, "ana", None, True, f"{subject}.1")


@pytest.fixture
def world() -> World:
    made = World()
    for subject in ("WS-01", "WS-07", "core", "boss"):
        commit(made, RunCreated(f"{subject}.1", subject, 1, "c", (), ""))
    return made


def commit(world: World, *bodies: EventBody) -> None:
    for body in bodies:
        apply(world, Event(world.revision + 1, float(world.revision + 1), Person("x"), body))


def send(world: World, to: str, caller: Caller = PERSON, **more: str) -> Told:
    run: RunStatus | None = world.runs.get(caller.run)
    told = messages.send(PLAN, world, r.SendMessage(to, more.pop("text", "hello"), **more), caller, run)  # type: ignore[arg-type]
    commit(world, *told.events)
    return told


def read(world: World, caller: Caller, *ids: str, unread: bool = True) -> list[str]:
    request = r.ReadMessages(unread, messages=ids)
    told = messages.read(PLAN, world, request, caller, world.runs.get(caller.run))
    commit(world, *told.events)
    return [m["id"] for m in told.data["messages"]]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("locust-core-orchestrator", "core"),
        ("locust-core-framework", "core"),
        ("ws-01-core-types", "WS-01"),
        ("ws01", "WS-01"),
        ("Lead", "lead"),
        ("WS-01.1", "WS-01.1"),
    ],
)
def test_every_name_of_an_agent_reaches_it(world: World, written: str, meant: str) -> None:
    told = send(world, written)
    assert told.data["sent"] == [{"id": "m1", "to": meant}]
    assert world.messages["m1"].to == meant


def test_the_known_ones_get_theirs_and_the_unknown_one_is_kept(world: World) -> None:
    told = send(world, "core, plugnis , WS-01, locust-core-framework")
    assert [one["to"] for one in told.data["sent"]] == ["core", "WS-01"]
    (dead,) = told.data["dead"]
    assert (dead["to"], dead["help"]) == ("plugnis", "did you mean plugins?")
    kept = world.messages[dead["id"]]
    assert (kept.state, kept.text, kept.dead) == ("dead", "hello", 'nobody is called "plugnis"')
    assert {m.group for m in world.messages.values()} == {"m1"}


def test_channels_have_members_and_all_is_everybody_at_work(world: World) -> None:
    told = send(world, "", channel="dev", sender="boss")
    assert [one["to"] for one in told.data["sent"]] == ["WS-01", "ana"]
    assert [m.channel for m in world.messages.values()] == ["dev", "dev"]
    everybody = [one["to"] for one in send(world, "all").data["sent"]]
    assert everybody == ["operator", "boss", "core", "plugins", "WS-01", "WS-02", "WS-07"]
    assert [one["to"] for one in send(world, "#orchestrators").data["sent"]] == ["boss", "core", "plugins"]
    half = send(world, "", channel="typo").data
    assert ([one["to"] for one in half["sent"]], [one["to"] for one in half["dead"]]) == (["WS-01"], ["anna"])
    for channel in ("empty", "nowhere"):
        assert [one["to"] for one in send(world, "", channel=channel).data["dead"]] == [channel]


def test_who_writes_to_a_channel_of_their_own_hears_no_echo(world: World) -> None:
    assert [one["to"] for one in send(world, "", channel="dev").data["sent"]] == ["WS-01"]
    assert [one["to"] for one in send(world, "ana").data["sent"]] == ["ana"]


def test_a_message_to_nobody_at_all_is_no_message(world: World) -> None:
    for request in (r.SendMessage("", "x"), r.SendMessage(" , ", "x"), r.SendMessage("core", "  ")):
        with pytest.raises(UsageError):
            messages.send(PLAN, world, request, PERSON, None)
    with pytest.raises(UsageError, match="priority"):
        send(world, "core", priority="shouting")
    with pytest.raises(NotFoundError):
        send(world, "core", reply_to="m9")
    assert not world.messages


@pytest.mark.parametrize(
    ("who", "whom", "may"),
    [
        ("WS-01", "core", True),
        ("WS-01", "WS-02", True),
        ("WS-01", "WS-01.1", True),
        ("WS-01", "WS-07", False),
        ("WS-01", "plugins", False),
        ("WS-01", "boss", False),
        ("WS-01", "operator", True),
        ("WS-01", "ana", True),
        ("WS-07", "WS-01.1", False),
        ("core", "boss", True),
        ("core", "plugins", True),
        ("core", "WS-01", True),
        ("core", "WS-07", False),
        ("boss", "WS-07", True),
    ],
)
def test_the_hierarchy_says_who_writes_to_whom(world: World, who: str, whom: str, may: bool) -> None:
    if may:
        assert send(world, whom, agent(who)).data["sent"]
        return
    with pytest.raises(RefusedError) as refused:
        send(world, f"{who},{whom}", agent(who))
    assert refused.value.exit_code == 4
    above = {"WS-01": "core", "WS-07": "plugins", "core": "boss"}
    assert refused.value.help == f"write to {above[who]}, which passes it on"
    assert not world.messages, "one that may not be written to keeps all of them from being sent"


def test_whoever_was_written_to_may_answer(world: World) -> None:
    send(world, "WS-01", agent("boss"))
    assert send(world, "boss", agent("WS-01"), reply_to="m1").data["sent"]
    with pytest.raises(RefusedError):
        send(world, "boss", agent("WS-07"), reply_to="m1")


def test_an_agent_writes_as_itself_and_a_person_as_whom_they_name(world: World) -> None:
    send(world, "core", agent("WS-01"))
    with pytest.raises(RefusedError, match="writes as WS-01"):
        send(world, "core", agent("WS-01"), sender="WS-02")
    send(world, "core", sender="locust-core-framework")
    send(world, "core")
    send(world, "core", replace(PERSON, name="nobody-in-the-plan"))
    assert [m.sender for m in world.messages.values()] == ["WS-01", "core", "ana", "operator"]
    with pytest.raises(NotFoundError):
        send(world, "core", sender="whoever")
    with pytest.raises(RefusedError):
        send(world, "core", Caller(1000, 2, "ana", None, True, ""), sender="lead")


def test_queued_delivered_read_acknowledged(world: World) -> None:
    send(world, "WS-01")
    send(world, "plugins")
    assert [m.state for m in world.messages.values()] == ["queued", "delivered"]
    assert read(world, agent("WS-07")) == []
    assert read(world, agent("WS-01")) == ["m1"]
    assert world.messages["m1"].state == "read"
    assert read(world, agent("WS-01")) == []
    assert read(world, agent("WS-01"), unread=False) == ["m1"]
    told = messages.acknowledge(world, r.AcknowledgeMessage("m1"), agent("WS-01"), world.runs["WS-01.1"])
    commit(world, *told.events)
    assert (world.messages["m1"].state, world.messages["m1"].acknowledged_by) == ("acknowledged", "WS-01")
    with pytest.raises(RefusedError):
        messages.acknowledge(world, r.AcknowledgeMessage("m2"), agent("WS-01"), world.runs["WS-01.1"])


def test_a_person_reads_what_no_agent_does_and_leaves_others_mail_unread(world: World) -> None:
    send(world, "WS-01,plugins,lead,nobody")
    assert read(world, PERSON) == ["m2", "m3"]
    assert read(world, PERSON, "m1", "m4") == ["m1", "m4"]
    assert {id: m.read is not None for id, m in world.messages.items()} == {
        "m1": False, "m2": True, "m3": True, "m4": False,
    }  # fmt: skip
    with pytest.raises(NotFoundError, match="no message m2"):
        read(world, agent("WS-01"), "m2")


def test_nobody_is_flooded_by_one_other(world: World) -> None:
    for _ in range(messages.MOST_UNREAD):
        send(world, "core", agent("WS-01"))
    with pytest.raises(RefusedError, match="core has 200 messages of yours to read") as refused:
        send(world, "core", agent("WS-01"))
    assert refused.value.help
    send(world, "core")
    commit(world, MessageRead("m1", "core"))
    send(world, "core", agent("WS-01"))


def test_no_secret_address_is_in_the_record(world: World) -> None:
    told = send(world, "lead")
    assert world.messages["m1"].ways == ("bell", "webhook:example.org")
    assert "secret" not in repr(told.events)
    assert "key=1" not in repr(told.events)


def test_what_the_ended_agent_of_an_orchestrator_cannot_read_is_peoples(world: World) -> None:
    send(world, "core")
    assert world.messages["m1"].state == "queued"
    assert read(world, PERSON) == []
    commit(world, RunEnded("core.1", RunState.EXITED, exit_code=0))
    send(world, "core")
    assert world.messages["m2"].state == "delivered"
    assert read(world, PERSON) == ["m1", "m2"]
