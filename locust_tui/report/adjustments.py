"""Requests for agents, open and decided, and the slots that were granted, as lines of the weekly report."""

from __future__ import annotations

from collections.abc import Iterator

from ..domain.coordination import GrantStatus
from ..domain.dataclass import dataclass
from ..domain.snapshot import Snapshot
from .figures import age, count, until

REQUEST = "request:"
GRANT = "grant"


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request for agents: of the moment's open ones, and of those decided since the last report."""

    item: str
    what: str
    asked: float | None
    choice: str = ""
    """Empty: it is open."""
    by: str = ""
    at: float | None = None
    note: str = ""


def agent_requests(snapshot: Snapshot, before: Snapshot | None) -> tuple[RequestLine, ...]:
    """Open ones first, then those decided since `before`, or ever where there is none; the oldest first."""
    since = before.at if before is not None else float("-inf")
    open_ = [
        RequestLine(w.item, w.what, w.since)
        for w in snapshot.waiting
        if w.item.startswith(REQUEST) and GRANT in w.choices
    ]
    decided = [
        RequestLine(a.item, a.what, a.asked, (a.withdrawn and "withdrawn") or a.choice, a.by, a.at, a.note)
        for a in reversed(snapshot.answered)
        if a.item.startswith(REQUEST) and a.at > since
    ]
    return (*open_, *decided)


def grants_of(snapshot: Snapshot, before: Snapshot | None) -> tuple[GrantStatus, ...]:
    """Those in force, and those that ended since `before`."""
    held = {g.item for g in before.grants if not g.ended} if before is not None else set()
    return tuple(g for g in snapshot.grants if not g.ended or g.item in held)


def adjustment_lines(
    requests: tuple[RequestLine, ...], grants: tuple[GrantStatus, ...], at: float
) -> Iterator[str]:
    for request in requests:
        if not request.choice:
            waited = f"has waited {age(at - request.asked)}" if request.asked is not None else "waits"
            yield f"Requested: {request.what}; {waited} for an answer"
        else:
            by = f" by {request.by}" if request.by else ""
            yield f"Decided: {request.what}: {request.choice}{by}" + (
                f" ({request.note})" if request.note else ""
            )
    for grant in grants:
        yield grant_line(grant, at)


def grant_line(grant: GrantStatus, at: float) -> str:
    """ "plugins: 2 slots granted until 19 Dec 13:58 UTC (request:plugins:1)"."""
    whose = grant.orchestrator or f"agents of type {grant.agent_type}"
    said = f"{whose}: {count(grant.count, 'slot')} granted"
    if grant.ended:
        return f"{said} no more: {grant.ended} ({grant.item})"
    lasts = f"until {until(grant.until)} UTC" if grant.until is not None else "until taken back"
    return f"{said} {lasts} ({grant.item})"
