"""Real agent programs inside bubblewrap: they start, ask, are answered, and write where their work is."""

from __future__ import annotations

import shutil

import pytest
from test_plans_run_agents import Fleet, fleet

from locust_tui.client.requests import AnswerAsk

__all__ = ["fleet"]

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")


def test_its_work_is_accepted(fleet: Fleet) -> None:
    fleet.up("@run cp source made\n@text all done", sandbox="bwrap")
    asked = fleet.asked()
    assert "cp source made" in asked.what
    fleet.project.ask(AnswerAsk(asked.item, "allow", digest=asked.digest))
    assert fleet.done().runs["api.1"].tokens
    assert (fleet.project.path / "made").read_text() == "content"
