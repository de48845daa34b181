"""`check` as it is typed: what is told together, what fails, and what each class of findings means."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from locust_tui.plans.classes import CLASSES

Tui = Callable[..., subprocess.CompletedProcess[str]]
LATE = "workstreams:\n" + "".join(
    f"  w{n}: {{run: x, weeks: {n + 1}-{n + 2}{f', needs: w{n - 1}' if n else ''}}}\n" for n in range(20)
)
DOCS = Path(__file__).parents[2] / "docs" / "delivery.md"


def test_findings_of_one_kind_are_one_with_the_line_of_each(tui: Tui, tmp_path: Path) -> None:
    (tmp_path / "late.plan.yaml").write_text(LATE)
    told = tui("check", "late.plan.yaml")
    assert told.returncode == 0
    lines = told.stdout.splitlines()
    assert lines[0] == (
        "late.plan.yaml:3:35: warning: as written the plan takes 40 weeks, not 21: 19 needs start before what they "
        "wait for is planned to be there [dates-vs-needs]"
    )
    assert "  3:35   w1 starts in week 2, w0 ends in week 2" in lines
    assert "         and 7 more; --json has all" in lines
    assert lines[-1] == "1 warning (19 places), 1 note"
    found = json.loads(tui("check", "late.plan.yaml", "--json").stdout)
    places = [
        (n, line.index("needs: ") + 8) for n, line in enumerate(LATE.splitlines(), 1) if "needs" in line
    ]
    assert [(p["line"], p["col"]) for p in found if p["code"] == "dates-vs-needs"] == places


def test_warnings_fail_when_asked_and_notes_never(tui: Tui, tmp_path: Path) -> None:
    (tmp_path / "late.plan.yaml").write_text(LATE)
    assert tui("check", "late.plan.yaml", "--strict").returncode == 1
    (tmp_path / "late.plan.yaml").write_text(
        re.sub(r"weeks: \d+-\d+", "weeks: 1-40", LATE.replace(", needs", ", x-needs"))
    )
    assert tui("check", "late.plan.yaml", "--strict").returncode == 0
    noted = "agents: {c: {command: sh, max: 4}}\nworkstreams: {a: {agent: c, instructions: x}}\n"
    (tmp_path / "late.plan.yaml").write_text(noted)
    told = tui("check", "late.plan.yaml", "--strict")
    assert told.returncode == 0
    assert "note: max 4 of c is never reached: the plan has 1 use of it [cap]" in told.stdout
    assert told.stdout.endswith("no problems, 1 note\n")


def test_every_class_is_explained_and_an_unknown_one_names_near_ones(tui: Tui) -> None:
    told = tui("check", "--explain", "dates-vs-needs")
    assert told.returncode == 0
    assert told.stdout.startswith("dates-vs-needs: work is planned to start before what it needs is there\n")
    listed = json.loads(tui("check", "--explain", "all", "--json").stdout)
    assert [one["code"] for one in listed] == [one.code for one in CLASSES]
    wrong = tui("check", "--explain", "date-vs-needs")
    assert wrong.returncode == 3
    assert "did you mean dates-vs-needs" in wrong.stderr


def test_every_code_of_a_warning_or_note_has_a_class() -> None:
    folder = Path(__file__).parents[2] / "locust_tui" / "plans"
    sources = "\n".join(p.read_text() for p in [*folder.glob("*.py"), *(folder / "checks").glob("*.py")])
    used = set(re.findall(r"\.(?:warning|note)\(\s*\"([a-z-]+)\"", sources))
    assert used - {one.code for one in CLASSES} == set()


def test_the_documents_name_every_class() -> None:
    page = DOCS.read_text()
    assert [one.code for one in CLASSES if f"`{one.code}`" not in page] == []


def test_an_item_of_a_list_is_shown_as_one(tui: Tui, tmp_path: Path) -> None:
    (tmp_path / "late.plan.yaml").write_text("workstreams: {a: {run: x}}\nmonitors: [x]\nholidays: 1\n")
    told = tui("check", "late.plan.yaml")
    assert told.returncode == 2
    assert "help: - {name: main, refresh: 300s, metrics: [progress]}" in told.stdout
