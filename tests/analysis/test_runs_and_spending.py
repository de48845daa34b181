"""Runs, accounts and spending in words and figures: the same in `why`, `ps`, `status --json` and the report."""

from __future__ import annotations

from dataclasses import replace

from seed_plan import START, seed_plan

from locust_tui.analysis.overview import build_snapshot
from locust_tui.domain.plan import Budget, Plan
from locust_tui.domain.snapshot import Snapshot
from locust_tui.domain.states import AccountState, GateState, RunState, WorkstreamState
from locust_tui.domain.world import (
    AccountStatus,
    AskStatus,
    GateStatus,
    ProjectStatus,
    RunStatus,
    WorkstreamStatus,
    World,
)
from locust_tui.report.build import build_report
from locust_tui.report.figures import amount, dollars
from locust_tui.report.markdown import markdown
from locust_tui.report.processes import live_runs, processes_text
from locust_tui.report.run_words import grounds, limit_words, spend_short, spend_words
from locust_tui.report.status_json import status_document
from locust_tui.report.status_text import status_text
from locust_tui.report.why import why_run, why_workstream

NOW = START + 3_600.0


def plan() -> Plan:
    base = seed_plan()
    core = base.orchestrators["core"]
    return replace(
        base,
        budget=Budget(cost=20.0),
        orchestrators={**base.orchestrators, "core": replace(core, budget=Budget(tokens=1_000_000))},
    )


def world() -> World:
    w = World(project=ProjectStatus(started=START, worker_pid=7))
    for work, attempt in (("WS-01", 2), ("WS-02", 1), ("WS-05", 1)):
        w.workstreams[work] = WorkstreamStatus(work, WorkstreamState.RUNNING, since=START, attempt=attempt)
    for run in (
        RunStatus("WS-01.1", "WS-01", 1, "coder", RunState.FAILED, ended=START + 9, tokens=100_000, cost_usd=1.4),
        RunStatus(
            "WS-01.2", "WS-01", 2, "coder", RunState.LIMITED, "protocol", "limit reached", started=START, pid=5,
            since=NOW - 60, tokens=312_000, cost_usd=2.0, account="claude", context_used=80_000, context_size=200_000,
            produced="src/core.py", produced_at=NOW - 180, denied=2,
        ),
        RunStatus("WS-02.1", "WS-02", 1, "coder", RunState.STALLED, "silence", started=START, since=NOW - 720),
        RunStatus("WS-05.1", "WS-05", 1, "coder", RunState.WAITING, "protocol", started=START, since=NOW - 5, tokens=9),
    ):  # fmt: skip
        w.runs[run.id] = run
    w.accounts["claude"] = AccountStatus(
        "claude", AccountState.LIMITED, "5-hour limit", NOW, resets_at=NOW + 750
    )
    ask = AskStatus("permission:WS-05.1:1", "permission", "WS-05", "WS-05.1", "Bash: make", NOW - 5, "make", ("allow", "deny"), "d")  # fmt: skip
    w.asks[ask.item] = ask
    return w


def look(world: World, now: float = NOW) -> Snapshot:
    return build_snapshot(plan(), "d", "p.yaml", world, now, worker_pid=7)


def test_spending_is_summed_by_workstream_orchestrator_and_plan_beside_the_budgets() -> None:
    snapshot = look(world())
    first = next(w for w in snapshot.workstreams if w.id == "WS-01")
    assert first.spend is not None
    assert (first.spend.tokens, first.spend.cost_usd, first.spend.budgets) == (412_000, 3.4, ())
    core, plugins, _ = snapshot.orchestrators
    assert core.spend is not None
    assert spend_words(core.spend) == "412k of 1.0M tokens, $3.40"
    assert plugins.spend is not None
    assert (plugins.spend.tokens, plugins.spend.cost_usd) == (9, None)
    assert snapshot.spend is not None
    assert spend_words(snapshot.spend) == "412k tokens, $3.40 of $20.00"
    assert spend_short(snapshot.spend) == "$3.40 of 20"
    assert [round(b.points) for b in snapshot.spend.budgets] == [17]
    untouched = next(w for w in snapshot.workstreams if w.id == "WS-02")
    assert untouched.spend is None


def test_what_did_not_change_is_the_very_view_of_the_time_before() -> None:
    from locust_tui.analysis.snapshot_cache import SnapshotCache

    here, cache, the_plan = world(), SnapshotCache(), plan()

    def views(now: float) -> dict[str, object]:
        snapshot = build_snapshot(the_plan, "d", "p", here, now, worker_pid=7, cache=cache)
        return {w.id: w for w in snapshot.workstreams}

    before, after = views(NOW), views(NOW + 1)
    assert before["WS-01"] is after["WS-01"]
    here.runs["WS-01.2"] = replace(here.runs["WS-01.2"], cost_usd=5.0)
    assert views(NOW + 2)["WS-01"].spend.cost_usd == 6.4  # type: ignore[attr-defined]


