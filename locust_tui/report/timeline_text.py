"""A timeline in words: weeks, dates, floats, what drives what. The cockpit and the verbs say it alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from locust_tui.analysis.worktime import begin_moment, end_moment
from locust_tui.domain.clock import zone
from locust_tui.domain.studies.timeline import END, Bar, Driver, Mark, Span, Timeline

from .figures import UNKNOWN, count
from .gate_words import whole_days
from .local_time import SECOND, WEEKDAY, local

DAY_S, HOUR_S = 86_400.0, 3_600.0
YEAR_S = 330 * DAY_S
"""From the start on, dates are told with their year."""
NOTICEABLE_DAYS = 0.05
MOST_IN_A_CHAIN = 24


def week(position: float | None) -> str:
    """A position as it is said: "wk 3.4" is 3.4 weeks after the start; one decimal."""
    return UNKNOWN if position is None else f"{position + 0.0:.1f}".removesuffix(".0")


def span_weeks(span: Span) -> str:
    """A planned span as the plan writes it, "weeks 4-6", where it is made of whole weeks; else its two positions."""
    first, last = round(span.start, 6), round(span.end, 6)
    if first == int(first) and last == int(last) and last > first:
        return f"week {int(last)}" if last == first + 1 else f"weeks {int(first) + 1}–{int(last)}"
    return f"wk {week(span.start)} to {week(span.end)}"


def moment(line: Timeline, position: float | None, *, ends: bool = False) -> float | None:
    """The moment at a position, seconds since the epoch; of the end of something, the end of a working day."""
    if position is None or line.start is None:
        return None
    if line.reason:
        return line.start + position * line.calendar.week_s
    return (end_moment if ends else begin_moment)(line.calendar, line.start, position)


def date(line: Timeline, position: float | None, *, ends: bool = False) -> str:
    """The date at a position in the plan's time zone, "Mon 8 Dec"; where weeks are short the local time of day; "" unknown."""
    at = moment(line, position, ends=ends)
    if at is None:
        return ""
    if ends and line.calendar.week_s >= 7 * DAY_S and not line.reason:
        at -= 1.0  # the end of Friday is told as Friday
    try:
        there = datetime.fromtimestamp(at, zone(line.calendar.timezone))
    except (OverflowError, ValueError, OSError):
        return ""
    if line.calendar.week_s >= 7 * DAY_S and not line.reason:
        far = line.start is not None and at - line.start > YEAR_S
        return f"{there:%a} {there.day} {there:%b}" + (f" {there.year}" if far else "")
    return local(at, SECOND if line.calendar.week_s < 5 * HOUR_S or line.reason else WEEKDAY)


def dates(line: Timeline, span: Span) -> str:
    """ "Mon 8 Dec – Fri 26 Dec"; "" where the plan has no date."""
    first, last = date(line, span.start), date(line, span.end, ends=True)
    return f"{first} – {last}" if first and last else ""


def days(value: float | None, *, than: str = "plan") -> str:
    """ "2.5 days after plan", "1 day before plan", "as planned"."""
    if value is None:
        return UNKNOWN
    if abs(value) < NOTICEABLE_DAYS:
        return f"as {than}ned" if than == "plan" else "on time"
    amount = f"{abs(value):.1f}".removesuffix(".0")
    unit = "day" if amount == "1" else "days"
    return f"{amount} {unit} {'after' if value > 0 else 'before'} {than}"


def float_words(bar: Bar) -> str:
    """ "critical: no float", "float 2 wk, free 1 wk"."""
    if bar.done:
        return "done"
    if bar.float_weeks is None:
        return UNKNOWN
    if bar.critical:
        words = "none: critical"
    else:
        words = f"{week(bar.float_weeks)} wk{' (near-critical)' if bar.near else ''}, free {week(bar.free_weeks)} wk"
    if bar.needs_float is not None and abs(bar.needs_float - bar.float_weeks) > 0.05:
        words += f"; by needs alone {week(bar.needs_float)} wk"
    return words


def mark_word(bar: Bar) -> str:
    """One word of how much room it has: critical, near, "2 wk", ""."""
    if bar.done or bar.float_weeks is None:
        return ""
    return "critical" if bar.critical else f"{week(bar.float_weeks)} wk"


