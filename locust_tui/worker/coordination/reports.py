"""Scheduled reports: written when they are due, as the plan stood at that moment; those that were missed at the next start."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path, PurePath

from locust_tui.analysis.ending import told_at
from locust_tui.analysis.hook_times import duration, missed_reports, next_report
from locust_tui.analysis.recipients import recipients
from locust_tui.domain.clock import Clock, last_moment, project_start, week_of
from locust_tui.domain.events import EventBody, MemoryStored, Noted, ReportWritten
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Plan, ReportSchedule
from locust_tui.domain.world import World
from locust_tui.execution.fault import point
from locust_tui.state.errors import StoreError
from locust_tui.state.folder import StateFolder
from locust_tui.state.store import Store

from ..planning import PlanKeeper
from .hook_clock import moment
from .hook_pipeline import run_lines
from .hook_runs import ground_of
from .posting import posted

log = logging.getLogger(__name__)

MOST_MADE_UP = 20
"""Of more missed reports of one name only the latest are written."""
AFTER_S = 1.0
"""So long after its moment a report is written: what happened until then is in the record."""
AGAIN_S = 60.0
LIMIT_S = 120.0
TICK_S = 0.001
"""The record's moments are as fine as that."""
PAUSE_S, LONGEST_WAIT_S = 0.25, 3_600.0
"""Between two looks, however much is recorded, and however little."""
MOST_KEPT = 1_000_000
"""Bytes of a report that go into the shared memory."""


