"""The socket: typed errors, one effect per key, acknowledged only when durable, and no caller in another's way."""

from __future__ import annotations

import json
import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from locust_tui.client.connection import Connection
from locust_tui.client.requests import (
    DecideGate,
    EvaluateGate,
    Ping,
    SignCriterion,
    SteerWorkstream,
    StopRun,
    Subscribe,
    WaiveCriterion,
    WorkstreamAction,
)
from locust_tui.client.wire import MAX_LINE, Reply
from locust_tui.domain.events import WorkstreamMoved, WorkstreamReviewed
from locust_tui.domain.states import DecisionKind
from locust_tui.errors import LocustTuiError
from project import Project, until

PLAN = """
project: Asked
workstreams:
  lasting: {run: exec sleep 60}
  reviewed: {run: 'true', reviewers: [ana]}
gates:
  ship: {needs: [reviewed], criteria: [{manual: Ready?}]}
"""


@pytest.fixture
def asked(project: Project) -> Project:
    project.write(PLAN)
    project.up()
    project.reaches(lambda w: w.workstream("reviewed").state == "review" and w.runs["lasting.1"].pid)
    return project


def raw(project: Project) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(20)
    connection.connect(str(project.folder.socket))
    return connection


def answer_to(project: Project, line: bytes) -> dict[str, object]:
    with raw(project) as connection:
        connection.sendall(line)
        said = connection.makefile("rb").readline()
        answer: dict[str, object] = json.loads(said)
        return answer


def answers(project: Project) -> bool:
    """False: it was refused, as who went a moment ago is counted still."""
    with suppress(LocustTuiError):
        return project.ask(Ping()).ok
    return False


@pytest.mark.parametrize(
    ("request_", "code", "word"),
    [
        (SteerWorkstream("lastng", WorkstreamAction.PAUSE), 3, "lasting"),
        (SteerWorkstream("lasting", WorkstreamAction.START), 4, "running"),
        (SteerWorkstream("lasting", WorkstreamAction.ACCEPT), 4, "review"),
        (SteerWorkstream("reviewed", WorkstreamAction.REJECT, by="ana"), 2, "note"),
        (SteerWorkstream("reviewed", WorkstreamAction.ACCEPT, by="bob"), 4, "bob"),
        (StopRun("nobody"), 3, "nobody"),
        (EvaluateGate("shp"), 3, "ship"),
        (DecideGate("shp", DecisionKind.GO), 3, "ship"),
        (DecideGate("ship", DecisionKind.GO), 4, "not due"),
        (SignCriterion("ship", "nothing"), 3, "nothing"),
        (WaiveCriterion("ship", "ready", ""), 2, "reason"),
    ],
)
def test_errors_say_what_and_carry_their_exit_code(
    asked: Project, request_: DecideGate, code: int, word: str
) -> None:
    error = asked.refused(request_)
    assert error.exit_code == code, error.message
    assert word in error.message + str(error.help)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (b"garbage\n", "no request"),
        (b"\x00\xff\xfe\n", "no request"),
        (b"{}\n", "no request"),
        (b'{"v":1,"id":4,"op":"no.such","args":{}}\n', "no.such"),
        (b'{"v":1,"id":4,"op":"gate.decide","args":{"gate":5}}\n', "gate.decide"),
        (b'{"v":2,"id":4,"op":"ping","args":{}}\n', "protocol 2"),
        (b'{"v":1,"id":4,"op":"ping","args":' + b"[" * 200_000 + b"\n", "no request"),
    ],
    ids=["words", "bytes", "nothing", "unknown", "wrong type", "other protocol", "deep"],
)
@pytest.mark.fault(57, "garbage, another protocol's version, 200 000 brackets")
def test_what_is_no_request_is_told_so(asked: Project, line: bytes, word: str) -> None:
    answer = answer_to(asked, line)
    assert answer["ok"] is False
    assert answer["exit_code"] == 2
    assert word in str(answer["message"])
    assert asked.ask(Ping()).ok


@pytest.mark.fault(57, "a line of up to 1 GiB without an end")
def test_a_frame_without_end_is_cut_off(asked: Project) -> None:
    with raw(asked) as connection:
        sent = 0
        with suppress(OSError):
            while sent < 1 << 30:
                sent += connection.send(b"x" * (1 << 16))
        assert MAX_LINE < sent < 16 * MAX_LINE
    assert asked.ask(Ping()).ok
    status = Path(f"/proc/{asked.pid()}/status").read_text().splitlines()
    rss = int(next(line for line in status if line.startswith("VmRSS")).split()[1])
    assert rss < 120_000


