"""Where Claude Code's words would mislead: every such case is decided here."""

from __future__ import annotations

import json

import pytest
from captured import lines
from claude_talk import Talk, result, wants

from locust_tui.agents.vocabulary import (
    Activity,
    ActivityChanged,
    Failed,
    LimitHeard,
    PlanStated,
    Said,
    ToolEnded,
    ToolServer,
    Trouble,
    TurnEnded,
    Used,
    WantsNoMore,
)

INIT = {"type": "system", "subtype": "init", "session_id": "s", "model": "m", "mcp_servers": []}
OURS = ToolServer("locust", "http://127.0.0.1:1/mcp", "T")


def state(word: str) -> dict[str, str]:
    return {"type": "system", "subtype": "session_state_changed", "state": word, "session_id": "s"}


def complaint(text: str, error: str, **more: object) -> dict[str, object]:
    message = {"id": "m", "model": "<synthetic>", "content": [{"type": "text", "text": text}]}
    return {"type": "assistant", "message": message, "error": error, **more}


def test_no_result_at_all_is_a_crash_in_the_words_of_its_stderr() -> None:
    told = Talk()
    told.hear(INIT)
    assert told.adapter.verdict(143, None, "") == (False, "ended with exit code 143 without a result")
    assert told.adapter.verdict(None, 9, "x\nlast words\n") == (
        False,
        "was killed by SIGKILL without a result: last words",
    )
    assert not told.adapter.verdict(0, None, "")[0]


def test_a_program_that_never_spoke_has_failed_whatever_its_exit_code() -> None:
    told = Talk()
    assert not told.hear("Compiling…", '{"level":"info","type":"log"}', b"\xff\xfe", b"")
    assert not told.adapter.spoke
    assert told.adapter.verdict(0, None, "") == (False, "it never spoke claude's protocol")
    why = "it ended with exit code 1 and never spoke claude's protocol: cannot be used with root"
    assert told.adapter.verdict(1, None, "cannot be used with root") == (False, why)


@pytest.mark.parametrize(
    ("stderr", "says"),
    [
        ("error: unknown option '--bogus'\n\n", "error: unknown option '--bogus'"),
        ("error: unexpected argument '--x' found\n\nUsage: codex [OPTIONS]\n\nFor more information, try '--help'.\n",
         "error: unexpected argument '--x' found"),
        ("a.js:3\n throw new Error('x')\n ^\n\nError: no such model\n    at f (a.js:3:1)\n\nNode.js v22.1.0\n", "Error: no such model"),
        ("Traceback (most recent call last):\n  File \"a\", line 1\nKeyError: 'HOME'\n", "KeyError: 'HOME'"),
        ("first\nlast words\n", "last words"),
    ],
)  # fmt: skip
def test_of_stderr_the_line_is_told_that_says_why(stderr: str, says: str) -> None:
    assert Talk().adapter.verdict(1, None, stderr)[1].endswith(f"protocol: {says}")


def test_the_end_in_the_middle_of_a_later_turn_is_no_success() -> None:
    told = Talk()
    told.hear(INIT, result(), INIT)
    assert told.adapter.verdict(0, None, "") == (False, "ended with exit code 0 in the middle of a turn")
    told.hear(result())
    assert told.adapter.verdict(0, None, "") == (True, "")
    assert not told.adapter.verdict(1, None, "")[0]
    told.adapter.say("more", "m1")
    assert not told.adapter.verdict(0, None, "")[0]


def test_a_result_without_its_judgement_is_no_success() -> None:
    told = Talk()
    told.hear({"type": "result", "subtype": "success", "result": "done"}, result(stop_reason="refusal"))
    assert [t.ok for t in told.of(TurnEnded)] == [False, False]
    assert told.of(TurnEnded)[1].trouble is Trouble.REFUSED


@pytest.mark.parametrize(
    ("error", "status", "text", "trouble"),
    [
        ("model_not_found", 404, "no such model", Trouble.MODEL),
        ("rate_limit", 429, "API Error: Request rejected (429) · slow down", Trouble.RATE_LIMIT),
        ("invalid_request", 400, "Prompt is too long", Trouble.CONTEXT),
        ("server_error", 500, "API Error: 500", Trouble.SERVER),
        ("oauth_org_not_allowed", 403, "no", Trouble.AUTH),
        ("unknown", None, "?", Trouble.NETWORK),
        ("invalid_request", 400, "bad", Trouble.UNKNOWN),
    ],
)
def test_errors_of_the_model_s_service(error: str, status: int | None, text: str, trouble: Trouble) -> None:
    told = Talk()
    told.hear(complaint(text, error), result(is_error=True, api_error_status=status, result=text))
    (ended,) = told.of(TurnEnded)
    assert (ended.ok, ended.trouble) == (False, trouble)
    assert not told.of(Said)


