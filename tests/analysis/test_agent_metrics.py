"""Hours, ends and use of agents: a fixed trace gives the figures worked out by hand, and parts add up to totals."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seed_plan import seed_plan

from locust_tui.analysis.agent_metrics import GROUPS, Used, agent_metrics, utilisation
from locust_tui.analysis.run_spans import Trace, trace
from locust_tui.domain import events as e
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Plan, Resources
from locust_tui.domain.states import RunState as R
from locust_tui.domain.states import WorkstreamState as S
from locust_tui.domain.world import RunStatus, World

H = 3600.0


def log(*entries: tuple[float, e.EventBody]) -> list[e.Event]:
    """Events at hours since the start."""
    return [e.Event(n, at * H, WORKER, body) for n, (at, body) in enumerate(entries, 1)]


TRACE = log(
    (0.0, e.WorkstreamMoved("WS-01", S.PLANNED, S.READY)),
    (0.0, e.WorkstreamMoved("WS-05", S.PLANNED, S.READY)),
    (1.0, e.WorkstreamMoved("WS-01", S.READY, S.RUNNING)),
    (1.0, e.RunStarted("WS-01.1", 11)),
    (2.0, e.RunChanged("WS-01.1", R.WAITING, "protocol")),
    (3.0, e.RunChanged("WS-01.1", R.RUNNING, "protocol")),
    (4.0, e.RunEnded("WS-01.1", R.FAILED, exit_code=1)),
    (5.0, e.RunStarted("WS-01.2", 12)),
    (6.0, e.WorkstreamMoved("WS-05", S.READY, S.RUNNING)),
    (6.0, e.RunStarted("WS-05.1", 13)),
    (7.0, e.RunEnded("WS-01.2", R.EXITED, exit_code=0)),
)
"""Up to hour 8: busy 1 + 1 + 2 + 2 = 6 h, idle 1 h. Ready: WS-01 1 h, WS-05 6 h."""


def run(id: str, kind: str = "rust-pro", state: R = R.EXITED, **more: object) -> RunStatus:
    subject, _, attempt = id.rpartition(".")
    return replace(RunStatus(id, subject, int(attempt), kind, state), **more)  # type: ignore[arg-type]


def world() -> World:
    runs = [
        run("WS-01.1", state=R.FAILED, cpu_s=10.0, max_rss_kib=2048, tokens=100, cost_usd=0.5),
        run("WS-01.2", cpu_s=20.0, max_rss_kib=1024, tokens=50),
        run("WS-05.1", "tester", R.RUNNING),
    ]
    return World(runs={r.id: r for r in runs})


def test_a_fixed_trace_gives_the_hours_worked_out_by_hand() -> None:
    rows, total = agent_metrics(seed_plan(), world(), trace(TRACE, 8 * H), "orchestrator")
    assert (total.busy_h, total.idle_h) == (6.0, 1.0)
    assert (total.agents, total.runs, total.live, total.done, total.failed, total.restarts) == (
        2,
        3,
        1,
        1,
        1,
        1,
    )
    assert (total.cpu_s, total.peak_rss_kib, total.tokens, total.cost_usd) == (30.0, 2048, 150, 0.5)
    by = {row.group: row for row in rows}
    assert [(r.busy_h, r.idle_h, r.runs) for r in by.values()] == [(4.0, 1.0, 2), (2.0, 0.0, 1)]


def test_utilisation_and_dispatch_efficiency_are_two_figures() -> None:
    plan = replace(seed_plan(), resources=Resources(max_agents=2))
    spans = trace(TRACE, 8 * H)
    found = utilisation(plan, spans, 0.0, 8 * H)
    assert found.capacity == pytest.approx(100 * 6 / (2 * 8))
    # min(2, live + ready): hours 0-1: 2, 1-4: 2, 4-5: 1, 5-6: 2, 6-7: 2, 7-8: 1
    assert spans.demand(2) / H == pytest.approx(2 + 6 + 1 + 2 + 2 + 1)
    assert found.dispatch == pytest.approx(100 * 6 / 14)


@pytest.mark.parametrize(("cap", "until", "why"), [(None, 8.0, "cap"), (0, 8.0, "cap"), (2, 0.0, "time")])
def test_no_cap_and_no_time_leave_no_figure(cap: int | None, until: float, why: str) -> None:
    plan = replace(seed_plan(), resources=Resources(max_agents=cap))
    found = utilisation(plan, Trace((), ()), 0.0, until * H)
    assert found.capacity is None
    assert why in found.capacity_reason
    assert (found.dispatch, found.dispatch_reason) == (None, "there was nothing to do")


def test_what_no_agent_tells_and_nobody_sampled_stays_unknown() -> None:
    bare = World(runs={"WS-01.1": run("WS-01.1")})
    _, total = agent_metrics(seed_plan(), bare, Trace((), ()), "type")
    assert (total.cpu_s, total.peak_rss_kib, total.read_bytes, total.tokens, total.cost_usd) == (None,) * 5


def test_samples_fill_in_what_a_live_run_has_not_told_yet() -> None:
    used = {"WS-05.1": Used(5.0, 4096.0, 10.0, 20.0), "WS-01.1": Used(3.0, 99.0, 1.0, 2.0)}
    _, total = agent_metrics(seed_plan(), world(), Trace((), ()), "type", used)
    assert total.cpu_s == 35.0  # the end of WS-01.1 told 10, whatever the last sample said
    assert total.peak_rss_kib == 4096.0
    assert (total.read_bytes, total.written_bytes) == (11.0, 22.0)


def test_only_what_lies_within_a_period_counts() -> None:
    part = trace(TRACE, 8 * H).within(1.5 * H, 2.5 * H)
    assert [(s.end - s.begin, s.busy) for s in part.spans] == [(0.5 * H, True), (0.5 * H, False)]


PLAN: Plan = seed_plan()
RUNS = st.lists(
    st.builds(
        lambda subject, attempt, kind, state, cpu, tokens, rss: run(
            f"{subject}.{attempt}", kind, state, cpu_s=cpu, tokens=tokens, max_rss_kib=rss
        ),
        st.sampled_from([*PLAN.workstreams, *PLAN.orchestrators, "gone"]),
        st.integers(1, 4),
        st.sampled_from(["rust-pro", "tester", "run"]),
        st.sampled_from(list(R)),
        st.none() | st.integers(0, 100),
        st.none() | st.integers(0, 1000),
        st.none() | st.integers(0, 10**6),
    ),
    unique_by=lambda r: r.id,
    max_size=20,
)


@given(RUNS, st.sampled_from(GROUPS))
def test_the_parts_add_up_to_the_totals(runs: list[RunStatus], by: str) -> None:
    events = log(*((float(n), e.RunStarted(r.id, n + 1)) for n, r in enumerate(runs)))
    found = World(runs={r.id: r for r in runs})
    rows, total = agent_metrics(PLAN, found, trace(events, 50 * H), by)
    for field in fields(total):
        parts = [getattr(row, field.name) for row in rows]
        whole = getattr(total, field.name)
        if field.name == "group":
            continue
        known = [p for p in parts if p is not None]
        if field.name == "peak_rss_kib":
            assert whole == max(known, default=None)
        elif whole is None:
            assert known == []
        else:
            assert sum(known) == pytest.approx(whole), field.name
