"""Each adapter over its real program: the same promises, whatever the protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest
from agent_programs import AgentProgram, subscribed
from driving import Conversation, Driver, allow, job, replayed

from locust_tui.agents.acp import AcpAdapter
from locust_tui.agents.adapter import Adapter
from locust_tui.agents.claude import ClaudeAdapter
from locust_tui.agents.codex import CodexAdapter
from locust_tui.agents.codex_exec import CodexExecAdapter
from locust_tui.agents.vocabulary import (
    Job,
    LimitHeard,
    Retrying,
    ToolEnded,
    ToolStarted,
    Trouble,
    TurnEnded,
    Used,
    Wants,
)
from project import until

RESETS_AT = 4102444800
BUSY = "python3 -c 'import time; time.sleep(60)'"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of agent: its adapter, and its program in a home of its own."""

    adapter: Callable[[Job], Adapter]
    program: AgentProgram

    def job(self, prompt: str, **more: object) -> Job:
        return job(self.program, prompt, session=str(uuid4()), **more)

    def file(self, name: str) -> Path:
        return self.program.folder / name


ADAPTERS: dict[str, Callable[[Job], Adapter]] = {
    "acp": AcpAdapter,
    "claude": ClaudeAdapter,
    "codex": CodexAdapter,
}


@pytest.fixture(params=sorted(ADAPTERS))
def kind(request: pytest.FixtureRequest) -> Kind:
    program = request.getfixturevalue(f"{request.param}_env")
    if request.param != "codex":
        program = subscribed(program)
    return Kind(ADAPTERS[request.param], program)


async def one_turn(kind: Kind, job: Job, decide: Callable[[Wants], str] = allow) -> Conversation:
    """The prompt's turn, and the end."""
    async with Driver(kind.adapter(job), kind.program, decide) as driver:
        await driver.turn()
        return await driver.end()


async def test_it_asks_works_and_ends_well(kind: Kind) -> None:
    task = kind.job("@think let me see\n@say I make a file\n@run touch made\n@text all done")
    talk = await one_turn(kind, task)
    assert talk.session
    (wants,) = talk.of(Wants)
    assert "touch made" in wants.what
    assert talk.spoken[-1] == "all done"
    (started,), (ended,) = talk.of(ToolStarted), talk.of(ToolEnded)
    assert "touch made" in started.summary
    assert (ended.id, ended.ok, ended.denied) == (started.id, True, False)
    (turn,) = talk.of(TurnEnded)
    assert (turn.ok, turn.text, turn.trouble) == (True, "all done", None)
    assert (talk.of(Used)[-1].input_tokens or 0) > 0
    assert talk.verdict == (True, "")
    assert kind.file("made").exists()


async def test_a_denied_command_does_not_run(kind: Kind) -> None:
    talk = await one_turn(kind, kind.job("@run touch made\n@text did without"), lambda _: "deny")
    (ended,) = talk.of(ToolEnded)
    assert (ended.ok, ended.denied) == (False, True)
    assert not kind.file("made").exists()
    assert talk.of(TurnEnded)[-1].ok


async def test_always_is_asked_once(kind: Kind) -> None:
    again = kind.job("@run touch made\n@run touch made\n@text done")
    talk = await one_turn(kind, again, lambda wants: "always")
    assert len(talk.of(Wants)) == 1
    assert [tool.ok for tool in talk.of(ToolEnded)] == [True, True]


async def test_a_rule_of_the_plan_needs_no_question(kind: Kind) -> None:
    talk = await one_turn(kind, kind.job("@run touch made\n@text done", allow=("Bash(touch made)",)))
    assert talk.of(Wants) == []
    assert kind.file("made").exists()


@pytest.mark.parametrize("kind", ["claude", "codex"], indirect=True)
async def test_the_usage_limit_says_when_it_ends(kind: Kind) -> None:
    talk = await one_turn(kind, kind.job(f"@limit {RESETS_AT} five_hour"))
    limit = talk.of(LimitHeard)[-1]
    assert (limit.reached, limit.resets_at) == (True, RESETS_AT)
    turn = talk.of(TurnEnded)[-1]
    assert (turn.ok, turn.trouble, turn.resets_at) == (False, Trouble.USAGE_LIMIT, RESETS_AT)


async def test_acp_has_only_words_for_the_usage_limit(acp_env: AgentProgram) -> None:
    kind = Kind(AcpAdapter, subscribed(acp_env))
    talk = await one_turn(kind, kind.job(f"@limit {RESETS_AT} five_hour"))
    assert talk.of(LimitHeard)[-1].reached
    assert talk.of(TurnEnded)[-1].trouble is Trouble.USAGE_LIMIT


