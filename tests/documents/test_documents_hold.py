"""What the documents name is there: files, rooms, pages, pictures, verbs; and the plans in them check."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from locust_tui.cli.root import VERBS
from locust_tui.plans.reading import read_plan

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))

_LINK = re.compile(r"\]\(([^)\s#]+)[^)]*\)")
_CODE = re.compile(r"`([^`\n]+)`")
_PROGRAM_FILE = re.compile(r"(?:[a-z_]+/)+[a-z_]*(?:\.py)?|[a-z_]+\.py")
_NOT_IN_THE_PROGRAM = ("src/", "build/", "runs/", "locust/", "viewers/")
"""Of people's work, of the state folder, of branches."""
_VERB = re.compile(r"\blocust-tui ([a-z][a-z-]*)")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pages
def test_links_and_pictures_are_there(page: Path) -> None:
    links = [link for link in _LINK.findall(page.read_text()) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pages
def test_files_and_rooms_that_are_named_are_there(page: Path) -> None:
    named = [word for word in _CODE.findall(page.read_text()) if _PROGRAM_FILE.fullmatch(word)]
    ours = [name for name in named if not name.startswith(_NOT_IN_THE_PROGRAM)]
    places = (ROOT, ROOT / "locust_tui")
    assert [name for name in ours if not any((place / name).exists() for place in places)] == []


@pages
def test_verbs_that_are_named_are_verbs(page: Path) -> None:
    text = page.read_text()
    said = [code for code in _CODE.findall(text) if code.startswith("locust-tui ")]
    said += [body for language, body in _BLOCK.findall(text) if language in ("sh", "console")]
    assert {verb for words in said for verb in _VERB.findall(words)} <= VERBS.keys()


@pages
def test_plans_that_are_shown_have_no_errors(page: Path, tmp_path: Path) -> None:
    for language, body in _BLOCK.findall(page.read_text()):
        if language != "yaml" or not re.search("^workstreams:", body, re.MULTILINE):
            continue
        plan = tmp_path / "locust-plan.yaml"
        plan.write_text(body)
        assert [problem for problem in read_plan(plan).problems if problem.is_error] == []


def test_every_room_has_its_place_in_the_architecture() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    rooms = {path.parent.name for path in (ROOT / "locust_tui").glob("*/__init__.py")}
    assert {room for room in rooms if f"`{room}/`" not in page} == set()
