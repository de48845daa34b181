"""Everything there is to know of an orchestrator, as lines to read; those of workstreams lead to them."""

from __future__ import annotations

from collections.abc import Iterator

from locust_tui.domain.coordination import GrantStatus, TaskStatus
from locust_tui.domain.snapshot import OrchestratorView, WorkstreamView
from locust_tui.domain.states import TaskState, Verdict
from locust_tui.report.domains import behind, goal
from locust_tui.report.figures import until
from locust_tui.report.run_words import spend_words
from locust_tui.widgets.cards import called
from locust_tui.widgets.inbox import look_of_kind
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import SheetLine, fact, heading, paragraph
from locust_tui.widgets.tones import Tone
from locust_tui.widgets.view import View
from locust_tui.widgets.words import RUN, VERDICT, bar, plural, points, since

_WIDE = 10
MOST_ID = 18
"""Cells of a task's id at most."""
_PRIORITY: dict[str, Tone] = {"critical": "bad", "urgent": "bad", "high": "you", "low": "dim"}


def orchestrator_facts(o: OrchestratorView, view: View, width: int) -> Iterator[SheetLine]:
    works = [view.workstreams[id] for id in o.workstreams if id in view.workstreams]
    yield _progress(o)
    yield from _verdict(o, width)
    if o.focus:
        yield fact("focus", o.focus, wide=_WIDE)
    yield from _people_and_slots(o, view)
    yield from _blockers(o, view)
    yield from heading("Next week")
    goals = [said for w in works if (said := goal(w, view.snapshot.week + 1))]
    for said in goals:
        yield SheetLine(Row("  ").add(said))
    if not goals:
        yield SheetLine(Row("  nothing is due by then", "dim"))
    yield from _waiting(o, view)
    yield from _tasks(o, view)
    yield from _messages(o, view)
    yield from heading(f"Workstreams {len(works)}")
    for work in works:
        yield _work(work, view)


def _progress(o: OrchestratorView) -> SheetLine:
    full, rest = bar(o.progress, 20)
    row = Row("  ").add(points(o.progress), "strong").add("  ").add(full, "done").add(rest, "dim")
    if o.expected_progress is not None:
        row.add(f"  plan {points(o.expected_progress)}", "dim")
    gap = behind(o)
    if gap:
        row.add(f"  ◐ {gap:.0f} points behind", "you")
    elif gap is not None:
        row.add("  ✓ as planned", "done")
    if o.weeks:
        row.add(f"  weeks {o.weeks}", "dim")
    return SheetLine(row)


def _verdict(o: OrchestratorView, width: int) -> Iterator[SheetLine]:
    """Of its own part, and why; the plan's stands in the headline."""
    if o.verdict is Verdict.UNKNOWN:
        return
    look = VERDICT[o.verdict]
    yield fact(
        "on track", f"{look.glyph} {look.word}", look.tone if look.tone != "wait" else "text", wide=_WIDE
    )
    if o.verdict in (Verdict.AT_RISK, Verdict.NO):
        for reason in o.reasons:
            yield from paragraph(reason, width, indent=" " * (_WIDE + 2))


def _people_and_slots(o: OrchestratorView, view: View) -> Iterator[SheetLine]:
    """Slots in use and granted; its agent and what that does; what its work cost."""
    of = f" of {o.quota}" if o.quota is not None else ""
    yield fact("agents", f"{o.agents_running}{of} at work", "run" if o.agents_running else "text", wide=_WIDE)
    for grant in view.snapshot.grants:
        if grant.orchestrator == o.id and not grant.ended:
            yield fact("", grant_words(grant, view.now), "dim", wide=_WIDE)
    run = view.latest_run(o.id)
    if run is not None:
        look = RUN[run.state]
        since_when = run.ended or run.since or run.started
        words = f"{run.agent_type} · {run.id} · {look.glyph} {look.word} {since(since_when, view.now)}"
        yield fact("led by", words, look.tone if look.tone != "wait" else "text", wide=_WIDE)
    elif o.agent or o.id in view.snapshot.leads:
        yield fact("led by", f"{o.agent or 'its agent'} · has not run yet", wide=_WIDE)
    else:
        yield fact("led by", "people: the plan gives it no agent", "dim", wide=_WIDE)
    if o.spend is not None:
        yield fact("spent", spend_words(o.spend), wide=_WIDE)


def grant_words(grant: GrantStatus, now: float) -> str:
    what = f" {grant.agent_type}" if grant.agent_type else ""
    lasts = f"until {until(grant.until, now)} UTC" if grant.until is not None else "until it is taken back"
    return f"{grant.count}{what} of them granted, {lasts} ({grant.item})"


def _blockers(o: OrchestratorView, view: View) -> Iterator[SheetLine]:
    yield from heading(f"Blockers {len(o.blockers)}" if o.blockers else "Blockers")
    for id in o.blockers:
        work = view.workstreams.get(id)
        if work is not None:
            look = view.look(work)
            row = Row(f"  {look.glyph} ", look.tone).column(f"{id} {look.word}", 24, look.tone)
            row.add(work.blocker or work.why or "").end(since(work.since, view.now), "dim")
            yield SheetLine(row, f"workstream:{id}")
    if not o.blockers:
        yield SheetLine(Row("  none", "dim"))


def _waiting(o: OrchestratorView, view: View) -> Iterator[SheetLine]:
    """What waits for its word: matters of its route."""
    mine = [w for w in view.snapshot.waiting if o.id in w.wanted.split(", ")]
    if mine:
        yield from heading(f"Waits for its word {len(mine)}")
    for item in mine:
        look = look_of_kind(item.kind)
        row = Row(f"  {look.glyph} ", look.tone).column(item.subject or item.item, 14).add(item.what)
        yield SheetLine(row.end(since(item.since, view.now), "dim"))


def _tasks(o: OrchestratorView, view: View) -> Iterator[SheetLine]:
    mine = [t for t in view.snapshot.tasks if t.state is TaskState.OPEN and t.assignee == o.id]
    yield from heading(f"Open tasks {len(mine)}" if mine else "Open tasks")
    ids = min(MOST_ID, max((len(task.id) for task in mine), default=0))
    for task in mine:
        yield SheetLine(task_row(task, view.now, ids))
    if not mine:
        yield SheetLine(Row("  none", "dim"))


def task_row(task: TaskStatus, now: float, ids: int) -> Row:
    """`ids`: cells for the id."""
    row = (
        Row("  ○ ", "wait")
        .column(task.id, ids, "dim")
        .add("  ")
        .column(task.priority, 9, _PRIORITY.get(task.priority, "text"))
    )
    return row.add(task.title).end(f"by {task.by}, {since(task.at, now)}", "dim")


def _messages(o: OrchestratorView, view: View) -> Iterator[SheetLine]:
    unread = [m for m in view.snapshot.messages if m.to == o.id and m.read is None and not m.dead]
    if unread:
        yield SheetLine(Row())
        count = plural(len(unread), "message")
        yield SheetLine(Row(f"{count} to it not read yet", "strong").add("  m shows messages", "dim"))


def _work(work: WorkstreamView, view: View) -> SheetLine:
    look = view.look(work)
    row = Row(f"  {look.glyph} ", look.tone).add(called(work.id, work.name))
    row.end(f"{look.word}  ", look.tone).end(f"{points(None if work.unknown else work.verified):>4}")
    return SheetLine(row, f"workstream:{work.id}")
