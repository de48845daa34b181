"""Events of an adapter as lines for people: what was done in a line, what came out of it in a few."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from .said_to import Call
from .vocabulary import (
    AgentEvent,
    AskKind,
    Failed,
    Granted,
    LimitHeard,
    PlanStated,
    Reports,
    Retrying,
    Said,
    SessionStarted,
    ToolEnded,
    ToolStarted,
    Trouble,
    TurnEnded,
    Used,
    Wants,
    WantsNoMore,
)

FIRST, LAST = 3, 5
"""Lines shown of the beginning and of the end of what came out of a command."""
LONGEST = 300
"""Characters of what is said in one line."""
HIGH = 80.0
"""From so many points of a limit on it is told how much of it is used."""
_COMMANDS = frozenset(
    {"bash", "shell", "command", "command_execution", "commandexecution", "execute", "exec"}
)
_EDITS = frozenset(
    {
        "edit",
        "multiedit",
        "write",
        "notebookedit",
        "file_change",
        "filechange",
        "apply_patch",
        "delete",
        "move",
    }
)
_INDENT = {"agent": "  ", "thought": "~ ", "user": "> "}
_OURS = "locust-tui"
_A_PERSON = "a person"
_A_PERSONS = "say:"
"""So begin the keys of what people say."""
_CUT_SHORT = "[Request interrupted by user"
"""So begins what Claude Code puts into a person's mouth when its turn is interrupted, whoever did it."""


class Lines:
    """Calls under way, and words that come in pieces; nothing else is remembered."""

    def __init__(self) -> None:
        self._calls: dict[str, ToolStarted] = {}
        self._last_shown = ""
        self._words = ""
        self._speaker = ("agent", "")
        self._limits = ""
        self._began = ""
        self._wants: dict[str, str] = {}
        self._interrupted: str | None = None
        """Why we end the turn under way; None: we do not."""
        self._retried: Retrying | None = None
        self._used: Used | None = None
        self._of: dict[type[AgentEvent], Callable[..., Iterable[str]]] = {
            SessionStarted: self._session,
            ToolStarted: self._started,
            ToolEnded: self._ended,
            PlanStated: _plan,
            Wants: self._want,
            WantsNoMore: self._want_no_more,
            Granted: lambda e: (f"✓ allowed by the rule {e.rule}: {e.what}",),
            Retrying: self._retrying,
            LimitHeard: self._limit,
            TurnEnded: self._turn,
            Failed: lambda e: (f"✗ {_one(e.message)}",),
            Reports: _reports,
        }

    @property
    def unfinished(self) -> str:
        return _prefix(*self._speaker) + self._words if self._words else ""

    def of(self, events: Iterable[AgentEvent]) -> list[str]:
        """Display lines of these events."""
        lines: list[str] = []
        for event in events:
            if isinstance(event, Said):
                lines += self._said(event)
            elif isinstance(event, Used):
                lines += self.flush()
                self._used = (
                    event if event.cost_usd is not None or event.output_tokens is not None else self._used
                )
            elif (say := self._of.get(type(event))) is not None:
                lines += self.flush()
                lines += say(event)
        return lines

    def told(self, call: Call) -> list[str]:
        """What the agent was told: a text, an answer; that its turn is interrupted is told when it has ended."""
        match call.name, call.arguments:
            case "say", (text, key, *_):
                self._interrupted = None
                who = call.by or (_A_PERSON if key.startswith(_A_PERSONS) else _OURS)
                return [*self.flush(), f"> {_one(who)}: {_one(text)}"]
            case "answer", (id, choice, *note):
                what = self._wants.pop(id, "")
                said = ": ".join(word for word in (choice, *map(_one, note)) if word)
                of = f" ({what})" if what and self._wants else ""
                return [*self.flush(), f"> {_one(call.by) or _A_PERSON}: {said or 'answered'}{of}"]
            case "interrupt", why:
                self._interrupted = next(iter(why), "")
        return []

    def other_output(self, text: str) -> list[str]:
        """A line that is not of the protocol."""
        return [*self.flush(), f"    {text}"]

    def flush(self) -> list[str]:
        """Words that wait for the end of their line."""
        left = self.unfinished
        self._words = ""
        return [left.rstrip()] if left else []

    def _said(self, said: Said) -> list[str]:
        if self._interrupted is not None and said.role == "user" and said.text.startswith(_CUT_SHORT):
            return self.flush()
        lines = [] if said.delta and self._speaker == (said.role, said.parent) else self.flush()
        self._speaker = (said.role, said.parent)
        prefix = _prefix(said.role, said.parent)
        *whole, rest = (self._words + said.text).split("\n")
        lines += [f"{prefix}{line}".rstrip() for line in whole]
        self._words = rest
        return lines

    def _started(self, call: ToolStarted) -> Iterable[str]:
        self._calls[call.id] = call
        name = call.name.lower()
        if name in _EDITS:
            return ()
        self._last_shown = call.id
        return (_call(call),)

    def _ended(self, end: ToolEnded) -> Iterable[str]:
        call = self._calls.pop(end.id, None)
        indent = "↳ " if call is not None and call.parent else ""
        edit = call is not None and call.name.lower() in _EDITS
        if not end.ok:
            again = (
                f"{_call(call).removeprefix(indent)}: "
                if call is not None and self._last_shown != end.id
                else ""
            )
            why = [word for word in ("denied" if end.denied else "", _one(end.summary)) if word]
            return (f"{indent}✗ {again}{': '.join(why) or 'failed'}",)
        if edit or (end.files and call is None):
            path = call.summary if call is not None else ", ".join(end.files)
            amount = f" {end.summary}" if end.summary.startswith("+") else ""
            return (f"{indent}edit {_one(path)}{amount}",)
        if call is not None and call.name.lower() not in _COMMANDS:
            return ()
        lines = [f"    {line}" for line in _ends(end.output or end.summary)]
        if call is not None and self._last_shown != end.id:
            lines.insert(0, f"{_call(call).removeprefix(indent)} …")
            self._last_shown = end.id
        return [f"{indent}{line}" for line in lines]

    def _limit(self, event: LimitHeard) -> Iterable[str]:
        """Once, as long as it says the same."""
        if event.reached:
            said = "limit reached"
        elif event.utilization is None:
            said = _one(event.message)
        else:
            used = f"{event.utilization:.0f} % of the limit used"
            said = (_one(event.message) or used) if event.utilization >= HIGH else ""
        if said and event.resets_at is not None:
            said += f", resets {moment(event.resets_at)}"
        before, self._limits = self._limits, said or self._limits
        return (f"! {said}",) if said and said != before else ()

    def _turn(self, end: TurnEnded) -> Iterable[str]:
        used, self._used = self._used, None
        retried, self._retried = self._retried, None
        interrupted, self._interrupted = self._interrupted, None
        self._calls.clear()
        self._wants.clear()
        if not end.ok and end.trouble is Trouble.INTERRUPTED:
            why = interrupted or (f"{retried.trouble.value}: {_one(retried.message)}" if retried else "")
            who = f" by {_OURS}" if interrupted is not None else ""
            return (
                f"{'!' if interrupted is not None else '✗'} interrupted{who}" + (f": {why}" if why else ""),
            )
        if not end.ok:
            words = _one(end.text) or "the turn failed"
            kind = "" if end.trouble is None or end.trouble.value in words else f" ({end.trouble.value})"
            return (f"✗ {words}{kind}",)
        parts = ["✓ turn ended"]
        if used is not None:
            parts += [f"{used.input_tokens:,} tokens in"] if used.input_tokens is not None else []
            parts += [f"{used.output_tokens:,} out"] if used.output_tokens is not None else []
            parts += [f"${used.cost_usd:.2f} so far"] if used.cost_usd else []
        if end.denials:
            parts.append(f"not allowed: {'; '.join(map(_one, end.denials))}")
        return (" · ".join(parts),)

    def _session(self, event: SessionStarted) -> Iterable[str]:
        said = (("model", event.model), ("version", event.version), ("session", event.session))
        line = "· began: " + ", ".join(f"{name} {_one(value)}" for name, value in said if value)
        before, self._began = self._began, line
        return (line,) if line != before else ()

    def _want(self, event: Wants) -> Iterable[str]:
        self._wants[event.id] = _one(event.what)
        return _wants(event)

    def _want_no_more(self, event: WantsNoMore) -> Iterable[str]:
        self._wants.pop(event.id, None)
        return ()

    def _retrying(self, event: Retrying) -> Iterable[str]:
        self._retried = event
        of = f" of {event.of}" if event.of is not None else ""
        soon = f", in {event.delay_s:.0f} s" if event.delay_s is not None and event.delay_s >= 1 else ""
        why = f": {_one(event.message)}" if event.message else ""
        return (f"! {event.trouble.value}: tries again, {event.attempt}{of}{soon}{why}",)


