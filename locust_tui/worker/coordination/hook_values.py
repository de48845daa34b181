"""What a hook is told of the event that it answers: placeholders, and the event as JSON on its standard input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from locust_tui.domain import events as e

_TOLD = ("blocker", "note", "reason", "text", "what", "title", "why")


def event_values(event: e.Event) -> dict[str, str]:
    """{event} {revision} {subject} {by} {workstream} {run} {gate} {key} {note} of the event; those that it has not are empty."""
    body = event.body
    note = next((str(v) for name in _TOLD if (v := getattr(body, name, None))), "")
    found = {name: str(getattr(body, name, None) or "") for name in ("workstream", "run", "gate", "key")}
    return {
        "event": e.NAMES[type(body)],
        "revision": str(event.revision),
        "subject": e.subject_of(body),
        "by": event.by.name,
        "note": note,
        **found,
    }


def with_words(argv: Sequence[str], values: Mapping[str, str]) -> Sequence[str]:
    """A message after an event that says nothing itself tells of the event."""
    if tuple(argv[:2]) != ("hooks", "notify") or not values.get("event"):
        return argv
    said = {word.partition("=")[0] for word in argv}
    if said & {"--message", "--body", "--metrics", "--subject"}:
        return argv
    return [*argv, "--message", "{event} {subject}: {note}" if values.get("note") else "{event} {subject}"]


def event_input(event: e.Event) -> bytes:
    """revision, at, kind, subject, by and the event's own fields under `data`, as one line of JSON."""
    told = {
        "revision": event.revision,
        "at": event.at,
        "kind": e.NAMES[type(event.body)],
        "subject": e.subject_of(event.body),
        "by": event.by.name,
        "data": event.body,
    }
    return msgspec.json.encode(told) + b"\n"
