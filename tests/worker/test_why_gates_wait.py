"""What a gate waits for, and what it waits for in vain."""

from __future__ import annotations

import subprocess
import sys

from project import Project


def tui(project: Project, *words: str) -> str:
    command = [sys.executable, "-m", "locust_tui", *words]
    return subprocess.run(command, cwd=project.path, check=True, capture_output=True, text=True).stdout


def test_a_gate_that_needs_cancelled_work_says_that_it_never_comes_by_itself(project: Project) -> None:
    project.write(
        "project: {name: Harbour}\nworkstreams:\n  a: {run: sleep 600}\n  b: {run: sleep 600}\n"
        "gates: {g: {needs: [a, b]}}\n"
    )
    project.up()
    project.reaches(lambda w: w.workstream("a").state == "running")

    tui(project, "ws", "cancel", "a", "--yes")
    project.reaches(lambda w: w.workstream("a").state == "cancelled")
    words = "needs a, which was cancelled: reopen it, or take it out of the gate's needs"
    told, shown = tui(project, "why", "g"), tui(project, "gate", "show", "g")
    assert words in told
    assert words in shown
    assert "waits for a" not in told
    assert "waits for b" in told
    assert "next: locust-tui ws reopen a" in told
    assert "waits on   b" in shown


def test_a_check_that_waits_for_a_gate_is_nothing_that_accepted_work_lacks(project: Project) -> None:
    late = "accept: [{name: late, run: 'true', after: g}]"
    project.write(
        "project: {name: Harbour}\nworkstreams:\n"
        f"  a: {{run: 'true', {late}}}\n  b: {{run: sleep 600, {late}}}\n"
        "gates: {g: {needs: [a, b]}}\n"
    )
    project.up()
    project.reaches(lambda w: w.workstream("a").state == "accepted" and w.workstream("b").state == "running")
    assert "late" not in tui(project, "why", "a")
    assert "check late: looked at once gate g is open" in tui(project, "why", "b")
