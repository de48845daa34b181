"""`status` for people: the headline, the phases, who works on what, the gates, and what waits."""

from __future__ import annotations

from collections.abc import Callable

from ..analysis.accounts import account_of_item
from ..domain.coordination import AlertStatus, EscalationStatus
from ..domain.snapshot import GateView, Snapshot, WorkstreamView
from ..domain.states import AccountState, AlertState, Verdict, WorkstreamState
from ..domain.troubles import Trouble
from ..safe_text import safe
from .alert_sayings import alert_words
from .figures import UNKNOWN, age, count, percent, rounded, until, week
from .gate_words import late_words
from .glyphs import Tone, glyph, tone, word
from .run_words import account_words, spend_words, standing_words
from .table import Paint, plain, table

Cell = str | tuple[str, Tone]
_State = Callable[[str], Cell]


def status_text(
    snapshot: Snapshot, *, paint: Paint = plain, ascii_only: bool = False, width: int | None = None
) -> str:
    """The whole status as lines of text; its tables are at most `width` columns wide."""
    if snapshot.lost is not None:
        return "\n".join(_lost(snapshot, paint)) + "\n"
    asked = [w.item for w in snapshot.waiting]
    parts = [
        headline(snapshot, paint, ascii_only, frozenset(map(account_of_item, asked))),
        _phases(snapshot, paint),
        _orchestrators(snapshot, paint, ascii_only),
        workstream_table(snapshot, paint=paint, ascii_only=ascii_only, width=width),
        gate_table(snapshot, paint=paint, ascii_only=ascii_only, width=width),
        _kpis(snapshot, paint),
        _outlook(snapshot, paint),
        _waiting(snapshot, paint),
    ]
    text = "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"
    return text.replace(UNKNOWN, "-") if ascii_only else text


def _state(ascii_only: bool) -> _State:
    def cell(state: str) -> Cell:
        return f"{glyph(state, ascii_only=ascii_only)} {word(state)}", tone(state)

    return cell


def headline(s: Snapshot, paint: Paint, ascii_only: bool, told: frozenset[str] = frozenset()) -> list[str]:
    """Where the plan stands, in one line, and what is to be said of it as a whole.

    `told`: accounts whose refusal the reader is told of elsewhere, where it can be answered.
    """
    refused = tuple(f"account {a.id} was refused" for a in s.accounts if a.id in told)
    weeks = f"week {s.week}" + (f" of {s.last_week}" if s.last_week else "")
    sign = glyph(s.verdict, ascii_only=ascii_only)
    verdict = paint(f"{sign} {word(s.verdict)}", tone(s.verdict))
    progress = f"{percent(s.progress)} verified (plan {percent(s.expected_progress)})"
    agents = (
        f"{s.agents_running}"
        + (f" of {s.cap}" if s.cap else "")
        + (" agent" if s.agents_running == 1 and not s.cap else " agents")
    )
    lines = [
        f"{paint(safe(s.plan_name, oneline=True), Tone.PLAIN)}  {weeks}  {progress}  {verdict}",
        paint(
            f"{_worker(s)}, {agents} running, revision {s.revision}, {safe(s.plan_path, oneline=True)}",
            Tone.QUIET,
        ),
    ]
    lines += _troubles(s, paint)
    lines += [f"  {safe(reason, oneline=True)}" for reason in s.reasons if not reason.startswith(refused)]
    for r in s.runs:
        if r.ended is None and not r.in_plan:
            pid = f" (pid {r.pid})" if r.pid else ""
            lines.append(
                f"  agent of {safe(r.id, oneline=True)}{pid} goes on until it ends: {safe(r.reason, oneline=True)}"
            )
    lines += [
        paint(f"  {safe(account_words(a, s.at), oneline=True)}", Tone.PERSON)
        for a in s.accounts
        if a.state is not AccountState.OPEN and not (a.state is AccountState.REFUSED and a.id in told)
    ]
    if s.spend is not None and (said := spend_words(s.spend)):
        lines.append(f"  spent {said}")
    if s.features:
        lines.append(f"  on: {', '.join(sorted(s.features))}")
    firing = [
        a
        for a in s.alerts
        if a.state in (AlertState.FIRING, AlertState.ACKNOWLEDGED) and not _is_told(a, s.reasons)
    ]
    lines += [paint(f"  alert {safe(alert_words(a), oneline=True)}", Tone.FAILED) for a in firing]
    lines += [
        paint(f"  {safe(_escalated(e, s.at), oneline=True)}", Tone.PERSON) for e in s.escalations if e.open
    ]
    if s.held:
        lines.append(
            paint(
                f"  the file differs from the plan in force ({s.held.why}): {safe(s.held.summary, oneline=True)}",
                Tone.PERSON,
            )
        )
        if s.held.edited_while:
            lines.append(paint(f"  it was {safe(s.held.edited_while, oneline=True)}", Tone.PERSON))
    return lines