@pytest.mark.fault(57, "half a request, and hang-ups before the answer")
def test_half_a_request_and_a_hang_up_harm_nobody(asked: Project) -> None:
    half = raw(asked)
    half.sendall(b'{"v":1,"id":1,"op":"worksp')
    for _ in range(20):
        gone = raw(asked)
        gone.sendall(b'{"v":1,"id":1,"op":"ping","args":{}}\n')
        gone.close()
    assert asked.ask(Ping()).ok
    half.close()


def test_two_hundred_callers_are_all_answered(asked: Project) -> None:
    with ExitStack() as stack:
        callers = [stack.enter_context(Connection(asked.folder.socket)) for _ in range(200)]
        with ThreadPoolExecutor(20) as threads:
            pids = set(threads.map(lambda c: int(c.ask(Ping()).data["pid"]), callers))
        assert pids == {asked.pid()}


def test_too_many_callers_are_refused_in_words_and_the_others_stay(asked: Project) -> None:
    with ExitStack() as stack:
        first = stack.enter_context(Connection(asked.folder.socket))
        callers = [stack.enter_context(raw(asked)) for _ in range(300)]
        assert first.ask(Ping()).ok
        assert b"too many connections" in callers[-1].recv(4096)
    until(lambda: answers(asked), what="an answer, once the others are gone")


def test_a_viewer_that_does_not_read_holds_nobody_up(asked: Project) -> None:
    with raw(asked) as stopped:
        stopped.sendall(b'{"v":1,"id":1,"op":"subscribe","args":{"viewer":true}}\n')
        for n in range(30):
            asked.refused(DecideGate("ship", DecisionKind.GO, note=str(n)))
        assert asked.ask(Ping()).ok


def test_every_commit_is_pushed_to_viewers(asked: Project) -> None:
    with Connection(asked.folder.socket) as viewer:
        first = viewer.ask(Subscribe()).revision
        asked.steer("lasting", WorkstreamAction.PAUSE)
        assert viewer.receive().revision > first


def test_an_answer_comes_after_the_commit(asked: Project) -> None:
    for action in (WorkstreamAction.PAUSE, WorkstreamAction.RESUME) * 5:
        revision = asked.steer("lasting", action).revision
        asked.kill()  # power could have gone right after the answer
        assert asked.world().revision >= revision
        assert asked.states()["lasting"] == ("paused" if action is WorkstreamAction.PAUSE else "running")
        asked.up()
    asked.assert_sound()


@pytest.mark.fault(58, "the same request again: at once, and to the worker after a killed one")
def test_a_repeated_key_applies_once_even_after_kill(asked: Project) -> None:
    yes = SteerWorkstream("reviewed", WorkstreamAction.ACCEPT, by="ana")
    first = asked.ask(yes, key="k1")
    again = asked.ask(yes, key="k1")
    assert (again.revision, again.data) == (first.revision, first.data)
    asked.kill()
    asked.up()
    late = asked.ask(yes, key="k1")
    assert (late.revision, late.data) == (first.revision, first.data)
    assert asked.refused(yes).exit_code == 4
    passed = [e for e in asked.events(WorkstreamReviewed) if e.workstream == "reviewed"]
    assert len(passed) == 1


@pytest.mark.fault(58, "the same request eight times at once")
def test_a_key_asked_twice_at_once_applies_once(asked: Project) -> None:
    pause = SteerWorkstream("lasting", WorkstreamAction.PAUSE)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: asked.ask(pause, key="same"), range(8)))
    assert all(a.ok for a in answers)
    moved = [e for e in asked.events(WorkstreamMoved) if e.workstream == "lasting" and e.new == "paused"]
    assert len(moved) == 1


def test_a_caller_is_told_when_the_worker_dies_under_its_question(asked: Project) -> None:
    class KillsWhatItAsked(Connection):
        """Ends the worker once the whole question is sent and before any answer is read."""

        def receive(self) -> Reply:
            asked.kill()
            return super().receive()

    with KillsWhatItAsked(asked.folder.socket, timeout=60) as connection:
        os.kill(asked.pid(), signal.SIGSTOP)
        with pytest.raises(LocustTuiError) as caught:
            connection.ask(Ping())
    assert caught.value.exit_code == 5
    assert "in time" not in caught.value.message
