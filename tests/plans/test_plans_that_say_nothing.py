"""A plan file that says nothing is told what it holds instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from locust_tui.plans.reading import read_data


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "the file is empty"),
        ("\ufeff", "the file is empty"),
        (" \n\n  \n", "the file holds nothing but white space"),
        ("\n", "the file holds nothing but white space"),
        ("# later\n\n  # much later\n", "the file holds nothing but comments"),
        ("---\n", "the file holds nothing but an empty value"),
        ("~\n", "the file holds nothing but an empty value"),
    ],
)
def test_what_a_file_holds_that_holds_no_plan(tmp_path: Path, content: str, said: str) -> None:
    reading = read_data(content.encode(), tmp_path / "plan.yaml")
    assert reading.plan is None
    assert [(p.code, p.message) for p in reading.problems] == [("empty", said)]
    assert reading.problems[0].help == "locust-tui new writes a first plan"
