"""What a viewer sees of every run; views of runs that did not change are those of the look before."""

from __future__ import annotations

from locust_tui.domain.plan import Plan
from locust_tui.domain.snapshot import RunView
from locust_tui.domain.world import RunStatus

from .accounts import account_of
from .situation import Situation
from .snapshot_cache import Parts

GONE = "no longer in the plan"


def run_views(look: Situation, parts: Parts) -> tuple[RunView, ...]:
    """All runs in the order of the log."""
    runs = list(look.world.runs.values())
    before, views = parts.runs, parts.run_views
    same = len(before) if len(before) <= len(runs) else 0
    changed = [i for i, (old, new) in enumerate(zip(before[:same], runs, strict=False)) if old is not new]
    views = views[:same]
    for i in changed:
        views[i] = _run_view(look.plan, runs[i])
    views += [_run_view(look.plan, run) for run in runs[same:]]
    parts.runs, parts.run_views = runs, views
    return tuple(views)


def _run_view(plan: Plan, run: RunStatus) -> RunView:
    workstream = plan.workstreams.get(run.subject)
    orchestrator = plan.orchestrators.get(run.subject)
    meta = plan.meta if plan.meta is not None and plan.meta.id == run.subject else None
    subject = workstream or orchestrator or meta
    return RunView(
        id=run.id,
        name=subject.name if subject is not None else run.subject,
        subject=run.subject,
        orchestrator=workstream.orchestrator
        if workstream is not None
        else (orchestrator.id if orchestrator else None),
        agent_type=run.agent_type,
        state=run.state,
        source=run.source,
        reason=run.reason if subject is not None else "; ".join(filter(None, (GONE, run.reason))),
        pid=run.pid,
        attempt=run.attempt,
        created=run.created,
        started=run.started,
        ended=run.ended,
        exit_code=run.exit_code,
        signal=run.signal,
        tokens=run.tokens,
        cost_usd=run.cost_usd,
        in_plan=subject is not None,
        since=run.since,
        model=run.model,
        account=run.account or account_of(plan, run.agent_type),
        denied=run.denied,
        context_used=run.context_used,
        context_size=run.context_size,
        produced=run.produced,
        produced_at=run.produced_at,
        leftovers=run.leftovers,
    )
