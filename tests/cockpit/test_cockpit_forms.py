"""Every form: what follows stands over it, a wrong name or date is said before it is sent, nothing is typed into the name."""

from __future__ import annotations

import dataclasses

import pytest
import sample
from hypothesis import given
from hypothesis import strategies as st
from piloting import Open, host, lines, settled, text
from textual.pilot import Pilot

from locust_tui.client.port import Link, LinkState
from locust_tui.client.requests import ConfirmPlan, DecideGate, RecheckPlan, SteerWorkstream, WorkstreamAction
from locust_tui.domain.people import Condition
from locust_tui.domain.states import CriterionState, DecisionKind, GateState, WorkstreamState
from locust_tui.errors import RefusedError
from locust_tui.screens.deciders import fills, first_name, refusal
from locust_tui.screens.due import due_problem
from locust_tui.screens.leaving import leaving_words
from locust_tui.screens.person_form import WAIT, PersonForm
from locust_tui.screens.refusals import help_here

KEYS_OF_GATE = {"go": 0, "conditional": 1, "hold": 2, "recycle": 3, "kill": 4, "sign": 5, "waive": 6}


def form_of(pilot: Pilot[None]) -> PersonForm:
    form = getattr(pilot.app.screen, "form", None)
    assert isinstance(form, PersonForm)
    return form


async def take(pilot: Pilot[None], choice: str) -> PersonForm:
    await pilot.press("a", *(["j"] * KEYS_OF_GATE[choice]), "enter")
    await settled(pilot)
    return form_of(pilot)