def test_a_lost_network_and_a_full_context_are_told_by_their_fields() -> None:
    told = Talk()
    told.hear(complaint("x", "server_error", api_error="connection_failed"), result(is_error=True))
    told.hear(result(is_error=True, terminal_reason="prompt_too_long"))
    assert [t.trouble for t in told.of(TurnEnded)] == [Trouble.NETWORK, Trouble.CONTEXT]


@pytest.mark.parametrize(
    ("text", "resets"),
    [
        ("Claude AI usage limit reached|1795347562", 1795347562),
        ("5-hour limit reached ∙ resets 2am (UTC)", 1795399200),
        ("You've hit your limit · resets 10am (America/Chicago)", 1795363200),
        ("You've hit your weekly limit · resets Nov 25, 10:03am (UTC)", 1795600980),
        ("You've hit your 5-hour limit · resets Jan 1, 2100, 12am (UTC)", 4102444800),
    ],
)
def test_a_limit_that_only_a_text_tells_of(text: str, resets: float) -> None:
    told = Talk()
    told.hear(
        complaint(text, "rate_limit", timestamp="2026-11-22T10:00:00.000Z"),
        result(is_error=True, api_error_status=429, result=text),
    )
    (heard,) = told.of(LimitHeard)
    assert (heard.reached, heard.resets_at) == (True, resets)
    assert (told.of(TurnEnded)[0].trouble, told.of(TurnEnded)[0].resets_at) == (Trouble.USAGE_LIMIT, resets)


def test_the_model_may_speak_of_limits_without_reaching_one() -> None:
    told = Talk()
    told.hear(result(result="I wrote: usage limit reached|1795347562"))
    assert told.of(TurnEnded)[0].ok
    assert not told.of(LimitHeard)


def test_a_rejected_window_while_extra_usage_pays_stops_nothing() -> None:
    told = Talk()
    told.hear(
        {
            "type": "rate_limit_event",
            "rate_limit_info": {"status": "rejected", "isUsingOverage": True, "resetsAt": 5},
        },
        result(),
    )
    assert [heard.reached for heard in told.of(LimitHeard)] == [False]
    assert told.of(TurnEnded)[0].ok


def test_there_is_nothing_to_resume_before_anything_was_said() -> None:
    told = Talk(session="s")
    assert told.adapter.resumable == ""
    told.hear(state("running"), INIT)
    assert told.adapter.resumable == ""
    told.hear({"type": "assistant", "message": {"id": "m", "content": [{"type": "text", "text": "hi"}]}})
    assert told.adapter.resumable == "s"


def test_waiting_is_said_where_a_person_is_asked_and_not_where_a_rule_answers() -> None:
    told = Talk(allow=("Bash(npm test)",))
    told.hear(
        state("running"),
        state("requires_action"),
        wants("Bash", {"command": "npm test"}, "a"),
        state("running"),
    )
    assert [c.activity for c in told.of(ActivityChanged)] == [Activity.WORKING]
    told.hear(state("requires_action"), wants("Bash", {"command": "npm publish"}, "b"))
    assert [c.activity for c in told.of(ActivityChanged)] == [Activity.WORKING, Activity.WAITING]


def test_idle_is_said_only_when_nothing_is_left_that_would_begin_a_turn() -> None:
    told = Talk()
    tasks = {"type": "system", "subtype": "background_tasks_changed"}
    agent, server = {"task_id": "a", "task_type": "local_agent"}, {"task_id": "b", "task_type": "local_bash"}
    told.hear(state("running"), {**tasks, "tasks": [agent, server]}, result(), state("idle"))
    assert [c.activity for c in told.of(ActivityChanged)] == [Activity.WORKING]
    told.hear({**tasks, "tasks": [server]})
    assert [c.activity for c in told.of(ActivityChanged)] == [Activity.WORKING, Activity.IDLE]


def test_tasks_are_followed_one_by_one_where_they_are_not_listed() -> None:
    told = Talk()
    told.hear(
        state("running"),
        {"type": "system", "subtype": "task_started", "task_id": "a", "task_type": "local_agent"},
        result(),
        state("idle"),
    )
    assert told.of(ActivityChanged)[-1].activity is Activity.WORKING
    told.hear({"type": "system", "subtype": "task_updated", "task_id": "a", "patch": {"status": "completed"}})
    assert told.of(ActivityChanged)[-1].activity is Activity.IDLE