def _lost(s: Snapshot, paint: Paint) -> list[str]:
    """All that is known without the record."""
    return [
        f"{paint(safe(s.plan_name, oneline=True), Tone.PLAIN)}  what runs, and how far it is, is not known",
        paint(f"{_worker(s)}, {safe(s.plan_path, oneline=True)}", Tone.QUIET),
        *_troubles(s, paint),
    ]


def _worker(s: Snapshot) -> str:
    return "no worker" if s.worker_pid is None else f"worker {s.worker_pid or 'in another pid namespace'}"


def _troubles(s: Snapshot, paint: Paint) -> list[str]:
    return [paint(f"  {safe(trouble_words(t), oneline=True)}", Tone.FAILED) for t in s.troubles]


def trouble_words(trouble: Trouble) -> str:
    """ "record: the disk is full; free some space"."""
    return f"{trouble.about}: {trouble.what}"


def _is_told(alert: AlertStatus, reasons: tuple[str, ...]) -> bool:
    """Whether the verdict's reasons say already what the alert is about: a gate that is overdue."""
    told = (r for r in reasons if r.startswith(f"gate {alert.scope} is ") and r.endswith(" overdue"))
    return alert.alert == "gate-overdue" and any(told)


def _escalated(e: EscalationStatus, at: float) -> str:
    """ "escalation E2 about WS-05 waits for tech-review until 13:58 UTC: two traits claim the overlay"."""
    due = f" until {until(e.due, at)} UTC" if e.due is not None else ""
    return f"escalation {e.id} about {e.subject} waits for {', '.join(e.waits_for)}{due}: {e.what.partition(chr(10))[0]}"


def _phases(s: Snapshot, paint: Paint) -> list[str]:
    rows = [
        (p.id, p.name, p.weeks, word(p.state), percent(p.progress), percent(p.expected_progress))
        for p in s.phases
    ]
    return table(
        ("PHASE", "NAME", "WEEKS", "STATE", "DONE", "PLAN"), rows, right=frozenset({4, 5}), paint=paint
    )


def _orchestrators(s: Snapshot, paint: Paint, ascii_only: bool) -> list[str]:
    state = _state(ascii_only)
    rows = [
        (
            o.id,
            o.name,
            percent(o.progress),
            state(o.verdict),
            f"{o.agents_running}" + (f"/{o.quota}" if o.quota is not None else ""),
            ", ".join(o.blockers),
        )
        for o in s.orchestrators
    ]
    header = ("ORCHESTRATOR", "NAME", "DONE", "ON TRACK", "AGENTS", "BLOCKERS")
    return table(header, rows, right=frozenset({2, 4}), paint=paint)