def moment(at: float) -> str:
    """Seconds since the epoch on this machine's clock: "22 Nov 14:20"."""
    try:
        return time.strftime("%d %b %H:%M", time.localtime(at))
    except (OverflowError, ValueError, OSError):
        return "?"


def _prefix(role: str, parent: str) -> str:
    return ("↳ " if parent else "") + _INDENT.get(role, "  ")


def _one(text: str) -> str:
    words = " ".join(text[:2_000].split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


def _call(call: ToolStarted) -> str:
    name = call.name.lower()
    sign = "$ " if name in _COMMANDS else "edit " if name in _EDITS else f"· {_one(call.name)} "
    said = "" if call.summary == call.name else _one(call.summary)
    return f"{'↳ ' if call.parent else ''}{sign}{said}".rstrip()


def _ends(output: str) -> list[str]:
    lines = output.rstrip().split("\n") if output.strip() else []
    if len(lines) <= FIRST + LAST + 1:
        return lines
    left_out = len(lines) - FIRST - LAST
    if any(line.startswith("… ") for line in lines):
        return [
            *lines[:FIRST],
            "…",
            *lines[-LAST:],
        ]  # the adapter left some out already: the number would be wrong
    return [*lines[:FIRST], f"… {left_out} lines …", *lines[-LAST:]]


def _plan(event: PlanStated) -> Iterable[str]:
    done = sum(state == "done" for _, state in event.entries)
    now = next((text for text, state in event.entries if state == "in-progress"), "")
    return (f"· plan: {done} of {len(event.entries)} done" + (f", now: {_one(now)}" if now else ""),)


def _wants(event: Wants) -> Iterable[str]:
    if event.kind is AskKind.PERMISSION:
        return (f"? wants: {_one(event.what)}",)
    choices = f" ({', '.join(map(_one, event.choices))})" if event.choices else ""
    return (f"? asks: {_one(event.what)}{choices}",)


def _reports(event: Reports) -> Iterable[str]:
    said = ([f"{event.progress:.0f} %"] if event.progress is not None else []) + [_one(event.note or "")]
    return ("· " + " ".join(part for part in said if part),)
