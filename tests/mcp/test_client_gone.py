"""A tool server on pipes lives as long as its client: whatever was under way, it ends with it, quietly and without spinning."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import served

from project import Project, is_running, until

ENDS_S = 30.0
"""Generous: it is there at once on a machine that has nothing else to do."""
INITIALIZE = {
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    },
}
QUESTION = {
    "method": "tools/call",
    "params": {"name": "ask_person", "arguments": {"question": "Which port?"}},
}
PARENT = """
import os, subprocess, sys
child = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdin.write(b"")
with open(sys.argv[1] + ".new", "w") as note:
    note.write(str(child.pid))
os.rename(sys.argv[1] + ".new", sys.argv[1])
child.wait()
"""
COMMAND = (sys.executable, "-m", "locust_tui", "mcp")


class Server(subprocess.Popen[bytes]):
    """`locust-tui mcp`, as an agent's program starts it."""

    def say(self, message: dict[str, Any], number: int | None = None) -> None:
        assert self.stdin is not None
        body = {"jsonrpc": "2.0", **({} if number is None else {"id": number}), **message}
        self.stdin.write(json.dumps(body).encode() + b"\n")
        self.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self.stdout is not None
        return dict(json.loads(self.stdout.readline()))

    def greet(self) -> None:
        self.say(INITIALIZE, 1)
        assert "result" in self.hear()
        self.say({"method": "notifications/initialized"})

    def assert_ended(self) -> None:
        assert self.stderr is not None
        code = self.wait(ENDS_S)
        assert (code, self.stderr.read()) == (0, b"")


@contextmanager
def serving(project: Project, run: str = "api.1") -> Iterator[Server]:
    env = {**os.environ, "LOCUST_TUI_TOKEN": served.token(project, run)}
    pipe = subprocess.PIPE
    server = Server(COMMAND, stdin=pipe, stdout=pipe, stderr=pipe, cwd=project.path, env=env)
    try:
        yield server
    finally:
        server.kill()
        server.wait()
        for stream in (server.stdin, server.stdout, server.stderr):
            with suppress(OSError):
                assert stream is not None
                stream.close()


@pytest.fixture
def up(project: Project) -> Project:
    served.up(project)
    return project


@pytest.mark.fault(
    60, "its input ends before a word was said, while it is idle, and while a person is being asked"
)
def test_it_ends_when_its_input_does(up: Project) -> None:
    with serving(up) as fresh, serving(up) as idle, serving(up) as waiting:
        assert fresh.stdin is not None
        fresh.stdin.close()
        fresh.assert_ended()
        idle.greet()
        assert idle.stdin is not None
        idle.stdin.close()
        idle.assert_ended()
        waiting.greet()
        waiting.say(QUESTION, 2)
        up.reaches(lambda world: world.open_asks())
        assert waiting.stdin is not None
        waiting.stdin.close()
        waiting.assert_ended()
    assert len(up.world().open_asks()) == 1  # a person may answer yet: the agent asks again, or is told


@pytest.mark.fault(60, "the reader of its output is gone when it answers")
def test_it_ends_when_nobody_reads_what_it_says(up: Project) -> None:
    with serving(up) as server:
        server.greet()
        assert server.stdout is not None
        server.stdout.close()
        for number in range(2, 20):
            with suppress(BrokenPipeError):
                server.say({"method": "tools/list"}, number)
        server.assert_ended()


@pytest.mark.fault(60, "the reader of its output is gone while it has nothing to say")
def test_it_ends_when_nobody_reads_though_it_says_nothing(up: Project) -> None:
    with serving(up) as server:
        server.greet()
        assert server.stdout is not None
        server.stdout.close()
        server.assert_ended()


@pytest.mark.fault(60, "its client is killed while it waits")
def test_it_ends_when_its_client_is_killed(up: Project) -> None:
    note = up.path / "server"
    client = subprocess.Popen([sys.executable, "-c", PARENT, str(note), *COMMAND], cwd=up.path)
    try:
        until(note.exists, what="the server's start")
        pid = int(note.read_text())
        assert is_running(pid)
        client.send_signal(signal.SIGKILL)
        client.wait()
        until(lambda: not is_running(pid), ENDS_S, "the server's end")
    finally:
        client.kill()
        client.wait()


def test_it_takes_no_processor_while_nobody_speaks(up: Project) -> None:
    with serving(up) as server:
        server.greet()
        before = _ticks(server.pid)
        up.reaches(lambda world: world.revision >= 0)
        with suppress(subprocess.TimeoutExpired):
            server.wait(1.0)
        assert _ticks(server.pid) - before < 20


def _ticks(pid: int) -> int:
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
