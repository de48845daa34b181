"""Messages, tasks, escalations, granted slots and alerts as plain values for JSON."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..domain.coordination import AlertStatus, EscalationStatus, GrantStatus, TaskStatus
from ..domain.snapshot import Snapshot
from .figures import iso


def message_counts(snapshot: Snapshot) -> dict[str, Any]:
    """Counts; `message ls --json` has them all."""
    states = Counter(m.state for m in snapshot.messages)
    return {state: states[state] for state in ("queued", "delivered", "read", "acknowledged", "dead")}


def task_document(t: TaskStatus) -> dict[str, Any]:
    """An open one."""
    return {
        "id": t.id,
        "title": t.title,
        "assignee": t.assignee,
        "priority": t.priority,
        "by": t.by,
        "at": iso(t.at),
    }


def open_escalation(s: EscalationStatus) -> dict[str, Any]:
    """An open one; `escalate ls --json` has all of it."""
    return {
        "id": s.id,
        "kind": s.kind,
        "subject": s.subject,
        "what": s.what,
        "raised": iso(s.raised),
        "waits_for": list(s.waits_for),
        "due": iso(s.due),
        "item": s.item or None,
    }


def alert_document(a: AlertStatus) -> dict[str, Any]:
    """An alert that has moved, at one of its scopes."""
    return {
        "name": a.alert,
        "scope": a.scope or None,
        "state": a.state.value,
        "since": iso(a.since),
        "fired": a.fired,
        "values": dict(a.values),
    }


def grant_document(grant: GrantStatus) -> dict[str, Any]:
    return {
        "item": grant.item,
        "orchestrator": grant.orchestrator or None,
        "agent_type": grant.agent_type or None,
        "count": grant.count,
        "until": iso(grant.until),
        "ended": grant.ended or None,
    }
