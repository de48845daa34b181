"""The weekly report as the command prints it: the template's shape, a past week byte for byte, honest unknowns."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Tui = Callable[..., CompletedProcess[str]]
GOLDEN = Path(__file__).with_name("harbour-week-3.md")

TEMPLATE = [
    "# Harbour Development Status - Week 3",
    "## Overall Progress",
    "- Phase:",
    "- Completion:",
    "- On Track:",
    "## Domain Status",
    "### Hull Yard (Phase 1)",
    "- Progress:",
    "- Blockers:",
    "- Next Week:",
    "### Deck Crew (Phase 2)",
    "- Progress:",
    "- Blockers:",
    "- Next Week:",
    "## Risk Register",
    "## Decisions Required",
    "## Resource Adjustments",
]


def test_week_three_reads_as_it_was_agreed(tui: Tui, sailed: Path) -> None:
    told = tui("--report", "--week", "3")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == GOLDEN.read_text()


def test_headings_stand_in_the_templates_order(tui: Tui, sailed: Path) -> None:
    lines = iter(tui("--report", "--week", "3").stdout.splitlines())
    for heading in TEMPLATE:
        assert any(line.startswith(heading) for line in lines), heading


def test_a_past_week_gives_the_same_bytes_again_and_knows_nothing_of_later(tui: Tui, sailed: Path) -> None:
    first, second = (tui("report", "--week", "3").stdout for _ in range(2))
    assert first == second
    assert "approved" not in first
    assert "go by ana" not in first


def test_every_format_says_the_same(tui: Tui, sailed: Path) -> None:
    document = json.loads(tui("--report", "--week", "3", "--json").stdout)
    text = tui("--report", "--week", "3", "--format", "text").stdout
    markdown = tui("--report", "--week", "3").stdout
    page = tui("--report", "--week", "3", "--format", "html").stdout
    assert page.startswith("<!doctype html>")
    assert "<h3>Hull Yard (Phase 1)</h3>" in page
    assert document["week"] == 3
    assert document["at"] == "2026-01-25T23:59:59Z"
    for reason in document["overall"]["reasons"]:
        assert reason in text
        assert reason in markdown
    assert [d["id"] for d in document["domains"]] == ["hull", "deck"]
    assert f"{document['overall']['completion']:.0f}%" in markdown
    assert [r["risk"] for r in document["risks"]] == ["Timber is late", "Storm"]


def test_what_is_empty_says_none(tui: Tui, sailed: Path) -> None:
    told = tui("--report", "--week", "1").stdout
    assert "- Blockers: None" in told
    assert "## Decisions Required\nNone\n" in told


def test_a_plan_that_never_ran_has_a_report_and_no_state(tui: Tui, harbour: Path) -> None:
    told = tui("--report")
    assert told.returncode == 0
    assert "- On Track: Not Started" in told.stdout
    assert "- Completion: 0%" in told.stdout
    assert not (harbour.parent / ".locust-tui").exists()


def test_a_week_that_has_not_begun_is_refused(tui: Tui, sailed: Path) -> None:
    told = tui("--report", "--week", "9999")
    assert told.returncode == 2
    assert told.stdout == ""
    assert re.search(r"week 9999 has not begun: the plan is in week \d+", told.stderr)


def test_flag_and_verb_are_one(tui: Tui, sailed: Path) -> None:
    ways = (
        ("--report", "--week", "2"),
        ("report", "--week", "2"),
        ("--week", "2", "--report"),
        ("--no-color", "--report", "--week", "2"),
    )
    assert len({tui(*way).stdout for way in ways}) == 1


def test_out_writes_the_file_whole_and_keeps_stdout_free(tui: Tui, sailed: Path) -> None:
    target = sailed.parent / "week.md"
    target.write_text("old")
    told = tui("--report", "--week", "3", "--out", target)
    assert (told.returncode, told.stdout) == (0, "")
    assert target.read_text() == GOLDEN.read_text()
    assert [p.name for p in sailed.parent.iterdir() if ".tmp" in p.name] == []


def test_a_full_disk_ends_with_74_and_one_line(tui: Tui, sailed: Path) -> None:
    told = tui("--report", "--out", "/dev/full")
    assert told.returncode == 74
    assert told.stderr == "error: /dev/full: could not be written: No space left on device\n"


def test_an_unknown_format_names_the_known_ones(tui: Tui, sailed: Path) -> None:
    told = tui("--report", "--format", "xml")
    assert told.returncode == 2
    assert all(name in told.stderr for name in ("md", "html", "json", "text"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_that_may_not_be_written_ends_with_74(tui: Tui, sailed: Path) -> None:
    closed = sailed.parent / "closed"
    closed.mkdir(mode=0o500)
    assert tui("--report", "--out", closed / "r.md").returncode == 74
