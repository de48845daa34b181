"""The forecast as it is looked into: what it says, what it rests on, what moves it, and how it moved since before."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

EARLY, IN_WINDOW, AT_RISK, LATE = "early", "in window", "at risk", "late"
"""The finish against the plan's window: P50 before it, P85 within it, P85 beyond it, P50 beyond it."""
NOTABLE = 0.15
"""A workstream explains a change where it took so much more or less than planned, as a part of the plan."""
MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class Work:
    """How far one workstream was when a forecast was made. Durations in plan weeks."""

    id: str
    planned: float
    took: float | None = None
    """From its start to its acceptance, or until then; None: not begun."""
    finished: bool = False
    out: bool = False
    """Deferred or cancelled."""
    waits: bool = False
    """Its agent is done: it waits for its review, or for the gate that holds its acceptance."""


@dataclass(frozen=True, slots=True)
class GateWait:
    """A gate that is not open though its inputs are accepted."""

    id: str
    state: str
    since: float
    """Plan weeks that had passed when it came into this state."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The forecast as it stood at a moment. Plan weeks; `in_window` in points."""

    at: float
    """Seconds since the epoch."""
    week: float
    """Plan weeks that had passed."""
    p50_week: float | None
    p85_week: float | None
    p95_week: float | None
    in_window: float | None
    reason: str = ""
    """Why there are no figures."""
    finished: int = 0
    """Workstreams accepted by then."""
    works: tuple[Work, ...] = ()
    plan_digest: str = ""
    revision: int = 0
    """Last event that it knew of."""
    learned: int = 0
    """Finished workstreams whose actual over planned durations are drawn from; 0: the assumption is."""
    gates: tuple[GateWait, ...] = ()


@dataclass(frozen=True, slots=True)
class ForecastChange:
    """From one standing to a later one. `shift` in plan weeks: how much later P85 is now, None where either is unknown."""

    before: Standing
    now: Standing
    shift: float | None
    reasons: tuple[str, ...] = ()
    """What happened in between that explains it, the weightiest first: "WS-05 took 1.5 × its plan"."""


def change_since(before: Standing, now: Standing) -> ForecastChange:
    """How the forecast moved from `before` to `now`, and what happened in between."""
    shift = None
    if before.p85_week is not None and now.p85_week is not None:
        shift = round(now.p85_week - before.p85_week, 6)
    found = sorted(_events(before, now), key=lambda e: -abs(e[0]))
    if shift:  # what pulled the other way explains nothing
        found = [e for e in found if e[0] * shift >= 0] or found
    words = [words for _, words in found]
    if shift is None or shift > 0:
        words = [*_held(before, now), *words]
    if now.learned and not before.learned:
        words.insert(0, f"durations are drawn from {now.learned} finished workstreams now")
    more = len(words) - MOST_REASONS
    return ForecastChange(
        before, now, shift, (*words[:MOST_REASONS], *([f"{more} more"] if more > 0 else []))
    )


def change_words(change: ForecastChange) -> str:
    """ "P85 12.7, was 12.3 a week ago: WS-05 took 1.5 × its plan"; empty where there is nothing to compare."""
    before, now = change.before.p85_week, change.now.p85_week
    if before is None or now is None:
        return ""
    ago = _ago(change.before, change.now)
    if not change.shift:
        return f"P85 {now:.1f}, as {ago}"
    because = f": {', '.join(change.reasons)}" if change.reasons else ""
    return f"P85 {now:.1f}, was {before:.1f} {ago}{because}"


def _ago(before: Standing, now: Standing) -> str:
    weeks, week = now.week - before.week, round(before.week)
    if 0.95 <= weeks <= 1.05:
        return "a week ago"
    if week >= 1 and abs(before.week - week) < 0.01:
        return f"at the end of week {week}"
    return f"{weeks:.1f} weeks ago"


def _events(before: Standing, now: Standing) -> list[tuple[float, str]]:
    """(weeks by which it tells for a later finish, words)."""
    known = {w.id: w for w in before.works}
    found: list[tuple[float, str]] = []
    for w in now.works:
        was = known.pop(w.id, None)
        if was is None:
            if not w.out:
                found.append((w.planned, f"{w.id} was added"))
        elif w.out or was.out:
            found += _scope(was, w)
        elif abs(w.planned - was.planned) > 1e-9:
            found.append(
                (w.planned - was.planned, f"{w.id} is planned for {w.planned:g} weeks, was {was.planned:g}")
            )
        elif not was.finished:
            found += _pace(w)
        elif not w.finished:
            found.append((w.planned, f"{w.id} was opened again"))
    found += [
        (-was.planned, f"{was.id} was taken out")
        for was in known.values()
        if not was.out and not was.finished
    ]
    idle = now.finished == before.finished and now.week > before.week and not _held(before, now)
    if not found and before.p85_week is not None and idle:
        found.append((now.week - before.week, "nothing was finished"))
    return found


_HELD = {
    "pending": "gate {} waits for people",
    "ready": "gate {} does not pass",
    "hold": "gate {} is on hold",
    "recycle": "gate {} was sent back",
}
"""What keeps a gate from being open, by its state."""


def _held(before: Standing, now: Standing) -> list[str]:
    """Gates that kept what lies behind them for half of the time or longer, the longest first."""
    begun = now.week - (now.week - before.week) / 2
    held = sorted((g for g in now.gates if g.state in _HELD and g.since <= begun), key=lambda g: g.since)
    return [_HELD[g.state].format(g.id) for g in held]


def _scope(was: Work, w: Work) -> list[tuple[float, str]]:
    if w.out and not was.out:
        return [(-w.planned, f"{w.id} was deferred or cancelled")]
    return [(w.planned, f"{w.id} is in scope again")] if was.out and not w.out else []


def _pace(w: Work) -> list[tuple[float, str]]:
    """What was not finished before, and took or takes longer or shorter than planned."""
    if w.took is None or w.planned <= 0:
        return []
    ratio, late = w.took / w.planned, w.took - w.planned
    if w.finished and abs(ratio - 1) >= NOTABLE:
        return [(late, f"{w.id} took {ratio:.1f} × its plan")]
    if w.waits and not w.finished:
        return []
    if not w.finished and ratio - 1 >= NOTABLE:
        return [(late, f"{w.id} has taken {ratio:.1f} × its plan and is not done")]
    return []
