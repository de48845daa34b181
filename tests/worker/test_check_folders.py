"""Old runs of checks go when nothing rests on them; what a result points to stays, and no id is used twice."""

from __future__ import annotations

from pathlib import Path

from locust_tui.client.requests import EvaluateGate
from locust_tui.domain.events import CriterionMeasured
from locust_tui.domain.states import GateState
from locust_tui.worker.check_folders import KEPT, CheckFolders
from project import Project, until


def folders(project: Project, check: str) -> list[int]:
    found = (entry.name.rpartition("-") for entry in project.folder.runs.iterdir())
    return sorted(int(number) for stem, _, number in found if stem == f"check-gate-g-{check}")


def make(runs: Path, *names: str) -> CheckFolders:
    for name in names:
        (runs / name).mkdir()
        (runs / name / "log").touch()
    return CheckFolders(runs)


def test_the_last_few_of_each_criterion_and_the_named_ones_are_kept(tmp_path: Path) -> None:
    names = [f"check-gate-g-a-{n}" for n in range(1, 13)]
    made = make(tmp_path, *names, "check-gate-g-a-b-1", "a-1.1", "check-1.1")
    old = made.superseded({"check-gate-g-a-2"})
    assert old == [n for n in names[: 12 - KEPT] if n != "check-gate-g-a-2"]
    made.forget(old)
    made.remove(old)
    left = {entry.name for entry in tmp_path.iterdir()}
    assert left == {"check-gate-g-a-2", *names[12 - KEPT :], "check-gate-g-a-b-1", "a-1.1", "check-1.1"}
    assert made.superseded({"check-gate-g-a-2"}) == []
    assert made.superseded(()) == ["check-gate-g-a-2"]


def test_an_id_whose_folder_is_gone_is_not_given_again(tmp_path: Path) -> None:
    made = make(tmp_path, "check-gate-g-a-7")
    assert made.free_id("gate:g/a") == "check-gate-g-a-8"
    assert made.free_id("gate:g/a") == "check-gate-g-a-9"
    assert made.free_id("gate:g/b") == "check-gate-g-b-1"


def test_a_folder_that_is_gone_already_is_no_trouble(tmp_path: Path) -> None:
    made = make(tmp_path, "check-x-1")
    made.remove(["check-x-4", "check-x-1"])
    assert list(tmp_path.iterdir()) == []


def test_many_measurements_leave_few_folders_and_all_that_evidence_points_to(project: Project) -> None:
    project.write(
        "project: C\nworkstreams:\n  w: {run: 'true'}\n"
        "gates:\n  g:\n    needs: [w]\n    criteria:\n"
        "      - {name: often, run: 'echo said; exit 1'}\n"
    )
    project.up()
    project.reaches(lambda w: w.gate("g").state is GateState.READY)
    for _ in range(2 * KEPT):
        project.ask(EvaluateGate("g"))
    until(lambda: len(folders(project, "often")) == KEPT, what="the removal of old runs")
    measured = [e for e in project.events(CriterionMeasured) if e.result.key == "gate:g/often"]
    assert folders(project, "often")[-1] == len(measured) >= 2 * KEPT + 1
    result = project.world().criteria["gate:g/often"]
    assert result.evidence is not None
    assert result.evidence.log is not None
    assert (project.folder.root / result.evidence.log).read_bytes() == b"said\n"
    project.kill()
    project.up()
    project.ask(EvaluateGate("g"))
    assert folders(project, "often")[-1] == len(measured) + 1
    project.assert_sound()
