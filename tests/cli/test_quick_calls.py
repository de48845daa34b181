"""A quick call is its verb's own doing without its imports: the same bytes, or nothing and the verb itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from locust_tui.cli.quick import quick
from locust_tui.cli.start import run
from project import Project

PLAN = """\
project: P
workstreams:
  a: {run: "true", needs: g, deliverables: {api: {files: [api]}}}
  b: {run: "true", needs: g}
gates: {g: {approvers: [nobody]}}
"""
PLAIN = [
    ["--progress", "40"],
    ["--progress=40.5", "--note=half of it"],
    ["--note", "ünï “code” \\ \n two lines", "--blocker", "", "--next", "b"],
    ["--progress", "1e1", "--next", "=x=y"],
    ["--deliverable", "api", "done"],
    ["--deliverable=api"],
    ["--deliverable", "api", "done", "--next", "docs", "--progress", "40"],
]
UNUSUAL = [
    [],
    ["--progress", "140"],
    ["--progress", "nan"],
    ["--progress", "soon"],
    ["--prog", "40"],
    ["--progress", "4", "--progress", "5"],
    ["--note"],
    ["--note", "--next"],
    ["--deliverable", "api", "--deliverable", "docs"],
    ["--deliverable", "api", "finished"],
    ["--progress", "4", "done"],
    ["done"],
    ["--help"],
    ["40"],
    ["--note", "x" * 70_000],
]


@pytest.mark.parametrize("words", PLAIN)
def test_it_writes_what_the_whole_verb_writes(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    for number, call in enumerate((quick, run)):
        events = tmp_path / str(number)
        monkeypatch.setenv("LOCUST_TUI_EVENTS", str(events))
        assert call(["agent", "report", *words]) == 0
        written.append(events.read_bytes())
    assert written[0] == written[1]


@pytest.mark.parametrize("words", UNUSUAL)
def test_what_is_unusual_is_left_to_the_verb(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCUST_TUI_EVENTS", str(tmp_path / "events"))
    assert quick(["agent", "report", *words]) is None
    assert not (tmp_path / "events").exists()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path / "plan")
    made.write(PLAN)
    made.up()
    yield made
    made.end()


def test_a_deliverable_is_quick_where_the_plan_in_force_has_it(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCUST_TUI_PLAN", str(project.plan))
    monkeypatch.setenv("LOCUST_TUI_EVENTS", str(project.path / "events"))
    for named, subject in (("docs", "a"), ("api", "b"), ("api", 'a"'), ("api", "c")):
        monkeypatch.setenv("LOCUST_TUI_WORKSTREAM", subject)
        assert quick(["agent", "report", "--deliverable", named, "done"]) is None
    assert not (project.path / "events").exists()
    monkeypatch.setenv("LOCUST_TUI_WORKSTREAM", "a")
    assert quick(["agent", "report", "--deliverable", "api", "done"]) == 0
    assert (project.path / "events").read_text() == '{"deliverable": "api"}\n'


def test_outside_of_a_run_the_verb_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOCUST_TUI_EVENTS", raising=False)
    assert quick(["agent", "report", "--progress", "4"]) is None


def test_no_other_call_is_quick() -> None:
    assert quick(["agent", "ls"]) is None
    assert quick([]) is None


def test_it_imports_next_to_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCUST_TUI_EVENTS", str(tmp_path / "events"))
    code = (
        "import sys; sys.argv = ['locust-tui', 'agent', 'report', '--progress', '4']\n"
        "from locust_tui.__main__ import main\n"
        "try: main()\nexcept SystemExit as end: assert not end.code\n"
        "print(*sorted(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert not {"click", "msgspec", "pathlib", "dataclasses", "socket"} & set(done.stdout.split())
