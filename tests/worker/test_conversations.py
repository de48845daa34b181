"""Agents that speak a protocol, as real processes: they are asked for, answered, ended, and outlive the worker."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from speaking import accepted, did, open_ask, speaking, told

from locust_tui.analysis.overview import build_snapshot
from locust_tui.client.requests import AnswerAsk, SendText, SteerWorkstream, WorkstreamAction
from locust_tui.domain import events as e
from locust_tui.domain.states import RunState, WorkstreamState
from locust_tui.plans.reading import load_plan
from project import Project, state_letter, until


def test_one_turn_that_went_well_is_the_whole_run(project: Project) -> None:
    speaking(project, {"a": "@cost 0.25\n::locust progress=40::half\nwell"})
    project.up()
    world = project.ends()
    run = world.runs["a.1"]
    assert (run.state, run.exit_code) == (RunState.EXITED, 0)
    assert (run.session != "", run.model, run.version, run.account) == (True, "fake", "1.0", "claude")
    assert run.cost_usd == pytest.approx(0.25)
    assert world.workstream("a").state is WorkstreamState.ACCEPTED
    assert [m["type"] for m in told(project, "a.1")] == ["control_request", "user"]
    assert did(project, "a.1") == ["began", "end of input"]
    assert [r.progress for r in project.events(e.WorkstreamReported)] == [40]
    project.ends()
    project.assert_sound()


def test_no_word_of_the_instructions_stands_in_the_command_line(project: Project) -> None:
    speaking(project, {"a": "secret words"})
    project.up()
    project.ends()
    created = project.events(e.RunCreated)[0]
    assert not any("secret" in argument for argument in created.argv)


@pytest.mark.parametrize(("choice", "behaviour"), [("allow", "allow"), ("deny", "deny"), ("always", "allow")])
def test_a_permission_waits_in_the_inbox_until_a_person_answers(
    project: Project, choice: str, behaviour: str
) -> None:
    speaking(project, {"a": "@run make test\n@run make test"})
    project.up()
    world = project.reaches(open_ask)
    ask = open_ask(world)
    assert ask is not None
    assert (ask.item, ask.kind, ask.subject, ask.run) == ("permission:a.1:1", "permission", "a", "a.1")
    assert "make test" in ask.detail
    world = project.reaches(lambda w: w.runs["a.1"].state is RunState.WAITING)
    assert world.runs["a.1"].source == "protocol"
    project.reaches(lambda w: w.workstream("a").state is WorkstreamState.NEEDS_INPUT)
    project.ask(AnswerAsk(ask.item, choice, digest=ask.digest))
    if choice != "always":
        world = project.reaches(lambda w: "permission:a.1:2" in w.asks)
        project.ask(AnswerAsk("permission:a.1:2", choice))
    if choice == "deny":
        project.reaches(lambda w: w.workstream("a").state is WorkstreamState.REVIEW)
        project.ask(SteerWorkstream("a", WorkstreamAction.ACCEPT))
    world = accepted(project, "a")
    assert did(project, "a.1")[1:3] == [f"Bash make test {behaviour}"] * 2
    assert world.workstream("a").permits == (("Bash(make test)",) if choice == "always" else ())
    assert all(a.delivered is not None for a in world.asks.values())
    assert len(told(project, "a.1")) == 4
    if choice == "deny":
        assert world.runs["a.1"].denied == 2


def test_an_answer_is_bound_to_what_was_seen_and_given_once(project: Project) -> None:
    speaking(project, {"a": "@run make test\n@wait go"})
    project.up()
    ask = open_ask(project.reaches(open_ask))
    assert ask is not None
    wrong = project.refused(AnswerAsk(ask.item, "allow", digest="0" * 64))
    assert "0000" in wrong.message
    assert ask.digest[:12] in wrong.message
    assert "is no choice" in project.refused(AnswerAsk(ask.item, "perhaps")).message
    project.ask(AnswerAsk(ask.item, "allow", by="ana"))
    late = project.refused(AnswerAsk(ask.item, "deny"))
    assert late.exit_code == 4
    assert "by ana" in late.message
    (project.path / "go").touch()
    accepted(project, "a")
    assert did(project, "a.1")[1] == "Bash make test allow"


def test_a_question_is_answered_with_an_option_or_in_words(project: Project) -> None:
    speaking(project, {"a": "@question which colour?"})
    project.up()
    ask = open_ask(project.reaches(open_ask))
    assert ask is not None
    assert (ask.kind, ask.choices) == ("question", ("red", "blue"))
    project.ask(AnswerAsk(ask.item, "green, with stripes"))
    accepted(project, "a")
    assert any("green, with stripes" in line for line in did(project, "a.1"))


def test_a_rule_of_the_plan_answers_and_is_on_record(project: Project) -> None:
    speaking(project, {"a": "@run make test"}, agent=', allow: ["Bash(make test)"]')
    project.up()
    world = project.ends()
    answered = project.events(e.Answered)
    assert [(a.choice, a.rule) for a in answered] == [("allow", "Bash(make test)")]
    assert world.asks["permission:a.1:1"].by == "worker"


def test_text_of_a_person_is_the_next_message(project: Project) -> None:
    speaking(project, {"a": "@wait go"})
    project.up()
    project.reaches(lambda w: (r := w.runs.get("a.1")) is not None and r.source == "protocol")
    project.ask(SendText("a", "look at the tests too"), key="k1")
    project.ask(SendText("a", "look at the tests too"), key="k1")
    (project.path / "go").touch()
    project.ends()
    said = [m["message"]["content"] for m in told(project, "a.1") if m["type"] == "user"]
    assert said == ["@wait go", "look at the tests too"]


def test_the_worker_dies_while_a_permission_is_open(project: Project) -> None:
    speaking(project, {"a": "@run make test\n@write made\nall done"})
    project.up()
    project.reaches(open_ask)
    pid = project.world().runs["a.1"].pid
    project.kill()
    project.up()
    ask = open_ask(project.world())
    assert ask is not None
    assert ask.item == "permission:a.1:1"
    project.ask(AnswerAsk(ask.item, "allow"))
    world = accepted(project, "a")
    assert world.runs["a.1"].pid == pid
    assert [m["type"] for m in told(project, "a.1")] == ["control_request", "user", "control_response"]
    assert list(world.asks) == ["permission:a.1:1"]
    assert did(project, "a.1") == ["began", "Bash make test allow", "write made", "end of input"]
    project.ends()
    project.assert_sound()


@pytest.mark.parametrize("seed", range(int(os.environ.get("KILL_SEEDS", "3"))))
def test_the_worker_dies_again_and_again(project: Project, seed: int) -> None:
    """Whatever the instant: every step is done once, nothing is asked twice, no message arrives twice."""
    import random

    chance = random.Random(seed)
    script = "\n".join(f"@run step {n}\n@write made-{n}" for n in range(4))
    speaking(project, {"a": script, "b": "one\ntwo\n@cost 1"}, agent=', allow: ["Bash(step *)"]')
    for _ in range(6):
        project.up()
        time.sleep(chance.uniform(0.0, 0.4))
        project.kill()
    project.up()
    world = project.ends(60)
    assert {s.state for s in world.workstreams.values()} == {WorkstreamState.ACCEPTED}
    for run in world.runs.values():
        if run.state is RunState.LOST:
            continue
        messages = [str(m) for m in told(project, run.id)]
        assert len(messages) == len(set(messages)), run
    steps = [line for line in did(project, world.latest_run("a").id) if line.startswith("write")]  # type: ignore[union-attr]
    assert steps == [f"write made-{n}" for n in range(4)]
    project.ends()
    project.assert_sound()


def test_a_crash_is_a_failure_whatever_was_said_before(project: Project) -> None:
    speaking(project, {"a": "words\n@crash"})
    project.up()
    world = project.ends()
    run = world.runs["a.1"]
    assert run.state is RunState.FAILED
    assert run.signal == 9
    assert world.workstream("a").state is WorkstreamState.FAILED


def test_exit_0_after_a_turn_that_failed_is_a_failure(project: Project) -> None:
    speaking(project, {"a": "@fail no such model"})
    project.up()
    world = project.ends()
    run = world.runs["a.1"]
    assert (run.state, run.exit_code) == (RunState.FAILED, 0)
    assert "no such model" in run.reason


def peak_kib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM")))


def test_garbage_and_a_line_of_64_mb_are_passed_over(project: Project) -> None:
    speaking(project, {"a": "@garbage\n@wide 64\n@print ::locust progress=10\n@run after it"})
    project.up()
    world = project.reaches(open_ask, 60)
    ask = open_ask(world)
    assert ask is not None
    assert "after it" in ask.what
    project.ask(AnswerAsk(ask.item, "allow"))
    accepted(project, "a")
    assert any("not read as messages" in n.text for n in project.events(e.Noted))
    assert peak_kib(project.pid()) < 200_000


def test_a_flood_neither_stalls_the_worker_nor_grows_it(project: Project) -> None:
    speaking(project, {"a": "@flood 3\n@run after it"})
    project.up()
    project.reaches(lambda w: (r := w.runs.get("a.1")) is not None and r.source == "protocol")
    slowest = 0.0
    log = project.folder.runs / "a.1" / "log"
    until(lambda: log.stat().st_size > 1 << 20, what="the flood")
    end = time.monotonic() + 2.5
    from locust_tui.client.requests import Ping

    while time.monotonic() < end:
        began = time.monotonic()
        project.ask(Ping())
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.01)
    assert slowest < 20.0
    ask = open_ask(project.reaches(open_ask, 90))
    assert ask is not None
    project.ask(AnswerAsk(ask.item, "allow"))
    accepted(project, "a")


def test_a_pause_stops_the_agent_where_it_stands_and_its_turn_goes_on(project: Project) -> None:
    speaking(project, {"a": "@wait go\n@write made"})
    project.up()
    world = project.reaches(lambda w: (r := w.runs.get("a.1")) is not None and r.source == "protocol")
    pid = world.runs["a.1"].pid
    assert pid is not None
    project.steer("a", WorkstreamAction.PAUSE)
    until(lambda: state_letter(pid) == "T")
    assert project.world().runs["a.1"].state is RunState.PAUSED
    (project.path / "go").touch()
    project.steer("a", WorkstreamAction.RESUME)
    world = accepted(project, "a")
    assert did(project, "a.1").count("write made") == 1


def test_a_run_that_is_stopped_takes_its_questions_with_it(project: Project) -> None:
    speaking(project, {"a": "@run make test"})
    project.up()
    ask = open_ask(project.reaches(open_ask))
    assert ask is not None
    project.steer("a", WorkstreamAction.CANCEL)
    world = project.reaches(lambda w: not w.runs["a.1"].live)
    assert world.runs["a.1"].state is RunState.KILLED
    assert world.asks[ask.item].withdrawn == "the agent has ended"
    assert "needs no answer any more" in project.refused(AnswerAsk(ask.item, "allow")).message


def test_a_text_that_was_acknowledged_reaches_the_agent_whatever_happens_to_the_worker(
    project: Project,
) -> None:
    speaking(project, {"a": "@wait go"})
    project.up()
    project.reaches(lambda w: (r := w.runs.get("a.1")) is not None and r.source == "protocol")
    for n in range(5):
        project.ask(SendText("a.1", f"hint {n}"), key=f"k{n}")
        project.kill()
        project.up()
        project.ask(SendText("a.1", f"hint {n}"), key=f"k{n}")
    (project.path / "go").touch()
    accepted(project, "a")
    said = [m["message"]["content"] for m in told(project, "a.1") if m["type"] == "user"]
    assert said == ["@wait go", *(f"hint {n}" for n in range(5))]


def test_silence_is_said_and_ends_by_itself(project: Project) -> None:
    speaking(project, {"a": "@wait go"}, agent=", stall: 1s")
    project.up()
    why = "not a byte for 1 s"  # and not that it was slow to say its first word
    world = project.reaches(lambda w: (r := w.runs.get("a.1")) is not None and r.reason == why)
    assert (world.runs["a.1"].source, world.runs["a.1"].state) == ("silence", RunState.STALLED)
    (project.path / "go").touch()
    accepted(project, "a")


def test_work_without_a_product_is_said_until_there_is_one(project: Project) -> None:
    script = "\n".join(["@nap"] * 60 + ["@wait go"])
    speaking(project, {"a": script}, agent=", fruitless: 2s")
    project.up()
    world = project.reaches(lambda w: (r := w.runs.get("a.1")) is not None and r.state is RunState.STALLED)
    run = world.runs["a.1"]
    assert (run.source, run.reason) == ("protocol", "busy for 2 s, nothing produced")
    (project.path / "go").touch()
    accepted(project, "a")


def test_a_command_is_silent_when_its_type_says_how_long_it_may_be(project: Project) -> None:
    project.write(
        "project: P\nagents: {c: {command: sh work, stall: 1s}}\nworkstreams: {a: {agent: c, instructions: x}}\n"
    )
    (project.path / "work").write_text(
        "while [ ! -e go ]; do sleep 0.05; done; until [ -e end ]; do echo hello; sleep 0.05; done\n"
    )
    project.up()
    world = project.reaches(lambda w: (r := w.runs.get("a.1")) is not None and r.state is RunState.STALLED)
    assert world.runs["a.1"].source == "silence"
    (project.path / "go").touch()
    project.reaches(lambda w: w.runs["a.1"].state is RunState.RUNNING)
    (project.path / "end").touch()
    accepted(project, "a")


def test_a_program_that_only_bears_the_name_runs_as_it_is_written(project: Project) -> None:
    project.script("claude", '#!/bin/sh\n[ "$1" = --version ] && { echo 1.0; exit; }\necho "$@" > said\n')
    project.write(
        'project: P\nagents: {c: {command: "./claude -p {instructions}"}}\n'
        "workstreams: {a: {agent: c, instructions: do it}}\n"
    )
    project.up()
    world = accepted(project, "a")
    assert (project.path / "said").read_text() == "-p do it\n"
    assert world.runs["a.1"].argv == ("./claude", "-p", "do it")
    assert world.runs["a.1"].session == ""


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo 'Hello from the wrapper'; echo more", "it never spoke claude's protocol: Hello from the wrapper"),
        ("exec true", "it never spoke claude's protocol"),
        ("echo \"error: unknown option '--bogus'\" >&2; exit 1",
         "it ended with exit code 1 and never spoke claude's protocol: error: unknown option '--bogus'"),
    ],
)  # fmt: skip
def test_an_agent_that_never_spoke_its_protocol_has_failed_and_says_why(
    project: Project, script: str, says: str
) -> None:
    speaking(project, {"a": "hi"})
    project.script("claude", f"#!/bin/sh\n{script}\n")
    project.up()
    world = project.reaches(lambda w: w.workstream("a").state is WorkstreamState.FAILED)
    assert world.runs["a.1"].state is RunState.FAILED
    assert world.runs["a.1"].reason == says
    assert says in world.workstream("a").reason


def test_work_that_ended_while_it_said_that_it_was_blocked_wants_a_persons_yes(project: Project) -> None:
    speaking(
        project,
        {"a": "::locust blocker=no key::", "b": "::locust blocker=no key::\n::locust blocker=::it was found"},
    )
    project.up()
    accepted(project, "b")
    world = project.reaches(lambda w: w.workstream("a").state is WorkstreamState.REVIEW)
    snapshot = build_snapshot(
        load_plan(project.plan), "", str(project.plan), world, time.time(), worker_pid=project.pid()
    )
    why = "a person's yes: its agent said that it was blocked: no key"
    assert [w.why for w in snapshot.workstreams if w.id == "a"] == [why]
    assert [(w.item, w.choices) for w in snapshot.waiting] == [("review:a", ("accept", "reject"))]
    project.ask(SteerWorkstream("a", WorkstreamAction.ACCEPT))
    accepted(project, "a")


def test_work_that_was_denied_something_and_that_nothing_checks_wants_a_persons_yes(project: Project) -> None:
    speaking(project, {"a": "@run make it", "b": "@run make it"})
    checked = '  b:\n    accept: [{name: made, run: "true"}]\n'
    project.write(project.plan.read_text().replace("  b:\n", checked))
    project.up()
    for work in ("a", "b"):
        project.reaches(lambda w, work=work: f"permission:{work}.1:1" in w.asks)
        project.ask(AnswerAsk(f"permission:{work}.1:1", "deny"))
    world = accepted(project, "b")
    world = project.reaches(lambda w: w.workstream("a").state is WorkstreamState.REVIEW)
    assert world.runs["a.1"].denied == 1
    plan = load_plan(project.plan)
    snapshot = build_snapshot(plan, "", str(project.plan), world, time.time(), worker_pid=project.pid())
    why = "a person's yes: 1 of its requests was denied, and nothing checks the work"
    assert [w.why for w in snapshot.workstreams if w.id == "a"] == [why]
    assert [(w.item, w.choices) for w in snapshot.waiting] == [("review:a", ("accept", "reject"))]
    project.ask(SteerWorkstream("a", WorkstreamAction.ACCEPT))
    accepted(project, "a")
