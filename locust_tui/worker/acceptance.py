"""Reviews: which checks a finished attempt must pass, what they said, and what else acceptance waits for."""

from __future__ import annotations

from locust_tui.analysis.coming_home import coming_home_obstacles, git_key, is_collected
from locust_tui.analysis.criterion_state import expired
from locust_tui.analysis.gates import holds_acceptance
from locust_tui.analysis.needs import unaccepted_needs
from locust_tui.domain.criterion import CriterionResult
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Plan, Workstream
from locust_tui.domain.states import OPEN_GATE_STATES, CriterionState, WorkstreamState
from locust_tui.domain.world import RunStatus, WorkstreamStatus, World

from .actions import Action, Collect, Measure, Merge, Move, Review, Verify
from .retry import attempts_left, retry_at
from .sight import NOTHING, Proposal, Sight, earliest
from .starting import stray_run
from .wiring import OwnCheck, Wiring

_W = WorkstreamState
_C = CriterionState

CLAIM_RECHECK_S = 2.0
CLAIM_RECHECK_SHARE = 10.0
"""A claim that failed its check is looked at again no sooner than 2 s, or 10 times the check's length, later."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the checks of one review stand. Names are those that people know the checks by."""

    missing: tuple[OwnCheck, ...] = ()
    """Not measured since the review began."""
    outdated: tuple[OwnCheck, ...] = ()
    """Passed in this review, and no longer to be relied on."""
    failed: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    unsigned: tuple[str, ...] = ()
    """Wait for a person's yes."""
    passed: int = 0

    @property
    def complete(self) -> bool:
        return not self.missing


def due_checks(wiring: Wiring, world: World, workstream: Workstream) -> list[OwnCheck]:
    """Checks of its deliverables, its `accept`, the invariants; those `after` a gate once that gate is open."""
    return [
        check
        for check in wiring.checks[workstream.id]
        if (check.criterion.machine or check.criterion.manual)
        and (check.criterion.after is None or world.gate(check.criterion.after).state in OPEN_GATE_STATES)
    ]


def verdict(wiring: Wiring, world: World, workstream: Workstream, now: float) -> Verdict:
    """How a workstream in review stands. A check that is no must is measured and shown, and decides nothing.

    A result counts when it was measured after the workstream came to review, a waiver always.
    """
    status = world.workstream(workstream.id)
    since = status.since or 0.0
    missing: list[OwnCheck] = []
    outdated: list[OwnCheck] = []
    failed: list[str] = []
    errors: list[str] = []
    unsigned: list[str] = []
    passed = 0
    for check in due_checks(wiring, world, workstream):
        result = world.criteria.get(check.key)
        state = CriterionState.WAITING if not check.criterion.machine else _measured(result, since)
        if state is None:
            missing.append(check)
        elif state is _C.FAIL or state is _C.ERROR:
            if check.criterion.must:
                (failed if state is _C.FAIL else errors).append(_words(check, result))
        elif state is _C.STALE or (result is not None and expired(check.criterion, result, now)):
            outdated.append(check)
        elif check.criterion.manual and state is not _C.WAIVED:
            if check.criterion.must and status.passed_attempt != status.attempt:
                unsigned.append(check.criterion.name)
        else:
            passed += 1
    return Verdict(tuple(missing), tuple(outdated), tuple(failed), tuple(errors), tuple(unsigned), passed)


def _measured(result: CriterionResult | None, since: float) -> CriterionState | None:
    """State of a result of this review, or None when there is none yet."""
    if result is None or result.state is _C.NOT_RUN:
        return None
    if result.state is _C.WAIVED:
        return _C.WAIVED
    return result.state if result.evidence is not None and result.evidence.at > since else None


def _words(check: OwnCheck, result: CriterionResult | None) -> str:
    detail = result.evidence.detail if result is not None and result.evidence is not None else ""
    return f"{check.name} ({detail})" if detail else check.name


