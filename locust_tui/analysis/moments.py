"""Moments as people write them: on the clock, in the plan's weeks, by a revision, or by what happened then."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo

from locust_tui.domain import events as e
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.states import GateState, WorkstreamState

FORMS = 'write 2025-12-01T14:30 (UTC), 15m ago, yesterday, "week 3", r812, "gate g2" or "WS-03 accepted"'
"""What a moment may look like, for help texts and errors."""

_UNITS = {
    "s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3_600, "hour": 3_600,
    "d": 86_400, "day": 86_400, "w": 604_800, "week": 604_800,
}  # fmt: skip
_PART = r"(\d+(?:\.\d+)?)\s*([a-z]+)"
_AGO = re.compile(rf"({_PART}(?:\s*{_PART})*)(?:\s+ago)?")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")
_WEEK = re.compile(r"(?:week|wk)[\s-]?(\d{1,6})")
_REVISION = re.compile(r"(?:r|#|rev(?:ision)?\s*)(\d{1,15})")
_EVENT = re.compile(r"(gate\s+)?(\S+?)(?:\s+([a-z][a-z -]*))?", re.I)


@dataclass(frozen=True, slots=True)
class AtRevision:
    """Right after the event of this revision."""

    revision: int


@dataclass(frozen=True, slots=True)
class AtWeek:
    """The end of a plan week; now, while it is not over."""

    week: int


@dataclass(frozen=True, slots=True)
class AtEvent:
    """Right after the latest event of this kind."""

    kind: str
    """start, plan, gate, work"""
    subject: str = ""
    state: str = ""
    """The state that it came into; empty for a gate: it was decided."""

    def __str__(self) -> str:
        if self.kind in ("start", "plan"):
            return self.kind
        return " ".join(filter(None, ("gate" if self.kind == "gate" else "", self.subject, self.state)))


Point = float | AtRevision | AtWeek | AtEvent
"""Seconds since the epoch, or a point that only the record knows."""


def parse_point(text: str, now: float, zone: tzinfo | None = UTC) -> Point:
    """The moment that `text` means, seen from `now`; clock times are of `zone` unless they say otherwise, None: of this
    machine's. Raises ValueError.

    `FORMS` names the forms; "now", "today" (its midnight), "14:30" (the latest one), "start" and "plan" (its latest
    change) are understood too.
    """
    words = " ".join(text.split())
    folded = words.casefold()
    named = _by_name(folded, now, zone)
    if named is not None:
        return named
    if match := _REVISION.fullmatch(folded):
        return AtRevision(int(match.group(1)))
    if match := _WEEK.fullmatch(folded):
        return AtWeek(int(match.group(1)))
    ago = _seconds(folded)
    if ago is not None:
        return now - ago
    try:
        return _on_the_calendar(words, zone)
    except ValueError:
        event = _event(words)
        if event is None:
            raise
        return event


def _by_name(folded: str, now: float, zone: tzinfo | None) -> Point | None:
    if folded in ("now", "start", "plan"):
        return now if folded == "now" else AtEvent(folded)
    midnight = datetime.fromtimestamp(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if folded in ("today", "yesterday"):
        return (midnight - timedelta(days=folded == "yesterday")).timestamp()
    if match := _CLOCK.fullmatch(folded):
        hour, minute, second = (int(part or 0) for part in match.groups())
        at = midnight.replace(hour=hour, minute=minute, second=second).timestamp()
        return at if at <= now else at - 86_400
    return None


def _seconds(folded: str) -> float | None:
    """Of "15m", "2 weeks ago", "1h30m"; None where it is none of these."""
    if not _AGO.fullmatch(folded):
        return None
    total = 0.0
    for count, unit in re.findall(_PART, folded.removesuffix(" ago")):
        size = _UNITS.get(unit) or _UNITS.get(unit.removesuffix("s"))
        if size is None:
            return None
        total += float(count) * size
    return total


def _on_the_calendar(words: str, zone: tzinfo | None) -> float:
    moment = datetime.fromisoformat(words)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()


_SAID_FOR = {"started": WorkstreamState.RUNNING.value}


def _event(words: str) -> AtEvent | None:
    match = _EVENT.fullmatch(words)
    if match is None:
        return None
    gate, subject, state = match.groups()
    wanted = (state or "").strip().casefold().replace(" ", "-")
    if gate:
        known = not wanted or wanted in {s.value for s in GateState}
        return AtEvent("gate", subject, wanted) if known else None
    wanted = _SAID_FOR.get(wanted, wanted)
    return AtEvent("work", subject, wanted) if wanted in {s.value for s in WorkstreamState} else None


KINDS = ("project.started", "plan.accepted", "gate.decided", "gate.moved", "workstream.moved")
"""Stored names of the events that an `AtEvent` can mean."""


def latest(point: AtEvent, events: Iterable[e.Event]) -> e.Event | None:
    """The last of `events` (oldest first) that is meant, the first for the start; None where nothing like it happened."""
    found = None
    for event in events:
        if _is_meant(point, event.body):
            found = event
            if point.kind == "start":
                break
    return found


def _is_meant(point: AtEvent, body: e.EventBody) -> bool:
    subject = point.subject.casefold()
    if isinstance(body, e.ProjectStarted):
        return point.kind == "start"
    if isinstance(body, e.PlanAccepted):
        return point.kind == "plan"
    if isinstance(body, e.GateDecided):
        said = point.state in ("", body.decision.kind.value)
        return point.kind == "gate" and body.gate.casefold() == subject and said
    if isinstance(body, e.GateMoved):
        return (
            point.kind == "gate" and body.gate.casefold() == subject and body.new.value == point.state != ""
        )
    if isinstance(body, e.WorkstreamMoved):
        return (
            point.kind == "work" and body.workstream.casefold() == subject and body.new.value == point.state
        )
    return False
