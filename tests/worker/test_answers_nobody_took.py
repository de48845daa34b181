"""An answer reaches its agent although the tool call that asked for it is gone; one that was taken is not told again."""

from __future__ import annotations

from speaking import accepted, speaking, told

from locust_tui.client.requests import AnswerAsk, AskPerson, AwaitAnswer
from locust_tui.domain import events as e
from locust_tui.domain.states import RunState
from locust_tui.worker.run_tokens import RunTokens
from project import Project


def token(project: Project, run: str) -> str:
    return RunTokens(project.folder.root / "tools.key").of(run)


def ask(project: Project, run: str) -> str:
    """Ask by a tool call that dies at once; the item."""
    asked = project.ask(AskPerson("Which port?", ("80", "8080"), "k", token(project, run)))
    return str(asked.data["item"])


def answers(project: Project, run: str) -> list[str]:
    words = [m["message"]["content"] for m in told(project, run) if m["type"] == "user"]
    return [text for text in words if "was answered by" in text]


def test_an_answer_that_nobody_waits_for_is_said_in_the_conversation_once(project: Project) -> None:
    speaking(project, {"a": "the call failed, so I end my turn"})
    project.plan.write_text(project.plan.read_text().replace("the call", "@wait asked\\nthe call"))
    project.trust()
    project.up()
    project.reaches(
        lambda w: (run := w.runs.get("a.1")) and run.state is RunState.RUNNING and run.source == "protocol"
    )
    item = ask(project, "a.1")
    (project.path / "asked").touch()
    project.reaches(lambda w: w.runs["a.1"].state is RunState.WAITING)
    project.ask(AnswerAsk(item, "8080", "with tls", by="ana"))
    world = accepted(project, "a")
    assert world.asks[item].delivered is not None
    (said,) = answers(project, "a.1")
    assert (
        said
        == "Your question to a person was answered by ana.\nYou asked: Which port?\nThe answer: 8080; with tls"
    )
    project.assert_sound()


def test_an_answer_that_was_taken_is_not_told_again(project: Project) -> None:
    speaking(project, {"a": "@wait asked"})
    project.up()
    project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].source == "protocol")
    item = ask(project, "a.1")
    project.ask(AnswerAsk(item, "80", by="ana"))
    mine = token(project, "a.1")
    assert project.ask(AwaitAnswer(item, 5.0, mine)).data["choice"] == "80"
    assert project.world().asks[item].delivered is None, "the caller may be gone: only it can tell"
    for _ in range(2):
        project.ask(AwaitAnswer(item, 0.0, mine, taken=True))
    assert project.world().asks[item].delivered is not None
    (project.path / "asked").touch()
    accepted(project, "a")
    assert answers(project, "a.1") == []
    assert len(project.events(e.AnswerDelivered)) == 1


def test_where_nobody_can_be_told_that_is_said(project: Project) -> None:
    project.write(
        "project: P\nagents: {s: {command: sleep 1000}}\nworkstreams: {a: {agent: s, instructions: Wait}}\n"
    )
    project.up()
    project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid)
    item = ask(project, "a.1")
    project.ask(AnswerAsk(item, "80", by="ana"))
    words = f"the answer to {item} has reached nobody"
    project.reaches(lambda _: any(words in note.text for note in project.events(e.Noted)))
    assert project.world().asks[item].delivered is None
