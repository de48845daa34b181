"""What real agents said by the Agent Client Protocol, heard by our adapter: events, and the same messages whoever takes over."""

from __future__ import annotations

import json
from random import Random

import pytest
from captured import files
from hypothesis import given, settings
from hypothesis import strategies as st
from rpc_talk import Life, Told, mangled, told

from locust_tui.agents.acp import AcpAdapter
from locust_tui.agents.vocabulary import (
    FileOffered,
    FileWanted,
    Job,
    LimitHeard,
    PlanStated,
    Said,
    SessionStarted,
    ToolEnded,
    ToolServer,
    ToolStarted,
    Trouble,
    TurnEnded,
    Used,
    Wants,
)

CAPTURES = files("acp")
LIVES = [one for path in CAPTURES for one in told(path)]
LOCUST = ToolServer("locust", url="http://127.0.0.1:9/mcp", token="s3cret")


def name(path: object) -> str:
    return "/".join(str(path).removesuffix(".jsonl").split("/")[-2:])


def life(one: Told) -> Life:
    job = Job("WS-01.1", one.prompt, one.cwd, ("agent",), resume=one.resume, tools=(LOCUST,))
    return Life(AcpAdapter(job, resolve=lambda path: path))


def lived(case: str, process: int = 0) -> Life:
    one = told(f"acp/{case}.jsonl")[process]
    return life(one).live(one.steps)


def test_claude_with_a_person_in_it() -> None:
    talk = lived("claude-agent-acp-0.101.0/session")
    started = next(talk.of(SessionStarted))
    assert started.session
    assert started.version == "@agentclientprotocol/claude-agent-acp 0.101.0"
    write, bash = talk.of(Wants)
    assert write.tool == "Write"
    assert write.rule == "Edit(made.txt)"
    assert "hello" in write.detail or "add " in write.detail
    assert bash.tool == "Bash"
    assert bash.rule.startswith("Bash(")
    ended = {e.id: e for e in talk.of(ToolEnded)}
    assert [e.denied for e in ended.values()] == [False, True]
    assert next(iter(ended.values())).files
    turns = list(talk.of(TurnEnded))
    assert [one.ok for one in turns] == [True, True]
    assert turns[0].denials == ("Bash",)
    assert talk.adapter.verdict(0, None, "") == (True, "")


def test_each_tool_is_told_once_with_what_it_does() -> None:
    talk = lived("claude-agent-acp-0.100.0/session")
    begun = [(e.name, e.summary) for e in talk.of(ToolStarted)]
    assert begun == [
        ("Write", "/home/dev/work/a.txt"),
        ("Bash", "echo deny-me > x.txt"),
        ("mcp__locust__report_progress", "mcp__locust__report_progress"),
    ]
    assert len(list(talk.of(ToolEnded))) == 3


def test_our_own_tools_need_no_question() -> None:
    talk = lived("claude-agent-acp-0.100.0/session")
    assert "answer:2" in talk.keys
    assert [one.tool for one in talk.of(Wants)] == ["Write", "Bash"]
    one = told("acp/claude-agent-acp-0.100.0/session.jsonl")[0]
    alone = Life(AcpAdapter(Job("r", one.prompt, one.cwd, ("agent",)))).live(one.steps)
    assert [asked.tool for asked in alone.of(Wants)][-1] == "mcp__locust__report_progress"


def test_tokens_add_up_over_turns_and_money_is_taken_as_said() -> None:
    talk = lived("claude-agent-acp-0.101.0/session")
    tokens = [e.input_tokens for e in talk.of(Used) if e.input_tokens is not None]
    assert len(tokens) == 2
    assert tokens[0] < tokens[1]
    assert [e.cost_usd for e in talk.of(Used) if e.cost_usd is not None][-1] > 0
    assert all(e.context_size for e in talk.of(Used) if e.context_used is not None)


def test_a_loaded_sessions_past_is_no_news() -> None:
    before, after = (lived("claude-agent-acp-0.101.0/session-load", n) for n in (0, 1))
    assert after.adapter.resumable == before.adapter.resumable
    assert "session/load" in after.keys
    old = "".join(e.text for e in before.of(Said))
    assert old
    assert old not in "".join(e.text for e in after.of(Said))
    assert len(list(after.of(TurnEnded))) == 1


def test_a_cancelled_turn() -> None:
    talk = lived("claude-agent-acp-0.101.0/session-cancel")
    assert "session/cancel:0" in talk.asked
    assert [one.trouble for one in talk.of(TurnEnded)] == [Trouble.INTERRUPTED]


