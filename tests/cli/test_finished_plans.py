"""A plan that has come to its good end: nothing that is told of it goes on with the clock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from subprocess import CompletedProcess

from locust_tui.domain import events as e
from locust_tui.domain.people import WORKER
from locust_tui.domain.states import WorkstreamState as S
from locust_tui.plans.reading import read_plan
from locust_tui.state.folder import StateFolder
from locust_tui.state.store import Store

Tui = Callable[..., CompletedProcess[str]]

FINISHED = """\
project: Ferry
calendar: {start: 2026-01-05}
kpis: {velocity: {measure: workstreams_completed / week, target: 2}}
workstreams: {keel: {weeks: 1-2, run: "true"}}
"""


def moment(text: str) -> float:
    return datetime.fromisoformat(f"{text}+00:00").timestamp()


async def finish(plan: Path) -> None:
    """A record beside `plan` in which its one workstream was accepted, and the plan ended, in week 2."""
    folder = StateFolder(plan)
    folder.prepare()
    reading = read_plan(plan)
    assert reading.plan is not None
    events: list[tuple[str, e.EventBody]] = [
        ("2026-01-05T09:00", e.ProjectStarted()),
        ("2026-01-05T09:01", e.WorkstreamMoved("keel", S.PLANNED, S.READY, "")),
        ("2026-01-05T09:01", e.WorkstreamMoved("keel", S.READY, S.RUNNING, "")),
        ("2026-01-14T09:01", e.WorkstreamMoved("keel", S.RUNNING, S.REVIEW, "")),
        ("2026-01-14T09:01", e.WorkstreamMoved("keel", S.REVIEW, S.ACCEPTED, "")),
        ("2026-01-14T09:02", e.ProjectEnded("all is done")),
    ]
    async with Store.open(folder.store, ballast=0) as store:
        await store.put_plan(reading.digest, str(plan), reading.text, reading.plan)
        await store.append(WORKER, e.PlanAccepted(reading.digest, str(plan)), at=moment("2026-01-05T09:00"))
        for at, body in events:
            await store.append(WORKER, body, at=moment(at))


def test_time_stands_still_for_a_finished_plan(tui: Tui, tmp_path: Path) -> None:
    plan = tmp_path / "locust-plan.yaml"
    plan.write_text(FINISHED)
    asyncio.run(finish(plan))
    report = json.loads(tui("report", "--json").stdout)
    assert (report["week"], report["at"]) == (2, "2026-01-14T09:02:00Z")
    status = json.loads(tui("status", "--json").stdout)
    assert (status["week"], status["verdict"]) == (2, "complete")
    assert len(status["kpis"][0]["trend"]) <= 2
    refused = tui("report", "--week", "3")
    assert refused.returncode == 2
    assert "finished in week 2" in refused.stderr


def test_nothing_is_forecast_of_a_finished_plan(tui: Tui, tmp_path: Path) -> None:
    plan = tmp_path / "locust-plan.yaml"
    plan.write_text(FINISHED + "  # the end\n")
    asyncio.run(finish(plan))
    assert tui("forecast").stdout == "complete in week 2: nothing is left to forecast\n"
    told = json.loads(tui("forecast", "--json").stdout)
    assert (told["complete"], told["complete_week"]) == (True, 2)
    assert "P50" not in tui("status").stdout
