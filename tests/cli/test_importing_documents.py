"""`import` and `spawn orchestrator --spec` as a person calls them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from project import Project

DOCUMENTS = Path(__file__).resolve().parents[1] / "plans" / "importing" / "documents"
Tui = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return Path(shutil.copy(DOCUMENTS / "framework.md", tmp_path / "DOC.md"))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path)
    yield made
    made.end()


def test_the_imported_plan_serves_every_reading_verb(tui: Tui, document: Path, tmp_path: Path) -> None:
    done = tui("import", document.name)
    assert done.returncode == 0, done.stderr
    last = done.stdout.splitlines()[-3:]
    assert last[0].startswith(
        "understood: 1 meta-orchestrator, 15 workstreams, 3 orchestrators, 4 phases, 4 gates, 21 criteria, 4 KPIs, 4 risks"
    )
    assert last[2].startswith("wrote locust-plan.yaml: ")
    assert 'DOC.md:276: warning: quality is called "First-pass acceptance"' in done.stdout
    assert "DOC.md:142: command: swarm init → resources.max_agents: 20" in done.stdout
    check = tui("check")
    assert check.returncode == 0
    assert "agent type rust-pro has no command" in check.stdout
    graph = tui("export", "--mermaid")
    assert (graph.returncode, graph.stdout.count("WS-")) == (0, 15)
    assert tui("forecast").returncode == 0
    report = tui("report")
    assert report.stdout.startswith("# Locust Development Status - Week 0")
    assert "### Plugin Development (Phase 2-3)" in report.stdout


def test_never_over_a_plan_that_is_there(tui: Tui, document: Path, tmp_path: Path) -> None:
    plan = tmp_path / "locust-plan.yaml"
    plan.write_text("workstreams: {a: {run: make}}\n")
    refused = tui("import", document.name)
    assert refused.returncode == 4
    assert "nothing was written" in refused.stderr
    assert plan.read_text() == "workstreams: {a: {run: make}}\n"
    assert tui("import", document.name, "--force").returncode == 0
    assert "WS-15" in plan.read_text()


def test_looking_writes_nothing(tui: Tui, document: Path, tmp_path: Path) -> None:
    done = tui("import", document.name, "--dry-run")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "nothing was written")
    printed = tui("import", document.name, "-o", "-")
    assert printed.stdout.startswith("# From DOC.md")
    assert "DOC.md:276: warning" in printed.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["DOC.md"]


def test_as_json(tui: Tui, document: Path) -> None:
    done = tui("import", document.name, "--json", "-o", "other.plan.yaml")
    told = json.loads(done.stdout)
    assert told["plan"] == "other.plan.yaml"
    assert told["understood"]["workstreams"] == 15
    assert {f["severity"] for f in told["findings"]} == {"note", "warning"}
    assert len(told["commands"]) == 19
    assert all(c["became"] or c["why"] for c in told["commands"])


def test_what_cannot_be_imported(tui: Tui, document: Path, tmp_path: Path) -> None:
    missing = tui("import", "DOX.md")
    assert missing.returncode == 3
    assert "did you mean DOC.md?" in missing.stderr
    (tmp_path / "novel.md").write_text("# A novel\n\nIt was a dark and stormy night.\n")
    novel = tui("import", "novel.md")
    assert novel.returncode == 2
    assert "novel.md: the document names no workstreams" in novel.stderr
    assert tui("import", ".").returncode == 2
    assert not (tmp_path / "locust-plan.yaml").exists()


PLAN = """\
project: Base
phases: {1: {weeks: 1-4}}
orchestrators: {main: {phases: 1}}
workstreams: {a: {run: "true", phase: 1}}
gates: {g1: {closes: 1, criteria: [{manual: Go on?}]}}
"""


def test_an_orchestrator_of_a_document_joins_the_plan(tui: Tui, document: Path, project: Project) -> None:
    project.write(PLAN)
    spec = ("spawn", "orchestrator", "PD", "--spec", document.name)
    asked = tui(*spec)
    assert asked.returncode == 4
    assert "+ workstreams/WS-05: {name: Omnibar Core, phase: 2" in asked.stdout
    assert "nothing was added" in asked.stderr
    done = tui(*spec, "--yes", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["orchestrator"], len(told["workstreams"])) == ("locust-plugin-orchestrator", 7)
    assert set(project.states()) == {"a", *(f"WS-{n:02}" for n in range(5, 12))}
    assert project.plan.read_text() == PLAN
    again = tui(*spec, "--yes")
    assert again.returncode == 4
    assert "locust-plugin-orchestrator is in the plan already" in again.stderr


def test_an_unknown_orchestrator_names_near_ones(tui: Tui, document: Path, project: Project) -> None:
    project.write(PLAN)
    done = tui("spawn", "orchestrator", "locust-core", "--spec", document.name, "--yes")
    assert done.returncode == 3
    assert "did you mean locust-core-orchestrator" in done.stderr
