"""The example plan with its record, and projects with a real worker."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from seed_weeks import write_record

from project import Project


@pytest.fixture(scope="session")
def seed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plan file, with its record beside it; for those who only read."""
    plan = tmp_path_factory.mktemp("seed") / "locust-plan.yaml"
    asyncio.run(write_record(plan))
    return plan


@pytest.fixture
def seed(tmp_path: Path, seed_once: Path) -> Path:
    """A copy of it, for this process to write to: commands refuse a record that was moved."""
    shutil.copytree(seed_once.parent, tmp_path / "seed", symlinks=True)
    return tmp_path / "seed" / seed_once.name


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path / "plan")
    yield made
    made.end()
