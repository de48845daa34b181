"""Everything there is to know about a workstream or a gate, as lines to read."""

from __future__ import annotations

from collections.abc import Iterator

from locust_tui.domain.snapshot import CriterionView, GateView, RunView, WorkstreamView
from locust_tui.domain.states import OPEN_GATE_STATES, CriterionState
from locust_tui.report.baseline_text import gate_change_words, in_short
from locust_tui.report.run_words import grounds, limit_words, spend_words, used_words, worst_budget
from locust_tui.report.saying import left_behind
from locust_tui.widgets.gate import criterion_row, people
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import SheetLine, fact, heading, paragraph
from locust_tui.widgets.tones import Tone
from locust_tui.widgets.view import View
from locust_tui.widgets.words import age, look_of_run, outcome, plural, points, since

MOST_CHANGES = 2
"""Of a gate's criteria, told with its evidence in short."""


def criterion_facts(
    criterion: CriterionView, view: View, width: int, *, key: bool = False
) -> Iterator[SheetLine]:
    """The criterion's line, then how its value came about."""
    yield SheetLine(
        criterion_row(criterion, since(criterion.at, view.now), width), criterion.key if key else ""
    )
    how: list[str] = []
    if criterion.command:
        how.append(f"$ {criterion.command}")
    if criterion.exit_code is not None and criterion.value_text != f"exit {criterion.exit_code}":
        how.append(f"exit {criterion.exit_code}")
    if criterion.duration_s is not None:
        how.append(f"took {criterion.duration_s:.1f} s")
    if criterion.commit:
        how.append(f"commit {criterion.commit[:12]}")
    if how:
        yield SheetLine(Row("    ").add(" · ".join(how), "dim"))
    if criterion.detail:
        yield SheetLine(Row("    ").add(criterion.detail, "dim"))
    if criterion.log:
        yield SheetLine(Row("    ").add(f"log {criterion.log}", "dim"))
    if criterion.waived_by:
        yield SheetLine(Row("    ").add(f"waived by {criterion.waived_by}", "you"))


def evidence(gate: GateView, view: View, width: int, room: int) -> list[SheetLine]:
    """A line or two for each criterion, so that they fit into `room` lines where that can be: a second line says
    how, first of all for those that have not passed."""
    around = [*_around(gate, view), *_changed(gate, MOST_CHANGES)]
    left = room - len(gate.criteria) - len(around)
    told = sorted(
        (c for c in gate.criteria if _how(c)),
        key=lambda c: c.state in (CriterionState.PASS, CriterionState.WAIVED),
    )
    second = {c.key for c in told[: max(0, left)]}
    lines = list(_reason(gate)) if left > len(second) else []
    for criterion in gate.criteria:
        lines.append(SheetLine(criterion_row(criterion, since(criterion.at, view.now), width)))
        if criterion.key in second:
            lines.append(SheetLine(Row("    ").add(_how(criterion), "you" if criterion.waived_by else "dim")))
    return lines + around


def _how(criterion: CriterionView) -> str:
    """One line on how the value came about; what the value's own column says already is left out."""
    if criterion.waived_by:
        return f"waived by {criterion.waived_by}"
    detail = criterion.detail if criterion.state in (CriterionState.FAIL, CriterionState.ERROR) else ""
    parts = [f"$ {criterion.command}" if criterion.command else "", detail]
    return " · ".join(part for part in parts if part)


def gate_facts(gate: GateView, view: View, width: int) -> Iterator[SheetLine]:
    """Evidence, people and effect of a gate, nothing left out."""
    yield from _reason(gate)
    for criterion in gate.criteria:
        yield from criterion_facts(criterion, view, width)
    yield SheetLine(Row())
    yield from _around(gate, view)
    if gate.changed:
        yield from heading("Changed since the start")
        for change in gate.changed:
            tone: Tone = "you" if change.eased else "text"
            yield from paragraph(f"{'⚠ ' if change.eased else ''}{gate_change_words(change)}", width, tone)


def _reason(gate: GateView) -> Iterator[SheetLine]:
    if gate.reason:
        yield SheetLine(Row("  ").add(gate.reason, "dim"))


def _around(gate: GateView, view: View) -> Iterator[SheetLine]:
    """Who decides a gate and what it holds."""
    if not gate.criteria:
        yield SheetLine(Row("This gate has no criteria: people alone decide it.", "dim"))
    yield fact("people", people(gate), "you" if gate.id in view.waiting_gates else "text", wide=10)
    if gate.waits_on:
        yield fact("first", ", ".join(gate.waits_on), wide=10)
    opens = f"phase {gate.opens}" if gate.opens else "what needs it"
    effects = [f"starts {', '.join(gate.starts)}"] if gate.starts else []
    effects += [f"accepts {', '.join(gate.accepts)}"] if gate.accepts else []
    if gate.state not in OPEN_GATE_STATES:
        yield fact("opens", "; ".join([opens, *(effects or ["starts nothing at once"])]), wide=10)
    if gate.decision is not None:
        by = gate.decision.by
        role = f" ({by.role})" if by.role else ""
        note = f': "{gate.decision.note}"' if gate.decision.note else ""
        yield fact(
            "decided",
            f"{gate.decision.kind} by {by.name}{role} {since(gate.decision.at, view.now)} ago{note}",
            wide=10,
        )


