"""Every fault of the catalogue is injected by tests, and the page's table is of the tests that are there."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import fault_catalogue
from fault_catalogue import CATALOGUE, Shown, table

TESTS = Path(fault_catalogue.__file__).parent


def _marked() -> dict[int, set[str]]:
    """Faults by number, with the files whose source marks a test of it."""
    found: dict[int, set[str]] = defaultdict(set)
    for path in TESTS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.fault":
                number = ast.literal_eval(node.args[0])
                found[number].add(path.relative_to(TESTS.parent).as_posix())
    return found


def test_there_are_as_many_faults_as_are_promised() -> None:
    assert list(CATALOGUE) == list(range(1, 68))


def test_a_fault_that_no_test_injects_is_told() -> None:
    assert "not tested" in table({number: Shown() for number in CATALOGUE})
    assert not set(_marked()) - set(CATALOGUE)


def test_one_failed_test_is_no_survival() -> None:
    shown = {number: Shown({"rm": ""}, {"tests/a.py": 2}, passed=1) for number in CATALOGUE}
    assert "| yes (1 of 1) |" in table(shown)
    shown[3].failed = 1
    (row,) = [line for line in table(shown).splitlines() if line.startswith("| 3 |")]
    assert "| no |" in row