def workstream_table(
    s: Snapshot, *, paint: Paint = plain, ascii_only: bool = False, width: int | None = None
) -> list[str]:
    """One line a workstream, header first."""
    state = _state(ascii_only)
    runs = {run.id: run for run in s.runs}

    def standing(w: WorkstreamView) -> tuple[str, str]:
        """Its state, or its run's where that says more; and why."""
        if w.pull_request:
            return w.state, f"PR open: {w.pull_request}"
        run = runs.get(w.run or "")
        if run is None or w.instead or w.state is not WorkstreamState.RUNNING:
            return w.instead or w.state, w.why or ""
        said = standing_words(run, s, s.at)
        return run.state if said else w.state, w.why or said

    stands = [standing(w) for w in s.workstreams]
    rows = [
        (
            w.id,
            w.name if w.name != w.id else "",
            state(stood),
            percent(None if w.unknown else w.verified),
            percent(w.reported) if w.reported is not None else "",
            str(w.attempt) if w.attempt else "",
            w.weeks,
            why,
        )
        for w, (stood, why) in zip(s.workstreams, stands, strict=True)
    ]
    header = ("WORKSTREAM", "NAME", "STATE", "DONE", "SAYS", "TRY", "WEEKS", "WHY")
    return table(header, rows, right=frozenset({3, 4, 5}), paint=paint, width=width)


def criteria_count(g: GateView) -> str:
    """ "3 of 5 pass"."""
    waived = f", {g.waived} waived" if g.waived else ""
    return f"{g.passed} of {len(g.criteria)} pass{waived}" if g.criteria else "no criteria"


def _decided(g: GateView) -> str:
    """ "conditional by ana; 2 conditions open, 1 overdue"."""
    if g.decision is None:
        return g.reason
    said = f"{g.decision.kind.value} by {g.decision.by.name}"
    if not g.open_conditions:
        return said
    overdue = sum(c.overdue for c in g.open_conditions)
    said += f"; {count(len(g.open_conditions), 'condition', 'conditions')} open"
    return said + (f", {overdue} overdue" if overdue else "")


def gate_table(
    s: Snapshot, *, paint: Paint = plain, ascii_only: bool = False, width: int | None = None
) -> list[str]:
    """One line a gate, header first."""
    state = _state(ascii_only)
    rows = [
        (
            g.id,
            g.name if g.name != g.id else "",
            state(g.state),
            f"{g.due_week}" if g.due_week else "",
            late_words(g),
            criteria_count(g),
            _decided(g),
        )
        for g in s.gates
    ]
    return table(
        ("GATE", "NAME", "STATE", "DUE WEEK", "LATE", "CRITERIA", "DECISION"),
        rows,
        right=frozenset({3}),
        paint=paint,
        width=width,
    )


def _kpis(s: Snapshot, paint: Paint) -> list[str]:
    met: dict[bool | None, Cell] = {True: ("ok", Tone.DONE), False: ("missed", Tone.FAILED), None: ""}
    rows = [
        (k.id, rounded(k.value, k.unit), k.target, met[k.ok], k.reason if k.value is None else k.second)
        for k in s.kpis
    ]
    return table(("KPI", "VALUE", "TARGET", "", "NOTE"), rows, right=frozenset({1}), paint=paint)


def _outlook(s: Snapshot, paint: Paint) -> list[str]:
    critical = [
        w.id
        for w in s.workstreams
        if w.critical and w.state.value not in ("accepted", "cancelled", "deferred")
    ]
    lines = [f"critical path  {' > '.join(critical)}"] if critical else []
    f = s.forecast
    if s.verdict is Verdict.COMPLETE:
        pass  # there is nothing left to forecast
    elif f.p50_week is not None:
        window = "" if f.in_window is None else f"  in window {percent(f.in_window)}"
        lines.append(
            f"forecast       P50 week {week(f.p50_week)}  P85 week {week(f.p85_week)}  P95 week {week(f.p95_week)}{window}"
        )
    elif f.reason:
        lines.append(f"forecast       {UNKNOWN} ({safe(f.reason, oneline=True)})")
    return [safe(line, oneline=True) for line in lines]


def _waiting(s: Snapshot, paint: Paint) -> list[str]:
    if not s.waiting:
        return []
    lines = [paint(f"{count(len(s.waiting), 'thing waits', 'things wait')} for a person", Tone.PERSON)]
    rows = [
        (
            f"  {w.item}",
            w.wanted,
            age(s.at - w.since) if w.since is not None else "",
            ", ".join(w.choices),
            w.what,
        )
        for w in s.waiting
    ]
    return lines + table(("  ITEM", "FOR", "SINCE", "CHOICES", "WHAT"), rows, paint=paint)