@pytest.mark.parametrize(
    ("case", "trouble"),
    [
        ("claude-agent-acp-0.101.0/session-limit", Trouble.USAGE_LIMIT),
        ("codex-acp-2.6.0/session", Trouble.USAGE_LIMIT),
        ("scripted/session", Trouble.USAGE_LIMIT),
        ("claude-agent-acp-0.101.0/session-auth", Trouble.AUTH),
    ],
)
def test_failures_are_told_apart(case: str, trouble: Trouble) -> None:
    talk = lived(case)
    over = list(talk.of(TurnEnded))[-1]
    assert (over.ok, over.trouble) == (False, trouble)
    assert any(e.reached for e in talk.of(LimitHeard)) is (trouble is Trouble.USAGE_LIMIT)
    assert talk.adapter.verdict(0, None, "") == (False, over.text)


def test_plans_and_thoughts() -> None:
    talk = lived("scripted/session")
    assert next(talk.of(PlanStated)).entries == (
        ("read", "done"),
        ("write", "in-progress"),
        ("test", "pending"),
    )
    assert next(talk.of(Said)) == Said("hmm", "thought")


def test_codex_behind_the_protocol() -> None:
    talk = lived("codex-acp-2.6.0/session")
    assert next((e.name, e.summary) for e in talk.of(ToolStarted)) == ("Bash", "touch codex-acp.txt")
    failed = list(talk.of(ToolEnded))[-1]
    assert not failed.ok
    assert failed.summary.startswith("Automatic approval review failed")


@pytest.mark.parametrize("path", CAPTURES, ids=name)
def test_whoever_takes_over_wants_the_same_messages(path: object) -> None:
    for one in told(str(path)):
        whole = life(one).live(one.steps)
        for cut in range(len(one.steps) + 1):
            before = life(one).live(one.steps[:cut])
            heard = life(one).live(step for step in one.steps[:cut] if step.what == "line")
            assert heard.keys == before.keys
            heard.live(one.steps[cut:])
            assert {**before.lines, **heard.lines} == whole.lines
            assert [e.ok for e in heard.of(TurnEnded)] == [e.ok for e in whole.of(TurnEnded)]


@pytest.mark.parametrize("path", CAPTURES, ids=name)
def test_a_process_that_dies_in_its_first_turn_is_never_called_done(path: object) -> None:
    for one in told(str(path)):
        ends = [n for n, step in enumerate(one.steps) if b'"session/prompt:' in step.line]
        for cut in range(ends[0] if ends else len(one.steps)):
            ok, why = life(one).live(one.steps[:cut]).adapter.verdict(0 if cut else 1, None, "")
            assert not ok
            assert why


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_cut_and_lost_lines_never_raise_and_make_nothing_better(data: st.DataObject) -> None:
    one = data.draw(st.sampled_from(LIVES))
    good = sum(e.ok for e in life(one).live(one.steps).of(TurnEnded))
    adapter, fine = life(one).adapter, 0
    for step in one.steps:
        if step.what == "answer":
            adapter.answer(step.id, step.text)
        if step.what != "line":
            continue
        how = data.draw(st.sampled_from(["whole", "whole", "whole", "cut", "lost", "twice"]))
        at = data.draw(st.integers(0, len(step.line) - 1)) if how == "cut" else 0
        heard = {"whole": [step.line], "twice": [step.line] * 2, "cut": [step.line[:at]], "lost": []}[how]
        for line in heard:
            fine += sum(isinstance(e, TurnEnded) and e.ok for e in adapter.feed(line).events)
    assert fine <= good
    adapter.verdict(None, 9, "")


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(LIVES), st.integers(0, 2**32))
def test_members_of_any_type_never_raise(one: Told, seed: int) -> None:
    rng, adapter = Random(seed), life(one).adapter
    for step in one.steps:
        if step.what != "line":
            continue
        for event in adapter.feed(json.dumps(mangled(rng, json.loads(step.line))).encode()).events:
            if isinstance(event, Wants):
                adapter.answer(event.id, rng.choice(["allow", "always", "deny"]))
            elif isinstance(event, FileWanted | FileOffered):
                adapter.file_done(event.id, "x")
    adapter.interrupt()
    adapter.say("more", "k")


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_never_raise(line: bytes) -> None:
    assert AcpAdapter(Job("r", "p", "/w", ("agent",))).feed(line).send == ()