def _changed(gate: GateView, most: int) -> Iterator[SheetLine]:
    """What newer plans ask less of than was agreed, the latest first; what else they changed is counted."""
    eased = [change for change in reversed(gate.changed) if change.eased]
    for number, change in enumerate(eased[:most]):
        yield fact("" if number else "changed", f"⚠ {in_short(change)}", "you", wide=10)
    more = len(gate.changed) - min(most, len(eased))
    if more:
        words = f"{plural(more, 'change')}{' more' if eased else ''} since the start; e tells them"
        yield fact("" if eased else "changed", words, "dim", wide=10)


def workstream_facts(workstream: WorkstreamView, view: View, width: int) -> Iterator[SheetLine]:
    look = view.look(workstream)
    yield SheetLine(
        Row(f"{look.glyph} {look.word}", look.tone).add(f"  for {since(workstream.since, view.now)}", "dim")
    )
    if workstream.why:
        yield from paragraph(workstream.why, width, "you" if look.tone == "you" else "text")
    yield SheetLine(Row())
    says = ""
    if workstream.reported is not None:
        says = (
            f"   the agent says {points(workstream.reported)} ({since(workstream.reported_at, view.now)} ago)"
        )
    yield fact("verified", points(workstream.verified) + says)
    yield fact(
        "attempt",
        f"{workstream.attempt} of {workstream.attempts_allowed}" if workstream.attempt else "none yet",
    )
    yield fact("agent", workstream.agent or "—")
    yield fact(
        "belongs to",
        " · ".join(
            filter(None, (workstream.orchestrator, f"phase {workstream.phase}" if workstream.phase else ""))
        )
        or "—",
    )
    planned = [workstream.priority, f"weight {workstream.weight:g}"]
    if view.snapshot.dated:
        path = "on the critical path" if workstream.critical else _float(workstream.float_weeks)
        planned = [f"weeks {workstream.weeks or '—'}", *planned, path]
    yield fact("planned", " · ".join(planned))
    if workstream.spend is not None:
        worst = worst_budget(workstream.spend)
        near = worst is not None and worst.points >= worst.warn
        yield fact("spent", spend_words(workstream.spend), "you" if near else "text")
    if workstream.reviewers:
        yield fact("reviewers", ", ".join(workstream.reviewers))
    for name, text in (("note", workstream.note), ("blocker", workstream.blocker), ("next", workstream.next)):
        if text:
            yield fact(name, text, "bad" if name == "blocker" else "text")
    yield from _needs(workstream)
    yield from _deliverables(workstream)
    if workstream.checks:
        yield from heading("Checks")
        for check in workstream.checks:
            for line in criterion_facts(check, view, width - 2):
                yield SheetLine(_indented(line.row))
    yield from _attempts(workstream, view)
    if workstream.instructions:
        yield from heading("Instructions")
        yield from paragraph(workstream.instructions, width, "dim")


def _indented(row: Row) -> Row:
    row.left.insert(0, ("  ", "text"))
    return row


def _float(weeks: float | None) -> str:
    return "float unknown" if weeks is None else f"float {weeks:g} wk"


def _needs(workstream: WorkstreamView) -> Iterator[SheetLine]:
    if not workstream.needs:
        return
    yield from heading("Needs")
    for need in workstream.needs:
        glyph, tone = ("✓", "done") if need.met else ("○", "wait")
        tones: Tone = "done" if tone == "done" else "wait"
        row = Row(f"  {glyph} ", tones).add(need.id).add(f" {need.condition}", "dim")
        yield SheetLine(row.add(f"  {need.why}" if need.why else "", "dim"))


def _deliverables(workstream: WorkstreamView) -> Iterator[SheetLine]:
    if not workstream.deliverables:
        return
    yield from heading("Deliverables")
    for item in workstream.deliverables:
        if item.verified:
            row = Row("  ✓ ", "done").add(item.name).add("  verified", "dim")
        elif item.claimed:
            row = Row("  ◇ ", "wait").add(item.name).add("  the agent says it is done", "dim")
        else:
            row = Row("  ○ ", "wait").add(item.name)
        if not item.checkable and not item.verified:
            row.add("  a person verifies it: v", "dim")
        yield SheetLine(row)


def _attempts(workstream: WorkstreamView, view: View) -> Iterator[SheetLine]:
    runs = [run for run in view.snapshot.runs if run.subject == workstream.id]
    if not runs:
        return
    yield from heading("Attempts")
    for run in reversed(runs):
        yield SheetLine(run_row(run, view.now, limit_words(run, view.snapshot, view.now)))


def run_row(run: RunView, now: float, limit: str = "") -> Row:
    """One attempt; `limit` says when a limited one goes on."""
    look = look_of_run(run.state, run.reason)
    row = Row(f"  {look.glyph} ", look.tone).add(f"{run.attempt}  {run.agent_type}  ")
    row.add(outcome(run), look.tone).add(f" ({grounds(run, now)})", "dim")
    row.add(f"  {limit}" if limit else "", "dim")
    if run.started is not None:
        end = run.ended if run.ended is not None else now
        row.add(f"  {'for' if run.ended is None else 'took'} {age(end - run.started)}", "dim")
    if run.ended is None and run.pid:
        row.add(f"  pid {run.pid}", "dim")
    if used := used_words(run):
        row.add(f"  {used}", "dim")
    again = run.exit_code is not None and run.reason == f"exit code {run.exit_code}"
    row.add(f"  {run.reason}" if run.reason and not again else "", "dim")
    left = left_behind(run.leftovers)
    return row.add(f"  {left}" if left else "", "dim")
