"""Work whose process was ended for its account or budget has no run that could be stopped: stopped, it is paused."""

from __future__ import annotations

import pytest

from locust_tui.client.requests import AnswerAsk
from locust_tui.domain import events as e
from locust_tui.domain.fold import apply
from locust_tui.domain.people import WORKER, Person
from locust_tui.domain.plan import AgentType, Budget, Plan, Project, Workstream
from locust_tui.domain.states import AccountState, RunState, WorkstreamState
from locust_tui.domain.world import World
from locust_tui.worker.asking import answer_ask

S = WorkstreamState
NOW = 1_000_000.0
PLAN = Plan(
    project=Project("P", "P"),
    agents={
        "dev": AgentType("dev", kind="claude"),
        "other": AgentType("other", kind="codex"),
    },
    workstreams={
        "a": Workstream("a", "a", agent="dev", budget=Budget(cost=1.0)),
        "b": Workstream("b", "b", agent="other"),
        "c": Workstream("c", "c", agent="dev"),
    },
)


def world(state: WorkstreamState, reason: str) -> World:
    """All three had an attempt that ended with `reason` and stand in `state` now."""
    here = World()
    at = NOW - 100
    for name, workstream in PLAN.workstreams.items():
        bodies: tuple[e.EventBody, ...] = (
            e.WorkstreamMoved(name, S.PLANNED, S.READY),
            e.WorkstreamMoved(name, S.READY, S.RUNNING),
            e.RunCreated(f"{name}.1", name, 1, workstream.agent or "", (), ""),
            e.RunEnded(f"{name}.1", RunState.FAILED, reason=reason),
            *((e.WorkstreamMoved(name, S.RUNNING, state),) if state is not S.RUNNING else ()),
        )
        for body in bodies:
            apply(here, e.Event(here.revision + 1, at, WORKER, body))
    return here


def asked(here: World, item: str) -> World:
    body = e.Asked(item, "escalation", "", "a.1", "", "", ("go-on", "mended", "stop"), "d")
    apply(here, e.Event(here.revision + 1, NOW - 50, WORKER, body))
    return here


def moved(here: World, item: str) -> dict[str, tuple[WorkstreamState, str]]:
    told = answer_ask(PLAN, here, AnswerAsk(item, "stop"), "ana", NOW)
    assert told.stop == []
    for body in told.events:
        apply(here, e.Event(here.revision + 1, NOW, Person("ana"), body))
    return {b.workstream: (b.new, b.reason) for b in told.events if isinstance(b, e.WorkstreamMoved)}


@pytest.mark.parametrize("state", [S.READY, S.RUNNING, S.NEEDS_INPUT])
def test_stop_of_an_account_pauses_what_would_go_on_by_itself(state: WorkstreamState) -> None:
    here = asked(world(state, "parked: account claude: its login was refused"), "account:claude")
    apply(
        here, e.Event(here.revision + 1, NOW - 40, WORKER, e.AccountChanged("claude", AccountState.REFUSED))
    )
    assert moved(here, "account:claude") == dict.fromkeys(("a", "c"), (S.PAUSED, "stopped by ana"))
    assert here.workstream("a").state is S.PAUSED


def test_stop_of_a_budget_pauses_what_would_draw_on_it() -> None:
    here = asked(world(S.READY, "parked: interrupted"), "budget:workstream:a:cost:120")
    assert moved(here, "budget:workstream:a:cost:120") == {"a": (S.PAUSED, "stopped by ana")}
    here = asked(world(S.READY, "parked: interrupted"), "budget:plan:cost:120")
    assert set(moved(here, "budget:plan:cost:120")) == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("state", "reason"), [(S.READY, "exit code 1"), (S.FAILED, "parked: x"), (S.PAUSED, "parked: x")]
)
def test_work_that_was_not_parked_or_does_not_go_on_stays(state: WorkstreamState, reason: str) -> None:
    assert moved(asked(world(state, reason), "budget:plan:cost:120"), "budget:plan:cost:120") == {}
