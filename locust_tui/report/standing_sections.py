"""The report's sections about agreement and quality: KPIs, risks, changes of the plan, success, what is new, its basis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..analysis.due import is_day
from ..domain.snapshot import KpiView, RiskView
from ..domain.studies.baseline import PlanChange
from ..domain.studies.moments import Change, Differences, FigureChange, Group, Sense
from ..domain.studies.report import ReportGround
from ..domain.studies.success import Met, Scoreboard, SuccessLine, WatchLine, WatchState
from .figures import UNKNOWN, age, amount, count, dollars, iso, percent, rounded, until
from .glyphs import Tone
from .page import Block, Bullets, Cell, Grid, Item, Section, Words, row

NEWS = "Since Last Week"
MOST_NEWS = 12
"""Lines of one kind of news."""


def standing_sections(ground: ReportGround) -> Iterator[Section]:
    snapshot = ground.snapshot
    if snapshot.kpis:
        figures = ground.kpis.kpis if ground.kpis is not None else ()
        dated = {figure.view.id: figure.view.trend for figure in figures}
        rows = tuple(_kpi(kpi, dated.get(kpi.id, kpi.trend)) for kpi in snapshot.kpis)
        yield Section(
            2,
            "Key Figures",
            (
                Grid(
                    "Key figures",
                    ("KPI", "Now", "Target", "Met", "Trend", "Note"),
                    rows,
                    frozenset({1}),
                    heard=True,
                ),
            ),
        )
    if snapshot.risks:
        yield Section(2, "Risks", (_risks(ground),))
    if ground.changes is not None and ground.before is not None:
        yield Section(2, "Plan Changes", tuple(_changes(ground.changes)))
    if ground.success is not None and (ground.success.lines or ground.success.watches):
        yield Section(2, "Success Criteria", tuple(_success(ground.success)))
    if ground.differences is not None:
        yield Section(2, NEWS, tuple(_news(ground.differences, {k.id: k.name for k in snapshot.kpis})))
    yield Section(2, "Basis", (Bullets(tuple(_basis(ground))),))


def _kpi(kpi: KpiView, trend: tuple[float | None, ...]) -> tuple[Cell, ...]:
    """`trend`: as the events date it, which a snapshot alone cannot of every KPI."""
    met = Cell("") if kpi.ok is None else Cell("✓ yes", Tone.DONE) if kpi.ok else Cell("✗ no", Tone.FAILED)
    note = kpi.second or (kpi.reason if kpi.value is None else "")
    trend = trend if sum(v is not None for v in trend) > 1 else ()
    return row(kpi.name, rounded(kpi.value, kpi.unit or None), kpi.target, met, Cell("", trend=trend), note)


_RISK_TONES = {"triggered": Tone.FAILED, "closed": Tone.DONE}


def _risks(ground: ReportGround) -> Grid:
    earlier = {r.id: r for r in ground.before.risks} if ground.before is not None else {}
    ordered = sorted(ground.snapshot.risks, key=lambda r: -r.score)
    header = ("ID", "Risk", "Score", "State", "Owner", "Watch", "Since Last Week")
    rows = tuple(
        row(
            r.id,
            r.risk,
            f"{r.score:.2g} {r.level}",
            Cell(r.state, _RISK_TONES.get(r.state, Tone.PLAIN)),
            r.owner or "nobody",
            r.watch,
            _risk_change(r, earlier.get(r.id)) if ground.before is not None else "",
        )
        for r in ordered
    )
    return Grid("Risks by score", header, rows, heard=True)


def _risk_change(now: RiskView, was: RiskView | None) -> str:
    if was is None:
        return "new"
    parts = []
    if was.state != now.state:
        why = f" ({now.why})" if now.why else ""
        parts.append(f"{was.state} → {now.state}{why}")
    if was.score != now.score:
        parts.append(f"score {was.score:.2g} → {now.score:.2g}")
    if was.watch != now.watch and now.watch:
        parts.append(f"watch {was.watch or 'not run'} → {now.watch}")
    return ", ".join(parts) or "as it was"


def _changes(changes: tuple[PlanChange, ...]) -> Iterator[Block]:
    if not changes:
        yield Bullets(())
        return
    header = ("When", "What", "Change", "Touches", "By", "Why")
    yield Grid("Changes of the plan", header, tuple(_change(c) for c in changes), heard=True)


def _change(c: PlanChange) -> tuple[Cell, ...]:
    eased = f", {c.found}" if c.eased and c.found else ", asks for less" if c.eased else ""
    moment = f"{until(c.at)} (r{c.revision})" if c.at is not None else ""
    touched = Cell(f"{c.kind.value}{eased}", Tone.PERSON if c.eased else Tone.PLAIN)
    return row(moment, c.place, c.values, touched, c.by, c.why)


_MET = {
    Met.MET: Cell("✓ met", Tone.DONE),
    Met.NOT_MET: Cell("✗ not met", Tone.FAILED),
    Met.UNKNOWN: Cell("? cannot be told", Tone.QUIET),
}


def _success(board: Scoreboard) -> Iterator[Block]:
    if board.lines:
        header = ("Criterion", "Met", "Check", "Why")
        yield Grid(
            "Success criteria",
            header,
            tuple(_success_line(line, board.at) for line in board.lines),
            heard=True,
        )
    if board.watches:
        after = ("After the Release", "State", "Due", "Met", "Why")
        yield Grid("After the release", after, tuple(_watch(w) for w in board.watches))


def _success_line(line: SuccessLine, at: float) -> tuple[Cell, ...]:
    old = [f"{f.name} is {age(at - f.at)} old" for f in line.facts if f.stale and f.at is not None]
    said = f"{line.by}: {line.note}" if line.by and line.note else line.by
    return row(line.name, _MET[line.met], line.check, "; ".join(filter(None, (line.reason, *old, said))))


def _watch(watch: WatchLine) -> tuple[Cell, ...]:
    due = until(watch.due_at) if watch.due_at is not None and not is_day(watch.due) else watch.due
    met = _MET[watch.met] if watch.state is WatchState.RECORDED else Cell("")
    return row(watch.name, watch.state.value.replace("-", " "), due, met, watch.reason)


_TITLES = {
    Group.GATES: "Gates",
    Group.FAILURES: "Failures",
    Group.WORK: "Work",
    Group.WAITING: "Waiting",
    Group.PLAN: "Plan",
    Group.CRITERIA: "Criteria",
    Group.RISKS: "Risks",
    Group.EXCHANGE: "Questions",
}
"""What a reader outside the team wants to know of."""
_SENSE = {Sense.GOOD: Tone.DONE, Sense.BAD: Tone.FAILED, Sense.YOU: Tone.PERSON, Sense.PLAIN: Tone.PLAIN}


def _news(found: Differences, names: Mapping[str, str]) -> Iterator[Block]:
    """`names`: of the KPIs."""
    items = []
    if found.verdict_before != found.verdict_after and found.verdict_before:
        items.append(Item("On Track", f"{found.verdict_before} → {found.verdict_after}"))
    figures = [words for f in found.moved if (words := _figure(f, names))]
    if figures:
        items.append(Item("Figures", count(len(figures), "change"), tuple(figures)))
    for group, title in _TITLES.items():
        changes = found.of(group)
        lines = tuple(_news_line(c) for c in changes[:MOST_NEWS])
        if len(changes) > MOST_NEWS:
            lines = (*lines, f"{len(changes) - MOST_NEWS} more")
        if lines:
            items.append(Item(title, count(len(changes), "change"), lines))
    yield Bullets(tuple(items)) if items else Words("Nothing has changed.")


_FIGURES = {
    "progress": "Completion",
    "expected_progress": "Planned by now",
    "p50_week": "Finish, P50: week",
    "p85_week": "Finish, P85: week",
    "in_window": "Chance to end in the window",
    "accepted": "Workstreams accepted",
    "cost_usd": "Spent",
    "tokens": "Tokens",
}


def _figure(figure: FigureChange, names: Mapping[str, str]) -> str:
    """Empty where both values are printed alike."""
    was, now = _value(figure, figure.before), _value(figure, figure.after)
    name = _FIGURES.get(figure.name) or names.get(figure.name, figure.name)
    return f"{name} {was} → {now}" if was != now else ""


def _value(figure: FigureChange, value: float | None) -> str:
    if value is None:
        return UNKNOWN
    if figure.name == "progress":
        return percent(value)  # as the completion at the head, of which the points gained are told
    if figure.unit == "$":
        return dollars(value)
    if figure.unit == "tokens":
        return amount(value)
    unit = "%" if figure.unit in ("points", "%") else None
    return f"{value:.1f}".removesuffix(".0") + (" %" if unit else "")


def _news_line(c: Change) -> str:
    name = " ".join(dict.fromkeys(filter(None, (c.subject, c.words))))
    moved = f"{c.before} → {c.after}" if c.before and c.after else c.after or f"{c.before}, no more"
    note = f": {c.note}" if c.note else ""
    by = f" by {c.by}" if c.by and c.by != "worker" else ""
    seen = f" (r{c.revision})" if c.revision else ""
    return f"{name}: {moved}{by}{note}{seen}"


def _basis(ground: ReportGround) -> Iterator[Item]:
    snapshot = ground.snapshot
    yield Item("As Of", f"{iso(snapshot.at)}, revision {snapshot.revision}")
    yield Item("Plan", snapshot.plan_digest[:12] or UNKNOWN)
    if ground.before is not None:
        yield Item("Compared With", f"{iso(ground.before.at)}, revision {ground.before.revision}")
    yield Item(
        "Evidence",
        "every figure of the JSON form names the events that it rests on; locust-tui events shows them",
    )
