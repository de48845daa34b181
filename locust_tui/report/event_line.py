"""One event of the log as one line for people, and as one JSON object for scripts."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from enum import Enum
from typing import Any

from ..domain import events as e
from ..domain.people import WORKER, Condition, Person
from ..domain.states import PARKED, CriterionState, is_parked
from ..safe_text import safe
from . import addition_sayings as addition_sayings
from . import agent_sayings as agent_sayings
from . import alert_sayings as alert_sayings
from . import escalation_sayings as escalation_sayings
from . import hook_sayings as hook_sayings
from . import strategy_sayings as strategy_sayings
from .figures import age, iso, iso_ms, number, percent
from .glyphs import glyph, tone, word
from .saying import Said, left_behind
from .saying import joined as _and
from .saying import say as _say
from .table import Paint, plain

_STOPPING = "stopping: "
"""How the worker writes down that a run is to end, before it ends it."""


def event_line(event: e.Event, *, paint: Paint = plain, ascii_only: bool = False) -> str:
    """`TIME SIGN STATE SUBJECT WORDS`, safe to print, without a line end."""
    said = _say(event.body)
    subject = e.subject_of(event.body) or "plan"
    head = paint(
        f"{glyph(said.state, ascii_only=ascii_only)} {safe(word(said.state), oneline=True):<11}",
        tone(said.state),
    )
    name = event.by.name
    who = (
        ""
        if name == WORKER.name or name in said.words.split() or f" {name}:" in said.words
        else f" (by {name})"
    )
    words = safe(f"{said.words}{who}", limit=600, oneline=True)
    return f"{iso(event.at)}  {head} {safe(subject, oneline=True):<8}  {words}".rstrip()


def event_json(event: e.Event) -> dict[str, Any]:
    """revision, at, kind, subject, by and the event's own fields under `data`."""
    return {
        "revision": event.revision,
        "at": iso_ms(event.at),
        "kind": e.NAMES[type(event.body)],
        "subject": e.subject_of(event.body) or None,
        "by": _person(event.by),
        "data": _plain(event.body),
    }


def _person(person: Person) -> dict[str, Any]:
    return {key: value for key, value in dataclasses.asdict(person).items() if value is not None}


_MOMENTS = frozenset({"at", "ended", "started", "retry_at", "resets_at", "until", "saved_at", "trusted_at"})
"""Fields of events, and of what they hold, that are seconds since the epoch."""


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value):
        fields = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
        return {name: _moment(held) if name in _MOMENTS else _plain(held) for name, held in fields}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value


def _moment(value: Any) -> Any:
    """Seconds since the epoch as ISO 8601; what no calendar holds stays the number it is."""
    try:
        return iso_ms(value) if isinstance(value, (int, float)) else value
    except (OverflowError, ValueError, OSError):
        return value


@_say.register
def _(body: e.ProjectStarted) -> Said:
    return Said("started", "the plan starts")


@_say.register
def _(body: e.ProjectEnded) -> Said:
    return Said("at-rest", _and("nothing more can move", body.summary))


@_say.register
def _(body: e.WorkerStarted) -> Said:
    return Said("started", f"worker {body.version} started, pid {body.pid}")


@_say.register
def _(body: e.WorkerStopped) -> Said:
    return Said("stopped", _and("worker stopped", body.reason))


@_say.register
def _(body: e.MachineSlept) -> Said:
    return Said("info", f"the machine slept for {age(body.seconds)}; no time limit counts that")


@_say.register
def _(body: e.PlanAccepted) -> Said:
    why = f"{body.summary} ({body.note})" if body.note else body.summary
    return Said("in-force", _and(f"plan {body.digest[:12]} is in force", why))


@_say.register
def _(body: e.PlanNoted) -> Said:
    return Said("noted", f"why the plan of revision {body.plan} changed: {body.note}")


@_say.register
def _(body: e.BaselineSet) -> Said:
    return Said("agreed", _and(f"plan {body.digest[:12]} is what was agreed from now on", body.note))


@_say.register
def _(body: e.PlanHeld) -> Said:
    return Said("held", _and(f"plan {body.digest[:12]} is not in force ({body.why})", body.summary))


@_say.register
def _(body: e.PlanRewriting) -> Said:
    return Said("info", _and("an approved change is written into the plan file", body.rewrite.note))


@_say.register
def _(body: e.PlanNotRewritten) -> Said:
    return Said("warning", f"the approved change of the plan file was not made: {body.why}")


@_say.register
def _(body: e.PlanReleased) -> Said:
    return Said("in-force", "the file equals the plan in force again")


@_say.register
def _(body: e.WorkstreamMoved) -> Said:
    return Said(body.new, _and(f"from {body.old.value}", body.reason))


@_say.register
def _(body: e.WorkstreamReported) -> Said:
    parts = [
        f"{percent(body.progress)} done" if body.progress is not None else "",
        f"{body.deliverable} done" if body.deliverable else "",
        body.note or "",
        f"blocked by {body.blocker}" if body.blocker else "",
        f"next {body.next}" if body.next else "",
    ]
    return Said("reported", f"{body.workstream} says " + (", ".join(p for p in parts if p) or "nothing"))


