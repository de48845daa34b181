"""What a stretch of time came to: counted from the log, bucket by bucket, before and after left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seed_plan import START, seed_plan

from locust_tui.analysis.period_metrics import COUNTS, MOST_BUCKETS, bucket_edges, period_metrics
from locust_tui.domain import events as e
from locust_tui.domain.people import WORKER
from locust_tui.domain.states import AlertState
from locust_tui.domain.states import RunState as R
from locust_tui.domain.states import WorkstreamState as S

DAY = 86_400.0


def log() -> list[e.Event]:
    moves = [(S.PLANNED, S.READY), (S.READY, S.RUNNING), (S.RUNNING, S.REVIEW), (S.REVIEW, S.ACCEPTED)]
    entries: list[tuple[float, e.EventBody]] = [(0.0, e.ProjectStarted())]
    entries += [(1.0, e.WorkstreamMoved("WS-01", *move)) for move in moves[:2]]
    entries += [
        (1.0, e.RunCreated("WS-01.1", "WS-01", 1, "rust-pro", (), "")),
        (1.0, e.RunStarted("WS-01.1", 5)),
        (1.5, e.RunUsed("WS-01.1", 100, 50, cost_usd=1.0)),
        (2.5, e.RunUsed("WS-01.1", 300, 150, cost_usd=3.5)),
        (3.0, e.RunEnded("WS-01.1", R.EXITED, exit_code=0)),
        *((3.0, e.WorkstreamMoved("WS-01", *move)) for move in moves[2:3]),
        (3.0, e.WorkstreamReviewed("WS-01", 1, True)),
        (3.0, e.WorkstreamMoved("WS-01", *moves[3])),
        (3.5, e.AlertMoved("late", "", AlertState.FIRING)),
        (9.0, e.WorkstreamReviewed("WS-01", 1, True)),
    ]
    return [e.Event(n, START + at * DAY, WORKER, body) for n, (at, body) in enumerate(entries, 1)]


def test_a_fixed_log_gives_the_figures_worked_out_by_hand() -> None:
    found = period_metrics(seed_plan(), log(), START + 2 * DAY, START + 6 * DAY)
    whole = found.whole
    assert {k: v for k, v in whole.counts.items() if v} == {
        "accepted": 1,
        "reviews": 1,
        "reviews_passed": 1,
        "runs_done": 1,
        "alerts": 1,
    }
    assert (whole.busy_h, whole.idle_h) == (24.0, 0.0)
    # the run had used 150 tokens and a dollar before the period began
    assert (whole.tokens, whole.cost_usd) == (300, 2.5)
    assert found.progress_before == 0.0
    assert whole.progress == pytest.approx(8.0)
    assert [b.counts["accepted"] for b in found.buckets] == [1, 0, 0, 0]
    assert [b.progress for b in found.buckets] == pytest.approx([8.0] * 4)


def test_an_orchestrators_part_is_its_own() -> None:
    plan = seed_plan()
    owner = plan.workstreams["WS-01"].orchestrator
    other = next(o for o in plan.orchestrators if o != owner)
    theirs = period_metrics(
        plan, log(), START, START + 10 * DAY, {other, *plan.orchestrators[other].workstreams}
    )
    assert not any(theirs.whole.counts.values())
    assert (theirs.whole.busy_h, theirs.whole.tokens, theirs.whole.progress) == (0.0, None, 0.0)


def test_before_everything_nothing_is_known_and_nothing_counted() -> None:
    found = period_metrics(seed_plan(), [], START, START + DAY)
    assert (found.whole.progress, found.progress_before, found.whole.tokens) == (None, None, None)
    assert not any(found.whole.counts.values())


@given(st.floats(0, 9), st.floats(0, 9))
def test_buckets_add_up_to_the_whole_and_leave_no_gap(a: float, b: float) -> None:
    begin, end = START + min(a, b) * DAY, START + max(a, b) * DAY
    found = period_metrics(seed_plan(), log(), begin, end)
    assert 1 <= len(found.buckets) <= MOST_BUCKETS
    assert [x.begin for x in found.buckets[1:]] == pytest.approx([x.end for x in found.buckets[:-1]])
    assert found.buckets[-1].end == pytest.approx(end)
    for name in COUNTS:
        assert sum(x.counts[name] for x in found.buckets) == found.whole.counts[name]
    within = [x for x in log() if begin <= x.at <= bucket_edges(begin, end)[-1]]
    reviews = sum(isinstance(x.body, e.WorkstreamReviewed) for x in within)
    assert found.whole.counts["reviews"] == reviews