def test_what_a_state_rests_on_has_an_age() -> None:
    runs = {r.id: r for r in look(world()).runs}
    assert grounds(runs["WS-02.1"], NOW) == "silence 12m"
    assert grounds(replace(runs["WS-05.1"], last_seen=NOW - 3), NOW) == "protocol 3s"
    assert grounds(replace(runs["WS-05.1"], source="process"), NOW) == "process"
    assert limit_words(runs["WS-01.2"], look(world()), NOW).endswith(" UTC, in 12m")


def test_why_a_run_says_state_ground_account_use_and_what_it_waits_for() -> None:
    snapshot = look(world())
    runs = {r.id: r for r in snapshot.runs}
    limited = why_run(runs["WS-01.2"], snapshot)
    assert limited.lines[0] == "WS-01.2 is limited: limit reached"
    said = "\n".join(limited.lines)
    for words in (
        "says the protocol 1m, for 1m", "in 12m", "account claude is limited", "1 run parked",
        "used 312k tokens, $2.00; context 80k of 200k", "left last 3m ago: src/core.py", "2 of its requests were denied",
        "next: locust-tui attach WS-01.2",
    ):  # fmt: skip
        assert words in said, said
    waits = why_run(runs["WS-05.1"], snapshot)
    assert "waits for an answer to permission:WS-05.1:1: Bash: make" in waits.because
    assert waits.possible[0] == "locust-tui answer permission:WS-05.1:1 allow|deny"
    work = why_workstream(next(w for w in snapshot.workstreams if w.id == "WS-05"), snapshot)
    assert "run WS-05.1: waits for an answer to permission:WS-05.1:1: Bash: make" in work.because
    assert work.possible[0].startswith("locust-tui answer permission:WS-05.1:1")


def test_ages_are_told_from_when_one_looks_though_the_plan_ended_before() -> None:
    here = world()
    for run in here.runs.values():
        here.runs[run.id] = replace(run, state=RunState.EXITED, ended=NOW)
    for id in plan().workstreams:
        here.workstreams[id] = replace(here.workstream(id), state=WorkstreamState.ACCEPTED)
    for id in plan().gates:
        here.gates[id] = GateStatus(id, GateState.GO)
    here.project = replace(here.project, ended=NOW)
    snapshot = look(here, NOW + 3600)
    assert snapshot.at == NOW
    run = next(r for r in snapshot.runs if r.id == "WS-01.2")
    assert "left last 1h ago: src/core.py" in why_run(run, snapshot, NOW + 3600).because
    work = next(w for w in snapshot.workstreams if w.id == "WS-01")
    assert "run WS-01.2: left last 1h ago: src/core.py" in why_workstream(work, snapshot, NOW + 3600).because


def test_status_document_and_tables_and_report_tell_spending_and_accounts() -> None:
    snapshot = look(world())
    document = status_document(snapshot)
    assert document["spend"]["cost_usd"] == 3.4
    assert document["spend"]["budgets"][0]["limit"] == 20.0
    assert document["accounts"][0]["parked"] == ["WS-01.2"]
    assert document["agents"][1]["account"] == "claude"
    assert "account claude is limited, resets" in status_text(snapshot)
    assert "spent 412k tokens, $3.40 of $20.00" in status_text(snapshot)
    table = processes_text(snapshot, live_runs(snapshot))
    assert "silence 12m" in table
    assert "in 12m; limit reached" in table
    report = markdown(build_report(plan(), snapshot, None, week=1))
    assert "## Spending\n- Plan: 412k tokens, $3.40 of $20.00 (17% of its budget)\n- " in report
    nothing = look(World(project=ProjectStatus(started=START, worker_pid=7)))
    assert "## Spending" not in markdown(build_report(plan(), nothing, None, week=1))


def test_figures_are_short_and_never_zero_for_something() -> None:
    assert [dollars(v) for v in (None, 0.0, 0.001, 0.4, 1_234.5)] == [
        "—",
        "$0.00",
        "<$0.01",
        "$0.40",
        "$1,234.50",
    ]
    counts = (999, 1_000, 81_400, 999_499, 999_500, 1_250_000, 9_949_999, 12_000_000)
    assert [amount(n) for n in counts] == ["999", "1k", "81k", "999k", "1.0M", "1.2M", "9.9M", "12M"]
