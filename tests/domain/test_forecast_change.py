"""How a forecast moved, in words: the size of the change and the weightiest things that happened in between."""

from __future__ import annotations

from dataclasses import replace

from locust_tui.domain.studies.forecast import GateWait, Standing, Work, change_since, change_words

BEFORE = Standing(
    at=0.0, week=2.0, p50_week=11.8, p85_week=12.3, p95_week=13.0, in_window=60.0,
    works=(Work("a", 3.0, 1.0), Work("b", 2.0), Work("c", 1.0)),
)  # fmt: skip


def later(p85: float | None, *works: Work, weeks: float = 1.0) -> Standing:
    return replace(BEFORE, week=2.0 + weeks, p85_week=p85, works=works or BEFORE.works)


def words(now: Standing) -> str:
    return change_words(change_since(BEFORE, now))


def test_what_took_longer_than_planned_explains_a_later_finish() -> None:
    now = later(12.7, Work("a", 3.0, 4.5, finished=True), Work("b", 2.0), Work("c", 1.0))
    assert words(now) == "P85 12.7, was 12.3 a week ago: a took 1.5 × its plan"
    assert change_since(BEFORE, now).shift == 0.4


def test_what_pulled_the_other_way_is_not_named() -> None:
    works = Work("a", 3.0, 4.5, finished=True), Work("b", 2.0, 1.0, finished=True), Work("c", 1.0)
    assert words(later(12.9, *works)).endswith(": a took 1.5 × its plan")
    assert words(later(11.9, *works)).endswith(": b took 0.5 × its plan")


def test_work_that_is_not_done_though_its_time_is_over_is_named() -> None:
    works = Work("a", 3.0, 4.0), Work("b", 2.0), Work("c", 1.0)
    assert words(later(13.0, *works)).endswith(": a has taken 1.3 × its plan and is not done")


def test_changes_of_scope_are_named() -> None:
    out = Work("a", 3.0, 1.0), replace(BEFORE.works[1], out=True), Work("c", 1.0)
    assert words(later(11.0, *out)).endswith(": b was deferred or cancelled")
    more = (*BEFORE.works, Work("d", 4.0))
    assert words(later(14.0, *more)).endswith(": d was added")
    assert words(later(11.0, *BEFORE.works[:2])).endswith(": c was taken out")
    longer = Work("a", 3.0, 1.0), Work("b", 5.0), Work("c", 1.0)
    assert words(later(14.0, *longer)).endswith(": b is planned for 5 weeks, was 2")


def test_time_alone_is_said_where_nothing_was_finished() -> None:
    assert words(later(13.3)).endswith(": nothing was finished")


def test_the_same_forecast_is_said_to_be_the_same() -> None:
    assert words(later(12.3, weeks=1.5)) == "P85 12.3, as at the end of week 2"
    between = replace(BEFORE, week=2.4)
    assert change_words(change_since(between, later(12.3, weeks=2.0))) == "P85 12.3, as 1.6 weeks ago"
    assert words(later(None)) == ""


def test_only_the_weightiest_reasons_are_named() -> None:
    before = replace(BEFORE, works=tuple(Work(f"w{n}", 1.0) for n in range(6)))
    now = replace(
        before,
        week=3.0,
        p85_week=15.0,
        works=tuple(Work(f"w{n}", 1.0, 2.0 + n, finished=True) for n in range(6)),
    )
    reasons = change_since(before, now).reasons
    assert reasons == ("w5 took 7.0 × its plan", "w4 took 6.0 × its plan", "w3 took 5.0 × its plan", "3 more")


def test_that_the_assumption_was_replaced_is_said_first() -> None:
    now = replace(later(12.9, Work("a", 3.0, 4.5, finished=True), *BEFORE.works[1:]), learned=5)
    first, second = change_since(BEFORE, now).reasons
    assert first == "durations are drawn from 5 finished workstreams now"
    assert second == "a took 1.5 × its plan"


def test_a_gate_that_nobody_decides_is_the_reason_and_not_the_work_that_waits_behind_it() -> None:
    works = replace(BEFORE.works[0], took=6.0, waits=True), *BEFORE.works[1:]
    now = replace(later(13.3, *works), gates=(GateWait("g1", "pending", 1.5), GateWait("g2", "ready", 2.9)))
    assert words(now) == "P85 13.3, was 12.3 a week ago: gate g1 waits for people"
    assert change_since(BEFORE, replace(now, p85_week=11.0)).reasons == ()


def test_a_gate_that_fails_or_is_held_says_so() -> None:
    gates = GateWait("g1", "ready", 1.0), GateWait("g2", "hold", 0.5)
    assert change_since(BEFORE, replace(later(13.3), gates=gates)).reasons == (
        "gate g2 is on hold",
        "gate g1 does not pass",
    )
