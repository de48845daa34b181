"""The whole of one thing in the inbox, as lines to read: our words, and behind a gutter what an agent wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from locust_tui.domain.snapshot import AnsweredView, WaitingView
from locust_tui.widgets.inbox import Item, answer_words, look_of_kind, quoted
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import SheetLine, fact, heading, paragraph
from locust_tui.widgets.view import View
from locust_tui.widgets.words import RUN, since

from .escalation_facts import escalation_of, reply_lines, route_lines
from .facts import gate_facts, workstream_facts

_WIDE = 9


def title_of(items: Sequence[Item]) -> Row:
    if not items:
        return Row()
    look = look_of_kind(items[0].kind)
    if len(items) > 1:
        return Row(f"{look.glyph} ", look.tone).add(f"{len(items)} marked", "strong")
    row = Row(f"{look.glyph} ", look.tone).add(look.word, "strong")
    return row.add(f" · {items[0].subject or items[0].item}")


def detail_lines(item: Item, view: View, width: int) -> Iterator[SheetLine]:
    """All there is to know of `item` where it is decided."""
    if isinstance(item, AnsweredView):
        yield from _answered(item, view, width)
        return
    prefix, _, name = item.item.partition(":")
    gate, work = view.gates.get(name), view.workstreams.get(name)
    if prefix == "gate" and gate is not None:
        yield from gate_facts(gate, view, width)
    elif prefix in ("review", "input", "failed", "blocked") and work is not None:
        status = escalation_of(item, view)
        if status is not None:
            yield from route_lines(status, view.now)
            yield from reply_lines(status, view.now, width)
            yield SheetLine(Row())
        yield from workstream_facts(work, view, width)
    else:
        yield from _asked(item, view, width)


def _asked(item: WaitingView, view: View, width: int) -> Iterator[SheetLine]:
    work = view.workstreams.get(item.subject)
    about = f"{item.subject} {work.name}" if work is not None and work.name != item.subject else item.subject
    if about:
        yield fact("about", about, wide=_WIDE)
    run = view.runs.get(item.run or "")
    if run is not None:
        look = RUN[run.state]
        yield fact(
            "agent", f"{run.agent_type} · {run.id} · {look.word} {since(run.started, view.now)}", wide=_WIDE
        )
    yield fact(
        "waits", since(item.since, view.now) + (f", for {item.wanted}" if item.wanted else ""), wide=_WIDE
    )
    status = escalation_of(item, view)
    if status is not None:
        yield from route_lines(status, view.now)
        yield SheetLine(Row())
        yield from quoted("\n".join(filter(None, (status.what, status.detail))), width)
        yield from reply_lines(status, view.now, width)
        return
    yield SheetLine(Row())
    yield from _words(item, width)
    if item.kind == "question" and item.choices:
        yield SheetLine(Row())
        for number, option in enumerate(item.choices, 1):
            first = True
            for line in quoted(option, width - 5):
                row = Row().column(f"{number} " if first else "", 5, "key", align_right=True)
                row.left += line.row.left
                yield SheetLine(row)
                first = False
    if item.rule:
        yield SheetLine(Row())
        yield SheetLine(Row("  always would let pass, for this workstream:", "dim"))
        yield from quoted(item.rule, width)


def _words(item: Item, width: int) -> Iterator[SheetLine]:
    """The line that sums it up, unless the whole says it again, and the whole."""
    tool, _, rest = item.what.partition(": ")
    said_again = rest.partition(" ↵")[0].rstrip("…").strip()
    if not item.detail:
        yield from quoted(item.what, width)
    elif item.kind == "permission" and said_again and said_again in item.detail:
        yield from quoted(f"{tool}:", width)
    elif item.what not in item.detail:
        yield from quoted(item.what, width)
    if item.detail:
        yield from quoted(item.detail, width)


def _answered(item: AnsweredView, view: View, width: int) -> Iterator[SheetLine]:
    choice, tone = answer_words(item)
    yield fact("answer", choice, tone, wide=_WIDE)
    if item.by:
        yield fact("by", f"{item.by}, {since(item.at, view.now)} ago", wide=_WIDE)
    if item.note:
        yield from paragraph(f"“{item.note}”", width)
    if item.asked is not None:
        yield fact("asked", f"{since(item.asked, view.now)} ago", wide=_WIDE)
    if item.withdrawn:
        yield fact("why", item.withdrawn, wide=_WIDE)
    elif not item.delivered:
        yield fact("agent", "not told yet", "you", wide=_WIDE)
    if item.run:
        yield fact("run", item.run, wide=_WIDE)
    yield from heading("What it was")
    yield from _words(item, width)
    if item.rule:
        yield SheetLine(Row("  lets pass from then on:", "dim"))
        yield from quoted(item.rule, width)
