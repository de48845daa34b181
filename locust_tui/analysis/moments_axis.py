"""What stands out in a log: the marks of a time axis, and where the record may not tell everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from locust_tui.domain import events as e
from locust_tui.domain.people import WORKER
from locust_tui.domain.states import WorkstreamState
from locust_tui.domain.studies.moments import Mark, MarkKind

KINDS = (
    "worker.started", "worker.stopped", "plan.accepted", "gate.decided", "workstream.moved", "run.created", "noted",
)  # fmt: skip
"""Stored names of the events that marks are made of."""


def marks(events: Iterable[e.Event], *, worker_runs: bool = False) -> tuple[Mark, ...]:
    """The marks of `events` (oldest first). `worker_runs`: a worker was running before the first of them."""
    return tuple(_marks(events, worker_runs))


def _marks(events: Iterable[e.Event], worker_runs: bool) -> Iterator[Mark]:
    begun: set[str] = set()
    for event in events:
        body = event.body
        if isinstance(body, e.WorkerStarted):
            if worker_runs:
                words = f"the worker had died; another started, pid {body.pid}"
                yield _mark(event, MarkKind.DEATH, "", words)
            else:
                yield _mark(event, MarkKind.WORKER, "", f"worker started, pid {body.pid}")
            worker_runs = True
        elif isinstance(body, e.WorkerStopped):
            worker_runs = False
            yield _mark(event, MarkKind.WORKER, "", f"worker stopped: {body.reason}")
        elif isinstance(body, e.RunCreated):
            if body.subject not in begun:
                begun.add(body.subject)
                yield _mark(event, MarkKind.START, body.subject, f"{body.subject} begun")
        else:
            mark = _of_one(event)
            if mark is not None:
                yield mark


def _of_one(event: e.Event) -> Mark | None:
    """The mark of an event that needs no other to be understood."""
    body = event.body
    if isinstance(body, e.GateDecided):
        words = f"gate {body.gate}: {body.decision.kind.value} by {body.decision.by.name}"
        return _mark(event, MarkKind.GATE, body.gate, words)
    if isinstance(body, e.PlanAccepted):
        words = f"plan {body.digest[:12]} in force" + (f": {body.summary}" if body.summary else "")
        return _mark(event, MarkKind.PLAN, "", words)
    if isinstance(body, e.WorkstreamMoved):
        if body.new is WorkstreamState.ACCEPTED:
            words = f"{body.workstream} accepted by {event.by.name}"
            return _mark(event, MarkKind.ACCEPTED, body.workstream, words)
        if body.new is WorkstreamState.FAILED:
            words = f"{body.workstream} failed" + (f": {body.reason}" if body.reason else "")
            return _mark(event, MarkKind.FAILED, body.workstream, words)
    if isinstance(body, e.Noted) and is_repair(event):
        return _mark(event, MarkKind.GAP, "", f"the record was repaired: {body.text}")
    return None


def is_repair(event: e.Event) -> bool:
    """Whether the worker notes down here that the record was mended, or not written for a while."""
    body = event.body
    if not isinstance(body, e.Noted) or body.subject or event.by.name != WORKER.name:
        return False
    return body.level == "error" or body.text.startswith("the record ")


def _mark(event: e.Event, kind: MarkKind, subject: str, words: str) -> Mark:
    return Mark(event.revision, event.at, kind, subject, words)
