"""What recorded conversations with two versions of Claude Code come to."""

from __future__ import annotations

import pytest
from captured import lines
from claude_talk import Talk

from locust_tui.agents.vocabulary import (
    Activity,
    ActivityChanged,
    AskKind,
    Failed,
    LimitHeard,
    Retrying,
    Said,
    SessionStarted,
    ToolEnded,
    ToolServer,
    ToolStarted,
    Trouble,
    TurnEnded,
    Used,
    Wants,
    WantsNoMore,
)

OLD, NEW = "2.1.197", "2.1.330"
BOTH = pytest.mark.parametrize("version", [OLD, NEW])


def talk(version: str, case: str, **given: object) -> Talk:
    told = Talk(**given)
    told.hear(*lines("claude", f"{version}/{case}"))
    return told


@BOTH
def test_a_run_with_tools_ends_well(version: str) -> None:
    told = talk(version, "tools-mcp-ok", tools=(ToolServer("locust", "http://127.0.0.1:1/mcp", "T"),))
    started = told.of(SessionStarted)
    assert [s.version for s in started] == [version]
    assert started[0].tools == (("locust", "connected"),)
    assert told.adapter.resumable == started[0].session != ""
    assert [(t.name, t.summary) for t in told.of(ToolStarted)][:2] == [
        ("Bash", "echo hi"),
        ("Write", "a.txt"),
    ]
    assert told.of(ToolStarted)[2].name == "mcp__locust__report_progress"
    assert next(t.summary for t in told.of(ToolEnded)) == "hi"
    assert [s.text for s in told.of(Said)] == ["working", "all done"]
    assert told.of(TurnEnded) == [TurnEnded(True, "all done")]
    assert not told.of(Failed)
    assert told.adapter.verdict(0, None, "") == (True, "")


def test_a_written_file_is_named_with_what_was_changed_in_it() -> None:
    written = talk(NEW, "tools-mcp-ok").of(ToolEnded)[1]
    assert (written.ok, written.files, written.summary) == (True, ("/home/dev/work/a.txt",), "+1 -0")


@BOTH
@pytest.mark.parametrize(
    ("case", "trouble", "words"),
    [
        ("auth-401", Trouble.AUTH, "Invalid API key"),
        ("not-logged-in", Trouble.AUTH, "Not logged in"),
        ("billing", Trouble.BILLING, "Credit balance"),
        ("overloaded", Trouble.OVERLOADED, "529"),
        ("limit-5h", Trouble.USAGE_LIMIT, "limit"),
        ("limit-7d", Trouble.USAGE_LIMIT, "weekly limit"),
        ("max-turns", Trouble.MAX_TURNS, "maximum number of turns"),
        ("budget", Trouble.BUDGET, "maximum budget"),
    ],
)
def test_what_failed_is_told_by_its_kind_although_it_calls_itself_a_success(
    version: str, case: str, trouble: Trouble, words: str
) -> None:
    told = talk(version, case)
    (ended,) = told.of(TurnEnded)
    assert (ended.ok, ended.trouble) == (False, trouble)
    assert words in ended.text
    well, why = told.adapter.verdict(1, None, "")
    assert not well
    assert words in why


@BOTH
def test_a_refused_login_is_told_at_the_first_retry(version: str) -> None:
    told = talk(version, "auth-401")
    failed, retrying = told.of(Failed), told.of(Retrying)
    assert [(f.trouble, f.fatal) for f in failed] == [(Trouble.AUTH, True)]
    assert told.events.index(failed[0]) == told.events.index(retrying[0]) + 1


@BOTH
def test_a_reached_limit_says_when_it_resets(version: str) -> None:
    told = talk(version, "limit-5h")
    (heard,) = told.of(LimitHeard)
    assert (heard.reached, heard.window, heard.resets_at) == (True, "5 hours", 1795347562)
    assert told.of(TurnEnded)[0].resets_at == 1795347562


@BOTH
def test_a_limit_that_is_near_stops_nothing(version: str) -> None:
    told = talk(version, "limit-warning")
    (heard,) = told.of(LimitHeard)
    assert (heard.reached, heard.utilization, heard.resets_at) == (False, pytest.approx(91), 1795347562)
    assert told.of(TurnEnded)[0].ok


