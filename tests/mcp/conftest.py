"""A plan in a folder of its own, a real worker for it, and the certainty that nothing of either outlives the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import served

from project import Project, until


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path / "plan")
    yield made
    made.end()
    until(lambda: not served.servers(made), what="the tool server's end")
