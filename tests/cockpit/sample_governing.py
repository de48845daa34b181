"""A register of risks and a changed plan for the cockpit's tests."""

from __future__ import annotations

import dataclasses

import sample
from sample import NOW

from locust_tui.client.feed_studies import FeedStudies
from locust_tui.domain.snapshot import RiskView, Snapshot
from locust_tui.domain.states import RiskState
from locust_tui.domain.studies.baseline import (
    AgreedPart,
    Baseline,
    BaselineStudy,
    ChangeClass,
    PlanChange,
    PlanRevision,
)
from locust_tui.domain.studies.risks import RiskMove

RISKS = (
    RiskView(
        "R3", "Plugin API instability", "Extensive testing, gradual API evolution", "plugins", 6.0, "high", "triggered",
        since=NOW - 300, why="its watch failed: API stability at gate g2: fail", by="worker", response="mitigate",
        probability="medium", impact="high", watch="fail", watched_at=NOW - 300, row=2, column=3, delay_days=10.0,
        exposure_days=5.0, watches="API stability at gate g2", found="API stability at gate g2: fail with 3, wanted = 0",
    ),
    RiskView(
        "R2", "Performance regression", "Continuous benchmarking", "core", 4.0, "medium", "open",
        probability="medium", impact="medium", watch="pass", watched_at=NOW - 4000, row=2, column=2,
        watches="fact overlay_render_ms < 10 ms", found="9.2 ms, wanted < 10 ms",
    ),
    RiskView(
        "R1", "Ratatui API changes", "Pin the version", "core", 3.0, "medium", "closed", since=NOW - 90_000,
        why="pinned for good", by="ana", probability="low", impact="high", watch="not-run", row=1, column=3,
        watches="run cargo outdated --exit-code 1",
    ),
    RiskView(
        "R4", "Documentation lag", "", None, 3.0, "medium", "open", probability="high", impact="low", row=3, column=1,
    ),
)  # fmt: skip
MOVES = (
    RiskMove(40, NOW - 200_000, RiskState.TRIGGERED, "bo", "seen in the nightly build"),
    RiskMove(52, NOW - 150_000, RiskState.OPEN, "ana", "fixed upstream"),
    RiskMove(
        97, NOW - 300, RiskState.TRIGGERED, "worker", "its watch failed: API stability at gate g2: fail"
    ),
)


def change(
    place: tuple[str, str, str], before: str, after: str, kind: ChangeClass, **more: object
) -> PlanChange:
    section, subject, field = place
    return PlanChange(section, subject, field, before, after, kind, **more)  # type: ignore[arg-type]


_SECOND = {"revision": 61, "at": NOW - 86_400, "by": "ana", "how": "file"}
_THIRD = {
    "revision": 88,
    "at": NOW - 7_200,
    "by": "bo",
    "how": "yes",
    "why": "The core team cannot reach 80 before the fair.",
}
DATES = change(("workstreams", "WS-02", "weeks"), "2-3", "3-4", ChangeClass.DATES, **_SECOND)
NEED = change(("workstreams", "WS-05", "need WS-01"), "50%", "done", ChangeClass.NEEDS, **_SECOND)
LIMIT = change(
    ("gates", "g2", "limit"), "> 80%", "> 70%", ChangeClass.LIMIT, criterion="Unit test coverage",
    key="gate:g2/unit-test-coverage", eased=True, found="had failed with 76.2 %", **_THIRD,
)  # fmt: skip
GONE = change(("workstreams", "WS-10", ""), "Theme System", "", ChangeClass.SCOPE, eased=True, **_THIRD)
STUDY = BaselineStudy(
    (Baseline(1, "ab" * 32, 3, NOW - 500_000, "ana", 2, NOW - 500_000),),
    (
        PlanRevision(2, NOW - 500_000, "ab" * 32, "ana", "file", (), saved_by="ana", saved_at=NOW - 500_100),
        PlanRevision(
            61, NOW - 86_400, "cd" * 32, "ana", "file", (DATES, NEED), saved_by="ana", saved_at=NOW - 86_401,
            trusted_by="ana", trusted_at=NOW - 500_050,
        ),
        PlanRevision(88, NOW - 7_200, "ef" * 32, "bo", "yes", (LIMIT, GONE), LIMIT.why, "bo"),
    ),
    (LIMIT, DATES, NEED, GONE),
    NOW,
    (
        AgreedPart("gates", "g1", "Phase 1 → 2", "4", (("Core types implemented", ""), ("Navigation", ""))),
        AgreedPart("gates", "g2", "Phase 2 → 3", "6", (("Unit test coverage", "> 80%"), ("Overlay render", "< 10ms"))),
        AgreedPart("milestones", "beta", "Beta", "8"),
        AgreedPart("workstreams", "WS-01", "Core Types", "1-2"),
        AgreedPart("workstreams", "WS-02", "Navigation", "2-3"),
        AgreedPart("workstreams", "WS-05", "Omnibar", "3-5"),
        AgreedPart("workstreams", "WS-10", "Theme System", "7-8"),
    ),
)  # fmt: skip


class Known(FeedStudies):
    """Studies whose answers are given."""

    def __init__(self, study: BaselineStudy = STUDY, moves: tuple[RiskMove, ...] = MOVES) -> None:
        super().__init__(lambda: None, lambda: None)
        self.study, self.moves = study, moves
        self.asked: list[str] = []

    async def baseline(self) -> BaselineStudy:
        self.asked.append("baseline")
        return self.study

    async def risk_history(self, risk: str) -> tuple[RiskMove, ...]:
        self.asked.append(risk)
        return self.moves if risk == "R3" else ()


def with_risks() -> Snapshot:
    return dataclasses.replace(sample.running(), risks=RISKS)


def on_pmbok() -> Snapshot:
    """The same on the wider scale."""
    steps = {"R3": (3, 4), "R2": (3, 3), "R1": (2, 4), "R4": (4, 2)}
    scores = {"R3": 0.2, "R2": 0.1, "R1": 0.12, "R4": 0.07}
    risks = tuple(
        dataclasses.replace(r, scale="pmbok", row=steps[r.id][0], column=steps[r.id][1], score=scores[r.id])
        for r in RISKS
    )
    return dataclasses.replace(sample.running(), risks=risks)
