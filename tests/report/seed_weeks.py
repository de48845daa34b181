"""The example plan of fifteen workstreams with four weeks on record: what a report of week 3 is made of, and what came after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from locust_tui.analysis.baseline import changes_between
from locust_tui.domain import events as e
from locust_tui.domain.criterion import CriterionResult, Evidence
from locust_tui.domain.people import Decision, Person
from locust_tui.domain.states import CriterionState, DecisionKind, GateState, RiskState
from locust_tui.domain.states import RunState as R
from locust_tui.domain.states import WorkstreamState as S
from locust_tui.plans.reading import read_plan
from locust_tui.state.folder import StateFolder
from locust_tui.state.store import Store

GOLDEN = Path(__file__).with_name("golden")
WORKER = Person("worker")
ANA = Person("ana", "demo", 1000, 43)

Dated = tuple[str, Person, e.EventBody]


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def begins(at: str, work: str, attempt: int = 1) -> Iterator[Dated]:
    before = S.PLANNED if attempt == 1 else S.REWORK
    if attempt == 1:
        yield at, WORKER, e.WorkstreamMoved(work, before, S.READY, "needs are met")
        before = S.READY
    yield at, WORKER, e.WorkstreamMoved(work, before, S.RUNNING, f"attempt {attempt}")
    argv = ("locust-tui", "agent", "demo", work)
    yield at, WORKER, e.RunCreated(f"{work}.{attempt}", work, attempt, "rust-pro", argv, "/")
    yield at, WORKER, e.RunStarted(f"{work}.{attempt}", 4000 + attempt)


def verified(at: str, work: str, *names: str) -> Iterator[Dated]:
    for name in names:
        yield at, WORKER, e.DeliverableVerified(work, name, True, "1 file")


def used(at: str, run: str, tokens: int, cost: float) -> Dated:
    return at, WORKER, e.RunUsed(run, input_tokens=tokens, output_tokens=tokens // 4, cost_usd=cost)


def measured(at: str, key: str, state: CriterionState, value: float | None, unit: str, detail: str) -> Dated:
    evidence = Evidence(
        moment(at),
        command="python3 tools/coverage.py src/core",
        exit_code=0,
        commit="3f9c2d7a",
        detail=detail,
    )
    return at, WORKER, e.CriterionMeasured(CriterionResult(key, state, value, unit, evidence=evidence))


def accepted(at: str, work: str, attempt: int = 1) -> Iterator[Dated]:
    yield at, WORKER, e.RunEnded(f"{work}.{attempt}", R.EXITED, exit_code=0)
    yield at, WORKER, e.WorkstreamMoved(work, S.RUNNING, S.REVIEW, "exit 0")
    yield at, WORKER, e.WorkstreamReviewed(work, attempt, True)
    yield at, WORKER, e.WorkstreamMoved(work, S.REVIEW, S.ACCEPTED, "exit 0, 3 checks passed")


def history() -> Iterator[Dated]:
    yield "2025-11-17T08:00", WORKER, e.WorkerStarted(3900, "boot", "0.1.0")
    yield "2025-11-17T08:00", WORKER, e.ProjectStarted()
    yield from begins("2025-11-17T08:00", "WS-01")
    yield from verified("2025-11-20T12:00", "WS-01", "api", "event-routing")
    yield from verified("2025-11-21T12:00", "WS-01", "plugin-lifecycle")
    yield from begins("2025-11-24T08:00", "WS-02")
    yield from begins("2025-11-24T08:00", "WS-03")
    yield used("2025-11-24T16:00", "WS-01.1", 220_000, 3.4)
    yield from verified("2025-11-26T12:00", "WS-02", "nav-target")
    yield from verified("2025-11-27T12:00", "WS-01", "context-sharing", "unit-tests")
    yield used("2025-11-27T15:00", "WS-01.1", 410_000, 6.1)
    yield from accepted("2025-11-27T15:00", "WS-01")
    yield from verified("2025-11-28T12:00", "WS-03", "list-adapter", "table-adapter")
    yield "2025-11-28T15:00", WORKER, e.RunEnded("WS-03.1", R.FAILED, exit_code=1)
    yield (
        "2025-11-28T15:00",
        WORKER,
        e.WorkstreamMoved("WS-03", S.RUNNING, S.REWORK, "exit code 1 (attempt 1)"),
    )
    # week 3
    yield from begins("2025-12-01T08:00", "WS-03", 2)
    yield from begins("2025-12-01T08:00", "WS-05")
    yield from verified(
        "2025-12-02T12:00", "WS-02", "action-dispatch", "shortcut-generator", "focus-tracking"
    )
    yield (
        "2025-12-02T14:00",
        ANA,
        e.RiskMoved("R3", RiskState.TRIGGERED, "two plugins broke with the new trait"),
    )
    yield measured(
        "2025-12-03T09:00",
        "gate:g1/unit-test-coverage-for-core-modules",
        CriterionState.FAIL,
        76.2,
        "%",
        "76.2 % (321 of 421 lines in 9 files)",
    )
    yield used("2025-12-03T16:00", "WS-02.1", 300_000, 4.9)
    yield used("2025-12-03T16:00", "WS-05.1", 120_000, 2.2)
    yield (
        "2025-12-04T10:00",
        WORKER,
        e.Asked(
            "permission:WS-05.1:1",
            "permission",
            "WS-05",
            "WS-05.1",
            "Bash: cargo add unicode-width",
            choices=("allow", "deny"),
        ),
    )
    yield "2025-12-04T10:00", WORKER, e.RunChanged("WS-05.1", R.WAITING, "protocol", "waits for a permission")
    yield "2025-12-05T11:00", WORKER, e.RunEnded("WS-03.2", R.FAILED, exit_code=5)
    yield (
        "2025-12-05T11:00",
        WORKER,
        e.WorkstreamMoved("WS-03", S.RUNNING, S.FAILED, "exit code 5 (attempt 2, the last)"),
    )
    # week 4: what happened after the report of week 3 must not be in it
    yield from verified("2025-12-08T12:00", "WS-02", "navigation-tests")
    yield used("2025-12-08T15:00", "WS-02.1", 390_000, 6.3)
    yield from accepted("2025-12-08T15:00", "WS-02")
    yield measured(
        "2025-12-09T09:00",
        "gate:g1/unit-test-coverage-for-core-modules",
        CriterionState.PASS,
        78.9,
        "%",
        "78.9 % (332 of 421 lines in 9 files)",
    )
    yield (
        "2025-12-09T10:00",
        WORKER,
        e.GateMoved("g1", GateState.NOT_DUE, GateState.PENDING, "only people are missing"),
    )
    go = Decision(DecisionKind.GO, ANA, moment("2025-12-09T11:00"), "good enough")
    yield "2025-12-09T11:00", ANA, e.GateDecided("g1", go)
    yield "2025-12-09T12:00", ANA, e.MemoryStored("later/thing", '"what nobody knew in week 3"', 1)


async def write_record(plan: Path) -> None:
    """A record beside `plan`: the plan, its change in week 3, and the history."""
    folder = StateFolder(plan)
    folder.prepare()
    text = (GOLDEN / "locust-plan.yaml").read_text()
    eased = text.replace('include: "src/core/**", above: 80%', 'include: "src/core/**", above: 75%')
    assert eased != text
    async with Store.open(folder.store, ballast=0) as store:
        digests, plans = [], []
        for version in (text, eased):
            plan.write_text(version)
            reading = read_plan(plan)
            assert reading.plan is not None, reading.problems
            await store.put_plan(reading.digest, "/plans/locust-plan.yaml", reading.text, reading.plan)
            digests.append(reading.digest)
            plans.append(reading.plan)
        path = "/plans/locust-plan.yaml"
        await store.append(WORKER, e.PlanAccepted(digests[0], path), at=moment("2025-11-17T08:00"))
        eases = [
            replace(c, found="failed with 76.2 %") for c in changes_between(*plans) if c.section == "gates"
        ]
        note = "the parser is generated code"
        changed = e.PlanAccepted(digests[1], path, "1 change", how="yes", note=note, gates=tuple(eases))
        todo = [*history()]
        late = next(n for n, (at, _, _) in enumerate(todo) if at > "2025-12-04T15:00")
        for at, by, body in (*todo[:late], ("2025-12-04T15:00", ANA, changed), *todo[late:]):
            await store.append(by, body, at=moment(at))
