"""What the cockpit's port gives of messages, memory, monitors and alerts, over a real worker."""

from __future__ import annotations

import json

from test_feed import Viewer, viewing

from locust_tui.client.feed import Feed
from locust_tui.client.requests import AcknowledgeAlert, ReadMessages, SendMessage, StoreMemory
from project import Project

PLAN = """\
project: F
meta: {id: boss}
agents: {coder: {command: [sh, -c, "exec sleep 60"]}}
orchestrators: {core: {agent: coder, instructions: lead}, docs: {}}
workstreams:
  a: {orchestrator: core, agent: coder, instructions: x}
monitors: {main: {refresh: 1s, metrics: [progress, agents, velocity, orchestrator_agents]}}
alerts: {busy: {when: "agents_running > 0", notify: [operator]}, never: {when: "agents_running > 99"}}
"""


async def another(viewer: Viewer) -> None:
    """Wait for one more snapshot."""
    seen = len(viewer.snapshots)
    await viewer.until(lambda v: len(v.snapshots) > seen)


async def test_a_monitor_is_its_values_now_with_the_samples_of_the_worker(project: Project) -> None:
    project.write(PLAN)
    project.up()
    async with viewing(project) as viewer:
        await viewer.until(lambda v: v.state("a") == "running")
        assert [m.name for m in viewer.latest.monitors] == ["main"]
        while True:
            reading = await viewer.feed.monitor("main")
            assert reading is not None
            if reading.series[0].count >= 2:
                break
            await another(viewer)
        names = [(s.name, s.unit) for s in reading.series]
        assert names == [
            ("progress", "%"), ("agents", ""), ("velocity", "/wk"), ("orchestrator_agents/core", ""),
            ("orchestrator_agents/docs", ""),
        ]  # fmt: skip
        assert len(reading.series[0].points) == reading.series[0].count
        assert reading.series[1].now is not None
        assert await viewer.feed.monitor("other") is None


async def test_every_version_of_a_memory_is_there_the_latest_first(project: Project) -> None:
    project.write(PLAN)
    project.up()
    async with viewing(project) as viewer:
        await viewer.until(lambda v: v.state("a") == "running")
        for value in ("1", '{"a": 2}'):
            await viewer.feed.ask(StoreMemory("api/x", value))
        await viewer.until(lambda v: any(m.version == 2 for m in v.latest.memory))
        versions = await viewer.feed.memory_versions("api/x")
        assert [(v.version, v.value.replace(" ", "")) for v in versions] == [(2, '{"a":2}'), (1, "1")]
        assert versions[0].revision > versions[1].revision
        assert await viewer.feed.memory_versions("api/y") == ()


async def test_what_is_computed_is_the_state_now_and_no_other_key_gives_anything(project: Project) -> None:
    second = "  b: {orchestrator: docs, needs: [a], agent: coder, instructions: y}\nmonitors:"
    project.write(PLAN.replace("monitors:", second))
    project.up()
    async with viewing(project) as viewer:
        await viewer.until(lambda v: v.state("a") == "running")
        feed = viewer.feed
        assert {"locust/dependencies/a-b", "locust/status/current", "locust/status/a"} <= set(
            feed.computed_keys
        )
        found = await feed.computed_memory("locust/status/a")
        assert found is not None
        assert (found.version, found.by) == (0, "derived")
        assert json.loads(found.value)["state"] == "running"
        assert await feed.computed_memory("locust/status/*") is None


async def test_without_a_record_nothing_was_ever_remembered(project: Project) -> None:
    project.write(PLAN)
    async with Feed(project.folder, "locust-plan.yaml") as feed:
        assert feed.computed_keys == ()
        assert await feed.computed_memory("locust/status/current") is None
        assert await feed.memory_versions("api/x") == ()
        assert await feed.monitor("main") is None


async def test_messages_and_alerts_move_as_people_deal_with_them(project: Project) -> None:
    project.write(PLAN)
    project.up()
    async with viewing(project) as viewer:
        await viewer.until(
            lambda v: any(a.state.value == "firing" for a in v.latest.alerts) if v.snapshots else False
        )
        assert [r.name for r in viewer.latest.alert_rules] == ["busy", "never"]
        assert viewer.latest.leads == frozenset({"core"})
        await viewer.feed.ask(AcknowledgeAlert("busy/"))
        await viewer.until(lambda v: any(a.state.value == "acknowledged" for a in v.latest.alerts))
        sent = (await viewer.feed.ask(SendMessage("docs,cor", "hello"))).data
        id, dead = sent["sent"][0]["id"], sent["dead"][0]["id"]
        await viewer.feed.ask(ReadMessages(messages=(id,)))
        await viewer.until(lambda v: any(m.id == id and m.read for m in v.latest.messages))
        assert next(m for m in viewer.latest.messages if m.id == dead).state == "dead"