def holds(plan: Plan, world: World, workstream: Workstream, found: Verdict) -> tuple[str, ...]:
    """What acceptance waits for once the checks have passed, in words; empty when nothing holds it."""
    status = world.workstream(workstream.id)
    waits = list(coming_home_obstacles(workstream, status, world.latest_run(status.id), found.passed))
    waits += [f"{need} is not accepted" for need in unaccepted_needs(workstream, plan, world)]
    gate = holds_acceptance(plan, world, workstream)
    if gate is not None:
        waits.append(f"gate {gate.id} is shut")
    if workstream.reviewers and status.passed_attempt != status.attempt:
        waits.append(f"a review by {' or '.join(workstream.reviewers)}")
    waits += [f'a person\'s answer to "{name}"' for name in found.unsigned]
    return tuple(waits)


def review(sight: Sight, workstream: Workstream, status: WorkstreamStatus) -> Proposal:
    """A workstream in review: measure, then accept, send back, or ask."""
    stray = stray_run(sight, status)
    if stray:
        return Proposal(stray)
    if not is_collected(workstream, status):
        under_way = git_key(status.id) in sight.measuring
        return NOTHING if under_way else Proposal((Collect(status.id, status.attempt),))
    found = verdict(sight.wiring, sight.world, workstream, sight.now)
    verified = _verifications(sight, workstream, status, status.since or 0.0)
    if status.conflict:
        return Proposal((*verified, *_back_for_conflict(sight, workstream, status)))
    if found.missing:
        return Proposal((*verified, *_measure(sight, found.missing)))
    if found.failed:
        return Proposal((*verified, *_sent_back(sight, workstream, status, found)))
    if found.errors:
        reason = f"not measured: {', '.join(found.errors)}"
        return Proposal((*verified, Move(status.id, _W.NEEDS_INPUT, reason)))
    if holds(sight.plan, sight.world, workstream, found):
        return Proposal(verified) if verified else NOTHING
    if found.outdated:
        return Proposal((*verified, *_measure(sight, found.outdated)))
    checks = f"{found.passed} check{'' if found.passed == 1 else 's'} passed" if found.passed else "no checks"
    reason = f"exit 0, {checks}"
    if workstream.worktree and status.worktree:
        if not status.merged:
            return _merge(sight, workstream, status, verified)
        reason += f", {_home(status)}"
    accepted = Move(status.id, _W.ACCEPTED, reason)
    if status.passed_attempt == status.attempt:
        return Proposal((*verified, accepted))
    return Proposal((*verified, Review(status.id, status.attempt, True, reason), accepted))


def _merge(
    sight: Sight, workstream: Workstream, status: WorkstreamStatus, verified: tuple[Action, ...]
) -> Proposal:
    """Bring it home before it counts as accepted: then what is accepted can be built on."""
    if git_key(status.id) in sight.measuring:
        return Proposal(verified) if verified else NOTHING
    by = status.passed_by if status.passed_attempt == status.attempt and status.passed_by else WORKER.name
    found = [(c, sight.world.criteria.get(c.key)) for c in due_checks(sight.wiring, sight.world, workstream)]
    evidence = tuple(f"{_words(check, result)}: {result.state.value}" for check, result in found if result)
    return Proposal((*verified, Merge(status.id, status.attempt, by, ("exit 0", *evidence))))


def _home(status: WorkstreamStatus) -> str:
    if status.pull_request:
        return f"pull request {status.pull_request}"
    return f"merged to {status.into} ({status.merged[:9]})" if status.commits else "nothing to merge"


def _back_for_conflict(sight: Sight, workstream: Workstream, status: WorkstreamStatus) -> tuple[Action, ...]:
    others = ", ".join(status.conflict_with) or f"commits on {status.into}"
    files = ", ".join(status.conflict[:20])
    more = len(status.conflict) - 20
    files += f" and {more} more" if more > 0 else ""
    reason = f"{status.id} and {others} both changed {files}: merge {status.into} into {status.branch}, and resolve it"
    return _returned(sight, workstream, status, reason, sight.now)


