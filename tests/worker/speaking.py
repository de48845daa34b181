"""A plan whose agents speak a protocol: the scripted agent beside it, and what the agent was told and did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from locust_tui.domain.states import WorkstreamState
from locust_tui.domain.world import AskStatus, World
from project import Project

AGENT = Path(__file__).with_name("protocol_agent.py").read_text()


def speaking(
    project: Project, works: dict[str, str], *, agent: str = "", top: str = "", more: str = ""
) -> None:
    """Workstreams with a script each (see `protocol_agent`), carried out by agents of the kind claude."""
    project.script("claude", AGENT)
    lines = [
        "project: Talks",
        top,
        "agents:",
        f"  dev: {{kind: claude, command: ./claude, env: {{FLEET: .}}{agent}}}",
        "workstreams:",
    ]
    for name, script in works.items():
        lines += [f"  {name}:", "    agent: dev", f"    instructions: {json.dumps(script)}"]
        lines += [f"    {line}" for line in more.splitlines()]
    project.write("\n".join(lines) + "\n")


def did(project: Project, run: str) -> list[str]:
    return _of(project, "did", run)


def told(project: Project, run: str) -> list[dict[str, Any]]:
    """Messages that reached the agent's input."""
    return [json.loads(line) for line in _of(project, "heard", run)]


def _of(project: Project, file: str, run: str) -> list[str]:
    path = project.path / file
    lines = path.read_text().splitlines() if path.exists() else []
    return [line.partition(" ")[2] for line in lines if line.partition(" ")[0] == run]


def accepted(project: Project, workstream: str, seconds: float = 60.0) -> World:
    """Wait until the workstream's work is accepted."""
    return project.reaches(lambda w: w.workstream(workstream).state is WorkstreamState.ACCEPTED, seconds)


def open_ask(world: World) -> AskStatus | None:
    return next(iter(world.open_asks()), None)
