from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from console import COMMAND, Console

from project import Project, until

Attach = Callable[..., Console]

PLAN = """\
project: {name: Attached}
resources: {max_agents: 9}
agents:
  shell: {command: [bash, --norc, --noprofile, -i], pty: true, env: {PS1: "agent$ ", HISTFILE: ""}}
  piped: {command: [sh, -c, "i=0; while :; do i=$((i+1)); echo tick $i; sleep 0.2; done"]}
  brief: {command: [sh, -c, "stty size; read line; echo got $line"], pty: true}
workstreams:
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = Project(tmp_path / "p")
    yield project
    project.end()


@pytest.fixture
def running(project: Project) -> Callable[..., Project]:
    """The project with a live run of each agent type named; the runs are W1.1, W2.1, …"""

    def run(*types: str) -> Project:
        lines = [
            f"  W{n}: {{name: work {n}, agent: {kind}, instructions: x}}\n" for n, kind in enumerate(types, 1)
        ]
        project.write(PLAN + "".join(lines))
        project.up()
        for n in range(1, len(types) + 1):
            until(lambda n=n: (project.folder.runs / f"W{n}.1" / "agent.json").exists(), what="the start")  # type: ignore[misc]
            project.reaches(lambda w, n=n: w.runs[f"W{n}.1"].pid is not None)
        return project

    return run


@pytest.fixture
def attach(project: Project) -> Iterator[Attach]:
    """Start `locust-tui attach …` on a terminal of its own."""
    consoles: list[Console] = []

    def start(*arguments: str, rows: int = 24, columns: int = 80, verb: str = "attach") -> Console:
        console = Console(
            [COMMAND, verb, *arguments], project.path, rows=rows, columns=columns, environ=dict(os.environ)
        )
        consoles.append(console)
        return console

    yield start
    for console in consoles:
        console.__exit__()
