"""Agents as the documents of `ps --json` and `status --json`: every run, and agents that have none."""

from __future__ import annotations

from typing import Any

from ..domain.snapshot import RunView, Snapshot
from .figures import iso, known
from .processes import queued_work


def agents_document(snapshot: Snapshot) -> list[dict[str, Any]]:
    """The `agents` of the status document: every run the store knows, oldest first, then agents that wait for a slot,
    and those that nothing can start."""
    return [
        *(_agent(r, snapshot.at) for r in snapshot.runs),
        *(_without_run(w.id, w.name, w.agent, "queued", w.why) for w in queued_work(snapshot)),
        *(_without_run(m.subject, m.name, m.agent_type, "manual", m.why) for m in snapshot.manual),
    ]


def _agent(r: RunView, at: float) -> dict[str, Any]:
    alive = r.ended is None
    return {
        "run": r.id,
        "name": r.name,
        "workstream": r.subject,
        "type": r.agent_type,
        "state": r.state.value,
        "pid": r.pid if alive else None,
        "attempt": r.attempt,
        "started": iso(r.started),
        **known(
            "age_s",
            None if r.started is None else round(max(0.0, (r.ended or at) - r.started), 3),
            "it has not started",
        ),
        "source": r.source,
        **known("tokens", r.tokens, "the agent has reported none"),
        **known("cost_usd", r.cost_usd, "the agent has reported none"),
        "reason": r.reason or None,
        "ended": iso(r.ended),
        "exit_code": r.exit_code,
        "signal": r.signal,
        "in_plan": r.in_plan,
        "last_seen": iso(r.last_seen),
        "since": iso(r.since),
        "model": r.model or None,
        "account": r.account or None,
        "denied": r.denied,
        "produced": r.produced or None,
        "produced_at": iso(r.produced_at),
        "leftovers": list(r.leftovers),
    }


def _without_run(
    subject: str, name: str, agent_type: str | None, state: str, why: str | None
) -> dict[str, Any]:
    """An agent that is queued, or has no command."""
    nothing = "nothing has run"
    return {
        "run": None,
        "name": name,
        "workstream": subject,
        "type": agent_type,
        "state": state,
        "pid": None,
        "attempt": 0,
        "started": None,
        **known("age_s", None, nothing),
        "source": "plan",
        **known("tokens", None, nothing),
        **known("cost_usd", None, nothing),
        "reason": why,
        "ended": None,
        "exit_code": None,
        "signal": None,
        "in_plan": True,
        "last_seen": None,
        "since": None,
        "model": None,
        "account": None,
        "denied": 0,
        "produced": None,
        "produced_at": None,
        "leftovers": [],
    }