@BOTH
def test_its_own_retries_are_told_and_end(version: str) -> None:
    told = talk(version, "retry-then-ok")
    (again,) = told.of(Retrying)
    assert (again.trouble, again.attempt, again.of) == (Trouble.SERVER, 1, 10)
    assert again.delay_s == pytest.approx(0.55, abs=0.05)
    kinds = [change.activity for change in told.of(ActivityChanged)]
    assert kinds == [Activity.RETRYING, Activity.WORKING, Activity.IDLE]


@BOTH
def test_refused_tools_are_named_although_the_turn_went_well(version: str) -> None:
    told = talk(version, "denied")
    assert [(t.ok, t.denied) for t in told.of(ToolEnded)] == [(False, True)]
    (ended,) = told.of(TurnEnded)
    assert (ended.ok, ended.denials) == (True, ("Write: b.txt",))


@BOTH
def test_its_own_word_of_its_state_is_passed_on(version: str) -> None:
    changes = [c.activity for c in talk(version, "state-events").of(ActivityChanged)]
    assert changes == [Activity.WORKING, Activity.IDLE]


@BOTH
def test_pieces_of_a_message_are_said_once(version: str) -> None:
    said = talk(version, "partial").of(Said)
    assert [piece.delta for piece in said] == [False, True, True, True]
    assert "".join(piece.text for piece in said) == "word0 word1 word2 word3 "


@BOTH
def test_a_sub_agents_words_name_the_call_that_began_it(version: str) -> None:
    told = talk(version, "subagent")
    agent, inner = told.of(ToolStarted)[:2]
    assert agent.name == "Agent"
    assert (inner.parent, inner.summary) == (agent.id, "echo sub")
    assert told.of(TurnEnded)[-1].ok


def test_a_task_in_the_background_begins_another_turn_with_a_result_of_its_own() -> None:
    told = talk(NEW, "subagent")
    assert [t.text for t in told.of(TurnEnded)] == ["done", "FAKE-DONE"]
    assert [u.cost_usd for u in told.of(Used) if u.cost_usd is not None] == pytest.approx(
        [0.216648, 0.216648]
    )


@pytest.mark.parametrize(
    ("version", "case", "tokens", "cost"),
    [(OLD, "subagent", 61749, 0.311195), (NEW, "denied", 25029, 0.100956)],
)
def test_use_is_what_the_result_says_and_never_the_sum_of_the_blocks(
    version: str, case: str, tokens: int, cost: float
) -> None:
    used = [u for u in talk(version, case).of(Used) if u.cost_usd is not None][-1]
    assert (used.input_tokens, used.context_size) == (tokens, 1_000_000)
    assert used.cost_usd == pytest.approx(cost)


def test_how_full_the_context_is_is_known_during_the_turn() -> None:
    told = talk(NEW, "denied")
    known = [u.context_used for u in told.of(Used) if u.context_used]
    assert known[0] == 12470
    assert told.events.index(told.of(Used)[0]) < told.events.index(told.of(TurnEnded)[0])


def test_permissions_are_asked_for_and_settled_by_what_follows() -> None:
    told = talk(NEW, "control-permission")
    first, second = told.of(Wants)
    assert (first.kind, first.tool, first.rule) == (AskKind.PERMISSION, "Write", "Edit(made.txt)")
    assert first.choices == ("allow", "always", "deny")
    assert second.what.startswith("Bash: echo deny-me >")
    assert [w.id for w in told.of(WantsNoMore)] == [first.id, second.id]
    assert [t.denied for t in told.of(ToolEnded)] == [False, True]
    assert [t.ok for t in told.of(TurnEnded)] == [True, True]


def test_an_interrupted_turn_is_no_success_and_the_conversation_goes_on() -> None:
    told = talk(NEW, "control-interrupt")
    first, second = told.of(TurnEnded)
    assert (first.ok, first.trouble) == (False, Trouble.INTERRUPTED)
    assert second.ok
    assert not told.of(ToolEnded)[0].denied
    cut = Talk()
    text = lines("claude", f"{NEW}/control-interrupt")
    cut.hear(*text[: 1 + next(i for i, line in enumerate(text) if '"error_during_execution"' in line)])
    assert cut.adapter.verdict(0, None, "") == (False, "interrupted")