def driver_words(line: Timeline, bar: Bar) -> str:
    """What fixes its dates."""
    if bar.driven_by:
        names = ", ".join(named(line, id) for id in bar.driven_by)
        began = bar.driver is Driver.DONE and not bar.waits
        return f"{names}, the last it waited for" if began else names
    return {
        Driver.START: "nothing: it can begin at once",
        Driver.NOW: "nothing: it could have begun",
        Driver.DATE: f"its date: {span_weeks(bar.planned) if bar.planned else 'its planned week'}",
        Driver.NEEDS: "its needs",
        Driver.DONE: "nothing: it began when nothing held it",
    }[bar.driver]


def named(line: Timeline, id: str) -> str:
    """An id as it stands among others: "gate g2", "milestone beta", "the end"."""
    if id == END:
        return "the end"
    mark = line.mark(id)
    return f"{mark.kind} {mark.name if mark.kind == 'milestone' else mark.id}" if mark is not None else id


def delays_words(line: Timeline, bar: Bar) -> str:
    """What it moves, and by how much its successors start later; "" where it delays nothing."""
    words = []
    if bar.caused_days > NOTICEABLE_DAYS:
        words.append(f"{amount_of_days(bar.caused_days)} of later starts")
    if bar.moves:
        words.append(f"moves {moved_words(line, bar)}")
    return "; ".join(words)


def moved_words(line: Timeline, bar: Bar) -> str:
    """What it moves, by name, and how many more."""
    names = ", ".join(named(line, id) for id in bar.moves)
    more = bar.moves_count - len(bar.moves)
    return f"{names} and {more} more" if more > 0 else names


def amount_of_days(value: float) -> str:
    amount = f"{value:.1f}".removesuffix(".0")
    return f"{amount} {'day' if amount == '1' else 'days'}"


def chain(works: Sequence[str]) -> str:
    """ "WS-01 > WS-05 > WS-06"; of very many the first and the last, and how many there are."""
    if len(works) <= MOST_IN_A_CHAIN:
        return " > ".join(works)
    half = MOST_IN_A_CHAIN // 2
    left = len(works) - 2 * half
    return f"{' > '.join(works[:half])} > … {left} more … > {' > '.join(works[-half:])}"


def path_words(line: Timeline) -> str:
    """The driving path, and what it begins with."""
    if not line.path:
        return UNKNOWN
    words = chain(line.path)
    return f"{words} (driven by its date)" if line.driven_by_date else words


def near_path(line: Timeline) -> str:
    """Work that is not on the path and has at most a week of float, by its start."""
    near = sorted(
        (b for b in line.bars if b.near and b.expected), key=lambda b: b.expected.start if b.expected else 0
    )
    return chain([b.id for b in near])


def end_words(line: Timeline, *, short: bool = False) -> str:
    """ "end wk 11.6 (P50 11.8, P85 12.7), planned 12, window 8–12"; in `short` without what was planned."""
    if line.end is None:
        return line.reason
    words = f"end wk {week(line.end)}"
    if line.band is not None:
        words += f" (P50 {week(line.band.p50)}, P85 {week(line.band.p85)})"
    if line.planned_end is not None and not (short and line.window):
        words += f", planned {week(line.planned_end)}"
    return words + (f", window {week(line.window[0])}–{week(line.window[1])}" if line.window else "")


def mark_state(mark: Mark) -> str:
    """ "reached wk 4.2, 1 day after due", "expected wk 6.4, 2 days after due"."""
    if mark.reached is not None:
        words = f"{'decided' if mark.kind == 'gate' else 'reached'} wk {week(mark.reached)}"
    elif mark.expected is not None:
        words = f"expected wk {week(mark.expected)}"
    else:
        return UNKNOWN
    late = late_days(mark)
    return words if late is None else f"{words}, {days(late, than='due')}"


def late_days(mark: Mark) -> float | None:
    """Working days; of a gate that was decided late its full ones, as the status tells them."""
    late = mark.late_days
    if late is None or late < 1 or mark.kind != "gate" or mark.reached is None:
        return late
    return float(whole_days(late))


def frontier_words(line: Timeline) -> Iterator[str]:
    """What could start now, and what holds it back."""
    yield f"ready frontier: {', '.join(line.ready) or 'none'}"
    held = f"; {count(len(line.holds), 'is', 'are')} held" if line.holds else ""
    count_of = len(line.ready)
    starts = "nothing starts" if not count_of else ("1 starts" if count_of == 1 else f"{count_of} start")
    yield f"if everything were released now, {starts}{held}"
    for work, why in line.holds:
        yield f"  {work}: {why}"
