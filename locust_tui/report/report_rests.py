"""Under which figures of the report's JSON which events stand: JSON pointers (RFC 6901) and revisions of the log.

A pointer speaks for all figures below it, unless a longer one does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..analysis import report_rests as about
from ..domain.studies.figures import EarnedValue
from ..domain.studies.report import ReportGround
from ..domain.studies.rests import NOTHING, Rests, rests_on
from .report_studies_json import EARNED
from .weekly import StatusReport


def rests_document(report: StatusReport) -> dict[str, Any]:
    """Pointer → {"revisions": all of them where they are few, "first", "last", "count", "note"}."""
    ground = report.ground
    if ground is None:
        return {}
    pointers = _Pointers(report, ground)
    found = {pointer: _document(pointers.grounded(rests)) for pointer, rests in pointers.all()}
    return {"/schema": _document(Rests(note="the version of this form")), **found}


def _document(rests: Rests) -> dict[str, Any]:
    return {
        "revisions": list(rests.revisions),
        "first": rests.first,
        "last": rests.last,
        "count": rests.count,
        "note": rests.note or None,
    }


class _Pointers:
    def __init__(self, report: StatusReport, ground: ReportGround) -> None:
        self.report, self.ground = report, ground
        self.events = dict(ground.rests)
        digest = report.plan_digest[:12]
        self.plan = f"plan {digest}" if digest else "the plan file"

    def grounded(self, rests: Rests) -> Rests:
        """What rests on no event of its own rests on the one that put the plan in force."""
        plan = self.events.get(about.PLAN, NOTHING)
        return rests_on([plan.last], rests.note) if not rests.count and plan.last is not None else rests

    def all(self) -> Iterator[tuple[str, Rests]]:
        calendar = self._of(about.START, note=f"calendar of {self.plan}")
        yield "/week", calendar
        yield "/revision", rests_on([self.report.revision] if self.report.revision else [])
        yield from self._template()
        yield from self._studies()

    def _template(self) -> Iterator[tuple[str, Rests]]:
        earned = self.ground.earned
        work = earned.project.ev.rests if earned is not None else self._of(about.WORK)
        before = self.ground.before.revision if self.ground.before is not None else 0
        yield "/overall", work
        yield "/overall/completion_before", _until(work, before)
        led = {e.id: e for e in earned.orchestrators} if earned is not None else {}
        for n, domain in enumerate(self.report.domains):
            rests = led[domain.id].ev.rests if domain.id in led else work
            yield f"/domains/{n}", rests
            yield f"/domains/{n}/progress_before", _until(rests, before)
        for n, risk in enumerate(self.report.risks):
            yield (
                f"/risks/{n}",
                self._of(f"{about.RISK}:{risk.id}", note=f"probability and impact of {self.plan}"),
            )
        for n, request in enumerate(self.report.requests):
            yield f"/agent_requests/{n}", self._of(f"{about.ITEM}:{request.item}")
        for n, grant in enumerate(self.report.grants):
            yield f"/grants/{n}", self._of(f"{about.ITEM}:{grant.item}")
        for n, escalation in enumerate(self.report.escalations):
            yield f"/escalations/{n}", self._of(f"{about.ESCALATION}:{escalation.id}")
        yield "/spending", self._of(about.SPEND)

    def _studies(self) -> Iterator[tuple[str, Rests]]:
        ground = self.ground
        progress = self._of(about.WORK, about.START, note=f"durations and needs of {self.plan}")
        yield "/forecast", progress
        parts: list[EarnedValue] = []
        if ground.earned is not None:
            parts = [ground.earned.project, *ground.earned.phases, *ground.earned.orchestrators]
            curve = ground.earned.curve.rests
            yield "/burn_up", curve if curve != NOTHING else progress
        for n, part in enumerate(parts):
            yield from ((f"/earned_value/{n}/{name}", getattr(part, name).rests) for name in EARNED)
        yield "/schedule", progress
        for n, bar in enumerate(ground.timeline.bars if ground.timeline is not None else ()):
            note = f"weeks of {self.plan}"
            yield f"/schedule/workstreams/{n}", self._of(f"{about.WORK}:{bar.id}", note=note)
        for n, gate in enumerate(ground.snapshot.gates):
            yield f"/gates/{n}", self._of(f"{about.GATE}:{gate.id}", note=f"week of {self.plan}")
            for m, criterion in enumerate(gate.criteria):
                pointer = f"/gates/{n}/criteria/{m}"
                yield pointer, self._of(f"{about.CRITERION}:{criterion.key}", note=f"limit of {self.plan}")
        yield from self._others(progress)

    def _others(self, progress: Rests) -> Iterator[tuple[str, Rests]]:
        ground = self.ground
        if ground.flow is not None:
            yield "/cross_domain", ground.flow.cross_domain.figure.rests
        for n, kpi in enumerate(ground.kpis.kpis if ground.kpis is not None else ()):
            yield f"/kpis/{n}", kpi.rests
        for n, change in enumerate(ground.changes or ()):
            yield f"/plan_changes/{n}", rests_on([change.revision] if change.revision else [])
        if ground.success is not None:
            yield "/success", progress
            for n, line in enumerate(ground.success.lines):
                yield f"/success/criteria/{n}", line.rests
        found = ground.differences
        if found is not None:
            between = Rests(
                (),
                "",
                found.before.revision + 1,
                found.after.revision,
                found.after.revision - found.before.revision,
            )
            yield "/since_last_week", between
            for n, moved in enumerate(found.changes):
                if moved.revision is not None:
                    yield f"/since_last_week/changes/{n}", rests_on([moved.revision])

    def _of(self, *names: str, note: str = "") -> Rests:
        found = [self.events[name] for name in names if name in self.events]
        if not found:
            return Rests(note=note)
        return joined(found, note)


def joined(found: Iterable[Rests], note: str = "") -> Rests:
    """The events of all of them; where one has too many to name, only the ends and no less than their number."""
    parts = [r for r in found if r.count]
    if all(len(r.revisions) == r.count for r in parts):
        return rests_on((v for r in parts for v in r.revisions), note)
    firsts = [r.first for r in parts if r.first is not None]
    lasts = [r.last for r in parts if r.last is not None]
    return Rests((), note, min(firsts), max(lasts), sum(r.count for r in parts))


def _until(rests: Rests, revision: int) -> Rests:
    """Those up to a revision, where they are named; else that they lie before it."""
    if len(rests.revisions) == rests.count:
        return rests_on((r for r in rests.revisions if r <= revision), rests.note)
    return Rests(
        (),
        "; ".join(filter(None, (rests.note, f"events up to revision {revision}"))),
        rests.first,
        revision,
        0,
    )
