"""What real Codex said, heard by our adapters: events, verdicts, and the same messages whoever takes over."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from captured import CAPTURES, files, lines
from hypothesis import given, settings
from hypothesis import strategies as st
from rpc_talk import Life, Told, mangled, told

from locust_tui.agents.codex import CodexAdapter
from locust_tui.agents.codex_exec import CodexExecAdapter
from locust_tui.agents.vocabulary import (
    Activity,
    ActivityChanged,
    Failed,
    Job,
    LimitHeard,
    PlanStated,
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

APP_SERVER = [path for path in files("codex") if path.stem.startswith("app-server")]
EXEC = [path for path in files("codex") if path.stem.startswith("exec")]
LOCUST = ToolServer("locust", url="http://127.0.0.1:9/mcp", token_variable="TOKEN")


def life(one: Told) -> Life:
    job = Job("WS-01.1", one.prompt, one.cwd, ("codex",), resume=one.resume, tools=(LOCUST,))
    return Life(CodexAdapter(job, resolve=lambda path: path))


def lived(case: str, process: int = 0) -> Life:
    one = told(f"codex/0.169.0/{case}.jsonl")[process]
    return life(one).live(one.steps)


def test_a_conversation_with_a_person_in_it_is_told_whole() -> None:
    talk = lived("app-server")
    started = next(talk.of(SessionStarted))
    assert started.session == talk.adapter.resumable
    assert started.version == "0.169.0"
    first, second = talk.of(Wants)
    assert first.choices == ("allow", "always", "deny")
    assert first.rule.startswith("Bash(")
    assert first.detail.startswith("/bin/bash -lc")
    denied = [event for event in talk.of(ToolEnded) if event.denied]
    assert len(denied) == 1
    assert [one.ok for one in talk.of(TurnEnded)] == [True, True]
    assert next(talk.of(TurnEnded)).denials == ("Bash",)
    assert {"answer:0", "answer:1"} <= set(talk.asked)
    assert second.id == "1"
    assert talk.adapter.verdict(0, None, "") == (True, "")


def test_waiting_for_a_person_is_an_activity_and_ends_with_the_answer() -> None:
    talk = lived("app-server")
    shown = [event.activity for event in talk.of(ActivityChanged)]
    assert shown[:4] == [Activity.WORKING, Activity.WAITING, Activity.WORKING, Activity.WAITING]
    assert shown[-1] is Activity.IDLE


def test_our_own_tools_need_no_question_and_others_do() -> None:
    talk = lived("app-server-mcp")
    assert "answer:2" in talk.keys
    assert json.loads(talk.lines["answer:2"])["result"]["action"] == "accept"
    one = told("codex/0.169.0/app-server-mcp.jsonl")[0]
    alone = Life(CodexAdapter(Job("WS-01.1", one.prompt, one.cwd, ("codex",)))).live(one.steps)
    asked = list(alone.of(Wants))[-1]
    assert asked.tool == "mcp__locust__report_progress"
    assert '"percent":30' in asked.detail
    assert json.loads(alone.lines["answer:2"])["result"] == {"action": "accept", "content": {}}


def test_the_usage_limit_comes_with_its_moment() -> None:
    talk = lived("app-server-limit")
    reached = [event for event in talk.of(LimitHeard) if event.reached]
    near = [event for event in talk.of(LimitHeard) if not event.reached]
    assert near[0].utilization == 92
    assert near[0].window == "five_hour"
    over = list(talk.of(TurnEnded))[-1]
    assert over.trouble is Trouble.USAGE_LIMIT
    assert over.resets_at is not None
    assert over.resets_at == reached[-1].resets_at
    ok, why = talk.adapter.verdict(0, None, "")
    assert not ok
    assert "usage limit" in why


def test_a_turn_that_was_interrupted_is_not_done() -> None:
    talk = lived("app-server-interrupt")
    assert [one.trouble for one in talk.of(TurnEnded)] == [Trouble.INTERRUPTED]
    assert any(key.startswith("turn/interrupt:") for key in talk.asked)
    assert talk.adapter.verdict(0, None, "")[0] is False


def test_the_whole_diff_is_shown_before_a_file_is_changed() -> None:
    talk = lived("app-server-patch")
    asked = next(talk.of(Wants))
    assert asked.tool == "Edit"
    assert asked.what.startswith("Edit: /home/dev/work/")
    assert len(asked.detail.splitlines()) > 1
    ended = [event for event in talk.of(ToolEnded) if event.files]
    assert ended[0].files[0] in asked.detail


def test_retries_are_told_and_what_it_came_to() -> None:
    talk = lived("app-server-failed")
    retry = next(talk.of(Retrying))
    assert (retry.trouble, retry.attempt, retry.of) == (Trouble.NETWORK, 1, 1)
    assert Activity.RETRYING in [event.activity for event in talk.of(ActivityChanged)]
    assert [one.trouble for one in talk.of(TurnEnded)] == [Trouble.CONTEXT, Trouble.NETWORK]
    assert [one.ok for one in lived("app-server-retry").of(TurnEnded)] == [True]


def test_a_refused_key_is_an_affair_of_a_person() -> None:
    talk = lived("app-server-auth")
    assert next(talk.of(Retrying)).trouble is Trouble.AUTH
    assert [one.trouble for one in talk.of(TurnEnded)] == [Trouble.AUTH]


def test_a_resumed_thread_counts_only_what_this_process_used() -> None:
    before, after = lived("app-server-resume", 0), lived("app-server-resume", 1)
    last, then = list(before.of(Used))[-1], list(after.of(Used))[-1]
    assert after.adapter.resumable == before.adapter.resumable
    assert "thread/resume" in after.keys
    assert last.input_tokens is not None
    assert then.input_tokens is not None
    assert 0 < then.input_tokens < 2 * last.input_tokens
    assert json.loads(after.lines["thread/resume"])["params"]["threadId"] == before.adapter.resumable


@pytest.mark.parametrize("path", APP_SERVER, ids=lambda path: path.stem)
def test_whoever_takes_over_wants_the_same_messages(path: object) -> None:
    for one in told(str(path)):
        whole = life(one).live(one.steps)
        for cut in range(len(one.steps) + 1):
            before = life(one).live(one.steps[:cut])
            heard = life(one).live(step for step in one.steps[:cut] if step.what == "line")
            assert heard.keys == before.keys
            heard.live(one.steps[cut:])
            sent = {**before.lines, **heard.lines}
            assert sent == whole.lines
            assert [e.ok for e in heard.of(TurnEnded)] == [e.ok for e in whole.of(TurnEnded)]


@pytest.mark.parametrize("path", APP_SERVER, ids=lambda path: path.stem)
def test_a_process_that_dies_between_two_lines_is_never_called_done_too_early(path: object) -> None:
    for one in told(str(path)):
        ends = [n for n, step in enumerate(one.steps) if b'"turn/completed"' in step.line]
        for cut in range(ends[0] if ends else len(one.steps)):
            ok, why = life(one).live(one.steps[:cut]).adapter.verdict(1, None, "boom\n")
            assert not ok
            assert why


# ---- codex exec


def heard(case: str) -> tuple[CodexExecAdapter, list[object]]:
    adapter = CodexExecAdapter(
        Job("WS-01.1", "do it", "/home/dev/work", ("codex", "exec", "do it"), mode="exec")
    )
    return adapter, [event for line in lines("codex", case) for event in adapter.feed(line.encode()).events]


@pytest.mark.parametrize(
    ("case", "trouble"),
    [
        ("exec-limit", Trouble.USAGE_LIMIT),
        ("exec-limit-days", Trouble.USAGE_LIMIT),
        ("exec-quota", Trouble.BILLING),
        ("exec-rate", Trouble.RATE_LIMIT),
        ("exec-s500", Trouble.OVERLOADED),
        ("exec-auth-401", Trouble.AUTH),
        ("exec-ctx", Trouble.CONTEXT),
        ("exec-drop", Trouble.NETWORK),
    ],
)
def test_sentences_of_exec_are_told_apart(case: str, trouble: Trouble) -> None:
    adapter, events = heard(case)
    over = [event for event in events if isinstance(event, TurnEnded)]
    assert [(one.ok, one.trouble) for one in over] == [(False, trouble)]
    assert all(one.trouble is trouble for one in events if isinstance(one, Retrying))
    assert adapter.verdict(1, None, "") == (False, over[0].text)


def test_exec_tells_its_tools_files_and_tokens() -> None:
    adapter, events = heard("exec-ok")
    tools = [(e.name, e.summary) for e in events if isinstance(e, ToolStarted)]
    assert ("Bash", "echo hi; ls") in tools
    assert ("mcp__locust__report_progress", '{"percent":30,"message":"thirty"}') in tools
    ended = [e for e in events if isinstance(e, ToolEnded)]
    assert [e.ok for e in ended] == [True, False, True, True]
    assert ended[1].summary == "exit code 3"
    assert ended[2].files == ("/home/dev/work/np.txt",)
    assert [e.text for e in events if isinstance(e, Said) and e.role == "thought"] == ["pondering"]
    assert next(e for e in events if isinstance(e, Used)).output_tokens == 92
    assert not any(isinstance(e, Failed) for e in events)
    assert next(e for e in events if isinstance(e, TurnEnded)).text == "done"
    assert adapter.verdict(0, None, "") == (True, "")


def test_exec_says_which_tool_nobody_could_be_asked_about() -> None:
    _, events = heard("exec-mcp-needs-approval")
    assert [e.denied for e in events if isinstance(e, ToolEnded)] == [True]
    assert next(e for e in events if isinstance(e, TurnEnded)).denials == ("mcp__locust__report_progress",)


def test_exec_that_vanishes_or_fails_late_is_not_done() -> None:
    rows = [line.encode() for line in lines("codex", "exec-ok")]
    for cut in range(len(rows)):
        adapter = CodexExecAdapter(Job("WS-01.1", "do it", "/w", (), mode="exec"))
        for row in rows[:cut]:
            adapter.feed(row)
        assert adapter.verdict(0 if cut else 1, None, "")[0] is False
    adapter, _ = heard("exec-ok")
    ok, why = adapter.verdict(1, None, "thread 'main' panicked\n")
    assert (ok, "panicked" in why) == (False, True)
    assert adapter.verdict(None, 9, "")[1] == "codex exec was killed by SIGKILL behind its turn"


def test_a_program_that_never_spoke_has_failed_whatever_its_exit_code() -> None:
    for adapter in (CodexAdapter(Job("r", "p", "/w", ())), CodexExecAdapter(Job("r", "p", "/w", ()))):
        adapter.feed(b"hello")
        assert not adapter.spoke
        ok, why = adapter.verdict(0, None, "")
        assert not ok
        assert "never spoke codex" in why
        ok, why = adapter.verdict(127, None, "sh: codex: not found\n")
        assert not ok
        assert "exit code 127" in why
        assert "not found" in why


def test_the_to_do_list_is_stated() -> None:
    adapter = CodexExecAdapter(Job("r", "p", "/w", ()))
    item = {
        "type": "todo_list",
        "items": [{"text": "read", "completed": True}, {"text": "write", "completed": False}],
    }
    events = adapter.feed(json.dumps({"type": "item.updated", "item": item}).encode()).events
    assert events == (PlanStated((("read", "done"), ("write", "pending"))),)
    app = CodexAdapter(Job("r", "p", "/w", ()))
    plan = {"plan": [{"step": "read", "status": "completed"}, {"step": "write", "status": "inProgress"}]}
    line = json.dumps({"method": "turn/plan/updated", "params": plan}).encode()
    assert app.feed(line).events == (PlanStated((("read", "done"), ("write", "in-progress"))),)


# ---- whatever comes


STEPS = [(path, number, one) for path in APP_SERVER for number, one in enumerate(told(path))]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_garbled_lines_never_raise_and_lost_ones_make_nothing_better(data: st.DataObject) -> None:
    _, _, one = data.draw(st.sampled_from(STEPS))
    good = sum(e.ok for e in life(one).live(one.steps).of(TurnEnded))
    adapter = life(one).adapter
    fine = 0
    for step in one.steps:
        if step.what == "answer":
            adapter.answer(step.id, step.text)
        if step.what != "line":
            continue
        how = data.draw(st.sampled_from(["whole", "whole", "whole", "cut", "lost", "twice", "torn"]))
        at = data.draw(st.integers(0, len(step.line))) if how in ("cut", "torn") else 0
        told_now = {"whole": [step.line], "twice": [step.line] * 2, "cut": [step.line[:at]], "lost": []}.get(
            how, [step.line[:at], step.line[at:]]
        )
        for line in told_now:
            fine += sum(isinstance(e, TurnEnded) and e.ok for e in adapter.feed(line).events)
    assert fine <= good
    adapter.verdict(None, 9, "")


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(APP_SERVER + EXEC), st.integers(0, 2**32))
def test_members_of_any_type_never_raise(path: Path, seed: int) -> None:
    rng = Random(seed)
    rows = [json.loads(row)["line"] for row in path.read_text().splitlines() if '"dir": "out"' in row]
    job = Job("WS-01.1", "p", "/home/dev/work", (), tools=(LOCUST,), allow=("Edit", "Bash(ls *)"))
    adapter = CodexExecAdapter(job) if path in EXEC else CodexAdapter(job)
    for row in rows:
        for event in adapter.feed(json.dumps(mangled(rng, json.loads(row))).encode()).events:
            if isinstance(event, Wants):
                adapter.answer(event.id, rng.choice(["allow", "always", "deny", "other"]), "a\nb")


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_never_raise(line: bytes) -> None:
    job = Job("r", "p", "/w", ())
    for adapter in (CodexAdapter(job), CodexExecAdapter(job)):
        assert adapter.feed(line).send == ()


def test_a_deep_line_is_no_message() -> None:
    line = b'{"method":"error","params":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert CodexAdapter(Job("r", "p", "/w", ())).feed(line).events == ()


def test_captures_are_there() -> None:
    assert len(APP_SERVER) >= 7, CAPTURES
    assert len(EXEC) >= 8


def test_requests_that_wait_are_taken_back_when_the_turn_ends() -> None:
    one = told("codex/0.169.0/app-server.jsonl")[0]
    talk = life(one).live(
        step for step in one.steps if step.what == "line" and b"serverRequest/resolved" not in step.line
    )
    assert [event.id for event in talk.of(WantsNoMore)] == ["0", "1"]


def test_a_turn_that_ends_because_its_login_was_refused_says_so() -> None:
    adapter = CodexAdapter(Job("r", "p", "/w", ()))
    error = {"message": "Reconnecting... 1/5", "codexErrorInfo": {"responseStreamDisconnected": {"httpStatusCode": 401}},
             "additionalDetails": "unexpected status 401 Unauthorized"}  # fmt: skip
    over = {"id": "t", "status": "interrupted"}
    for turn, params in (("error", {"error": error, "willRetry": True}), ("turn/completed", {"turn": over})):
        events = adapter.feed(json.dumps({"method": turn, "params": params}).encode()).events
    ended = next(event for event in events if isinstance(event, TurnEnded))
    assert (ended.trouble, ended.text) == (Trouble.AUTH, "unexpected status 401 Unauthorized")
