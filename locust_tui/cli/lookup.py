"""Finding a thing by the id a person typed: an unknown id names the near ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from ..errors import NotFoundError, did_you_mean

if TYPE_CHECKING:
    from ..domain.plan import Plan
    from ..domain.snapshot import GateView, OrchestratorView, RunView, Snapshot, WaitingView, WorkstreamView

T = TypeVar("T")


def _find(noun: str, wanted: str, known: Iterable[tuple[str, T]], listing: str) -> T:
    """The thing whose id is `wanted`, in whatever case. NotFoundError (exit 3) with near names."""
    found = dict(known)
    if wanted in found:
        return found[wanted]
    folded = {name.casefold(): thing for name, thing in found.items()}
    if wanted.casefold() in folded:
        return folded[wanted.casefold()]
    raise NotFoundError(f'no {noun} "{wanted}"', help=did_you_mean(wanted, found) or listing)


def find_workstream(snapshot: Snapshot, wanted: str) -> WorkstreamView:
    return _find("workstream", wanted, ((w.id, w) for w in snapshot.workstreams), "locust-tui ws ls")


def find_gate(snapshot: Snapshot, wanted: str) -> GateView:
    return _find("gate", wanted, ((g.id, g) for g in snapshot.gates), "locust-tui gate ls")


def find_orchestrator(plan: Plan, snapshot: Snapshot, wanted: str) -> OrchestratorView | None:
    """An orchestrator by any name it has; None for the meta-orchestrator, which is above the whole plan."""
    from ..analysis.addresses import address

    id = address(plan, {}, wanted) or wanted
    if plan.meta is not None and id == plan.meta.id:
        return None
    known = {o.id: o for o in snapshot.orchestrators}
    if id in known:
        return known[id]
    names = [*known, *plan.aliases, *(o.alias for o in known.values() if o.alias)]
    listed = f"orchestrators: {', '.join(known)}" if known else "this plan has no orchestrators"
    raise NotFoundError(f'no orchestrator "{wanted}"', help=did_you_mean(wanted, names) or listed)


def find_waiting(snapshot: Snapshot, wanted: str) -> WaitingView:
    """A thing in the inbox, by its item or by what that is about."""
    for waiting in snapshot.waiting:
        if wanted in (waiting.item, waiting.item.partition(":")[2]):
            return waiting
    known = [w.item for w in snapshot.waiting]
    raise NotFoundError(
        f'nothing called "{wanted}" waits', help=did_you_mean(wanted, known) or "locust-tui inbox"
    )


def find_run(snapshot: Snapshot, wanted: str, attempt: int | None = None) -> RunView:
    """A run by its id, or the latest (or the given) attempt of a workstream or orchestrator."""
    of_subject = [r for r in snapshot.runs if r.subject.casefold() == wanted.casefold()]
    if attempt is not None:
        subject = of_subject[0].subject if of_subject else wanted
        runs = ((r.id, r) for r in snapshot.runs)
        return _find("run", f"{subject}.{attempt}", runs, "locust-tui ps --all")
    if of_subject:
        return max(of_subject, key=lambda r: r.attempt)
    subjects = {w.id.casefold(): w.id for w in snapshot.workstreams}
    if wanted.casefold() in subjects:
        raise NotFoundError(f"{subjects[wanted.casefold()]} has not run yet", help=f"locust-tui why {wanted}")
    known: dict[str, RunView | None] = {w.id: None for w in snapshot.workstreams}
    known.update((r.id, r) for r in snapshot.runs)
    run = _find("run or workstream", wanted, known.items(), "locust-tui ps --all")
    assert run is not None
    return run