def test_money_after_a_resume_is_that_of_this_process_alone() -> None:
    use = {"m": {"inputTokens": 10, "outputTokens": 5, "costUSD": 0.25}}
    told = Talk(resume="s")
    told.hear(result(total_cost_usd=7.25, modelUsage=use, model_usage_since_last_result=use))
    told.hear(result(total_cost_usd=7.5, modelUsage=use, model_usage_since_last_result=use))
    told.hear(result(total_cost_usd=7.5, modelUsage=use))
    assert [u.cost_usd for u in told.of(Used)] == [0.25, 0.5, 0.5]
    assert [u.input_tokens for u in told.of(Used)] == [10, 20, 20]
    old = Talk(resume="s")
    old.hear(result(total_cost_usd=0.1, modelUsage=use), result(total_cost_usd=0.3, modelUsage=use))
    assert [u.cost_usd for u in old.of(Used)] == [0.1, 0.3]


@pytest.mark.parametrize(
    ("servers", "said"),
    [
        ([{"name": "locust", "status": "failed"}], "failed"),
        ([{"name": "locust", "status": "needs-auth"}], "needs-auth"),
        ([], "missing"),
    ],
)
def test_an_agent_without_our_tools_is_told_once_and_goes_on(
    servers: list[dict[str, str]], said: str
) -> None:
    told = Talk(tools=(OURS,))
    told.hear({**INIT, "mcp_servers": servers}, {**INIT, "mcp_servers": servers})
    (failed,) = told.of(Failed)
    assert not failed.fatal
    assert f"locust ({said})" in failed.message


@pytest.mark.parametrize("status", ["connected", "pending"])
def test_tools_that_are_there_or_coming_are_no_trouble(status: str) -> None:
    told = Talk(tools=(OURS,))
    told.hear({**INIT, "mcp_servers": [{"name": "locust", "status": status}]})
    assert not told.of(Failed)


def test_a_limit_s_event_in_the_middle_of_a_line_loses_neither() -> None:
    event = '{"type":"rate_limit_event","rate_limit_info":{"status":"allowed_warning","utilization":0.9}}'
    whole = json.dumps(
        {"type": "assistant", "message": {"id": "m", "content": [{"type": "text", "text": "hello"}]}}
    )
    for pieces in ([whole[:30] + event + whole[30:]], [whole[:30] + event, whole[30:]]):
        told = Talk()
        told.hear(INIT, *pieces)
        assert [heard.utilization for heard in told.of(LimitHeard)] == [90]
        assert [said.text for said in told.of(Said)] == ["hello"]
        assert not told.of(Failed)


def test_broken_lines_are_told_once_and_unknown_ones_never() -> None:
    told = Talk()
    told.hear(
        INIT,
        '{"type":"assist',
        '{"type":"resu',
        "a warning on stdout",
        '{"type":"from_the_future","a":1}',
        "[1]",
    )
    (failed,) = told.of(Failed)
    assert (failed.trouble, failed.fatal) == (Trouble.PROTOCOL, False)
    assert (
        told.adapter.verdict(0, None, "")[1]
        == "ended with exit code 0 without a result; 2 of its lines could not be read"
    )


def test_the_type_need_not_come_first_and_odd_fields_hide_nothing() -> None:
    told = Talk()
    told.hear(
        '{"is_error":false,"num_turns":"three","total_cost_usd":"free","subtype":"success","result":"ok","type":"result"}'
    )
    told.hear({**result(), "errors": "none", "modelUsage": [1], "permission_denials": 7})
    assert [t.ok for t in told.of(TurnEnded)] == [True, True]


def test_half_a_character_is_not_half_a_message() -> None:
    told = Talk()
    told.hear('{"type":"assistant","message":{"id":"m","content":[{"type":"text","text":"a\\ud83d"}]}}')
    assert [said.text for said in told.of(Said)] == ["a\ufffd"]


def test_a_line_of_sixteen_megabytes_is_read_and_a_longer_one_told() -> None:
    told = Talk()
    block = {"type": "tool_result", "tool_use_id": "t", "content": "x" * (16 * 2**20 - 200)}
    told.hear({"type": "user", "message": {"role": "user", "content": [block]}})
    (ended,) = told.of(ToolEnded)
    assert ended.ok
    assert len(ended.output) < 5_000
    (failed,) = told.adapter.feed_oversize(20_000_000).events
    assert isinstance(failed, Failed)
    assert "20 MB" in failed.message


@pytest.mark.parametrize(
    "output", ["x" * 50_000, "\n".join(["y" * 900] * 30), "\n".join(map(str, range(5_000))), "\n" * 9]
)
def test_of_a_long_output_its_ends_are_kept(output: str) -> None:
    told = Talk()
    block = {
        "type": "tool_result",
        "tool_use_id": "t",
        "content": [{"type": "text", "text": output}, {"type": "image"}],
    }
    told.hear({"type": "user", "message": {"content": [block]}})
    kept = told.of(ToolEnded)[0].output
    assert len(kept) < 6_000
    assert kept.endswith("[image]")
    assert kept[:9] == f"{output}\n[image]"[:9]


