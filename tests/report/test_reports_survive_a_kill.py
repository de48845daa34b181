"""A worker killed between a report's files and their record: the next one writes the same bytes, and records them once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from faults import die_at, die_no_more
from locust_tui.client.requests import StoreMemory
from locust_tui.domain.events import MessageSent, ReportWritten
from project import Project, is_running, until

PLAN = """\
project: {name: Harbour, short: Harbour}
calendar: {week: 2s}
workstreams:
  a: {name: The work, run: "true", weeks: 1-4, needs: never}
gates: {never: {approvers: [nobody]}}
people: {lead: [ana]}
reports: [{name: weekly, every: 1h, out: ["out/week-{week}.html", "out/week-{week}.md"], to: [ana]}]
"""
SOON = PLAN.replace("every: 1h", "every: 2s")


def test_killed_between_writing_and_recording(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write(SOON)
    fault = die_at(monkeypatch, project.path, "report-written", 1)
    pid = project.up()
    until(lambda: not is_running(pid), what="the worker's death")
    fault.assert_happened()
    page = project.path / "out" / "week-1.html"
    first = page.read_bytes()
    assert project.events(ReportWritten) == []
    assert not [m for m in project.events(MessageSent) if m.to == "ana"]
    die_no_more(monkeypatch)
    page.unlink()
    project.up()
    project.reaches(lambda w: w.reports)
    written = project.events(ReportWritten)
    assert written[0].week == 1
    assert page.read_bytes() == first
    assert page.with_suffix(".md").read_text().startswith("# Harbour Development Status - Week 1")
    moments = [r.due for r in written]
    assert len(set(moments)) == len(moments), "none was recorded twice"


def test_each_file_is_of_the_same_moment_and_the_message_names_all(project: Project) -> None:
    project.write(SOON)
    project.up()
    project.reaches(lambda w: w.reports)
    written = project.events(ReportWritten)[0]
    assert written.path == f"out/week-{written.week}.html"
    page, text = (project.path / f"out/week-{written.week}.{kind}" for kind in ("html", "md"))
    assert page.read_text().startswith("<!doctype html>")
    told = json.loads(project.world().memory[f"locust/status/week-{written.week}"].value)
    assert f"revision {told['revision']}\n" in text.read_text()
    assert f"Revision {told['revision']} of the record" in page.read_text()
    (message,) = [m for m in project.events(MessageSent) if m.to == "ana"][:1]
    assert str(Path(written.path)) in message.text
    assert f"out/week-{written.week}.md" in message.text


def test_nothing_is_written_before_it_is_due(project: Project) -> None:
    project.write(PLAN)
    project.up()
    project.ask(StoreMemory("k", "1"))
    assert project.events(ReportWritten) == []
    assert not (project.path / "out").exists()
