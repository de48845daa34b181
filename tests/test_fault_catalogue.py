"""Every fault of the catalogue is injected by tests, and the page's table is of the tests that are there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from fault_catalogue import CATALOGUE, PAGE, TESTS, Shown, files_in, marked_files, missing, table


def test_there_are_as_many_faults_as_are_promised() -> None:
    assert list(CATALOGUE) == list(range(1, 68))


def test_every_fault_is_injected_by_a_test_and_no_other_is_named() -> None:
    marked = marked_files()
    assert marked.keys() == CATALOGUE.keys()
    assert [number for number, files in marked.items() if not files] == []


def test_the_pages_table_names_the_test_files_of_every_fault() -> None:
    told, there = files_in(PAGE.read_text()), marked_files()
    differ = {n: sorted(there.get(n, set()) ^ told.get(n, set())) for n in there.keys() | told.keys()}
    differ = {n: files for n, files in differ.items() if files or n not in told}
    assert differ == {}, f"the table of {PAGE.name} is of other tests than there are; run make faults"


def test_what_was_not_run_is_no_survival() -> None:
    shown = {number: Shown({"rm": ""}, {"tests/a.py"}, passed=1) for number in CATALOGUE}
    assert "| yes (1 of 1) |" in table(shown)
    shown[3].failed = 1
    shown[4] = Shown({"rm": ""}, {"tests/a.py"}, skipped=2)
    shown[5] = Shown()
    rows = [row.split(" | ") for row in table(shown).splitlines() if row.startswith("| ")]
    told = {row[0]: row[4] for row in rows}
    assert (told["| 3"], told["| 4"], told["| 5"]) == ("no", "not shown, 2 could not run here", "not shown")


def test_a_table_lacks_what_a_part_of_the_tests_did_not_show() -> None:
    whole = {n: Shown({"rm": ""}, files) for n, files in marked_files().items()}
    assert missing(whole) == []
    assert (
        files_in(f"<!-- faults: written by the tests -->{table(whole)}<!-- end of faults -->")
        == marked_files()
    )
    whole[31].tests = set(sorted(whole[31].tests)[1:])
    assert missing(whole) == ["fault 31"]


def test_a_part_of_the_tests_writes_no_table_and_says_so() -> None:
    before = PAGE.read_bytes()
    part = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--fault-table"]
    done = subprocess.run(
        [*part, "tests/test_safe_text.py"], cwd=TESTS.parent, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 1
    assert "run make faults" in done.stdout
    assert Path(PAGE).read_bytes() == before
