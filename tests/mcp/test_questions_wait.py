"""A question to a person keeps its caller waiting, however many ask, whatever dies meanwhile, and tells them that it goes on."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException

import pytest
import served
from served import Client

from locust_tui.client.requests import AnswerAsk, Ping
from locust_tui.domain.world import AskStatus
from locust_tui.mcp import speaker
from locust_tui.mcp.tools import build
from mcp import Client as SdkClient
from project import Project, eventually


def asked(project: Project) -> AskStatus:
    return project.reaches(lambda world: world.open_asks()).open_asks()[0]


def answer(project: Project, ask: AskStatus, choice: str) -> None:
    project.ask(AnswerAsk(ask.item, choice, digest=ask.digest))


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
async def test_the_client_is_told_that_the_wait_goes_on(
    project: Project, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    await asyncio.to_thread(served.up, project)
    monkeypatch.setattr(speaker, "WAIT_S", 0.1)
    token = served.token(project, "api.1")
    server = build(speaker.Speaker(lambda: project.folder.socket), lambda _ctx: token)
    heard: list[str] = []

    async def progress(done: float, total: float | None, message: str | None) -> None:
        heard.append(message or "")

    async with SdkClient(server, mode=mode) as client:
        given = {"question": "Which port?", "options": ["80", "8080"]}
        call = asyncio.create_task(client.call_tool("ask_person", given, progress_callback=progress))
        await eventually(lambda: len(heard) >= 2)
        ask = await asyncio.to_thread(asked, project)
        await asyncio.to_thread(answer, project, ask, "8080")
        result = await asyncio.wait_for(call, 20)
    assert set(heard) == {"waiting for a person"}
    assert result.structured_content is not None
    assert result.structured_content["answer"] == "8080"
    assert (await asyncio.to_thread(project.world)).asks[ask.item].delivered is not None


def test_an_argument_that_a_tool_does_not_have_is_refused_before_anybody_is_asked(project: Project) -> None:
    served.up(project)
    client = Client(served.port(project), served.token(project, "api.1"))
    told = client.call("ask_person", question="Which?", choices=["80", "8080"])
    assert told.error
    assert 'ask_person has no argument "choices"' in told.text
    assert "it has question, options" in told.text
    assert "did you mean" in client.call("ask_person", question="Which?", option=["80"]).text
    assert not project.world().asks


def test_a_hundred_who_wait_leave_the_worker_to_others(project: Project) -> None:
    served.up(project)
    port, token = served.port(project), served.token(project, "api.1")
    with ThreadPoolExecutor(100) as pool:
        calls = [
            pool.submit(Client(port, token, timeout=90).call, "ask_person", question="Well?")
            for _ in range(100)
        ]
        ask = asked(project)
        assert not Client(port, served.token(project, "web.1")).call("report_progress", percent=1).error
        assert project.ask(Ping()).ok
        answer(project, ask, "yes")
        told = [call.result(90) for call in calls]
    assert [one.data["answer"] for one in told if one.data] == ["yes"] * 100
    assert len(project.world().asks) == 1


def test_one_who_was_cut_off_asks_again_and_has_the_answer(project: Project) -> None:
    served.up(project)
    impatient = Client(served.port(project), served.token(project, "api.1")).open()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(impatient.call, "ask_person", question="Well?")
        ask = asked(project)
        impatient.cut()
        with pytest.raises((HTTPException, ConnectionError)):
            waiting.result(30)
    answer(project, ask, "yes")
    patient = Client(served.port(project), served.token(project, "api.1")).call(
        "ask_person", question="Well?"
    )
    assert patient.data is not None
    assert patient.data["answer"] == "yes"
    assert len(project.world().asks) == 1
