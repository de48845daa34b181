"""What an agent may say over the socket: about its own workstream, from inside its own run."""

from __future__ import annotations

from locust_tui.client.requests import ReportProgress
from locust_tui.domain.events import WorkstreamReported
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import World
from locust_tui.errors import NotFoundError, RefusedError, UsageError, did_you_mean

from .callers import Caller


def own_report(plan: Plan, world: World, request: ReportProgress, caller: Caller) -> WorkstreamReported:
    """The report as an event. Which run speaks is known from the caller's ancestors, not from its words.

    Raises RefusedError for a caller outside a run or one that speaks for another, NotFoundError, UsageError.
    """
    run = world.runs.get(caller.run) if caller.agent else None
    if run is None:
        raise RefusedError(
            "progress is reported from inside a run, and this caller is in none",
            help="a person's word on work is: locust-tui ws verify, accept or reject",
        )
    if request.workstream not in ("", run.subject) or request.run not in (None, "", run.id):
        raise RefusedError(f"{run.id} may report on {run.subject} only, not on {request.workstream}")
    workstream = plan.workstreams.get(run.subject)
    if workstream is None:
        raise NotFoundError(f"{run.subject} is no workstream of the plan")
    if request.progress is not None and not 0 <= request.progress <= 100:
        raise UsageError(f"progress {request.progress:g} is outside 0 to 100")
    ids = [d.id for d in workstream.deliverables]
    if request.deliverable is not None and request.deliverable not in ids:
        near = did_you_mean(request.deliverable, ids) or f"it has {', '.join(ids) or 'none'}"
        raise NotFoundError(f'{run.subject} has no deliverable "{request.deliverable}"', help=near)
    return WorkstreamReported(
        run.subject,
        run.id,
        request.progress,
        request.note,
        request.blocker,
        request.next,
        request.deliverable,
    )