def user(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for room in ("gate", "questions", "plan_change"):
        monkeypatch.setattr(f"locust_tui.screens.{room}.user_name", lambda: name)


async def test_nobody_elses_name_stands_in_the_form(
    cockpit: Open, no_waiting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    user(monkeypatch, "root")
    one = dataclasses.replace(
        sample.ready_to_go(), people=(("tech-review", ("demo",)), ("product", ("demo",)))
    )
    async with cockpit(one, (80, 24)) as (pilot, port):
        form = await take(pilot, "go")
        assert form.value("by") == ""
        assert "root is no approver; write demo" in text(pilot)
        await pilot.press("enter", "enter", *"g2", "enter")
        await settled(pilot)
        assert port.asked == []
        await pilot.press("ctrl+u", *"demo")
        await settled(pilot)
        assert "✓ may decide as tech-review" in text(pilot)


async def test_a_review_is_never_accepted_in_a_reviewers_name_by_pressing_through(
    cockpit: Open, no_waiting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    user(monkeypatch, "root")
    base = sample.running()
    works = tuple(
        dataclasses.replace(w, reviewers=("ana",)) if w.id == "WS-04" else w for w in base.workstreams
    )
    async with cockpit(dataclasses.replace(base, workstreams=works, people=())) as (pilot, port):
        host(pilot).main.select("WS-04")
        await pilot.press("A", "enter", "enter", *"WS-04", "enter")
        await settled(pilot)
        assert port.asked == []
        assert "root is no reviewer; write ana" in text(pilot)


async def test_a_name_that_may_not_decide_is_said_before_the_id_is_typed(
    cockpit: Open, no_waiting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    user(monkeypatch, "root")
    async with cockpit(sample.ready_to_go(), (80, 24)) as (pilot, port):
        form = await take(pilot, "go")
        assert form.value("by") == ""
        assert "root is no approver; write ana or cyd or bo" in text(pilot)
        await pilot.press("enter", *"eve", "enter", *"g2", "enter")
        await settled(pilot)
        assert port.asked == []
        assert "eve is no approver" in lines(pilot)[-3]
        assert form.at == 1


async def test_signing_wants_the_role_the_criterion_waits_for(
    cockpit: Open, no_waiting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    user(monkeypatch, "bo")
    async with cockpit() as (pilot, _):
        await take(pilot, "sign")
        assert "bo is no signer; write ana or cyd" in text(pilot)


@pytest.mark.parametrize("choice", ["go", "conditional", "hold", "recycle", "kill", "waive"])
async def test_note_then_name_then_the_id_in_every_form(cockpit: Open, no_waiting: None, choice: str) -> None:
    async with cockpit(sample.ready_to_go() if choice == "go" else None) as (pilot, _):
        form = await take(pilot, choice)
        assert [f.id for f in form.fields][-2:] == ["by", "confirm"]
        assert "note" in [f.id for f in form.fields]
        assert form.fields[form.at].id != "by"


async def test_what_is_typed_first_never_lands_in_the_name(cockpit: Open, no_waiting: None) -> None:
    async with cockpit(sample.held_confirm()) as (pilot, port):
        await pilot.press("y", *"yes")
        assert form_of(pilot).value("by") == "ana"
        await pilot.press("enter")
        await settled(pilot)
        assert port.asked == [ConfirmPlan("d3", "ana")]


async def test_criteria_are_chosen_by_their_names(cockpit: Open, no_waiting: None) -> None:
    async with cockpit() as (pilot, _):
        form = await take(pilot, "waive")
        assert "‹ Overlay render ›  1 of 3" in text(pilot)
        await pilot.press("right")
        assert form.value("criterion") == "filter"
        assert "Command filtering: it stands as waived for ever" in text(pilot)
        await pilot.press("o")
        assert form.value("criterion") == "docs"


async def test_an_error_goes_away_with_the_form(cockpit: Open, no_waiting: None) -> None:
    async with cockpit(sample.ready_to_go()) as (pilot, port):
        await take(pilot, "go")
        port.refusal = RefusedError("ana may not sign", help="--note WHY")
        await pilot.press("enter", "enter", *"g2", "enter")
        await settled(pilot)
        assert "ana may not sign · fill in the note" in text(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert "ana may not sign" not in text(pilot)


async def test_go_says_what_it_signs_starts_and_accepts(cockpit: Open, no_waiting: None) -> None:
    base = sample.ready_to_go()
    g1, g2, g3 = base.gates
    waits = tuple(
        dataclasses.replace(c, state=CriterionState.WAITING, waits_for="tech-review") if c.id == "api" else c
        for c in g2.criteria
    )
    g2 = dataclasses.replace(g2, criteria=waits, accepts=("WS-04",))
    async with cockpit(dataclasses.replace(base, gates=(g1, g2, g3)), (80, 24)) as (pilot, _):
        await pilot.press("a")
        await settled(pilot)
        assert "1 workstream starts and 1 review is accepted" in text(pilot)
        await pilot.press("enter")
        await settled(pilot)
        shown = text(pilot)
        assert "signs       API stability" in shown
        assert "starts      WS-12" in shown
        assert "accepts     WS-04 (review held by this gate)" in shown


async def test_go_says_who_else_has_to_sign(cockpit: Open, no_waiting: None) -> None:
    base = sample.ready_to_go()
    gates = tuple(dataclasses.replace(g, approved_by=()) for g in base.gates)
    async with cockpit(dataclasses.replace(base, gates=gates), (80, 24)) as (pilot, _):
        await take(pilot, "go")
        assert "opens only with 1 more signature: product" in text(pilot)


async def test_a_kill_that_cancels_nothing_says_so(cockpit: Open) -> None:
    base = sample.running()
    gates = tuple(dataclasses.replace(g, cancels=()) for g in base.gates)
    async with cockpit(dataclasses.replace(base, gates=gates), (80, 24)) as (pilot, _):
        await pilot.press("a")
        await settled(pilot)
        assert "no later phase has work to cancel" in text(pilot)
        assert "0 workstreams" not in text(pilot)


async def test_nothing_is_said_twice_where_name_and_id_are_one(cockpit: Open, no_waiting: None) -> None:
    base = sample.running()
    works = tuple(dataclasses.replace(w, name=w.id) for w in base.workstreams)
    gates = tuple(dataclasses.replace(g, name=g.id) for g in base.gates)
    runs = tuple(
        dataclasses.replace(r, reason=f"exit code {r.exit_code}") if r.exit_code else r for r in base.runs
    )
    changed = dataclasses.replace(base, workstreams=works, gates=gates, runs=runs)
    async with cockpit(changed, (80, 24)) as (pilot, _):
        await pilot.press("a")
        await settled(pilot)
        assert lines(pilot)[0].startswith("╭ Gate g2 · ⊘")
        await pilot.press("escape")
        await settled(pilot)
        failed = next(r for r in runs if r.exit_code)
        host(pilot).main.select(failed.subject)
        host(pilot).main.open_workstream(failed.subject)
        await settled(pilot)
        assert f"{failed.subject} {failed.subject}" not in text(pilot)
        assert f"exit {failed.exit_code}" in text(pilot)
        assert f"exit code {failed.exit_code}" not in text(pilot)
        await pilot.press("escape")
        host(pilot).main.select("WS-04")
        await pilot.press("A")
        await settled(pilot)
        assert "WS-04 · 100% verified" in text(pilot)


async def test_kill_says_what_it_cancels_and_which_agents_stop_and_go_on(
    cockpit: Open, no_waiting: None
) -> None:
    base = sample.running()
    gates = tuple(dataclasses.replace(g, cancels=("WS-06", "WS-12")) for g in base.gates)
    async with cockpit(dataclasses.replace(base, gates=gates), (80, 24)) as (pilot, _):
        await take(pilot, "kill")
        shown = text(pilot)
        assert "cancels     WS-06, WS-12" in shown
        assert "stops       agent of WS-06.1, pid 40001" in shown
        assert "go on       the agents of WS-05" in shown


@pytest.mark.parametrize("choice", ["hold", "recycle", "kill"])
async def test_a_decision_that_keeps_it_shut_says_which_signatures_it_takes_back(
    cockpit: Open, no_waiting: None, choice: str
) -> None:
    base = sample.running()
    signed = tuple(
        dataclasses.replace(c, signed_by="cyd") if c.id == "docs" else c for c in base.gates[1].criteria
    )
    g2 = dataclasses.replace(base.gates[1], approved_by=("tech-review",), criteria=signed)
    gates = (base.gates[0], g2, base.gates[2])
    async with cockpit(dataclasses.replace(base, gates=gates)) as (pilot, _):
        await take(pilot, choice)
        shown = text(pilot)
        assert "takes back  approval as tech-review, cyd's signature on " in shown
        assert "they have to be given again" in shown


async def test_what_cannot_be_chosen_says_why(cockpit: Open) -> None:
    base = sample.running()
    g1, g2, g3 = base.gates
    g2 = dataclasses.replace(
        g2, choices=("hold",), why_not=(("conditional", "must criterion failed: Overlay render"),)
    )
    g3 = dataclasses.replace(g3, state=GateState.NOT_DUE)
    async with cockpit(dataclasses.replace(base, gates=(g1, g2, g3))) as (pilot, _):
        await pilot.press("a")
        await settled(pilot)
        assert "must criterion failed: Overlay render" in text(pilot)
        assert "not possible in this state" not in text(pilot)
        await pilot.press("escape", "3", "right", "a")
        await settled(pilot)
        assert "5 inputs not accepted yet: WS-07, WS-08, WS-09" in text(pilot)


async def test_a_key_that_comes_too_early_is_answered(cockpit: Open) -> None:
    async with cockpit(sample.ready_to_go()) as (pilot, _):
        await pilot.press("a")
        pilot.app.screen.guard.clock = lambda: 0.0  # type: ignore[attr-defined]
        pilot.app.screen.guard.restart()  # type: ignore[attr-defined]
        await pilot.press("j")
        await settled(pilot)
        assert WAIT in text(pilot)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_words_of_the_cockpit_never_cover_a_border(cockpit: Open, size: tuple[int, int]) -> None:
    async with cockpit(size=size) as (pilot, _):
        await pilot.press("3" if size[0] == 80 else "a")
        await settled(pilot)
        before = sum(line.count("╰") + line.count("╯") for line in lines(pilot))
        host(pilot).say("something that was refused " * 6, "bad")
        await settled(pilot)
        assert "something that was refused" in lines(pilot)[-1] + lines(pilot)[-2]
        assert "something that was refused" not in lines(pilot)[0]
        assert sum(line.count("╰") + line.count("╯") for line in lines(pilot)) == before


async def test_the_evidence_of_a_gate_fits_a_small_screen(cockpit: Open) -> None:
    async with cockpit(size=(80, 24)) as (pilot, _):
        await pilot.press("a")
        await settled(pilot)
        shown = text(pilot)
        for criterion in host(pilot).main.gate.gate.criteria:  # type: ignore[union-attr]
            assert criterion.name in shown
        assert "opens" in shown
        assert "check-53/log" not in shown
        assert shown.count("exit 0") <= 2
        pilot.app.screen.guard.clock = lambda: float("inf")  # type: ignore[attr-defined]
        await pilot.press("e")
        await pilot.press("ctrl+d")
        await settled(pilot)
        assert "check-53/log" in text(pilot)


# due dates and names


@pytest.mark.parametrize("value", ["6", "week 6", "Week 12", "wk 3", "2026-03-01"])
def test_a_date_or_a_plan_week_is_due(value: str) -> None:
    assert due_problem(value) == ""


@pytest.mark.parametrize("value", ["", "soon", "week 0", "2026-13-01", "20260301", "week six"])
def test_nothing_else_is_due(value: str) -> None:
    assert due_problem(value)


async def test_a_condition_without_a_date_is_refused_in_the_form(cockpit: Open, no_waiting: None) -> None:
    async with cockpit() as (pilot, port):
        await take(pilot, "conditional")
        await pilot.press(*"faster", "enter", *"bo", "enter", *"soon", "enter", "enter", *"g2", "enter")
        await settled(pilot)
        assert port.asked == []
        assert '"soon" is no date (2026-03-01) and no plan week (week 6)' in text(pilot)
        await pilot.press("ctrl+u", *"week 7", "enter", "enter", "ctrl+u", *"g2", "enter")
        await settled(pilot)
        wanted = (Condition("faster", "bo", "week 7"),)
        assert [(r.kind, r.conditions) for r in port.asked if isinstance(r, DecideGate)] == [
            (DecisionKind.CONDITIONAL, wanted)
        ]


@given(
    st.lists(st.sampled_from(["tech", "product", "ana"]), unique=True),
    st.sampled_from(["ana", "bo", "root", "tech"]),
)
def test_the_name_in_the_form_may_always_decide_or_is_left_open(roles: list[str], user: str) -> None:
    snapshot = dataclasses.replace(sample.running(), people=(("tech", ("ana", "bo")), ("product", ("bo",))))
    name = first_name(snapshot, roles, user)
    assert name in ("", user)
    assert name == "" or not roles or fills(snapshot, name, roles)
    assert (refusal(snapshot, roles, name, user, "approver") == "") == (name != "" or not roles)


def test_help_names_fields_and_keys_instead_of_flags() -> None:
    given = "--by demo, or map your name in the plan: people: {demo: [root]}"
    assert (
        help_here(given) == "write demo in the field as, or map your name in the plan: people: {demo: [root]}"
    )
    assert help_here("--condition TEXT --owner NAME --due DATE") == "fill in condition, owner and due"
    assert help_here("locust-tui ws retry WS-1") == "R tries it again"
    assert help_here("locust-tui status") == ""


# trust


async def test_a_first_plan_is_trusted_from_the_cockpit_and_the_worker_starts(
    cockpit: Open, no_waiting: None
) -> None:
    gone = Link(LinkState.GONE, None, "no worker answers")
    async with cockpit(sample.never_trusted(), (80, 24), link=gone) as (pilot, port):
        assert "not trusted yet: nothing runs" in text(pilot)
        assert "worker stopped" not in text(pilot)
        await pilot.press("u")
        await settled(pilot)
        assert port.started == 0
        await pilot.press("y")
        await settled(pilot)
        shown = text(pilot)
        assert "not trusted yet: this is what it would run" in shown
        assert "has changed" not in shown
        assert "workstream WS-01, run: make core" in shown
        await pilot.press(*"trus", "enter")
        await settled(pilot)
        assert port.trusted == []
        await pilot.press("t", "enter")
        await settled(pilot)
        assert port.trusted == ["d5"]
        assert port.started == 1


def held_hand(pilot: Pilot[None]) -> None:
    """The guard of the form stays closed from now on."""
    guard = form_of(pilot).guard
    guard.clock = lambda: 0.0
    guard.restart()


async def test_a_word_typed_as_soon_as_the_form_is_there_is_whole_but_enter_waits(cockpit: Open) -> None:
    async with cockpit(sample.held_trust()) as (pilot, port):
        await pilot.press("y")
        held_hand(pilot)
        await pilot.press(*"trust")
        assert form_of(pilot).value("confirm") == "trust"
        await pilot.press("enter")
        await settled(pilot)
        assert port.trusted == []
        assert WAIT in text(pilot)


async def test_all_that_a_plan_would_run_is_read_page_by_page(cockpit: Open) -> None:
    base = sample.never_trusted()
    assert base.held is not None
    commands = tuple(f"  workstream WS-{n}, run: make {n}" for n in range(120))
    many = dataclasses.replace(base, held=dataclasses.replace(base.held, lines=commands))
    async with cockpit(many, (80, 24)) as (pilot, _):
        await pilot.press("y")
        await settled(pilot)
        assert "pgdn pgup read on, back" in lines(pilot)[-1]
        seen = text(pilot)
        for _ in range(11):
            await pilot.press("pagedown")
            seen += text(pilot)
        assert all(f"run: make {n} " in seen for n in range(120))
        await pilot.press(*["pageup"] * 11)
        assert "run: make 0 " in text(pilot)


async def test_keys_do_not_land_in_a_form_that_appeared_or_changed_by_itself(cockpit: Open) -> None:
    async with cockpit() as (pilot, port):
        await pilot.press("y")
        port.change(held=sample.held_trust().held)
        await settled(pilot)
        held_hand(pilot)
        await pilot.press(*"trust")
        assert form_of(pilot).value("confirm") == ""
    async with cockpit(sample.held_trust()) as (pilot, port):
        await pilot.press("y")
        held = sample.held_trust().held
        assert held is not None
        port.change(held=dataclasses.replace(held, digest="another"))
        await settled(pilot)
        held_hand(pilot)
        await pilot.press(*"trust")
        assert form_of(pilot).value("confirm") == ""


async def test_a_changed_plan_shows_the_difference_and_is_looked_at_again_once_trusted(
    cockpit: Open, no_waiting: None
) -> None:
    async with cockpit(sample.held_trust()) as (pilot, port):
        await pilot.press("y")
        await settled(pilot)
        shown = text(pilot)
        assert "+ workstream WS-06, run (shell): make commands && curl" in shown
        assert "- workstream WS-06, run (shell): make commands" in shown
        await pilot.press(*"trust", "enter")
        await settled(pilot)
        assert port.trusted == ["d4"]
        assert port.asked == [RecheckPlan()]


async def test_trust_in_a_plan_that_only_leaves_work_out_says_what_still_works(
    cockpit: Open, no_waiting: None
) -> None:
    base = sample.held_trust()
    assert base.held is not None
    lines_ = ("- workstream WS-06, run (shell): make commands", "  workstream WS-05, run: make omnibar")
    held = dataclasses.replace(base.held, lines=lines_, removed=("WS-06",))
    async with cockpit(dataclasses.replace(base, held=held), (80, 24)) as (pilot, _):
        await pilot.press("y")
        await settled(pilot)
        shown = text(pilot)
        assert "Nothing new would run" in shown
        assert "WS-06 still works and would leave the plan" in shown
        assert "The yes to it is asked for next." in shown


async def test_a_plan_that_comes_in_force_says_what_is_different_in_it(cockpit: Open) -> None:
    async with cockpit(size=(80, 24)) as (pilot, port):
        port.change(plan_digest="d9", plan_change="gate g2: approvers")
        await settled(pilot)
        assert "✓ the plan is in force: gate g2: approvers" in text(pilot)


async def test_what_was_said_of_a_plan_goes_when_a_newer_one_has_errors(
    cockpit: Open, no_waiting: None
) -> None:
    async with cockpit(sample.held_confirm()) as (pilot, port):
        await pilot.press("y", *"yes", "enter")
        await settled(pilot)
        port.change(plan_digest="d3", plan_change="workstream WS-06 removed", held=None)
        await settled(pilot)
        assert "the plan is in force: workstream WS-06 removed" in text(pilot)
        port.change(held=sample.held_error().held)
        await settled(pilot)
        assert "the plan is in force" not in lines(pilot)[-1]
        assert "the newer plan has errors" in text(pilot)


@pytest.mark.parametrize("reason", ["others may write it (mode 666)", "nobody has trusted it yet"])
async def test_what_the_file_forbids_is_not_asked_for(cockpit: Open, reason: str) -> None:
    base = sample.never_trusted()
    assert base.held is not None
    held = dataclasses.replace(base.held, summary=reason, refused=True)
    async with cockpit(dataclasses.replace(base, held=held)) as (pilot, _):
        await pilot.press("y")
        await settled(pilot)
        assert reason in text(pilot)
        assert "Trust it" not in text(pilot)


async def test_an_error_of_the_plan_is_told_with_its_help(cockpit: Open) -> None:
    async with cockpit(sample.held_error()) as (pilot, _):
        assert "plan.yaml:4:9: unknown key" in text(pilot)
        assert "(+1)" in text(pilot)
        await pilot.press("y")
        await settled(pilot)
        assert "plan.yaml:4:9: error: unknown key" in text(pilot)
        assert "help: did you mean needs?" in text(pilot)
        shown = lines(pilot)
        at = next(i for i, line in enumerate(shown) if "need: [WS-01]" in line)
        assert shown[at + 1].index("^~~~") == shown[at].index("need: [WS-01]")


async def test_an_error_before_the_first_start_is_told_the_same(cockpit: Open) -> None:
    async with cockpit(sample.not_started()) as (pilot, port):
        held = sample.held_error().held
        assert held is not None
        port.problems = held.errors
        port.change()
        await settled(pilot)
        assert "plan.yaml:4:9: unknown key" in text(pilot)
        await pilot.press("y")
        await settled(pilot)
        assert "2 errors in the plan file" in text(pilot)
        assert "help: did you mean needs?" in text(pilot)
        assert "in force" not in text(pilot)


async def test_a_removal_says_what_becomes_of_the_running_agent(cockpit: Open, no_waiting: None) -> None:
    async with cockpit(sample.held_confirm(), (80, 24)) as (pilot, _):
        await pilot.press("y")
        await settled(pilot)
        assert "agent of WS-06.1, pid 40001, goes on until it ends" in text(pilot)


# open again


def closed(state: WorkstreamState, why: str) -> sample.Snapshot:
    base = sample.running()
    streams = tuple(
        dataclasses.replace(w, state=state, why=why, actions=("reopen",)) if w.id == "WS-08" else w
        for w in base.workstreams
    )
    return dataclasses.replace(base, workstreams=streams)


@pytest.mark.parametrize("state", [WorkstreamState.CANCELLED, WorkstreamState.DEFERRED])
async def test_cancelled_and_deferred_work_is_opened_again_with_a_key(
    cockpit: Open, state: WorkstreamState
) -> None:
    async with cockpit(closed(state, f'{state} by root: "too slow"')) as (pilot, port):
        host(pilot).main.select("WS-08")
        await pilot.press("s")
        await settled(pilot)
        assert f'WS-08: {state} by root: "too slow" · press O to reopen it' in text(pilot)
        await pilot.press("O")
        await settled(pilot)
        assert port.asked == [SteerWorkstream("WS-08", WorkstreamAction.REOPEN)]


async def test_accepted_work_is_opened_again_only_after_asking(cockpit: Open, no_waiting: None) -> None:
    async with cockpit(closed(WorkstreamState.ACCEPTED, "")) as (pilot, port):
        host(pilot).main.select("WS-08")
        await pilot.press("O", *"a flaw", "enter", "enter", *"WS-08", "enter")
        await settled(pilot)
        assert port.asked == [SteerWorkstream("WS-08", WorkstreamAction.REOPEN, "a flaw", "ana")]


# on every screen


@pytest.mark.parametrize("way", [["a"], ["enter"], ["o"], ["L"], ["y"]])
async def test_a_stopped_worker_is_said_on_every_screen_and_u_starts_it(
    cockpit: Open, way: list[str]
) -> None:
    gone = Link(LinkState.GONE, None, "it ended 4s ago")
    async with cockpit(link=gone) as (pilot, port):
        if way == ["a"]:
            host(pilot).main.open_gate("g2")
        else:
            await pilot.press(*way)
        await settled(pilot)
        assert pilot.app.screen is not host(pilot).main
        assert "worker stopped" in text(pilot)
        await pilot.press("u")
        await settled(pilot)
        assert port.started == 1
        assert "worker stopped" not in text(pilot)


@pytest.mark.parametrize("way", ["a", "enter", "o", "L", "y"])
@pytest.mark.parametrize(("key", "seen"), [("exclamation_mark", "Waits for you"), ("question_mark", "Help")])
async def test_inbox_and_help_open_on_every_screen(cockpit: Open, way: str, key: str, seen: str) -> None:
    async with cockpit() as (pilot, _):
        await pilot.press(way)
        await settled(pilot)
        await pilot.press(key)
        await settled(pilot)
        assert any(line.startswith(f"╭ {seen}") for line in lines(pilot))


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_inbox_plan_and_help_stand_in_the_footer(cockpit: Open, size: tuple[int, int]) -> None:
    async with cockpit(size=size) as (pilot, _):
        footer = lines(pilot)[-1]
        assert "! inbox" in footer
        assert "o plan" in footer
        assert "? help" in footer
        await pilot.press("question_mark")
        await settled(pilot)
        await pilot.press("ctrl+d", "ctrl+d", "ctrl+d", "ctrl+d")


# a plan without dates


async def test_the_overview_of_a_plan_without_dates_says_so(cockpit: Open) -> None:
    async with cockpit(sample.undated()) as (pilot, _):
        await pilot.press("o")
        await settled(pilot)
        shown = text(pilot)
        assert "The plan has no phases, gates, weeks or milestones" in shown
        assert "Forecast" not in shown
        await pilot.press("escape")
        host(pilot).main.open_workstream("WS-05")
        await settled(pilot)
        assert "float" not in text(pilot)
        assert "weeks" not in text(pilot)


async def test_the_overview_tells_reviews_that_wait_for_a_person_from_those_that_wait_for_more(
    cockpit: Open,
) -> None:
    undated = sample.undated()
    second = dataclasses.replace(
        undated.workstreams[0], id="WS-90", state=WorkstreamState.REVIEW, why="check"
    )
    more = dataclasses.replace(undated, workstreams=(*undated.workstreams, second))
    async with cockpit(more) as (pilot, _):
        await pilot.press("o")
        await settled(pilot)
        assert [line.strip(" │") for line in lines(pilot) if "review" in line] == ["◐ 1 review", "⋯ 1 review"]


async def test_the_overview_counts_a_limited_run_as_limited(cockpit: Open) -> None:
    spending = sample.spending()
    bare = dataclasses.replace(
        sample.undated(), workstreams=spending.workstreams, runs=spending.runs, accounts=spending.accounts
    )
    async with cockpit(bare) as (pilot, _):
        await pilot.press("o")
        await settled(pilot)
        assert "▣ 1 limited" in text(pilot)
        assert "◇ 1 stalled" in text(pilot)
        assert "running" not in text(pilot).partition("Work")[2]


def test_the_way_back_names_a_plan_that_is_not_found_by_itself() -> None:
    assert leaving_words(None, "locust-plan.yaml").endswith("locust-tui open brings you back.")
    assert leaving_words(None, "locust-demo/my plan.yaml").endswith(
        "locust-tui open 'locust-demo/my plan.yaml' brings you back."
    )


async def test_enter_after_the_note_leads_to_the_word_not_into_the_name(
    cockpit: Open, no_waiting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    user(monkeypatch, "ana")
    async with cockpit(sample.ready_to_go(), (80, 24)) as (pilot, port):
        form = await take(pilot, "go")
        assert form.value("by") == "ana"
        await pilot.press(*"fine", "enter", *"g2", "enter")
        await settled(pilot)
        (asked,) = [r for r in port.asked if isinstance(r, DecideGate)]
        assert (asked.by, asked.note) == ("ana", "fine")