def test_a_lost_login_and_a_refused_message_are_told() -> None:
    told = Talk()
    told.hear(
        {"type": "auth_status", "isAuthenticating": False, "error": "token expired"},
        {"type": "auth_status", "isAuthenticating": True},
        {
            "type": "control_response",
            "response": {"subtype": "error", "request_id": "initialize", "error": "no"},
        },
        {"type": "control_response", "response": {"subtype": "success", "request_id": "initialize"}},
    )
    login, refused = told.of(Failed)
    assert (login.trouble, login.fatal, login.message) == (Trouble.AUTH, True, "token expired")
    assert (refused.trouble, refused.fatal) == (Trouble.PROTOCOL, False)


def test_a_sub_agent_s_error_is_not_the_turn_s() -> None:
    told = Talk()
    told.hear(
        complaint("x", "billing_error", parent_tool_use_id="t"), result(is_error=True, api_error_status=500)
    )
    assert told.of(TurnEnded)[0].trouble is Trouble.SERVER


def test_a_request_taken_back_or_left_open_at_the_end_of_its_turn_is_said_to_be() -> None:
    told = Talk()
    told.hear(wants("Bash", {"command": "a"}, "one"), {"type": "control_cancel_request", "request_id": "one"})
    told.hear({"type": "control_cancel_request", "request_id": "unheard-of"})
    told.hear(wants("Bash", {"command": "b"}, "two"), result())
    assert [w.id for w in told.of(WantsNoMore)] == ["one", "two"]
    assert told.answer("one", "allow") == []


def test_a_list_of_things_to_do_is_the_agent_s_plan() -> None:
    told = Talk()
    todos = [
        {"content": "read", "status": "completed"},
        {"content": "write", "status": "in_progress"},
        {"content": "test"},
    ]
    block = {"type": "tool_use", "id": "t", "name": "TodoWrite", "input": {"todos": todos}}
    told.hear({"type": "assistant", "message": {"id": "m", "content": [block]}})
    assert told.of(PlanStated) == [
        PlanStated((("read", "done"), ("write", "in-progress"), ("test", "pending")))
    ]


def test_the_same_lines_come_to_the_same_state_and_the_same_messages() -> None:
    first, again = Talk(allow=("Edit",)), Talk(allow=("Edit",))
    for told in (first, again):
        told.hear(*lines("claude", "2.1.330/control-permission"))
    assert first.events == again.events
    assert [message.key for message in first.sent] == [message.key for message in again.sent] != []
    assert first.adapter.begin() == again.adapter.begin()
    assert first.adapter.interrupt() == again.adapter.interrupt()


def test_a_limit_is_told_in_figures_where_its_message_has_them() -> None:
    told = Talk()
    info = {"status": "rejected", "resetsAt": 1795347562, "rateLimitType": "five_hour"}
    text = "You've hit your 5-hour limit \u00b7 resets 6:48pm (UTC)"
    told.hear(INIT, complaint(text, "rate_limit", api_error_params={"rate_limit_info": info}))
    told.hear(result(is_error=True, result=text, api_error_status=429, api_error="usage_limit_reached"))
    ended = told.of(TurnEnded)[0]
    assert (ended.trouble, ended.resets_at) == (Trouble.USAGE_LIMIT, 1795347562)
    heard = told.of(LimitHeard)[0]
    assert (heard.window, heard.resets_at) == ("5 hours", 1795347562)


def test_a_turn_that_ends_because_its_login_was_refused_says_so_and_no_user_did_it() -> None:
    told = Talk()
    retry = {"type": "system", "subtype": "api_retry", "attempt": 1, "max_retries": 10, "error_status": 401}
    told.hear(INIT, {**retry, "error": "authentication_failed"})
    words = {"role": "user", "content": [{"type": "text", "text": "[Request interrupted by user]"}]}
    told.hear({"type": "user", "message": words})
    told.hear(result(is_error=True, subtype="error_during_execution", terminal_reason="aborted_streaming"))
    ended = told.of(TurnEnded)[0]
    assert (ended.ok, ended.trouble) == (False, Trouble.AUTH)
    assert "interrupted" not in ended.text
    assert told.of(Said) == []
    told.hear(INIT, result(is_error=True, subtype="error_during_execution", terminal_reason="aborted_tools"))
    assert told.of(TurnEnded)[-1].trouble is Trouble.INTERRUPTED
