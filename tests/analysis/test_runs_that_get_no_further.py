"""A run that is stalled or limited is told of where people look: its work's reason, the inbox, the verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from locust_tui.analysis.overview import build_snapshot
from locust_tui.analysis.slots import no_slot, taken_slots
from locust_tui.analysis.snapshot_cache import SnapshotCache
from locust_tui.domain import events as e
from locust_tui.domain.fold import apply
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import AgentType, Plan, Project, Resources, Workstream
from locust_tui.domain.snapshot import Snapshot
from locust_tui.domain.states import AccountState, RunState, Verdict, WorkstreamState
from locust_tui.domain.world import RunStatus, World
from locust_tui.worker.accounts import opened

NOW = 1_795_300_000.0
PLAN = Plan(
    project=Project("P", "P"),
    agents={"dev": AgentType("dev", kind="claude")},
    workstreams={w: Workstream(w, w, agent="dev", instructions="do it") for w in ("a", "b")},
)


class Record:
    def __init__(self) -> None:
        self.world, self.cache = World(), SnapshotCache()
        self.happened(
            e.ProjectStarted(),
            e.WorkstreamMoved("a", WorkstreamState.PLANNED, WorkstreamState.READY),
            e.WorkstreamMoved("a", WorkstreamState.READY, WorkstreamState.RUNNING, "attempt 1"),
            e.RunCreated("a.1", "a", 1, "dev", (), "/"),
            e.RunStarted("a.1", 5),
        )

    def happened(self, *bodies: e.EventBody) -> None:
        for body in bodies:
            apply(self.world, e.Event(self.world.revision + 1, NOW, WORKER, body))

    def seen(self) -> Snapshot:
        """The same with what was kept of the snapshot before, and from scratch."""
        kept = build_snapshot(PLAN, "", "p", self.world, NOW, worker_pid=7, cache=self.cache)
        assert kept == build_snapshot(PLAN, "", "p", self.world, NOW, worker_pid=7)
        return kept


def why(snapshot: Snapshot, work: str) -> str | None:
    return next(w.why for w in snapshot.workstreams if w.id == work)


def test_a_stalled_run_waits_for_somebody_to_look_until_it_goes_on() -> None:
    record = Record()
    assert why(record.seen(), "a") is None
    record.happened(e.RunChanged("a.1", RunState.STALLED, "silence", "not a byte for 10 m"))
    snapshot = record.seen()
    words = "a.1 is stalled: not a byte for 10 m"
    assert why(snapshot, "a") == words
    item = next(w for w in snapshot.waiting if w.item == "stalled:a.1")
    assert (item.kind, item.what, item.run, item.choices) == ("escalation", words, "a.1", ())
    assert snapshot.verdict is Verdict.AT_RISK
    assert words in snapshot.reasons
    record.happened(e.RunChanged("a.1", RunState.RUNNING, "process"))
    snapshot = record.seen()
    assert why(snapshot, "a") is None
    assert snapshot.waiting == ()
    assert words not in snapshot.reasons


@pytest.mark.parametrize(("seconds", "at_risk"), [(60.0, False), (80_000.0, True)])
def test_a_limited_account_is_the_reason_of_its_work_and_where_it_lasts_of_the_verdict(
    seconds: float, at_risk: bool
) -> None:
    record = Record()
    limited = "account claude is limited until 18:48 UTC"
    record.happened(
        e.AccountChanged("claude", AccountState.LIMITED, "limit", "a.1", resets_at=NOW + seconds),
        e.RunChanged("a.1", RunState.LIMITED, "protocol", limited),
    )
    snapshot = record.seen()
    assert why(snapshot, "a") == limited
    said = [reason for reason in snapshot.reasons if reason.startswith("account claude is limited until")]
    assert bool(said) is at_risk
    assert not at_risk or said[0].endswith(": a, b wait")


def test_a_cap_says_how_many_of_its_slots_are_taken_by_limited_runs() -> None:
    plan = replace(PLAN, resources=Resources(max_agents=1))
    runs = [RunStatus("a.1", "a", 1, "dev", state=RunState.LIMITED)]
    words = no_slot(plan, taken_slots(plan, runs), plan.workstreams["b"])
    assert words == "no free slot: 1 of 1 agents, of them 1 limited"


def test_how_much_of_a_limit_is_used_is_not_known_when_an_account_opens_again() -> None:
    record = Record()
    record.happened(
        e.AccountChanged("claude", AccountState.LIMITED, "limit", "a.1", utilization=100.0, resets_at=NOW)
    )
    record.happened(opened(record.world, "claude", "its limit is over"))
    status = record.world.account("claude")
    assert (status.state, status.utilization) == (AccountState.OPEN, None)
