"""The columns of the board and what a card says in each of them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.snapshot import WorkstreamView
from locust_tui.domain.states import UNFINISHED, WorkstreamState
from locust_tui.report.run_words import grounds, limited_until

from .reasons import checks_passed, reason_within
from .row import BLANK, Row, shown
from .view import View
from .words import Look, bar, points, since

_W = WorkstreamState
SEPARATOR = " · "


@dataclass(frozen=True, slots=True)
class Column:
    id: str
    name: str
    states: frozenset[WorkstreamState]
    height: int
    """Lines of a card."""
    counted: WorkstreamState | None
    """The state its name stands for; the others in it are counted by their own words."""
    empty: tuple[str, str]


COLUMNS = (
    Column("waiting", "Waiting", frozenset({_W.PLANNED, _W.BLOCKED}), 2, None, ("none", "")),
    Column("ready", "Ready", frozenset({_W.READY}), 2, None, ("none", "? helps")),
    Column(
        "running",
        "Running",
        frozenset({_W.RUNNING, _W.PAUSED, _W.NEEDS_INPUT, _W.REWORK, _W.FAILED}),
        3,
        _W.RUNNING,
        ("none", "s starts"),
    ),
    Column("review", "Review", frozenset({_W.REVIEW}), 3, None, ("none", "! inbox")),
    Column(
        "done",
        "Done",
        frozenset({_W.ACCEPTED, _W.DEFERRED, _W.CANCELLED}),
        1,
        _W.ACCEPTED,
        ("none", "A accepts"),
    ),
)


@dataclass(frozen=True, slots=True)
class Card:
    workstream: WorkstreamView
    look: Look
    run_age: str
    """Age of its latest run: how long it goes on, or when it ended."""
    agent: str
    since: str
    more: str = ""
    """What its run waits for or rests on, where that is not plain: "limited until 14:20 UTC (claude)", "silence 12m"."""


def card(view: View, workstream: WorkstreamView) -> Card:
    run = view.latest_run(workstream.id)
    age = ""
    if run is not None:
        age = since(run.started or run.created, view.now)
    agent = (run.agent_type if run else workstream.agent) or ""
    look = view.look(workstream)
    more = ""
    if run is not None and run.ended is None and workstream.state is _W.RUNNING and look.tone != "run":
        more = limited_until(run, view.snapshot, view.now) or run.reason or grounds(run, view.now)
    return Card(workstream, look, age, agent, since(workstream.since, view.now), more)


def card_rows(column: str, item: Card, width: int) -> Sequence[Row]:
    workstream, look = item.workstream, item.look
    head = Row(f"{look.glyph} ", look.tone).add(workstream.id)
    if named(workstream.id, workstream.name):
        head.add(" ").add(workstream.name, "dim")
    if column == "done":
        if workstream.state is not _W.ACCEPTED:
            head.end(look.word, look.tone)
        elif workstream.pull_request:
            head.end("PR open", "you")
        elif width >= 24:
            head.end(item.since, "dim")
        return (head,)
    if column in ("waiting", "ready"):
        return (head, _reason(item, workstream.why or look.word, width))
    if column == "review":
        why = _reason(item, workstream.why or look.word, width)
        if look.tone == "you":
            why.left = [(text, "you") for text, _ in why.left]
        return (head, why, _checks(workstream, said="checks" in why.text))
    if workstream.state is not _W.RUNNING or look.tone != "run":
        return (head, *_stopped(item, width))
    return (head, _progress(workstream, width), _blocker(workstream) or _attempt(item, width))


def named(id: str, name: str) -> bool:
    """Whether the name says more than the id."""
    return bool(name) and name.casefold() != id.casefold()


def called(id: str, name: str) -> str:
    """ "WS-04 Hint Generation", or the id alone where the name is the same."""
    return f"{id} {name}" if named(id, name) else id


def figures(workstream: WorkstreamView) -> tuple[str, str]:
    """(verified, what the agent says): "60%" and "says 80%", or "" where it says no other figure."""
    verified, reported = (
        points(None if workstream.unknown else workstream.verified),
        points(workstream.reported),
    )
    says = workstream.reported is not None and reported != verified and workstream.state in UNFINISHED
    return verified, f"says {reported}" if says else ""


def _reason(item: Card, words: str, width: int) -> Row:
    if item.workstream.blocker:
        return _blocker(item.workstream) or Row()
    return Row("  ").add(reason_within(item.workstream, words, width - 2), "dim")


def _blocker(workstream: WorkstreamView) -> Row | None:
    """What its agent says it cannot get past: a person has to look."""
    return Row("  ⚠ ", "you").add(workstream.blocker, "you") if workstream.blocker else None


def _stopped(item: Card, width: int) -> tuple[Row, Row]:
    """Its state and why; the reason takes the second line where it does not fit beside the state."""
    workstream, look = item.workstream, item.look
    word = Row("  ").add(look.word, look.tone)
    blocker = _blocker(workstream)
    if blocker is not None:
        return word, blocker
    beside = width - 5 - cell_len(look.word)
    if not workstream.why:
        return _standing(word, item, beside, width)
    reason = reason_within(workstream, workstream.why, beside)
    if cell_len(shown(reason)) <= beside:
        return word.add(f" · {reason}", "dim"), _attempt(item, width)
    return word, _reason(item, workstream.why, width)


def _standing(word: Row, item: Card, beside: int, width: int) -> tuple[Row, Row]:
    """Its run's state, and what that rests on where there is room for it: beside, or in place of the attempt."""
    more = shown(item.more).removeprefix(f"{item.look.word} ")
    forms = (more, more.partition(" (")[0], more.partition(" UTC")[0])
    fits = next((form for form in forms if cell_len(form) <= beside), None)
    if fits is not None:
        return word.add(f"{SEPARATOR}{fits}" if fits else "", "dim"), _attempt(item, width)
    fits = next((form for form in forms if cell_len(form) + 2 <= width), more)
    return word, Row("  ").add(fits, "dim")


def _progress(workstream: WorkstreamView, width: int) -> Row:
    verified, says = figures(workstream)
    row = Row("  ").add(f"{verified:>3} ")
    if says:
        row.add(f"{says} ", "dim")
    room = width - cell_len(row.text)
    if room >= 3:
        full, rest = bar(workstream.verified, room)
        row.add(full, "run").add(rest, "dim")
    return row


def _attempt(item: Card, width: int) -> Row:
    """ "a1 · 6s · coder", the last cut or left out where there is no room."""
    parts = [
        f"a{item.workstream.attempt}" if item.workstream.attempt else "",
        item.run_age,
        shown(item.agent),
    ]
    parts = [part for part in parts if part]
    while len(parts) > 1 and cell_len(SEPARATOR.join(parts[:-1])) + len(SEPARATOR) + 5 > width:
        parts.pop()
    return Row("  ").add(SEPARATOR.join(parts), "dim") if parts else BLANK


def _checks(workstream: WorkstreamView, *, said: bool) -> Row:
    """ "2/3 checks · says 100%"; the figures alone where the checks were `said` above."""
    verified, says = figures(workstream)
    if said or not workstream.checks:
        return Row("  ").add(f"{verified} {says or 'verified'}", "dim")
    return Row("  ").add(SEPARATOR.join(part for part in (checks_passed(workstream), says) if part), "dim")
