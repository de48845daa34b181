"""The example plan with its record, and projects with a real worker."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from seed_weeks import write_record

from project import Project


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    """The plan file, with its record beside it."""
    plan = tmp_path / "seed" / "locust-plan.yaml"
    plan.parent.mkdir()
    asyncio.run(write_record(plan))
    return plan


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path / "plan")
    yield made
    made.end()
