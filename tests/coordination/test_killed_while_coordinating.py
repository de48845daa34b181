"""Everything of coordination at once, its worker killed at random instants: nothing is lost and nothing happens twice."""

from __future__ import annotations

import os
import random
import threading
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress

import pytest

from locust_tui.client.requests import Escalate, Request, RequestAgents, SendMessage, StoreMemory
from locust_tui.client.wire import Reply
from locust_tui.domain import events as e
from locust_tui.domain.coordination import MessageStatus
from locust_tui.domain.states import AlertState
from locust_tui.errors import LocustTuiError
from project import Project

PAIRS, ROUNDS = 4, 6
NAMED = ("id", "ids", "item", "version")
SENDER = """\
#!/bin/sh
text=$(cat)
echo "$text" >>sent
"""
PLAN = """\
project: Under fire
meta: {id: boss}
resources: {max_agents: 4, requests: {grant: within-cap, expires: 1s}}
orchestrators: {core: {}, edge: {}}
workstreams:
  sick: {run: exit 3, orchestrator: core}
  waits: {run: "true", orchestrator: edge, needs: sick}
PAIRS
hooks:
  on-key: {event: "key-changed:in/*", do: "memory store out/{key}\\nmessage send boss 'seen {key}'"}
  on-end: {event: agent-exited, do: "memory store ended/{subject}"}
alerts:
  - {name: busy, when: agents_running > 0, notify: [core]}
escalation:
  - {kind: workstream, to: [orchestrator, boss], within: 1s}
  - {kind: cross-domain, to: [boss], within: 1d}
notify:
  boss: [inbox, {command: [./send]}]
"""


class UnderFire:
    """Asks a worker that somebody kills, as a client does that wants its answer: again, with the same key."""

    def __init__(self, project: Project, chance: random.Random) -> None:
        self.project, self.chance, self.kills = project, chance, 0

    def ask(self, request: Request, key: str) -> Reply:
        killer = threading.Timer(self.chance.uniform(0.0, 0.15), self.project.kill)
        killer.start()
        first = None
        with suppress(LocustTuiError, OSError):
            first = self.project.ask(request, key=key)
        killer.join()
        self.kills += 1
        self.project.up()
        again = self.project.ask(request, key=key)
        if first is not None and not first.data.get("known"):  # a wish that is open already changes nothing
            assert [first.data.get(name) for name in NAMED] == [again.data.get(name) for name in NAMED]
        return again


def pairs() -> str:
    return "\n".join(
        f"  c{n}: {{run: sleep 0.{n + 1}, orchestrator: core}}\n"
        f"  e{n}: {{run: 'until [ -e go ]; do sleep 0.05; done', orchestrator: edge, needs: c{n}}}"
        for n in range(PAIRS)
    )


def told_as_met(messages: Iterable[e.MessageSent | MessageStatus]) -> list[str]:
    """Needs that messages of the worker name as met."""
    groups = (m.group for m in messages if ":met:" in m.group)
    return [item for group in groups for item in group.rpartition(":")[2].split(",")]


def requests(n: int) -> dict[str, Request]:
    return {
        f"message-{n}": SendMessage("boss", f"word {n}"),
        f"memory-{n}": StoreMemory(f"in/{n}", str(n)),
        f"matter-{n}": Escalate(f"matter {n}", "c0", "workstream"),
        f"agents-{n}": RequestAgents(1, f"slot {n}", "core"),
    }


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(int(os.environ.get("KILL_SEEDS", "2"))))
def test_nothing_is_lost_and_nothing_happens_twice(project: Project, seed: int) -> None:
    print(f"seed {seed}")
    project.script("send", SENDER)
    project.write(PLAN.replace("PAIRS", pairs()))
    project.up()
    fire = UnderFire(project, random.Random(seed))
    for n in range(ROUNDS):
        asked = requests(n)
        first = fire.chance.choice(sorted(asked))
        fire.ask(asked.pop(first), f"{first}-of-{seed}")
        for key, request in asked.items():
            project.ask(request, key=f"{key}-of-{seed}")
    assert fire.kills == ROUNDS
    project.reaches(lambda w: len(told_as_met(w.messages.values())) == PAIRS)
    (project.path / "go").touch()
    project.reaches(
        lambda w: (
            w.hooks["on-key"].runs == ROUNDS
            and w.hooks["on-end"].runs == sum(not run.live for run in w.runs.values())
            and all(w.workstream(f"e{n}").accepted_at for n in range(PAIRS))
            and any(s.item == "failed:sick" for s in w.escalations.values())
            and all(grant.ended for grant in w.grants.values())
            and not any(ask.open for ask in w.asks.values())
            and all(m.delivered or m.failed or m.dead for m in w.messages.values())
        ),
        90,
    )
    assert_once(project)
    project.assert_sound()


def assert_once(project: Project) -> None:
    """Of everything that was asked for, or that the plan does by itself, there is one in the record and outside."""
    rounds = range(ROUNDS)
    sent = project.events(e.MessageSent)
    assert set(Counter(m.id for m in sent).values()) == {1}
    words = Counter(m.text for m in sent if m.to == "boss")
    assert {words[f"word {n}"] for n in rounds} == {words[f"seen in/{n}"] for n in rounds} == {1}
    stored = Counter(m.key for m in project.events(e.MemoryStored))
    assert {key: n for key, n in stored.items() if n > 1} == {}
    assert stored.keys() >= {f"{place}in/{n}" for place in ("", "out/") for n in rounds}
    raised = Counter(r.item or r.what for r in project.events(e.EscalationRaised))
    assert raised == {"failed:sick": 1, **{f"matter {n}": 1 for n in rounds}}
    granted = Counter(q.item for q in project.events(e.QuotaGranted))
    assert granted == Counter(g.item for g in project.events(e.GrantEnded))
    assert granted == Counter(ask.item for ask in project.events(e.Asked) if ask.kind == "request")
    assert set(Counter((r.hook, r.trigger) for r in project.events(e.HookRan)).values()) == {1}
    assert all(r.ok for r in project.events(e.HookRan)), project.events(e.HookRan)
    assert_told_once(project, sent)


def assert_told_once(project: Project, sent: list[e.MessageSent]) -> None:
    """Alerts and needs, and what left this machine by a command."""
    moves = Counter(a.state for a in project.events(e.AlertMoved) if a.alert == "busy")
    told = Counter(m.subject.rpartition(" ")[2] for m in sent if m.group.startswith("alert:busy"))
    assert told["firing"] == moves[AlertState.FIRING]
    assert sorted(told_as_met(sent)) == [f"e{n}/done" for n in range(PAIRS)]
    arrived = Counter(
        (d.id, d.way) for d in project.events(e.MessageDelivered) if not d.begun and not d.error
    )
    assert set(arrived.values()) == {1}
    world = project.world()  # before the file: a command may still be under way
    lines = Counter((project.path / "sent").read_text().splitlines())
    assert {lines[f"word {n}"] for n in range(ROUNDS)} <= {0, 1}
    for n in range(ROUNDS):
        (status,) = (m for m in world.messages.values() if m.text == f"word {n}")
        went = any(way.startswith("command") for way in status.delivered)
        assert lines[f"word {n}"] == 1 if went else status.failed or lines[f"word {n}"] <= 1
