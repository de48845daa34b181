from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sshd import Sshd

from project import Project

sys.path.append(str(Path(__file__).parents[1] / "attach"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Sshd]:
    sshd = Sshd(tmp_path / "sshd")
    try:
        sshd.start()
        yield sshd
    finally:
        sshd.end()


@pytest.fixture
def new_project(tmp_path: Path) -> Iterator[Callable[[str], Project]]:
    """A plan in a folder of its own with its worker up, one for each name; none outlives the test."""
    made: list[Project] = []

    def make(plan: str) -> Project:
        project = Project(tmp_path / f"plan-{len(made)}")
        made.append(project)
        project.write(plan)
        project.up()
        return project

    yield make
    for project in made:
        project.end()
