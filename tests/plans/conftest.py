"""The plan that most tests of this room read: every key of the format is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from locust_tui.domain.plan import Plan
from locust_tui.plans.reading import read_data

FRAMEWORK = Path(__file__).parent / "framework-plan.yaml"


@pytest.fixture(scope="session")
def framework_text() -> str:
    return FRAMEWORK.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def framework(framework_text: str) -> Plan:
    plan = read_data(framework_text.encode(), "framework-plan.yaml", cached=False).plan
    assert plan is not None
    return plan
