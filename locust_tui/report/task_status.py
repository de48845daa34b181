"""`task status`: how workstreams, tasks and orchestrators' agents stand whose names fit a pattern."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from ..domain.coordination import TaskStatus
from ..domain.dataclass import dataclass
from ..domain.plan import Plan
from ..domain.snapshot import RunView, Snapshot, WorkstreamView
from ..domain.states import WorkstreamState
from .figures import age, iso, known, percent
from .glyphs import Tone, glyph, tone, word
from .table import Paint, plain, table

STALE_S = 3_600.0
"""A report of work under way that is older than this is called stale."""
_STUCK = (WorkstreamState.BLOCKED, WorkstreamState.FAILED, WorkstreamState.NEEDS_INPUT)
_TASK_LOOKS = {"open": "planned", "done": "accepted", "cancelled": "cancelled"}
_AT_WORK = (WorkstreamState.RUNNING, WorkstreamState.NEEDS_INPUT, WorkstreamState.REWORK)


@dataclass(frozen=True, slots=True)
class Row:
    """Points are 0 to 100, None where nothing says it."""

    id: str
    kind: str
    """workstream, task, orchestrator, meta"""
    state: str
    owner: str = ""
    names: tuple[str, ...] = ()
    """Other names it is known by."""
    verified: float | None = None
    verified_by: str = ""
    reported: float | None = None
    reported_by: str = ""
    reported_at: float | None = None
    stale: bool = False
    attempt: int = 0
    agent: str = ""
    """Its live run's state, or its agent's type."""
    blockers: tuple[str, ...] = ()
    why: str = ""


def rows(plan: Plan, snapshot: Snapshot, pattern: str) -> list[Row]:
    """Everything of which an id or another name fits the glob, in any case; workstreams in plan order first."""
    wanted = pattern.casefold()
    return [
        r for r in _all(plan, snapshot) if any(fnmatchcase(n.casefold(), wanted) for n in (r.id, *r.names))
    ]


def names(plan: Plan, snapshot: Snapshot) -> list[str]:
    """All that a pattern can fit."""
    return [n for r in _all(plan, snapshot) for n in (r.id, *r.names)]


def _all(plan: Plan, snapshot: Snapshot) -> Iterator[Row]:
    called: dict[str, list[str]] = {}
    for alias, id in plan.aliases.items():
        called.setdefault(id, []).append(alias)
    latest = {r.subject: r for r in sorted(snapshot.runs, key=lambda r: r.attempt)}
    for view in snapshot.workstreams:
        yield _work(plan, view, snapshot, tuple(called.get(view.id, ())), latest.get(view.id))
    for task in snapshot.tasks:
        yield _task(task)
    if plan.meta is not None:
        yield _boss("meta", plan.meta.id, None, plan.meta.agent, (), called, latest)
    for o in plan.orchestrators.values():
        meta = plan.meta.id if plan.meta is not None else None
        more = (o.alias,) if o.alias else ()
        yield _boss("orchestrator", o.id, meta, o.agent, more, called, latest)


def _work(
    plan: Plan, w: WorkstreamView, snapshot: Snapshot, names: tuple[str, ...], run: RunView | None
) -> Row:
    done = sum(d.verified for d in w.deliverables)
    by = f"{done} of {len(w.deliverables)} deliverables" if w.deliverables else ""
    by = "accepted" if w.state is WorkstreamState.ACCEPTED else by
    old = w.reported_at is not None and snapshot.at - w.reported_at > STALE_S
    blockers = [w.blocker] if w.blocker else []
    if w.state in _STUCK and w.why and w.why not in blockers:
        blockers.append(w.why)
    return Row(
        id=w.id,
        kind="workstream",
        state=w.instead or w.state.value,
        owner=w.orchestrator or (plan.meta.id if plan.meta else ""),
        names=names,
        verified=None if w.unknown else w.verified,
        verified_by="" if w.unknown else by,
        reported=w.reported,
        reported_by="" if w.reported is None else (f"run {w.run}" if w.run else "memory"),
        reported_at=w.reported_at,
        stale=old and w.state in _AT_WORK,
        attempt=w.attempt,
        agent=_agent(run, w.agent),
        blockers=tuple(blockers),
        why=w.why or "",
    )


def _agent(run: RunView | None, agent_type: str | None) -> str:
    if run is not None and run.ended is None:
        return f"{run.agent_type} {run.state.value}"
    return agent_type or ""


def _task(t: TaskStatus) -> Row:
    return Row(t.id, "task", t.state.value, t.assignee, why=t.title + (f" ({t.note})" if t.note else ""))


def _boss(
    kind: str,
    id: str,
    owner: str | None,
    agent: str | None,
    more: tuple[str, ...],
    called: Mapping[str, list[str]],
    latest: Mapping[str, RunView],
) -> Row:
    run = latest.get(id)
    state = run.state.value if run is not None else "planned"
    return Row(
        id, kind, state, owner or "", (*more, *called.get(id, ())), attempt=run.attempt if run else 0,
        agent=agent or "", why=run.reason if run is not None else "its agent has not run",
    )  # fmt: skip


def rows_text(
    found: list[Row],
    at: float,
    *,
    paint: Paint = plain,
    ascii_only: bool = False,
    width: int | None = None,
) -> str:
    """One line a row, header first."""
    cells: list[tuple[str | tuple[str, Tone], ...]] = []
    for r in found:
        work = r.kind == "workstream"
        look = _TASK_LOOKS[r.state] if r.kind == "task" else r.state
        since = age(at - r.reported_at) if r.reported_at is not None else ""
        cells.append(
            (
                r.id,
                r.kind,
                (f"{glyph(look, ascii_only=ascii_only)} {word(r.state)}", tone(look)),
                percent(r.verified) if work else "",
                percent(r.reported) if work else "",
                f"{since} (stale)" if r.stale else since,
                str(r.attempt) if r.attempt else "",
                r.owner,
                r.agent,
                "; ".join(r.blockers) or r.why,
            )
        )
    header = ("ID", "KIND", "STATE", "DONE", "SAYS", "SAID", "TRY", "OWNER", "AGENT", "WHY")
    lines = table(header, cells, right=frozenset({3, 4, 6}), paint=paint, width=width)
    text = "\n".join(lines) + "\n"
    return text.replace("—", "-") if ascii_only else text


def rows_document(found: list[Row], at: float) -> list[dict[str, Any]]:
    """The rows as JSON; what nothing says is null, with its reason."""
    return [
        {
            "id": r.id,
            "kind": r.kind,
            "names": list(r.names),
            "state": r.state,
            "owner": r.owner or None,
            **known("verified", r.verified, "there is nothing yet that could be verified"),
            "verified_by": r.verified_by or None,
            **known("reported", r.reported, "nobody has reported"),
            "reported_by": r.reported_by or None,
            "reported_at": iso(r.reported_at),
            "reported_age_s": None if r.reported_at is None else round(at - r.reported_at, 3),
            "stale": r.stale,
            "attempt": r.attempt,
            "agent": r.agent or None,
            "blockers": list(r.blockers),
            "why": r.why or None,
        }
        for r in found
    ]