@pytest.mark.parametrize("kind", ["claude", "codex"], indirect=True)
async def test_word_of_a_limit_that_comes_near_does_not_stop_it(kind: Kind) -> None:
    talk = await one_turn(kind, kind.job(f"@warn {RESETS_AT} 0.91 five_hour\n@text went on"))
    limit = talk.of(LimitHeard)[-1]
    assert (limit.reached, limit.utilization) == (False, 91)
    assert talk.of(TurnEnded)[-1].ok


async def test_a_refused_login_is_told_as_such(kind: Kind) -> None:
    talk = await one_turn(kind, kind.job("@error 401 authentication_error invalid key"))
    assert talk.of(TurnEnded)[-1].trouble is Trouble.AUTH
    assert talk.verdict[0] is False


async def test_what_passes_by_itself_is_retried(kind: Kind) -> None:
    talk = await one_turn(kind, kind.job("@flaky 1 500 api_error broken\n@text came through"))
    assert talk.of(TurnEnded)[-1].ok
    if kind.adapter is ClaudeAdapter:  # the others keep their first retry to themselves
        assert talk.of(Retrying)


async def test_an_interrupted_turn_leaves_the_conversation(kind: Kind) -> None:
    task = kind.job(f"@run {BUSY}\n@text not reached")
    async with Driver(kind.adapter(task), kind.program) as driver:
        await driver.until(lambda event: isinstance(event, ToolStarted))
        if not driver.talk.of(Wants):
            await driver.until(lambda event: isinstance(event, Wants))
        await driver.call("interrupt")
        turn = await driver.turn()
        assert (turn.ok, turn.trouble) == (False, Trouble.INTERRUPTED)
        await driver.call("say", "@text still here", "person-1")
        assert (await driver.turn()).text == "still here"
        talk = await driver.end()
    assert talk.verdict == (True, "")


def kept(kind: Kind, words: str) -> bool:
    """Whether the program's session has them: a process behind the one that ended may still be writing it."""
    sessions = kind.program.folder.parent.rglob("*.jsonl")
    return any(words in path.read_text(errors="replace") for path in sessions)


async def test_a_later_process_goes_on_with_the_session(kind: Kind) -> None:
    first = await one_turn(kind, kind.job("@text remember the harbour"))
    await asyncio.to_thread(until, lambda: kept(kind, "remember the harbour"), what="the session's file")
    task = kind.job("@text second process", resume=first.adapter.resumable, run="WS-01.2")
    second = await one_turn(kind, task)
    assert second.of(TurnEnded)[-1].text == "second process"
    assert "remember the harbour" in str(kind.program.model.questions()[-1])
    assert second.adapter.resumable == first.adapter.resumable


async def test_a_killed_program_has_not_done_well(kind: Kind) -> None:
    async with Driver(kind.adapter(kind.job("@hold door\n@text never")), kind.program) as driver:
        reading = asyncio.create_task(driver.turn())
        await asyncio.to_thread(kind.program.model.wait_held, "door")
        driver.process.kill()
        with pytest.raises(EOFError):
            await reading
        talk = await driver.end()
    ok, why = talk.verdict
    assert not ok
    assert "SIGKILL" in why


async def test_the_prompt_stands_in_no_argument_or_variable(kind: Kind) -> None:
    secret = "a-very-private-task"
    adapter = kind.adapter(kind.job(f"@text {secret}"))
    async with Driver(adapter, kind.program) as driver:
        process = Path(f"/proc/{driver.process.pid}")
        assert secret.encode() not in (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        await driver.turn()
        await driver.end()


async def test_the_same_lines_lead_a_new_adapter_to_the_same_state(kind: Kind) -> None:
    task = kind.job("@run touch made\n@run touch more\n@text done")
    talk = await one_turn(kind, task)
    for call, then, now in replayed(talk, kind.adapter(replace(task))):
        assert now == then, call


async def test_codex_exec_does_one_turn(codex_env: AgentProgram) -> None:
    flags = [
        "--skip-git-repo-check",
        "--sandbox",
        "danger-full-access",
    ]  # its sandbox is not what is tested here
    program = replace(codex_env, argv=[*codex_env.argv, "exec", *flags])
    adapter = CodexExecAdapter(job(program, "@think hm\n@run echo hello\n@text all done"))
    async with Driver(adapter, program) as driver:
        turn = await driver.turn()
        talk = await driver.end()
    assert (turn.ok, turn.text) == (True, "all done")
    assert [tool.ok for tool in talk.of(ToolEnded)] == [True]
    assert talk.verdict == (True, "")