@_say.register
def _(body: e.DeliverableVerified) -> Said:
    words = f"deliverable {body.deliverable}" + ("" if body.verified else " is no longer verified")
    said = body.evidence if body.verified and body.evidence.startswith(words) else _and(words, body.evidence)
    return Said("pass" if body.verified else "stale", said)


@_say.register
def _(body: e.WorkstreamReviewed) -> Said:
    return Said("pass" if body.passed else "fail", _and(f"review of attempt {body.attempt}", body.note))


@_say.register
def _(body: e.RunCreated) -> Said:
    return Said("starting", f"attempt {body.attempt}, {body.agent_type}")


@_say.register
def _(body: e.RunStarted) -> Said:
    return Said("running", f"pid {body.pid}")


@_say.register
def _(body: e.RunChanged) -> Said:
    if body.reason.startswith(_STOPPING):
        return Said(body.state, f"is being stopped: {body.reason.removeprefix(_STOPPING)}")
    return Said(body.state, _and(f"says the {body.source}", body.reason))


@_say.register
def _(body: e.RunEnded) -> Said:
    if body.exit_code is not None:
        end = f"exit {body.exit_code}"
        if body.reason == f"exit code {body.exit_code}":
            return Said(body.state, "; ".join(filter(None, (end, left_behind(body.leftovers)))))
    else:
        end = f"signal {body.signal}" if body.signal is not None else "exit code unknown"
    if is_parked(body.state, body.reason):
        return Said("parked", _and(end, body.reason.removeprefix(PARKED)))
    return Said(body.state, "; ".join(filter(None, (_and(end, body.reason), left_behind(body.leftovers)))))


@_say.register
def _(body: e.WorktreeMade) -> Said:
    parts = f", with the work of {', '.join(body.parts)}" if body.parts else ""
    return Said("ready", f"worktree {body.path} on branch {body.branch}, from {body.base[:9]}{parts}")


@_say.register
def _(body: e.WorkCollected) -> Said:
    words = f"{_count(body.commits, 'commit')}, {_count(body.files, 'file')} changed"
    if body.committed:
        words += f"; {body.committed[:9]} commits what was left uncommitted"
    return Said("fail" if body.problem else "review", _and(words, body.problem))


@_say.register
def _(body: e.WorkMerged) -> Said:
    if body.pull_request:
        return Said("review", f"pull request {body.pull_request} into {body.into}")
    return Said("pass", f"is in {body.into} with {body.commit[:9]}")


@_say.register
def _(body: e.MergeConflicted) -> Said:
    who = f"; changed there by {', '.join(body.others)}" if body.others else ""
    return Said("fail", f"conflicts in {', '.join(body.files)}{who}")


@_say.register
def _(body: e.WorktreeRemoved) -> Said:
    return Said("stopped", _and("its worktree was removed", body.kept_as and f"kept as {body.kept_as}"))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


@_say.register
def _(body: e.CriterionMeasured) -> Said:
    r = body.result
    value = number(r.value, r.unit) if r.value is not None else r.text or ""
    detail = r.evidence.detail if r.evidence else ""
    if detail and value and value not in detail:
        return Said(r.state, f"{detail} ({value})")
    return Said(r.state, detail or value or "measured")


@_say.register
def _(body: e.CriteriaStale) -> Said:
    return Said(CriterionState.STALE, _and(", ".join(body.keys), body.why))


@_say.register
def _(body: e.GateMoved) -> Said:
    return Said(body.new, _and(f"from {body.old.value}", body.reason))


@_say.register
def _(body: e.GateApproved) -> Said:
    a = body.approval
    role = f" as {a.role}" if a.role != a.by.name else ""
    return Said("pass", _and(f"{a.by.name} says yes{role}{_conditions(a.conditions)}", a.note))


@_say.register
def _(body: e.ApprovalLapsed) -> Said:
    return Said(CriterionState.STALE, f"the yes of {body.person} counts no more: {body.why}")


@_say.register
def _(body: e.GateDecided) -> Said:
    d = body.decision
    return Said(d.kind, _and(f"decided by {d.by.name}{_conditions(d.conditions)}", d.note))


def _conditions(conditions: Sequence[Condition]) -> str:
    told = [c.text + (f" ({c.owner}, due {c.due})" if c.owner else "") for c in conditions]
    return f", if {' and '.join(told)}" if told else ""


@_say.register
def _(body: e.CriterionSigned) -> Said:
    return Said(
        "pass", _and(f"{body.signature.by.name} signed {body.signature.criterion}", body.signature.note)
    )


@_say.register
def _(body: e.CriterionWaived) -> Said:
    return Said("waived", _and(f"{body.waiver.by.name} waived {body.waiver.criterion}", body.waiver.note))


@_say.register
def _(body: e.Noted) -> Said:
    return Said(body.level, body.text)
