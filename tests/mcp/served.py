"""A worker whose agents speak a protocol and only wait, and a client that talks to their tool server byte by byte."""

from __future__ import annotations

import http.client
import json
import os
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from project import Project, is_running, until

AGENT = """\
#!/bin/sh
umask 077
echo "$LOCUST_TUI_TOKEN" > "token.$LOCUST_TUI_RUN.new" && mv "token.$LOCUST_TUI_RUN.new" "token.$LOCUST_TUI_RUN"
exec cat > /dev/null
"""
PLAN = """\
project: Tools
agents:
  c: {kind: claude, command: ./agent}
  s: {command: sleep 1000}
workstreams:
  api: {agent: c, instructions: Build it, deliverables: [{id: file, files: made}]}
  web: {agent: c, instructions: Build that}
  sh: {agent: s, instructions: Wait}
"""
SHELL_ONLY = """\
project: Plain
agents: {s: {command: sleep 1000}}
workstreams:
  sh: {agent: s, instructions: Wait}
"""


def up(project: Project, plan: str = PLAN) -> None:
    """Start the worker and wait until every agent runs."""
    project.script("agent", AGENT)
    project.write(plan)
    project.up()
    for run in ("api.1", "web.1") if plan == PLAN else ():
        token(project, run)
    project.reaches(lambda world: world.runs and all(run.pid for run in world.runs.values()))


def token(project: Project, run: str) -> str:
    """What the agent of `run` was given."""
    path = project.path / f"token.{run}"
    until(path.exists, what=f"the start of {run}")
    return path.read_text().strip()


def port(project: Project) -> int:
    return int(json.loads((project.folder.root / "tools.json").read_text())["port"])


def url(project: Project) -> str:
    return f"http://127.0.0.1:{port(project)}/mcp"


def servers(project: Project) -> list[int]:
    """Pids of the tool servers of this plan."""
    found = []
    root = str(project.folder.root).encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            with suppress(OSError):
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if b"locust_tui.mcp" in words and root in words and is_running(int(entry.name)):
                    found.append(int(entry.name))
    return found


@dataclass
class Answer:
    status: int
    body: str
    headers: dict[str, str]

    @property
    def message(self) -> dict[str, Any]:
        """The JSON-RPC message, from plain JSON or the last event of a stream."""
        lines = [line[6:] for line in self.body.splitlines() if line.startswith("data: {")]
        return dict(json.loads(lines[-1] if lines else self.body))


@dataclass
class Told:
    """A tool's answer."""

    error: bool
    text: str
    data: dict[str, Any] | None


@dataclass
class Client:
    """One session of the protocol over HTTP. `token` None: it sends none."""

    port: int
    token: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    session: str = ""
    timeout: float = 30.0
    connection: http.client.HTTPConnection | None = None
    """Of the call under way, or the last one."""

    def cut(self) -> None:
        """End the connection of the call under way, as a client does that waits no longer."""
        assert self.connection is not None
        assert self.connection.sock is not None
        self.connection.sock.shutdown(socket.SHUT_RDWR)

    def post(self, body: bytes) -> Answer:
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.session:
            headers |= {"Mcp-Session-Id": self.session, "MCP-Protocol-Version": "2025-06-18"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        self.connection = connection
        try:
            connection.request("POST", "/mcp", body, headers | self.headers)
            got = connection.getresponse()
            return Answer(got.status, got.read().decode(), {k.lower(): v for k, v in got.getheaders()})
        finally:
            connection.close()

    def request(self, method: str, **params: Any) -> Answer:
        return self.post(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode())

    def open(self) -> Client:
        about = {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "t", "version": "1"},
        }
        answer = self.request("initialize", **about)
        assert answer.status == 200, answer
        self.session = answer.headers["mcp-session-id"]
        self.post(json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"}).encode())
        return self

    def call(self, tool: str, **arguments: Any) -> Told:
        if not self.session:
            self.open()
        answer = self.request("tools/call", name=tool, arguments=arguments)
        assert answer.status == 200, answer
        result = answer.message["result"]
        text = "".join(part.get("text", "") for part in result["content"])
        return Told(result.get("isError", False), text, result.get("structuredContent"))
