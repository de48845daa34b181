"""Accounts that are limited, refused or nearly used up, and budgets: real agents park, wait for people, and go on."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from speaking import accepted, did, open_ask, speaking, told

from locust_tui.analysis.overview import build_snapshot
from locust_tui.client.requests import AnswerAsk, MendAccount
from locust_tui.domain import events as e
from locust_tui.domain.states import AccountState, RunState, WorkstreamState
from locust_tui.domain.world import World
from locust_tui.plans.reading import load_plan
from locust_tui.screens.inbox_answers import choices_of, request_of
from locust_tui.worker.decide import Outlook, outcome
from project import Project


def account(world: World, state: AccountState) -> bool:
    return world.account("claude").state is state


def is_open(body: e.EventBody) -> bool:
    return isinstance(body, e.AccountChanged) and body.state is AccountState.OPEN


def why(project: Project, workstream: str, world: World | None = None) -> str:
    """Why it does not move, as `why` and the cockpit say."""
    plan, world = load_plan(project.plan), world or project.world()
    snapshot = build_snapshot(plan, "", str(project.plan), world, time.time(), worker_pid=project.pid())
    return next(w.why or "" for w in snapshot.workstreams if w.id == workstream)


def test_a_live_run_parks_at_its_limit_and_goes_on_in_the_same_session(project: Project) -> None:
    speaking(project, {"a": "@limit 2", "b": "fine"}, top="resources: {max_agents: 1}")
    project.up()
    world = project.reaches(
        lambda w: account(w, AccountState.LIMITED) and w.runs["a.1"].state is RunState.LIMITED
    )
    run = world.runs["a.1"]
    assert (run.state, run.source) == (RunState.LIMITED, "protocol")
    assert "limited until" in run.reason
    limited = next(ev for ev in project.all_events() if isinstance(ev.body, e.AccountChanged))
    world = accepted(project, "a")
    assert world.runs["a.1"].exit_code == 0
    assert "a.2" not in world.runs
    assert "continued" in did(project, "a.1")
    accepted(project, "b")
    project.ends()
    opened = next(ev.at for ev in project.all_events() if is_open(ev.body))
    assert opened >= limited.body.resets_at  # type: ignore[union-attr, operator]
    project.ends()
    project.assert_sound()


def test_nothing_starts_on_an_account_that_is_limited(project: Project) -> None:
    speaking(project, {"a": "@limit 4", "b": "fine"}, more="needs: []", top="resources: {max_agents: 2}")
    project.write(
        project.plan.read_text()
        .replace(
            "  b:\n",
            "  c: {run: 'until grep -qs a.1 heard; do sleep 0.1; done; sleep 1'}\n  b:\n    weeks: 1\n",
        )
        .replace('instructions: "fine"\n    needs: []', 'instructions: "fine"\n    needs: [c]')
    )
    project.up()
    project.reaches(lambda w: account(w, AccountState.LIMITED))
    world = project.reaches(lambda w: w.workstream("b").state is WorkstreamState.READY or "b.1" in w.runs)
    if account(world, AccountState.LIMITED):
        assert "b.1" not in world.runs
        assert "account claude is limited until" in why(project, "b", world)
    world = accepted(project, "b")
    opened = [ev.at for ev in project.all_events() if isinstance(ev.body, e.AccountChanged)][-1]
    assert world.runs["b.1"].created >= opened


def test_a_process_that_ended_at_its_limit_is_resumed_and_uses_no_attempt_up(project: Project) -> None:
    speaking(project, {"a": "@limit-exit 1"})
    project.up()
    world = accepted(project, "a")
    first, second = world.runs["a.1"], world.runs["a.2"]
    assert first.state is RunState.FAILED
    assert first.reason.startswith("parked: account claude")
    assert did(project, "a.2")[:2] == [f"resumed {first.session}", "continued"]
    assert second.session == first.session


def test_a_limit_outlives_the_worker(project: Project) -> None:
    speaking(project, {"a": "@limit 3"})
    project.up()
    pid = project.reaches(lambda w: account(w, AccountState.LIMITED)).runs["a.1"].pid
    project.kill()
    project.up()
    world = accepted(project, "a")
    assert world.runs["a.1"].pid == pid
    assert did(project, "a.1").count("continued") == 1


def test_a_refused_login_stops_the_account_at_the_first_sign(project: Project) -> None:
    speaking(project, {"a": "@auth", "b": "fine"}, top="resources: {max_agents: 1}")
    project.up()
    world = project.reaches(lambda w: account(w, AccountState.REFUSED))
    ask = open_ask(world)
    assert ask is not None
    assert (ask.item, ask.kind, ask.choices) == ("account:claude", "escalation", ("mended", "stop"))
    world = project.reaches(lambda w: w.runs["a.1"].state is RunState.WAITING)
    assert "refused" in world.runs["a.1"].reason
    (project.path / "mended").touch()
    project.ask(AnswerAsk(ask.item, "mended", by="ana"))
    accepted(project, "a")
    accepted(project, "b")
    assert "continued" in did(project, "a.1")


def test_an_account_whose_agents_were_stopped_waits_to_be_mended(project: Project) -> None:
    speaking(project, {"a": "@auth", "b": "fine"}, top="resources: {max_agents: 1}")
    project.up()
    world = project.reaches(lambda w: "account:claude" in w.asks)
    project.ask(AnswerAsk("account:claude", "stop", by="ana"))
    world = project.reaches(lambda w: w.workstream("a").state is WorkstreamState.PAUSED)
    plan = load_plan(project.plan)
    points = outcome(plan, world, time.time(), outlook=Outlook(plan)).lines
    assert any(p.startswith("b is ready, but account claude was refused") for p in points)
    snapshot = build_snapshot(plan, "", str(project.plan), world, time.time(), worker_pid=None)
    (item,) = [w for w in snapshot.waiting if w.item.startswith("account:")]
    assert (item.item, item.choices, item.subject) == ("account:claude", ("mended",), "claude")
    (project.path / "mended").touch()
    request = request_of(item, choices_of(item)[0], "")
    assert request == MendAccount("claude")
    answer = [sys.executable, "-m", "locust_tui", "answer", "account:claude", "mended", "--by", "ana"]
    said = subprocess.run(answer, cwd=project.path, capture_output=True, text=True, check=True)
    assert "account claude: mended" in said.stdout
    accepted(project, "b")
    assert subprocess.run(answer, cwd=project.path, capture_output=True, check=False).returncode != 0


def test_an_account_is_mended_by_name(project: Project) -> None:
    speaking(project, {"a": "@auth"})
    project.up()
    project.reaches(lambda w: account(w, AccountState.REFUSED))
    (project.path / "mended").touch()
    project.ask(MendAccount("claude"))
    world = accepted(project, "a")
    assert world.asks["account:claude"].choice == "mended"
    assert "is open already" in project.refused(MendAccount("claude")).message
    assert "nothing is known" in project.refused(MendAccount("claud")).message


def test_an_overloaded_service_is_asked_again_in_the_same_session(project: Project) -> None:
    speaking(project, {"a": "@overloaded"})
    project.up()
    world = accepted(project, "a")
    assert list(world.runs) == ["a.1"]
    assert did(project, "a.1").count("continued") == 1


def test_a_spent_budget_interrupts_and_waits_for_a_person(project: Project) -> None:
    speaking(
        project, {"a": "@cost 6\n@long", "b": "fine"},
        agent="", top="budget: {cost: 5}\nresources: {max_agents: 2}", more="needs: []",
    )  # fmt: skip
    # the cost is told at the end of a turn: two agents, the first of which ends one
    project.write(project.plan.read_text().replace("@cost 6\\n@long", "@cost 6\\n@fail none"))
    project.up()
    world = project.reaches(lambda w: "budget:plan:cost:120" in w.asks)
    assert world.asks["budget:plan:cost:120"].choices == ("go-on", "stop")
    reached = project.events(e.BudgetReached)
    assert [(r.scope, r.measure, r.points) for r in reached] == [("plan", "cost", pytest.approx(120))]


def test_a_warning_of_a_budget_is_given_once(project: Project) -> None:
    speaking(
        project,
        {"a": "@cost 0.9", "b": "@cost 0.01"},
        top="budget: {cost: 1, warn: 80}\nresources: {max_agents: 1}",
    )
    project.up()
    accepted(project, "a")
    world = accepted(project, "b")
    assert [a for a in world.asks if a.startswith("budget")] == ["budget:plan:cost:80"]
    assert [r.points for r in project.events(e.BudgetReached)] == [pytest.approx(90)]


def test_work_waits_behind_a_spent_budget_until_it_may_go_on(project: Project) -> None:
    speaking(project, {"a": "@cost 2", "b": "fine"}, top="budget: {cost: 1}\nresources: {max_agents: 1}")
    project.up()
    project.reaches(lambda w: "budget:plan:cost:200" in w.asks)
    world = project.ends()
    late = [w for w in ("a", "b") if f"{w}.1" not in world.runs]
    assert all("the budget of plan is spent: $2.00 of $1.00" in why(project, w) for w in late)
    project.ask(AnswerAsk("budget:plan:cost:200", "go-on"))
    accepted(project, "a")
    accepted(project, "b")


def test_going_on_lets_as_much_again_be_spent_as_was_shown(project: Project) -> None:
    speaking(
        project, {"a": "@cost 1.9", "b": "@cost 0.5"}, top="budget: {cost: 1}\nresources: {max_agents: 1}"
    )
    project.up()
    project.reaches(lambda w: "budget:plan:cost:190" in w.asks)
    project.ask(AnswerAsk("budget:plan:cost:190", "go-on"))
    accepted(project, "a")
    world = accepted(project, "b")
    assert [a for a in world.asks if a.startswith("budget")] == ["budget:plan:cost:190"], "$2.40 of $2.90"


def test_nobody_is_asked_about_a_budget_that_nothing_draws_on_any_more(project: Project) -> None:
    speaking(project, {"a": "@cost 2"}, agent=", budget: {cost: 1}", more="budget: {cost: 1}")
    project.up()
    world = accepted(project, "a")
    assert {r.scope for r in project.events(e.BudgetReached)} == {"run:a.1", "workstream:a"}
    assert open_ask(world) is None
    why = "nothing that would spend it is left"
    assert {a.withdrawn for a in world.asks.values() if a.item.startswith("budget:")} == {why}


def test_near_a_limit_the_rest_is_kept_for_the_critical_path_until_it_resets(project: Project) -> None:
    speaking(
        project, {"a": "@warn 0.9 3600", "long": "@wait go\n@warn 0.9 2", "short": "fine"},
        top="accounts: {claude: {reserve: 20}}\nresources: {max_agents: 2}",
    )  # fmt: skip
    text = project.plan.read_text()
    for name, weeks, needs in (("a", "1", "[]"), ("long", "2-5", "[a]"), ("short", "2", "[a]")):
        text = text.replace(f"  {name}:\n", f"  {name}:\n    weeks: {weeks}\n    needs: {needs}\n")
    project.write(text)
    project.up()
    project.reaches(lambda w: "long.1" in w.runs and w.workstream("short").state is WorkstreamState.READY)
    assert "kept for the critical path" in why(project, "short")
    (project.path / "go").touch()
    accepted(project, "long")
    world = accepted(project, "short")
    _, resets_at = (told.resets_at for told in project.events(e.AccountChanged) if told.resets_at)
    assert resets_at is not None
    assert world.runs["short.1"].created >= resets_at
    project.ends()
    assert len(project.events(e.ProjectEnded)) == 1


def test_no_message_is_sent_twice_while_limits_come_and_go(project: Project) -> None:
    speaking(project, {"a": "@limit 1"})
    project.up()
    accepted(project, "a")
    messages = [str(m) for m in told(project, "a.1")]
    assert len(messages) == len(set(messages))
