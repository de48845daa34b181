"""The clock of a finished plan has stopped; that of what is looked at after its release goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from project import Project, until

PLAN = """\
project: {name: Harbour, short: Harbour}
workstreams: {a: {run: "true"}}
after_release:
  - {name: Used, due: 1s, manual: Who uses it?}
  - {name: Kept, due: 1 month, manual: Does it last?}
"""


def told(project: Project, *words: str) -> Any:
    command = [sys.executable, "-m", "locust_tui", *words, "--json"]
    return json.loads(subprocess.run(command, cwd=project.path, check=True, capture_output=True).stdout)


def states(found: list[dict[str, Any]]) -> list[str]:
    return [look["state"] for look in found]


def test_a_look_comes_to_be_due_after_the_end_of_the_plan(project: Project) -> None:
    project.write(PLAN)
    project.up()
    project.reaches(lambda w: w.project.ended)
    until(
        lambda: states(told(project, "success")["after_release"]) == ["due", "ahead"],
        what="the first look's being due",
    )
    board = told(project, "report")["success"]
    assert states(board["after_release"]) == ["due", "ahead"]
    inbox = subprocess.run(
        [sys.executable, "-m", "locust_tui", "inbox"],
        cwd=project.path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert "1 look after the release is due: locust-tui success" in inbox.stderr
    assert "nothing waits" not in inbox.stderr
