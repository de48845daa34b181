"""`baseline` and `risk map`: what was agreed, each change with who and why, and where the risks stand."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from locust_tui.cli.asking import os_user
from locust_tui.domain import events as e
from locust_tui.domain.people import WORKER, Person
from locust_tui.plans.reading import read_data
from locust_tui.state.folder import StateFolder
from locust_tui.state.store import Store
from project import Project

Tui = Callable[..., subprocess.CompletedProcess[str]]


def later(text: str) -> str:
    """The harbour's plan as ana changed it in week 2."""
    return text.replace("weeks: 2-3", "weeks: 2-4").replace("approvers: [ana]", "approvers: [ana, bo]")


def last(text: str) -> str:
    """As bo changed it after that: without the sails."""
    return "".join(line for line in later(text).splitlines(keepends=True) if "sails:" not in line)


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


async def change(plan: Path) -> None:
    """The plan of the harbour's record changes twice, in weeks 2 and 3."""
    folder, agreed = StateFolder(plan), plan.read_text()
    async with Store.open(folder.store, ballast=0) as store:
        for text, at, by, more in (
            (later(agreed), "2026-01-14T10:00", WORKER, {"how": "file", "saved_by": "ana"}),
            (
                last(agreed),
                "2026-01-21T10:00",
                Person("bo", uid=7),
                {"how": "yes", "note": "no sails this year \x1b[31m"},
            ),
        ):
            reading = read_data(text.encode(), plan)
            assert reading.plan is not None
            await store.put_plan(reading.digest, str(plan), text, reading.plan)
            await store.append(by, replace(e.PlanAccepted(reading.digest, str(plan)), **more), at=moment(at))  # type: ignore[arg-type]


@pytest.fixture
def changed(sailed: Path) -> Path:
    asyncio.run(change(sailed))
    return sailed


def test_what_was_agreed_and_what_differs_from_it_by_part(tui: Tui, changed: Path) -> None:
    said = tui("baseline").stdout
    assert said.startswith("agreed     plan ")
    assert "in force when the project started at 2026-01-05T09:00:00Z" in said
    assert "3 fields differ from it, after 2 later plans" in said
    parts = said.split("\n\n")
    ribs = next(p for p in parts if p.startswith("workstream ribs"))
    assert "weeks  2-3 → 2-4" in ribs
    assert "by ana, owner of the file" in ribs
    assert "asks for less" in next(p for p in parts if p.startswith("workstream sails"))
    assert tui("baseline", "show").stdout.split("now ")[0] == said.split("now ")[0]


def test_each_change_with_who_and_why(tui: Tui, changed: Path) -> None:
    done = tui("baseline", "changes")
    first, second = done.stdout.split("\n\n")
    assert "ana, owner of the file: nobody said why" in first
    assert "people  gate g1: approvers      ana → ana, bo" in first
    assert "bo said yes: no sails this year ␛[31m" in second
    assert "\x1b" not in done.stdout
    assert tui("baseline", "changes", "--since", "2026-01-20").stdout.strip() == second.strip()
    assert "has not changed since then" in tui("baseline", "changes", "--since", "2026-01-22").stderr


def test_as_it_stood_at_a_moment(tui: Tui, changed: Path) -> None:
    then = json.loads(tui("baseline", "--at", "2026-01-15", "--json").stdout)
    assert [c["field"] for c in then["drift"]] == ["weeks", "approvers"]
    assert then["revisions"] == 2
    assert json.loads(tui("baseline", "--at", "2026-01-10", "--json").stdout)["drift"] == []


def test_documents_say_what_is_not_known(tui: Tui, changed: Path) -> None:
    found = json.loads(tui("baseline", "changes", "--json").stdout)
    assert [(r["by"], r["how"], r["why"]) for r in found] == [
        ("ana", "file", None),
        ("bo", "yes", "no sails this year \x1b[31m"),
    ]
    assert found[0]["why_reason"] == "nobody said why"
    assert found[0]["changes"][0] | {"revision": 0} == {
        "section": "workstreams", "subject": "ribs", "field": "weeks", "criterion": None, "class": "dates",
        "before": "2-3", "after": "2-4", "asks_for_less": False, "found": None, "revision": 0,
        "at": "2026-01-14T10:00:00Z", "by": "ana", "how": "file", "why": None, "why_reason": "nobody said why",
    }  # fmt: skip


def test_before_the_start_nothing_is_agreed(tui: Tui, harbour: Path) -> None:
    assert "the project has not started" in tui("baseline").stdout
    told = json.loads(tui("baseline", "--json").stdout)
    assert (told["baseline"], told["baseline_reason"]) == (
        None,
        "the project has not started: nothing is agreed yet",
    )
    done = tui("baseline", "changes")
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("baseline", "chnages"), 2, "did you mean changes"),
        (("baseline", "set"), 2, "--note"),
        (("baseline", "note", "x", "why"), 2, "not a valid integer"),
        (("baseline", "--since", "1d"), 2, "No such option"),
        (("risk", "mpa"), 2, "it has ls, map, show"),
    ],
)
def test_what_cannot_be_meant(tui: Tui, harbour: Path, args: tuple[str, ...], code: int, said: str) -> None:
    done = tui(*args)
    assert done.returncode == code
    assert said in done.stderr


def test_the_map_of_risks(tui: Tui, harbour: Path) -> None:
    drawn = tui("risk", "map").stdout.splitlines()
    high, _, _, _, low = drawn[2:7]
    assert [cell.split() for cell in high.split("|")[1:4]] == [["med"], ["high"], ["R1", "high"]]
    assert [cell.split() for cell in low.split("|")[1:4]] == [["low"], ["R2", "low"], ["med"]]
    told = json.loads(tui("risk", "map", "--json").stdout)
    assert {"probability": 3, "impact": 3, "level": "high", "risks": ["R1"]} in told["cells"]
    assert len(told["cells"]) == 9


def test_a_reason_and_a_new_agreement_from_the_command_line(tui: Tui, tmp_path: Path) -> None:
    project = Project(tmp_path)
    try:
        text = "project: P\nworkstreams: {a: {run: exec sleep 60, weeks: 1-2}}\nrisks: [{risk: Rain, owner: ana}]\n"
        project.write(text)
        project.up()
        project.reaches(lambda w: w.project.plan_digest)
        project.write(text.replace("1-2", "1-3"))
        project.reaches(lambda w: w.project.plan_changes)
        (found,) = json.loads(tui("baseline", "changes", "--json").stdout)
        said = tui("baseline", "note", str(found["revision"]), "rain", "--by", "ana").stdout
        assert said.startswith(f"the change of revision {found['revision']} has its reason, revision ")
        assert tui("baseline", "note", "1", "rain").returncode == 3
        assert tui("baseline", "set", "--note", " ").returncode == 2
        assert "is agreed from now on" in tui("baseline", "set", "--note", "rain", "--by", "ana").stdout
        again = tui("baseline", "set", "--note", "rain")
        assert (again.returncode, "is what was agreed last" in again.stderr) == (4, True)
        now = tui("baseline").stdout
        assert "agreed anew, number 2" in now
        assert f"by {os_user()}" in now.split("before")[1]
        tui("risk", "trigger", "r1", "--note", "it pours", "--by", "ana")
        shown = tui("risk", "show", "R1").stdout
        assert "triggered  by ana: it pours" in shown
        assert json.loads(tui("risk", "show", "R1", "--json").stdout)["history"][0]["by"] == "ana"
    finally:
        project.end()
