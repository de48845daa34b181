"""A test that wants a death names a place that a process passes, and nobody asks for one behind that check's back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import faults

TESTS = Path(faults.__file__).parent
NAMED = {
    (path.relative_to(TESTS).as_posix(), point)
    for path in TESTS.rglob("test_*.py")
    for point in re.findall(r'"((?:agent|shim|zygote|report)[.-][a-z]+)"', path.read_text())
    if "die_at(" in path.read_text() and path.name != Path(__file__).name
}


@pytest.mark.parametrize(("test", "point"), sorted(NAMED))
def test_a_point_that_a_test_names_is_in_the_source(test: str, point: str) -> None:
    assert point in faults.POINTS, test


def test_every_point_of_the_processes_of_a_run_is_known() -> None:
    assert {"zygote.asked", "shim.asked", "agent.born", "exit.json.tmp", "report-written"} <= set(
        faults.POINTS
    )
    assert ("worker/test_killed_worker.py", "shim.asked") in NAMED


def test_a_point_that_is_nowhere_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError, match=r"no process passes agent\.asked"):
        faults.die_at(monkeypatch, tmp_path, "agent.asked", 2)


def test_a_death_that_did_not_come_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError, match=r"nothing died at shim\.asked"):
        faults.die_at(monkeypatch, tmp_path, "shim.asked", 2).assert_happened()


def test_deaths_are_asked_for_in_one_place() -> None:
    setting = re.compile(r"(setenv\(|\[|\{)\s*[\"']" + faults.VARIABLE)
    found = [p.name for p in TESTS.rglob("*.py") if setting.search(p.read_text())]
    assert found == []
