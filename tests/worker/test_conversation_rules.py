"""The rules of conversations, apart from processes: lines, ledger, what is next, silence, accounts, permits."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.agents import vocabulary as v
from locust_tui.domain import events as e
from locust_tui.domain.fold import apply
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import AgentType, Plan, Project
from locust_tui.domain.states import AccountState, RunState
from locust_tui.domain.world import RunStatus, World
from locust_tui.worker.accounts import BackOffs, limit_near, limit_reached, refused
from locust_tui.worker.conversing import next_step as n
from locust_tui.worker.conversing.heard import Heard
from locust_tui.worker.conversing.ledger import NAME, Ledger
from locust_tui.worker.conversing.lines import LineSplitter
from locust_tui.worker.conversing.permits import asked, covering_rule
from locust_tui.worker.conversing.silence import (
    Patience,
    Silence,
    fruitless,
    in_words,
    patience,
    silent,
    silent_handshake,
)

NOW = 1_000_000.0


# lines


@given(st.binary(max_size=400), st.lists(st.integers(1, 60), min_size=1), st.integers(5, 50))
def test_lines_are_the_same_however_the_stream_is_cut(data: bytes, cuts: list[int], most: int) -> None:
    splitter, at, found = LineSplitter(max_line=most), 0, []
    for i in range(len(data) + 1):
        size = cuts[i % len(cuts)]
        found += splitter.feed(data[at : at + size])
        at += size
        if at >= len(data):
            break
    last = splitter.finish()
    whole = [*found, *([last] if last is not None else [])]
    wanted = data.split(b"\n")
    if wanted[-1] == b"":
        wanted.pop()
    assert [line.text for line in whole] == [text if len(text) <= most else None for text in wanted]
    assert [line.start for line in whole] == [0, *(line.end for line in whole[:-1])][: len(whole)]
    assert all(line.end <= len(data) for line in whole)


@given(st.lists(st.binary(max_size=20).filter(lambda b: b"\n" not in b), min_size=1, max_size=9))
def test_a_skipped_chunk_gives_the_line_under_way_and_keeps_its_place(lines: list[bytes]) -> None:
    chunk = b"\n".join(lines)
    splitter = LineSplitter()
    splitter.feed(b"{begun")
    found = splitter.skip(chunk)
    if len(lines) > 1:
        assert [line.text for line in found] == [b"{begun" + lines[0]]
    end = splitter.feed(b"\n")
    assert end[0].text == (lines[-1] if len(lines) > 1 else b"{begun" + lines[0])
    assert end[0].end == len(b"{begun") + len(chunk) + 1


@pytest.mark.fault(23, "a line without an end, in a conversation")
def test_a_line_without_end_takes_no_memory() -> None:
    splitter = LineSplitter(max_line=1000)
    for _ in range(1000):
        assert splitter.feed(b"x" * 1000) == []
    assert sum(len(part) for part in splitter._parts) <= 1000
    assert splitter.feed(b"\n")[0].text is None
    assert splitter.feed(b"{}\n")[0].text == b"{}"


# the ledger


def test_the_ledger_tells_the_next_worker_what_was_said(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.note_call(10, "say", ("text", "k1"), NOW)
    ledger.note_begun("k1")
    ledger.note_begun("k2")
    ledger.note_sent("k2")
    ledger.close()
    with (tmp_path / NAME).open("ab") as file:
        file.write(b'{"sent":"k')  # the worker died here
    again = Ledger(tmp_path)
    assert [(c.at, c.name, c.arguments) for c in again.calls] == [(10, "say", ("text", "k1"))]
    assert (again.called("k1"), again.called("k2")) == (True, False)
    assert again.doubtful == {"k1"}
    again.note_sent("k3")
    again.close()
    assert Ledger(tmp_path).sent == {"k2", "k3"}
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600


# what is next


def around(**more: object) -> n.Around:
    return n.Around(**{"now": NOW, "turn_ended": NOW, **more})  # type: ignore[arg-type]


def idle(turn: v.TurnEnded, **more: object) -> Heard:
    heard = Heard()
    heard.hear(v.ActivityChanged(v.Activity.WORKING))
    heard.hear(turn)
    heard.hear(v.ActivityChanged(v.Activity.IDLE))
    for name, value in more.items():
        setattr(heard, name, value)
    return heard


def bad(trouble: v.Trouble | None, text: str = "words") -> v.TurnEnded:
    return v.TurnEnded(False, text, trouble)


def test_a_turn_that_went_well_is_the_end_once_nothing_runs_and_nobody_waits() -> None:
    heard = idle(v.TurnEnded(True))
    assert n.next_step("a.1", heard, around()) == n.Finish()
    assert n.next_step("a.1", heard, around(budget_spent=True)) == n.Finish()
    for waits in ("asks", "texts"):
        assert n.next_step("a.1", heard, around(**{waits: True})) == n.NOTHING
    busy = Heard()
    busy.hear(v.ActivityChanged(v.Activity.WORKING))
    busy.hear(v.TurnEnded(True))  # and something runs in the background
    assert n.next_step("a.1", busy, around()) == n.NOTHING


@pytest.mark.parametrize("trouble", sorted(n.BY_ITSELF))
def test_what_passes_is_tried_again_in_the_session_six_times(trouble: v.Trouble) -> None:
    waits = []
    for tries in range(n.AGAIN_AT_MOST):
        heard = idle(bad(trouble), retries=tries)
        step = n.next_step("a.1", heard, around())
        assert isinstance(step, n.Wait)
        assert step.until is not None
        waits.append(step.until - NOW)
        assert n.next_step("a.1", heard, around(now=step.until)) == n.GoOn()
    assert waits == [10, 20, 40, 80, 160, 300]
    given_up = n.next_step("a.1", idle(bad(trouble), retries=n.AGAIN_AT_MOST), around(now=NOW + 1e6))
    assert isinstance(given_up, n.Finish)
    assert trouble.value in given_up.why


@pytest.mark.parametrize(
    "trouble", [v.Trouble.MODEL, v.Trouble.CONTEXT, v.Trouble.MAX_TURNS, v.Trouble.REFUSED, None]
)
def test_what_nobody_can_wait_out_fails_the_attempt_with_its_words(trouble: v.Trouble | None) -> None:
    step = n.next_step("a.1", idle(bad(trouble, "no such model")), around())
    assert isinstance(step, n.Finish)
    assert "no such model" in step.why


def test_a_limited_run_goes_on_a_moment_after_its_account_opened() -> None:
    heard = idle(bad(v.Trouble.USAGE_LIMIT))
    assert n.next_step("a.1", heard, around(account_limited=True)) == n.NOTHING
    assert n.next_step("a.1", heard, around(account_open_since=NOW)) == n.NOTHING
    assert n.next_step("a.1", heard, around(now=NOW + n.STAGGER_S, account_open_since=NOW)) == n.GoOn()
    moments = {n.stagger(f"w{i}.1") for i in range(20)}
    assert len(moments) == 20
    assert 0 <= min(moments) <= max(moments) <= n.STAGGER_S


def test_a_refused_login_ends_the_turn_that_tries_again_by_itself() -> None:
    heard = Heard()
    heard.hear(v.ActivityChanged(v.Activity.RETRYING))
    heard.hear(v.Retrying(v.Trouble.AUTH, 1))
    step = n.next_step("a.1", heard, around(account_refused=True))
    assert isinstance(step, n.Interrupt)
    heard.was_interrupted()
    assert n.next_step("a.1", heard, around(account_refused=True)) == n.NOTHING
    heard.hear(bad(v.Trouble.INTERRUPTED))
    heard.hear(v.ActivityChanged(v.Activity.IDLE))
    assert n.next_step("a.1", heard, around(account_refused=True)) == n.NOTHING
    assert n.next_step("a.1", heard, around()) == n.GoOn()


LATER = NOW + n.LEAVES_AFTER_S
SHUT_FOR_LONG = {"account_limited": True, "account_opens_at": NOW + 3600, "resumable": True}


def test_a_run_whose_account_stays_shut_gives_its_process_up_after_a_minute() -> None:
    heard = idle(bad(v.Trouble.USAGE_LIMIT))
    assert n.next_step("a.1", heard, around(now=LATER - 1, **SHUT_FOR_LONG)) == n.NOTHING
    assert n.next_step("a.1", heard, around(now=LATER, **SHUT_FOR_LONG)) == n.Leave()
    refused = idle(bad(v.Trouble.AUTH))
    assert n.next_step("a.1", refused, around(account_refused=True, resumable=True)) == n.NOTHING
    assert n.next_step("a.1", refused, around(now=LATER, account_refused=True, resumable=True)) == n.Leave()


@pytest.mark.parametrize(
    "but",
    [
        {"resumable": False},
        {"account_opens_at": LATER + n.WORTH_LEAVING_S - 1},
        {"asks": True},
        {"texts": True},
    ],
)
def test_it_keeps_its_process_where_that_would_cost_more_than_it_frees(but: dict[str, object]) -> None:
    heard = idle(bad(v.Trouble.USAGE_LIMIT))
    assert n.next_step("a.1", heard, around(**{"now": LATER, **SHUT_FOR_LONG, **but})) == n.NOTHING


def test_it_keeps_its_process_while_that_works_in_the_background() -> None:
    busy = Heard()
    busy.hear(v.ActivityChanged(v.Activity.WORKING))
    busy.hear(bad(v.Trouble.USAGE_LIMIT))
    assert n.next_step("a.1", busy, around(now=LATER, **SHUT_FOR_LONG)) == n.NOTHING


def test_a_spent_budget_ends_the_turn_under_way_and_waits() -> None:
    heard = Heard()
    heard.hear(v.ActivityChanged(v.Activity.WORKING))
    assert isinstance(n.next_step("a.1", heard, around(budget_spent=True)), n.Interrupt)
    heard.was_interrupted()
    heard.hear(bad(v.Trouble.INTERRUPTED))
    assert n.next_step("a.1", heard, around(budget_spent=True)) == n.NOTHING
    assert n.next_step("a.1", heard, around()) == n.GoOn()


def test_a_run_whose_budget_is_spent_gives_its_process_up_after_a_minute() -> None:
    heard = idle(bad(v.Trouble.INTERRUPTED))
    spent = {"budget_spent": True, "resumable": True}
    assert n.next_step("a.1", heard, around(now=LATER - 1, **spent)) == n.NOTHING
    assert n.next_step("a.1", heard, around(now=LATER, **spent)) == n.Leave()
    soon = {"account_limited": True, "account_opens_at": LATER + 1}
    assert n.next_step("a.1", heard, around(now=LATER, **spent, **soon)) == n.Leave(), "a person's, whenever"
    for but in ({"resumable": False}, {"budget_is_its_own": True}, {"asks": True}, {"texts": True}):
        assert n.next_step("a.1", heard, around(**{"now": LATER, **spent, **but})) == n.NOTHING


def test_an_interruption_that_was_not_ours_fails_the_attempt() -> None:
    assert isinstance(n.next_step("a.1", idle(bad(v.Trouble.INTERRUPTED)), around()), n.Finish)


# silence


def test_silence_and_fruitless_work_are_said_at_their_time_and_not_before() -> None:
    wait = Patience(600, 2700)
    assert silent(NOW + 599.9, NOW, wait) is None
    assert silent(NOW + 600, NOW, wait) == "not a byte for 10 m"
    assert fruitless(NOW + 2699, NOW, wait) is None
    assert fruitless(NOW + 2700, NOW, wait) == "busy for 45 m, nothing produced"
    assert silent(NOW + 1e9, NOW, Patience()) is None
    assert fruitless(NOW + 1e9, NOW, Patience()) is None


def test_a_program_that_never_speaks_is_told_of_after_two_minutes() -> None:
    usual = patience(None, protocol=True)
    assert silent_handshake(119.0, 0.0, usual) is None
    assert silent_handshake(120.0, 0.0, usual) == "not a word of its protocol for 2 m"
    assert silent_handshake(1.0, 0.0, Patience(1.0)) == "not a word of its protocol for 1 s"
    assert silent_handshake(1e9, 0.0, Patience(None)) is None


def test_how_long_is_waited_is_the_plans_then_the_kinds() -> None:
    assert patience(AgentType("a"), protocol=True) == Patience(600, 2700)
    assert patience(AgentType("a", stall=5, fruitless=7), protocol=True) == Patience(5, 7)
    assert patience(AgentType("a"), protocol=False) == Patience()
    assert patience(AgentType("a", stall=5), protocol=False) == Patience(5)
    assert (in_words(5400), in_words(20), in_words(0.5)) == ("1 h 30 m", "20 s", "0.5 s")


@pytest.mark.fault(
    43, "the wall clock is set by ten years either way", modelled="the rule alone, with clocks of its own"
)
@pytest.mark.fault(44, "the machine slept for a night", modelled="the rule alone, with clocks of its own")
def test_silence_is_counted_awake_and_from_what_was_seen(tmp_path: Path) -> None:
    (tmp_path / "a.1").mkdir()
    log = tmp_path / "a.1" / "log"
    log.write_text("hello\n")
    awake, record = [0.0], [time.time()]
    silence = Silence(tmp_path, lambda: record[0], awake=lambda: awake[0])
    plan = Plan(Project("p", "p"), {}, agents={"c": AgentType("c", stall=60.0)})
    world, _, happened = world_with_run()
    happened(e.RunChanged("a.1", RunState.RUNNING, "process"))
    run = replace(world.runs["a.1"], agent_type="c")

    def stalled() -> bool:
        return bool(silence.look(plan, [run], ()))

    assert not stalled()
    os.utime(log, (1.0, 1.0))  # as a clock that was set leaves it
    assert not stalled()
    record[0] += 8 * 3600
    awake[0] = 59.0
    assert not stalled()
    awake[0] = 60.0
    assert stalled()
    log.write_text("hello again\n")
    assert not stalled()
    silence = Silence(tmp_path, lambda: record[0], awake=lambda: awake[0])
    os.utime(log, (1.0, 1.0))
    assert not stalled(), "a new worker does not believe the file once the clocks are apart"
    silence = Silence(tmp_path, time.time, awake=lambda: awake[0])
    assert stalled(), "and does while they agree"


# accounts


def world_with_run() -> tuple[World, RunStatus, Callable[..., None]]:
    world = World()

    def happened(*bodies: e.EventBody, at: float = NOW) -> None:
        for body in bodies:
            apply(world, e.Event(world.revision + 1, at, WORKER, body))

    happened(e.RunCreated("a.1", "a", 1, "dev", (), "/"), e.RunStarted("a.1", 5))
    return world, world.runs["a.1"], happened


def test_a_limit_is_put_down_once_and_moved_only_when_it_lasts_longer() -> None:
    world, run, happened = world_with_run()
    offs = BackOffs()
    heard = v.LimitHeard(True, "five_hour", 100, NOW + 3600, "limit")
    change = limit_reached(world, "claude", heard, run, NOW, offs)
    assert change is not None
    assert (change.state, change.resets_at) == (AccountState.LIMITED, NOW + 3600)
    happened(change)
    assert limit_reached(world, "claude", heard, run, NOW + 1, offs) is None
    assert limit_reached(world, "claude", v.LimitHeard(True), run, NOW + 1, offs) is None
    longer = limit_reached(world, "claude", v.LimitHeard(True, resets_at=NOW + 9000), run, NOW + 1, offs)
    assert longer is not None
    assert longer.resets_at == NOW + 9000


AT_20_37 = 1_795_379_820.0
"""22 Nov 2026, 20:37 UTC."""


@pytest.fixture
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's own time zone is UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_utc")
@pytest.mark.parametrize(
    "words",
    [
        "Internal error: You've hit your 5-hour limit · resets 9:43pm (UTC)",
        "You\u2019ve hit your usage limit. Upgrade to Pro (https://a.example), or try again at 9:43 PM.",
    ],
)
def test_a_limit_that_only_words_tell_the_end_of_ends_then(words: str) -> None:
    world, run, happened = world_with_run()
    heard = v.LimitHeard(True, message=words)
    change = limit_reached(world, "codex", heard, run, AT_20_37, BackOffs())
    assert change is not None
    assert change.resets_at == AT_20_37 + 66 * 60
    happened(change)
    assert limit_reached(world, "codex", heard, run, AT_20_37 + 1, BackOffs()) is None


def test_words_of_a_limit_that_nobody_was_there_to_read_count_from_when_they_were_said() -> None:
    world, run, _ = world_with_run()
    heard = v.LimitHeard(True, message="You've hit your 5-hour limit · resets 9:43pm (UTC)")
    change = limit_reached(world, "a", heard, run, AT_20_37 + 7200, BackOffs(), said_at=AT_20_37)
    assert change is not None
    assert change.resets_at == AT_20_37 + 7200 + 300, "not tomorrow at 21:43"


def test_a_limit_that_is_just_over_is_tried_again_soon() -> None:
    world, run, _ = world_with_run()
    change = limit_reached(world, "claude", v.LimitHeard(True, resets_at=NOW - 1), run, NOW, BackOffs())
    assert change is not None
    assert change.resets_at == NOW + 5
    offs, waits = BackOffs(), []
    for seconds in (-1, 0, 4, -30, 2, 0, 0, 0):
        change = limit_reached(world, "claude", v.LimitHeard(True, resets_at=NOW + seconds), run, NOW, offs)
        assert change is not None
        assert change.resets_at is not None
        waits.append(change.resets_at - NOW)
    assert waits == [5, 10, 20, 40, 80, 160, 300, 300]
    offs.went_well("claude")
    assert offs.soon("claude") == 5
    stale = limit_reached(world, "claude", v.LimitHeard(True, resets_at=NOW - 4000), run, NOW, BackOffs())
    assert stale is not None
    assert stale.resets_at == NOW + 300


def test_a_limit_without_an_end_is_tried_again_after_5_10_20_40_and_60_minutes() -> None:
    world, run, _ = world_with_run()
    offs, waits = BackOffs(), []
    for _ in range(6):
        change = limit_reached(world, "claude", v.LimitHeard(True), run, NOW, offs)
        assert change is not None
        assert change.resets_at is not None
        waits.append((change.resets_at - NOW) / 60)
    assert waits == [5, 10, 20, 40, 60, 60]
    offs.went_well("claude")
    assert offs.next("claude") == 300


def test_the_fullest_window_of_an_account_is_what_counts() -> None:
    world, run, happened = world_with_run()
    week = limit_near(world, "claude", v.LimitHeard(False, "week", 91, NOW + 9e5), run)
    assert week is not None
    happened(week)
    assert limit_near(world, "claude", v.LimitHeard(False, "week", 91.4, NOW + 9e5), run) is None
    assert limit_near(world, "claude", v.LimitHeard(False, "month", 5, NOW + 2e6), run) is None
    assert limit_near(world, "claude", v.LimitHeard(False, "week", 93, NOW + 9e5), run) is not None


def test_a_refused_account_is_asked_about_once_until_it_is_mended() -> None:
    world, run, happened = world_with_run()
    first = refused(world, "claude", v.Trouble.AUTH, "401", run)
    assert [type(b) for b in first] == [e.AccountChanged, e.Asked]
    happened(*first)
    assert refused(world, "claude", v.Trouble.AUTH, "401", run) == []
    happened(e.Answered("account:claude", "mended"), e.AccountChanged("claude", AccountState.OPEN))
    again = refused(world, "claude", v.Trouble.BILLING, "no credit", run)
    item = next(b.item for b in again if isinstance(b, e.Asked))
    assert item == "account:claude#2"


# permits


def test_a_rule_covers_the_very_thing_it_was_made_of_and_nothing_else() -> None:
    wants = v.Wants("1", v.AskKind.PERMISSION, "Bash", "Bash: npm test", rule="Bash(npm test)")
    assert covering_rule(wants, ["Bash(npm test)"]) == "Bash(npm test)"
    for rules in ([], ["Bash"], ["Bash(npm *)"], ["Bash(npm test; rm)"], [""]):
        assert covering_rule(wants, rules) is None
    assert covering_rule(v.Wants("1", v.AskKind.PERMISSION, "Bash", "x"), [""]) is None
    question = v.Wants("1", v.AskKind.QUESTION, "Ask", "x", choices=("a",), rule="Ask")
    assert covering_rule(question, ["Ask"]) is None


def test_the_digest_is_of_everything_that_is_shown() -> None:
    run = RunStatus("a.1", "a", 1, "dev", state=RunState.RUNNING)
    one = v.Wants("1", v.AskKind.PERMISSION, "Bash", "Bash: x", "x", rule="Bash(x)")
    digests = {
        asked(run, 1, wants, 0).digest
        for wants in (
            one,
            v.Wants("2", v.AskKind.PERMISSION, "Bash", "Bash: x", "x", rule="Bash(x)"),
            v.Wants("1", v.AskKind.PERMISSION, "Bash", "Bash: x", "x ", rule="Bash(x)"),
            v.Wants("1", v.AskKind.PERMISSION, "Bash", "Bash: x", "x", rule=""),
            v.Wants("1", v.AskKind.PERMISSION, "Bash", "Bash: x", "x", ("allow",), "Bash(x)"),
        )
    }
    assert len(digests) == 5
    assert asked(run, 1, one, 0).digest == asked(run, 1, one, 99).digest
    assert len(asked(run, 1, v.Wants("1", v.AskKind.PERMISSION, "B", "x\n" * 999), 0).what) <= 300
