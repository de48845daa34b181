"""What a gate waits for, and what it waits for in vain."""

from __future__ import annotations

import subprocess
import sys

from project import Project


def test_a_gate_that_needs_cancelled_work_says_that_it_never_comes_by_itself(project: Project) -> None:
    project.write(
        "project: {name: Harbour}\nworkstreams:\n  a: {run: sleep 600}\n  b: {run: sleep 600}\n"
        "gates: {g: {needs: [a, b]}}\n"
    )
    project.up()
    project.reaches(lambda w: w.workstream("a").state == "running")

    def tui(*words: str) -> str:
        command = [sys.executable, "-m", "locust_tui", *words]
        return subprocess.run(command, cwd=project.path, check=True, capture_output=True, text=True).stdout

    tui("ws", "cancel", "a", "--yes")
    project.reaches(lambda w: w.workstream("a").state == "cancelled")
    words = "needs a, which was cancelled: reopen it, or take it out of the gate's needs"
    told, shown = tui("why", "g"), tui("gate", "show", "g")
    assert words in told
    assert words in shown
    assert "waits for a" not in told
    assert "waits for b" in told
    assert "next: locust-tui ws reopen a" in told
    assert "waits on   b" in shown
