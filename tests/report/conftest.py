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
def _seed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    plan = tmp_path_factory.mktemp("seed") / "locust-plan.yaml"
    asyncio.run(write_record(plan))
    return plan


@pytest.fixture
def seed(tmp_path: Path, _seed_once: Path) -> Path:
    """The plan file, with its record beside it."""
    shutil.copytree(_seed_once.parent, tmp_path / "seed", symlinks=True)
    return tmp_path / "seed" / _seed_once.name


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path / "plan")
    yield made
    made.end()