def _sent_back(
    sight: Sight, workstream: Workstream, status: WorkstreamStatus, found: Verdict
) -> tuple[Action, ...]:
    reason = f"failed: {', '.join(found.failed)}"
    results = (sight.world.criteria.get(c.key) for c in sight.wiring.checks[workstream.id])
    last = max(
        (r.evidence.at for r in results if r is not None and r.evidence is not None), default=sight.now
    )
    return _returned(sight, workstream, status, reason, last)


def _returned(
    sight: Sight, workstream: Workstream, status: WorkstreamStatus, reason: str, since: float
) -> tuple[Action, ...]:
    """Rework while attempts are left, else a person is asked."""
    verdict_action = Review(status.id, status.attempt, False, reason)
    if attempts_left(workstream, status, sight.world) <= 0:
        return (verdict_action, Move(status.id, _W.NEEDS_INPUT, f"{reason}; no attempts are left"))
    return (verdict_action, Move(status.id, _W.REWORK, reason, retry_at(status, sight.world, since)))


def _measure(sight: Sight, checks: tuple[OwnCheck, ...]) -> tuple[Action, ...]:
    keys = tuple(c.key for c in checks if c.key not in sight.measuring)
    return (Measure(keys),) if keys else ()


def _verifications(
    sight: Sight, workstream: Workstream, status: WorkstreamStatus, since: float
) -> tuple[Action, ...]:
    """Deliverables whose checks, measured at or after `since`, say something else than what is on record."""
    found: list[Action] = []
    for check in sight.wiring.checks[workstream.id]:
        if check.deliverable is None:
            break
        state = _measured(sight.world.criteria.get(check.key), since)
        if state in (_C.PASS, _C.WAIVED) and not check.criterion.manual:
            verified = True
        elif state is _C.FAIL:
            verified = False
        else:
            continue
        if verified is not (check.deliverable in status.verified):
            evidence = _words(check, sight.world.criteria.get(check.key))
            found.append(Verify(status.id, check.deliverable, verified, evidence))
    return tuple(found)


def claimed(sight: Sight, workstream: Workstream, status: WorkstreamStatus, run: RunStatus) -> Proposal:
    """While the work runs: check what its agent claims is done, and record what the checks say.

    A claim of this attempt is checked at once; after a failed check again when the inputs changed or the agent
    reported anew, not more often than `CLAIM_RECHECK_S` and `CLAIM_RECHECK_SHARE` allow.
    """
    if not status.claimed or status.reported_at is None or status.reported_at < run.created:
        return NOTHING
    keys: list[str] = []
    wakes: list[float] = []
    for check in sight.wiring.checks[workstream.id]:
        if check.deliverable is None:
            break
        if check.deliverable not in status.claimed or check.deliverable in status.verified:
            continue
        if check.key in sight.measuring or not check.criterion.machine:
            continue
        at = _look_again_at(
            sight, sight.world.criteria.get(check.key), check.key, status.reported_at, run.created
        )
        if at is None:
            continue
        if at <= sight.now:
            keys.append(check.key)
        else:
            wakes.append(at)
    actions = _verifications(sight, workstream, status, run.created)
    measure = (Measure(tuple(keys)),) if keys else ()
    return Proposal((*actions, *measure), earliest(*wakes))


def _look_again_at(
    sight: Sight, result: CriterionResult | None, key: str, reported_at: float, created: float
) -> float | None:
    if _measured(result, created) is None:
        return sight.now
    assert result is not None
    evidence = result.evidence
    if result.state in (_C.PASS, _C.WAIVED) or evidence is None:
        return None
    stale = result.state is _C.STALE or key in sight.stale
    if not stale and evidence.at >= reported_at:
        return None
    return evidence.at + max(CLAIM_RECHECK_S, CLAIM_RECHECK_SHARE * evidence.duration_s)
