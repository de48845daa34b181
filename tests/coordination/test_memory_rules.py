"""The shared memory: versions, keys that are computed, and values that tell of a workstream's progress."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.analysis.memory_keys import MisreportedError, is_derived, reported_by
from locust_tui.client import requests as r
from locust_tui.domain.criterion import Command
from locust_tui.domain.events import Event, WorkstreamReported
from locust_tui.domain.fold import apply
from locust_tui.domain.people import Person
from locust_tui.domain.plan import Meta, Need, NeedKind, Orchestrator, Plan, Project, Workstream
from locust_tui.domain.world import RunStatus, World
from locust_tui.errors import NotFoundError, RefusedError, UsageError
from locust_tui.worker.callers import Caller
from locust_tui.worker.coordination import memory
from locust_tui.worker.told import Told

PLAN = Plan(
    Project("P", "P"),
    {
        "WS-01": Workstream("WS-01", "The API", orchestrator="core", run=Command(("true",), "true")),
        "WS-02": Workstream(
            "WS-02", "Guide", orchestrator="core", needs=(Need("WS-01", NeedKind.PERCENT, 50.0),)
        ),
        "WS-12": Workstream("WS-12", "Shop", orchestrator="shop", needs=(Need("WS-02"),)),
    },
    orchestrators={"core": Orchestrator("core", "Core", "kernel"), "shop": Orchestrator("shop", "Shop", "")},
    meta=Meta("boss", "Boss"),
)
RUN = RunStatus("WS-01.1", "WS-01", 1, "c")
CORE = RunStatus("core.1", "core", 1, "c")
ANA = Caller(1000, 4711, "ana", "/dev/pts/1", agent=False)
AGENT = replace(ANA, agent=True, run="WS-01.1")
HOOK = replace(ANA, agent=True, run="hook:daily")


@pytest.fixture
def world() -> World:
    return World(runs={RUN.id: RUN, CORE.id: CORE})


def store(
    world: World,
    key: str,
    value: object,
    version: int | None = None,
    caller: Caller = AGENT,
    words: bool = False,
) -> Told:
    text = value if isinstance(value, str) and words else json.dumps(value)
    told = memory.store_memory(PLAN, world, r.StoreMemory(key, str(text), version, words=words), caller)
    for body in told.events:
        apply(world, Event(world.revision + 1, 1.0, Person(caller.run or caller.name), body))
    return told


def read(world: World, key: str) -> dict[str, object]:
    entries = memory.read_memory(PLAN, world, r.ReadMemory(key), 5.0).data["entries"]
    return {e["key"]: e["value"] for e in entries}


def test_memory_keeps_versions_and_is_found_by_pattern(world: World) -> None:
    assert store(world, "api/schema", {"a": 1}).data == {"key": "api/schema", "version": 1}
    assert store(world, "api/schema", {"a": 2}).data["version"] == 2
    store(world, "ui/theme", "dark")
    assert read(world, "api/*") == {"api/schema": {"a": 2}}
    assert world.memory["api/schema"].by == "WS-01.1"


def test_a_moment_may_stand_in_a_key(world: World) -> None:
    assert store(world, "each/2026-01-05T09:00:00Z", 1).data["version"] == 1
    assert store(world, "by/ana@example.org", 1).data["version"] == 1


@pytest.mark.parametrize("number", ["NaN", "-Infinity", '{"a": [1e999]}'])
def test_what_json_has_no_number_for_is_no_json(world: World, number: str) -> None:
    with pytest.raises(UsageError, match="no JSON"):
        memory.store_memory(PLAN, world, r.StoreMemory("k", number), AGENT)
    assert (
        memory.store_memory(PLAN, world, r.StoreMemory("k", number, words=True), AGENT).data["text"] is True
    )


@pytest.mark.parametrize(("value", "points"), [(75, 75), (1, 1), (0.75, 75), (1.0, 100), ("75 %", 75)])
def test_points_alone_do_at_a_key_of_progress(value: float | str, points: float) -> None:
    told = reported_by(PLAN, {}, "locust/ws01/progress", value)
    assert told is not None
    assert told.progress == points
    with pytest.raises(MisreportedError, match="JSON object"):
        reported_by(PLAN, {}, "locust/ws01/status", value)


@pytest.mark.parametrize("value", [True, "much", 140, -1])
def test_what_is_no_points_is_refused_at_a_key_of_progress(value: float | str) -> None:
    with pytest.raises(MisreportedError, match="progress"):
        reported_by(PLAN, {}, "locust/ws01/progress", value)


def test_two_writers_of_one_version_do_not_lose_a_word(world: World) -> None:
    store(world, "k", 1, 0)
    with pytest.raises(RefusedError, match="has version 1, not 0"):
        store(world, "k", 2, 0)


def test_what_was_removed_counts_on_and_can_be_made_anew(world: World) -> None:
    store(world, "k", 1)
    told = memory.remove_memory(world, r.RemoveMemory("k"), None)
    apply(world, Event(world.revision + 1, 1.0, Person("ana"), told.events[0]))
    assert (told.data["version"], read(world, "*k")) == (2, {})
    with pytest.raises(NotFoundError):
        memory.remove_memory(world, r.RemoveMemory("k"), None)
    assert store(world, "k", 2, 0).data["version"] == 3


@pytest.mark.parametrize("key", ["", "/a", "a//b", "a b", "../x", "x" * 300])
def test_a_key_that_is_none_is_refused(world: World, key: str) -> None:
    with pytest.raises(UsageError):
        store(world, key, 1)


@pytest.mark.parametrize(
    "key", ["locust/status/WS-01", "locust/status/current", "locust/dependencies/a", "locust/status/week-"]
)
def test_what_is_computed_is_neither_written_nor_removed(world: World, key: str) -> None:
    assert is_derived(key)
    with pytest.raises(RefusedError, match="computed"):
        store(world, key, 1)
    with pytest.raises(RefusedError, match="computed"):
        memory.remove_memory(world, r.RemoveMemory(key), None)


@pytest.mark.parametrize(
    "key", ["locust/meta/config", "locust/status/week-3", "locust/reports/week-47", "locust/daily/2026-11-22"]
)
def test_the_rest_below_locust_is_anybodys(world: World, key: str) -> None:
    assert store(world, key, {"phases": 4}).data["version"] == 1


def test_values_are_json_of_a_bounded_size_and_people_may_keep_more(world: World) -> None:
    with pytest.raises(UsageError, match="no JSON"):
        memory.store_memory(PLAN, world, r.StoreMemory("k", "{"), AGENT)
    with pytest.raises(UsageError, match="at most"):
        store(world, "k", "x" * 70_000)
    assert store(world, "k", "x" * 70_000, caller=ANA).data["version"] == 1


def test_a_text_is_kept_as_a_string_and_json_as_what_it_is(world: World) -> None:
    assert store(world, "a", "two\nlines", words=True).data["text"] is True
    assert "text" not in store(world, "b", "[1, 2]", words=True).data
    assert read(world, "[ab]") == {"a": "two\nlines", "b": [1, 2]}


def test_the_memory_holds_so_many_keys(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST_KEYS", 3)
    for key in "abc":
        store(world, key, 1)
    with pytest.raises(RefusedError, match="holds 3 keys"):
        store(world, "d", 1)
    store(world, "a", 2)


def test_a_missing_entry_has_near_names(world: World) -> None:
    store(world, "schema", 1)
    with pytest.raises(NotFoundError) as missing:
        read(world, "schemb")
    assert "schema" in (missing.value.help or "")


@pytest.mark.parametrize(
    ("key", "value", "points"),
    [
        ("locust/workstream/WS-01/status", {"progress": 0.75}, 75),
        ("locust/ws01/status", {"progress": 75}, 75),
        ("locust/ws-01-core-types/status", {"progress": 100}, 100),
        ("agents/WS-01/progress", {"progress": 1}, 1),
        ("agents/WS-01/progress", {"progress": 1.0}, 100),
        ("x/WS-01/status", {"progress": "40 %"}, 40),
        ("anywhere", {"workstream": "ws01", "progress": 12.5}, 12.5),
    ],
)
def test_a_status_is_shown_as_reported_and_stored(
    world: World, key: str, value: object, points: float
) -> None:
    told = store(world, key, value)
    assert told.data["reported"] == {"workstream": "WS-01", "progress": points}
    assert world.workstreams["WS-01"].reported == points
    assert world.workstreams["WS-01"].verified == ()
    assert read(world, key) == {key: value}


def test_blockers_and_what_comes_next_are_told_too(world: World) -> None:
    store(world, "locust/ws01/status", {"progress": 10, "blockers": ["no key", "no net"], "next": "wait"})
    status = world.workstreams["WS-01"]
    assert (status.blocker, status.next) == ("no key; no net", "wait")
    store(world, "locust/ws01/status", {"blockers": []})
    assert (world.workstreams["WS-01"].blocker, world.workstreams["WS-01"].reported) == ("", 10)


@pytest.mark.parametrize(
    "value",
    [
        {"progress": 130},
        {"progress": -1},
        {"progress": True},
        {"progress": "soon"},
        {"blockers": [1]},
        [],
        "done",
        {},
    ],
)
def test_a_status_that_is_none_changes_nothing_and_says_so(world: World, value: object) -> None:
    with pytest.raises(UsageError, match="nothing was stored"):
        store(world, "locust/workstream/WS-01/status", value)
    assert (world.memory, world.workstreams) == ({}, {})


def test_an_agent_tells_of_its_own_work_and_an_orchestrator_of_what_it_commands(world: World) -> None:
    with pytest.raises(RefusedError, match=r"not on WS-02; nothing was stored"):
        store(world, "locust/ws02/status", {"progress": 10})
    store(world, "notes", {"workstream": "WS-02", "progress": 10})
    assert "WS-02" not in world.workstreams
    store(world, "locust/ws02/status", {"progress": 10}, caller=replace(AGENT, run="core.1"))
    assert world.workstreams["WS-02"].reported == 10
    with pytest.raises(RefusedError):
        store(world, "locust/ws12/status", {"progress": 10}, caller=replace(AGENT, run="core.1"))
    with pytest.raises(RefusedError):
        store(world, "locust/ws12/status", {"progress": 10}, caller=replace(AGENT, run=""))
    told = store(world, "locust/ws12/status", {"progress": 20}, caller=HOOK)
    assert isinstance(told.events[1], WorkstreamReported)
    assert told.events[1].run is None


def test_dependencies_are_computed_edge_by_edge(world: World) -> None:
    found = read(world, "locust/dependencies/*")
    assert sorted(found) == [
        f"locust/dependencies/{name}" for name in ("WS-01-WS-02", "WS-02-WS-12", "graph", "ready")
    ]
    edge = found["locust/dependencies/WS-01-WS-02"]
    assert isinstance(edge, dict)
    assert (edge["condition"], edge["state"], edge["float_weeks"], edge["delay_weeks"]) == (
        "50%",
        "open",
        0.0,
        0.0,
    )
    assert edge["lag_weeks"] == 0.6
    assert found["locust/dependencies/ready"] == {"ready": ["WS-01"], "count": 1}


def test_work_of_which_nothing_can_be_started_is_not_ready(world: World) -> None:
    plan = replace(PLAN, workstreams={"WS-09": Workstream("WS-09", "Registered alone")})
    (entry,) = memory.read_memory(plan, world, r.ReadMemory("locust/dependencies/ready"), 5.0).data["entries"]
    assert entry["value"] == {"ready": [], "count": 0}


def test_states_are_computed_and_exist_without_a_plan(world: World) -> None:
    assert set(read(world, "locust/status/*")) == {
        f"locust/status/{n}" for n in ("current", "WS-01", "WS-02", "WS-12", "core", "shop")
    }
    without = memory.read_memory(None, world, r.ReadMemory("locust/*"), 5.0).data["entries"]
    assert [e["key"] for e in without] == [
        "locust/dependencies/graph", "locust/dependencies/ready", "locust/status/current",
    ]  # fmt: skip


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.sampled_from(["progress", "blockers", "next", "note", "x"]), inner, max_size=4), max_leaves=9))  # fmt: skip
def test_whatever_is_stored_as_a_status_is_points_or_an_error(value: object) -> None:
    try:
        told = reported_by(PLAN, {}, "locust/ws01/status", value)
    except MisreportedError:
        return
    assert told is not None
    assert told.progress is None or 0 <= told.progress <= 100
