"""What a hook may run, when it is due, and which events it answers."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.analysis.hook_events import answers, check_event, kinds
from locust_tui.analysis.hook_scripts import already_expanded, own_verb, parse
from locust_tui.analysis.hook_times import (
    check_cron,
    duration,
    missed_cron,
    missed_reports,
    next_cron,
    next_report,
)
from locust_tui.analysis.summary import document, summarize, words
from locust_tui.domain import events as e
from locust_tui.domain.coordination import HookStatus
from locust_tui.domain.plan import Hook
from locust_tui.domain.states import AlertState, GateState, RunState, WorkstreamState
from locust_tui.errors import UsageError
from locust_tui.worker.coordination.hook_clock import Due, due


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_a_script_is_lines_of_pipes_of_verbs() -> None:
    script = parse(
        """
        # every morning
        npx claude-flow@alpha task status --pattern "WS-*" | summarize \\
            | memory store daily/{date}
        locust-tui hooks notify --to "locust-meta,ana" --message 'a | b; c'
        notify --to x --message y
        """
    )
    assert script.pipelines == (
        (("task", "status", "--pattern", "WS-*"), ("summarize",), ("memory", "store", "daily/{date}")),
        (("hooks", "notify", "--to", "locust-meta,ana", "--message", "a | b; c"),),
        (("hooks", "notify", "--to", "x", "--message", "y"),),
    )


def test_lines_go_on_at_pipes_and_within_quotes() -> None:
    script = parse(
        """
        npx claude-flow@alpha task status --pattern 'WS-0[1-4]' |

          npx claude-flow@alpha memory store locust/core/daily/{date}
        status --json
          | summarize
        memory store --key a --value '{
          "x": 1
        }'
        # the end
        """
    )
    assert script.pipelines == (
        (("task", "status", "--pattern", "WS-0[1-4]"), ("memory", "store", "locust/core/daily/{date}")),
        (("status", "--json"), ("summarize",)),
        (("memory", "store", "--key", "a", "--value", '{\n          "x": 1\n        }'),),
    )


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("status && report", 'only a shell knows "&&"'),
        ("status > file", 'only a shell knows ">"'),
        ("memory store k --value $(date)", "only a shell replaces"),
        ("memory store k --value `date`", "only a shell replaces"),
        ("status |", "nothing at one end"),
        ("| status", "nothing at one end"),
        ("memory store 'k", "no closing quotation"),
        ("rm -rf /", 'can\'t run "rm"'),
        ("trust plan.yaml --yes", 'can\'t run "trust"'),
        ("gate approve g1", 'can\'t run "gate approve"'),
        ("gate --by ana approve g1", 'can\'t run "gate ana"'),
        ("ws accept WS-01", 'can\'t run "ws accept"'),
        ("answer x allow", 'can\'t run "answer"'),
        ("hooks schedule --cron x", 'can\'t run "hooks schedule"'),
        ("events -f", "never ends"),
        ("report --out Makefile", "can't say --out"),
        ("memory store k --plan=../other.yaml", "can't say --plan"),
        ("status --state-dir /tmp/x", "can't say --state-dir"),
        ("", "no line"),
        ("# nothing", "no line"),
    ],
)
def test_what_a_hook_cannot_do_is_said_when_it_is_written(line: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        parse(line)


def test_the_program_may_be_named_in_every_way() -> None:
    for words_ in (
        ("npx", "claude-flow@alpha", "ps"),
        ("npx", "-y", "claude-flow@2.0.0-alpha.1", "ps"),
        ("claude-flow", "ps"),
        ("/usr/bin/locust-tui", "ps"),
        ("ps",),
    ):
        assert own_verb(words_) == ("ps",)


@given(st.text(max_size=60))
def test_a_script_is_read_or_refused_in_words(text: str) -> None:
    with suppress(UsageError):
        assert all(argv for line in parse(text).pipelines for argv in line)


def test_what_a_shell_filled_in_too_early_is_found() -> None:
    now = at("2026-11-22T12:00")
    found = already_expanded(
        "memory store daily/2026-11-22 x20261122 1795348800 week-47 week-99 2026-11-21", now
    )
    assert found == ["2026-11-22", "20261122", "1795348800", "week-47"]
    assert already_expanded("memory store daily/{date} week-{week}", now) == []


def test_cron_is_in_the_plans_time_zone_and_knows_summer_time() -> None:
    check_cron("0 9 * * 1-5")
    check_cron("@daily")
    sunday = at("2026-11-22T12:00")
    assert next_cron("0 9 * * 1-5", "Europe/Berlin", sunday) == at("2026-11-23T08:00")
    assert next_cron("0 9 * * *", "Europe/Berlin", at("2026-07-01T12:00")) == at("2026-07-02T07:00")
    assert missed_cron("0 * * * *", "UTC", at("2026-11-22T09:30"), at("2026-11-22T12:00")) == [
        at("2026-11-22T10:00"), at("2026-11-22T11:00"), at("2026-11-22T12:00"),
    ]  # fmt: skip
    for bad in ("61 * * * *", "* * *", "soon", "0 0 31 2 *"):
        with pytest.raises(UsageError):
            check_cron(bad)


def test_a_long_absence_costs_no_long_count() -> None:
    assert len(missed_cron("* * * * *", "UTC", at("2026-01-01"), at("2026-11-22"))) == 1_000


@pytest.mark.fault(
    44, "a week away from a hook of every minute", modelled="the moments alone, without a worker"
)
def test_a_long_absence_is_made_up_for_once_with_the_latest_moment() -> None:
    hook = Hook("h", "ps", cron="* * * * *")
    now = at("2026-11-22T12:00:30")
    found = due(hook, HookStatus("h", since=at("2026-11-15T12:00")), "UTC", 0.0, now)
    assert found == Due(at("2026-11-22T12:00"), 999)
    assert due(hook, HookStatus("h"), "UTC", found.at, now) is None


@pytest.mark.parametrize(
    ("every", "step"), [("1h", 3_600.0), ("day 9:00", 86_400.0), ("fri 17:00", 7 * 86_400.0)]
)
@pytest.mark.fault(43, "a clock set ten years on, with reports due every hour", modelled="the moments alone")
def test_of_reports_that_were_missed_for_ten_years_the_latest_are_known(every: str, step: float) -> None:
    after, upto = at("2026-11-22T12:00"), at("2036-11-22T12:00")
    found = missed_reports(every, "UTC", after, upto)
    assert upto - step <= found[-1] <= upto
    assert found[-1] == missed_reports(every, "UTC", found[-20], upto)[-1]
    assert 100 < len(found) <= 1_000


@pytest.mark.fault(
    43,
    "a hook due in the hour that summer time leaves out, and in the one that comes twice",
    modelled="the moments alone, without a worker",
)
def test_summer_time_leaves_no_moment_out_and_brings_none_twice() -> None:
    cron, zone = "30 2 * * *", "Europe/Berlin"
    spring = missed_cron(cron, zone, at("2026-03-28T00:00"), at("2026-03-30T12:00"))
    assert len(spring) == 3
    autumn = missed_cron(cron, zone, at("2026-10-24T00:00"), at("2026-10-26T12:00"))
    assert len(autumn) == 3
    assert sorted(set(autumn)) == autumn


def test_reports_are_due_on_a_day_of_the_week_each_day_or_after_a_time() -> None:
    start = at("2026-11-22T12:00")
    assert next_report("fri 17:00", "UTC", start) == at("2026-11-27T17:00")
    assert next_report("day 9:00", "Europe/Berlin", start) == at("2026-11-23T08:00")
    assert next_report("2d 12h", "UTC", start) == at("2026-11-25T00:00")
    assert missed_reports("fri 17:00", "UTC", start, at("2026-12-12")) == [
        at("2026-11-27T17:00"), at("2026-12-04T17:00"), at("2026-12-11T17:00"),
    ]  # fmt: skip
    assert duration("1w") == 604_800


@pytest.mark.parametrize(
    ("name", "yes", "no"),
    [
        (
            "blocker-detected",
            [e.WorkstreamReported("a", blocker="no key"), e.WorkstreamMoved("a", WorkstreamState.READY, WorkstreamState.BLOCKED)],
            [e.WorkstreamReported("a", blocker=""), e.WorkstreamReported("a", progress=4.0)],
        ),
        ("agent-exited", [e.RunEnded("a.1", RunState.FAILED)], [e.RunStarted("a.1", 4)]),
        (
            "gate-failed",
            [e.GateMoved("g", GateState.NOT_DUE, GateState.READY), e.GateMoved("g", GateState.PENDING, GateState.HOLD)],
            [e.GateMoved("g", GateState.NOT_DUE, GateState.PENDING)],
        ),
        ("key-changed:api/*", [e.MemoryStored("api/x", "1", 1), e.MemoryRemoved("api/x")], [e.MemoryStored("ui", "1", 1)]),
        ("alert-firing:phase-*", [e.AlertMoved("phase-gate", "1", AlertState.FIRING)], [e.AlertMoved("phase-gate", "1", AlertState.RESOLVED)]),
        ("run.ended", [e.RunEnded("a.1", RunState.EXITED)], [e.ProjectStarted()]),
    ],
)  # fmt: skip
def test_events_are_answered_by_what_they_mean(
    name: str, yes: list[e.EventBody], no: list[e.EventBody]
) -> None:
    check_event(name)
    assert [answers(name, body) for body in yes] == [True] * len(yes)
    assert [answers(name, body) for body in no] == [False] * len(no)
    assert {e.NAMES[type(body)] for body in yes} <= set(kinds(name)) <= set(e.KINDS)


@pytest.mark.parametrize("name", ["blocker", "key-changed:", "key-changed", "hook.ran", "run.end", ""])
def test_an_event_that_is_none_is_refused_with_near_names(name: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_event(name)
    assert refused.value.help


def test_a_summary_counts_averages_and_names_blockers() -> None:
    status = {"workstreams": [
        {"id": "a", "state": "running", "verified": 40.0, "blockers": ["no key"]},
        {"id": "b", "state": "failed", "verified": 0, "why": "exit 3"},
        {"id": "c", "state": "running"},
    ]}  # fmt: skip
    found = summarize(json.dumps(status))
    assert document(found) == {
        "items": 3, "lines": 0, "states": {"running": 2, "failed": 1}, "progress": 20.0, "measured": 2,
        "blockers": ["a: no key", "b: failed: exit 3"],
    }  # fmt: skip
    assert words(found).splitlines()[0] == "3 items"
    lines = 'x/a = {"progress": 0.5}\n{"progress": 100}\nhello\n'
    assert (summarize(lines).progress, summarize(lines).lines) == (75.0, 1)
    assert document(summarize("")) == document(summarize(" \n"))


@given(st.text(max_size=80))
def test_a_summary_of_anything_is_the_same_each_time(text: str) -> None:
    assert words(summarize(text)) == words(summarize(text))
