"""The agent of an orchestrator knows from its start what is below and above it, and what was written to it."""

from __future__ import annotations

from locust_tui.analysis.orchestrator_brief import MOST_MESSAGES, MOST_TEXT, orchestrator_brief
from locust_tui.domain.coordination import MessageStatus, TaskStatus
from locust_tui.domain.plan import Meta, Need, Orchestrator, Plan, Project, Resources, Weeks, Workstream
from locust_tui.domain.states import TaskState
from locust_tui.domain.world import World

PLAN = Plan(
    Project("Harbour", "H"),
    {
        "a": Workstream("a", "Types", phase="1", orchestrator="core", weeks=Weeks(1, 2)),
        "b": Workstream("b", "Parser", orchestrator="core", needs=(Need("a"),)),
        "c": Workstream("c", "Tooltip", orchestrator="plugins"),
    },
    resources=Resources(max_agents=9, pools={"core": 3}),
    meta=Meta("boss", "The Boss"),
    orchestrators={
        "core": Orchestrator("core", "Core", focus="data types"),
        "plugins": Orchestrator("plugins", "Plugins"),
    },
)


def message(id: str, text: str = "hello", **more: object) -> MessageStatus:
    return MessageStatus(id, "core", text, "boss", 1.0, **more)  # type: ignore[arg-type]


def test_it_names_scope_superior_slots_and_the_ways_to_act() -> None:
    text = orchestrator_brief(PLAN, World(), "core", tools=True)
    for words in (
        'You are core ("Core") of the plan "Harbour"',
        "data types",
        "Above you: boss",
        "3 are yours, 9 for the whole plan",
        "- a (Types): planned; phase 1; weeks 1-2",
        "- b (Parser): planned; needs a done",
        "command_workstream",
    ):
        assert words in text
    assert "Tooltip" not in text
    assert "locust-tui message" in orchestrator_brief(PLAN, World(), "core", tools=False)


def test_the_meta_orchestrator_commands_orchestrators() -> None:
    text = orchestrator_brief(PLAN, World(), "boss", tools=True)
    assert "- core (Core), with 2 workstreams" in text
    assert "Above you: people" in text


def test_a_workstream_has_none() -> None:
    assert orchestrator_brief(PLAN, World(), "a", tools=True) == ""


def test_unread_messages_and_open_tasks_are_in_it_bounded() -> None:
    world = World()
    for n in range(MOST_MESSAGES + 5):
        world.messages[f"m{n}"] = message(f"m{n}", "x" * 5000, subject=f"S{n}")
    world.messages["read"] = message("read", "old news", read=2.0)
    world.messages["nul"] = MessageStatus("nul", "core", "a\0b", "boss", 0.5)
    world.tasks["t1"] = TaskStatus("t1", "Look at it", "core", 1.0, "ana")
    world.tasks["t2"] = TaskStatus("t2", "Long done", "core", 1.0, "ana", state=TaskState.DONE)
    text = orchestrator_brief(PLAN, world, "core", tools=True)
    assert f"Unread messages to you: {MOST_MESSAGES + 6}" in text
    assert "[m0 from boss, priority normal: S0]" in text
    assert "old news" not in text
    assert "\0" not in text
    assert "t1 (medium): Look at it" in text
    assert "Long done" not in text
    assert len(text) < MOST_MESSAGES * (MOST_TEXT + 200) + 10_000
