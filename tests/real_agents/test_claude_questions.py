"""Claude Code's questions and plans, put to a person and answered, over the real program."""

from __future__ import annotations

import json
from dataclasses import replace

from agent_programs import AgentProgram
from driving import Driver, job

from locust_tui.agents.claude import ClaudeAdapter
from locust_tui.agents.vocabulary import (
    Activity,
    ActivityChanged,
    AskKind,
    Failed,
    Said,
    ToolEnded,
    ToolServer,
    TurnEnded,
    Wants,
)

QUESTIONS = {
    "questions": [
        {
            "question": "Which database?",
            "header": "DB",
            "multiSelect": False,
            "options": [
                {"label": "SQLite", "description": "one file"},
                {"label": "Postgres", "description": "a server"},
            ],
        },
        {
            "question": "Which port?",
            "header": "Port",
            "multiSelect": False,
            "options": [{"label": "80", "description": "x"}, {"label": "8080", "description": "y"}],
        },
    ]
}


async def test_every_question_is_answered_in_the_person_s_words(claude_env: AgentProgram) -> None:
    prompt = f"@tool AskUserQuestion {json.dumps(QUESTIONS)}\n@text thanks"
    given = {"Which database?": "SQLite", "Which port?": "8080"}
    driver = Driver(ClaudeAdapter(job(claude_env, prompt)), claude_env, lambda wants: given[wants.what])
    async with driver:
        turn = await driver.turn()
        talk = await driver.end()
    assert turn.ok
    asked = talk.of(Wants)
    assert [(w.kind, w.choices) for w in asked] == [
        (AskKind.QUESTION, ("SQLite", "Postgres")),
        (AskKind.QUESTION, ("80", "8080")),
    ]
    (ended,) = talk.of(ToolEnded)
    assert ended.ok, ended
    assert "SQLite" in ended.output
    assert "8080" in ended.output


async def test_a_question_that_nobody_answers_does_not_hold_the_turn(claude_env: AgentProgram) -> None:
    prompt = f"@tool AskUserQuestion {json.dumps(QUESTIONS)}\n@text went on"
    driver = Driver(ClaudeAdapter(job(claude_env, prompt)), claude_env, lambda _: "deny")
    async with driver:
        turn = await driver.turn()
        talk = await driver.end()
    assert turn.ok
    (ended,) = talk.of(ToolEnded)
    assert (ended.ok, ended.denied) == (False, True)


async def test_a_plan_waits_for_a_person(claude_env: AgentProgram) -> None:
    plan = {"plan": "1. read\n2. write"}
    prompt = f"@tool ExitPlanMode {json.dumps(plan)}\n@text done"
    start = job(claude_env, prompt)
    start = replace(start, command=(*start.command, "--permission-mode", "plan", "-p", prompt))
    driver = Driver(ClaudeAdapter(start), claude_env)
    async with driver:
        turn = await driver.turn()
        talk = await driver.end()
    assert turn.ok
    (asked,) = talk.of(Wants)
    assert (asked.tool, asked.choices, asked.kind) == ("ExitPlanMode", ("allow", "deny"), AskKind.PERMISSION)
    assert "1. read" in asked.detail
    (ended,) = talk.of(ToolEnded)
    assert ended.ok, ended


async def test_tools_that_are_down_are_told_and_the_agent_goes_on(claude_env: AgentProgram) -> None:
    nobody = ToolServer("locust", "http://127.0.0.1:1/mcp", "LOCUST_TOKEN")
    driver = Driver(ClaudeAdapter(job(claude_env, "@text done", tools=(nobody,))), claude_env)
    async with driver:
        turn = await driver.turn()
        talk = await driver.end()
    assert turn.ok
    (failed,) = talk.of(Failed)
    assert not failed.fatal
    assert "locust (failed)" in failed.message


async def test_idle_comes_after_an_agent_in_the_background_too(claude_env: AgentProgram) -> None:
    helper = {"description": "look", "prompt": "@sleep 1\n@text seen", "subagent_type": "general-purpose"}
    driver = Driver(
        ClaudeAdapter(job(claude_env, f"@tool Agent {json.dumps(helper)}\n@text done")), claude_env
    )
    async with driver:
        await driver.until(lambda event: event == ActivityChanged(Activity.IDLE))
        before = len(driver.talk.of(TurnEnded))
        talk = await driver.end()
    assert [turn.ok for turn in talk.of(TurnEnded)] == [True] * before
    assert "seen" in [said.text for said in talk.of(Said) if said.parent]
    assert talk.verdict == (True, "")