class Reports:
    """A duty. `busy`: a report is being written."""

    def __init__(self, store: Store, keeper: PlanKeeper, folder: StateFolder, clock: Clock) -> None:
        self._store, self._keeper, self._folder, self._clock = store, keeper, folder, clock
        self._ground = ground_of(folder)
        self._again: dict[str, float] = {}
        self.busy = False

    async def forever(self) -> None:
        """A duty that ends only by being cancelled."""
        changed = asyncio.Event()
        unsubscribe = self._store.subscribe(lambda _revision: changed.set())
        try:
            while True:
                changed.clear()
                wait = await self._look_once()
                pause = min(PAUSE_S, wait)
                await asyncio.sleep(pause)
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait - pause):
                        await changed.wait()
        finally:
            unsubscribe()

    async def _look_once(self) -> float:
        """Seconds until the next look at the latest."""
        plan = self._keeper.plan
        if plan is None or not plan.reports or self._store.world.project.started is None:
            return LONGEST_WAIT_S
        now = self._clock()
        moments = [now + LONGEST_WAIT_S]
        for report in plan.reports:
            if (again := self._again.get(report.name, 0.0)) > now:
                moments.append(again)
                continue
            try:
                for at in due(plan, self._store.world, report, now - AFTER_S):
                    await self._write(plan, report, at)
            except (StoreError, OSError) as error:
                log.error("%s", error)
                self._again[report.name] = now + AGAIN_S
            following = next_due(plan, self._store.world, report)
            if following is not None:
                moments.append(max(following + AFTER_S, self._again.get(report.name, 0.0)))
        return max(0.0, min(moments) - self._clock())

    async def _write(self, plan: Plan, report: ReportSchedule, at: float) -> None:
        week, seen_at = told_of(plan, self._store.world, at)
        paths = files_of(self._folder, report, week)
        told = _own_file(self._folder, report, week, ".json")
        for file in (*paths, told):
            file.parent.mkdir(mode=0o700 if file is told else 0o777, parents=True, exist_ok=True)
        moment_at = datetime.fromtimestamp(seen_at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        about = ("report", "--at", moment_at, "--week", str(week))
        outs = (word for file in (*paths, told) for word in ("--out", str(file)))
        self.busy = True
        try:
            ended = await run_lines(self._ground, [[(*about, *outs)]], "hook:reports", "", b"", LIMIT_S)
        finally:
            self.busy = False
        if not ended.ok:
            self._again[report.name] = self._clock() + AGAIN_S
            text = f"report {report.name} of week {week} could not be written: {ended.said.strip()[:500]}"
            await self._store.append(WORKER, Noted("warning", text, "hook"))
            return
        point("report-written")
        await self._store.append(WORKER, *self._events(plan, report, at, week, paths, told))

    def _events(
        self, plan: Plan, report: ReportSchedule, at: float, week: int, paths: list[Path], told: Path
    ) -> Iterator[EventBody]:
        world, key, stamp = self._store.world, f"locust/status/week-{week}", _iso(at)
        value = told.read_text()
        if len(value) <= MOST_KEPT:
            value = json.dumps(json.loads(value), ensure_ascii=False)
            known = world.memory.get(key)
            if known is None or known.value != value:
                yield MemoryStored(key, value, (known.version if known else 0) + 1)
        shown = [_shown(path, self._folder) for path in paths]
        yield ReportWritten(report.name, week, shown[0], stamp)
        text = f"The report of week {week} stands in {', '.join(shown)}."
        for number, to in enumerate(recipients(plan, world, ",".join(report.to), "") if report.to else (), 1):
            id = f"report:{report.name}:{stamp}:{to.to}"
            yield from posted(
                plan, world, to, text, id=id, number=number, subject=f"Report {report.name}, week {week}"
            )


def due(plan: Plan, world: World, report: ReportSchedule, now: float) -> list[float]:
    """Moments at which the report was due and was not written, oldest first."""
    base = _base(plan, world, report)
    moments = missed_reports(report.every, plan.calendar.timezone, base, now)
    end = told_at(plan, world, math.inf)
    return [at for before, at in pairwise([base, *moments]) if before < end][-MOST_MADE_UP:]


def next_due(plan: Plan, world: World, report: ReportSchedule) -> float | None:
    """None where nothing follows: the first one after a plan's good end is its last."""
    base = _base(plan, world, report)
    if base >= told_at(plan, world, math.inf):
        return None
    return next_report(report.every, plan.calendar.timezone, base)


def _base(plan: Plan, world: World, report: ReportSchedule) -> float:
    """The moment behind which it is due next: its last one, else that of the plan; a duration counts from the start."""
    status = world.reports.get(report.name)
    written = moment(status.due) if status is not None else None
    base = written if written is not None else world.project.plan_since or world.project.started or 0.0
    step, start = duration(report.every), project_start(plan.calendar, world.project.started)
    if written is None and step > 0 and ":" not in report.every and start is not None and start < base:
        return start + (base - start) // step * step
    return base


def told_of(plan: Plan, world: World, at: float) -> tuple[int, float]:
    """(plan week from 1, moment) that a report due at `at` is of: one that is due as a week ends is that week's, as
    `report --week` tells it; of the week that begins then it had nothing to say."""
    start = project_start(plan.calendar, world.project.started)
    if start is None:
        return 1, at
    ended = week_of(plan.calendar, start, at - TICK_S)
    if 0 < ended < week_of(plan.calendar, start, at + TICK_S):
        return ended, last_moment(plan.calendar, start, ended)
    return max(1, week_of(plan.calendar, start, at)), at


def files_of(folder: StateFolder, report: ReportSchedule, week: int) -> list[Path]:
    """Where the report of that week stands: as the plan says, below its folder, else in the state folder.

    OSError where a name or a symbolic link leads out of there, whoever accepted the plan.
    """
    if not report.files:
        return [_own_file(folder, report, week, ".md")]
    found = []
    for out in report.files:
        named = PurePath(out.replace("{week}", str(week)).replace("{name}", report.name))
        path = folder.plan_path.parent / named
        leads_out = not _inside(Path(os.path.realpath(path)), folder)
        if leads_out or named.is_absolute() or any(part.startswith((".", "~")) for part in named.parts):
            raise OSError(
                f"report {report.name}: {named} leads out of the plan's folder, or to a hidden place"
            )
        found.append(path)
    return found


def _own_file(folder: StateFolder, report: ReportSchedule, week: int, suffix: str) -> Path:
    """The worker's own copy. OSError unless it is a file of the state folder's reports."""
    reports = folder.root / "reports"
    path = reports / f"{report.name}-week-{week}{suffix}"
    if os.path.realpath(path) != os.path.join(os.path.realpath(folder.root), "reports", path.name):
        raise OSError(f"report {report.name}: {path} leads out of {reports}")
    return path


def _shown(path: Path, folder: StateFolder) -> str:
    return str(path.relative_to(folder.plan_path.parent)) if _inside(path, folder) else str(path)


def _inside(path: Path, folder: StateFolder) -> bool:
    return path.is_relative_to(folder.plan_path.parent) or path.is_relative_to(
        os.path.realpath(folder.plan_path.parent)
    )


def _iso(at: float) -> str:
    """To the second where it is one: a duration may be shorter."""
    text = datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return text.replace(".000000Z", "Z")
