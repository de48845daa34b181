"""What a conversation has come to so far: the events of its adapter folded into one state."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import singledispatchmethod

from locust_tui.agents import vocabulary as v

PARTS_OF_USE = (
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "cost_usd",
    "context_used",
    "context_size",
)
MOST_FILES = 8
"""Names kept of what a run produced since that was last put on record."""


@dataclass(slots=True)
class Heard:
    """Everything that the record and the next step rest on. `hear` and `said` change it, nothing else does."""

    session: v.SessionStarted | None = None
    activity: v.Activity | None = None
    reason: str = ""
    turn: v.TurnEnded | None = None
    """How the last turn ended; None while one is under way."""
    trouble: v.Trouble | None = None
    """What the agent complained of in the turn under way."""
    used: v.Used | None = None
    wants: dict[str, v.Wants] = field(default_factory=dict)
    """Every request so far, oldest first, by the protocol's own id."""
    granted: dict[str, v.Granted] = field(default_factory=dict)
    """Requests that the adapter answered at once, by a rule."""
    numbers: dict[str, int] = field(default_factory=dict)
    """The place of each request among all, from 1."""
    taken_back: dict[str, str] = field(default_factory=dict)
    """Requests that nobody need answer any more, and why."""
    denied: int = 0
    limit: v.LimitHeard | None = None
    produced: dict[str, None] = field(default_factory=dict)
    """Files changed since that was last put on record."""
    retries: int = 0
    """Texts of ours that only asked to go on, since the last turn that went well."""
    interrupted: bool = False
    """We asked for the end of the turn under way, or of the one that ended last."""
    _denied_in_turn: int = 0

    @property
    def idle(self) -> bool:
        """The turn is over, and nothing runs in the background."""
        return self.turn is not None and self.activity is v.Activity.IDLE

    @property
    def waiting(self) -> tuple[v.Wants, ...]:
        """Requests that the agent has not taken back."""
        return tuple(w for id, w in self.wants.items() if id not in self.taken_back)

    def said(self, *, again: bool = False) -> None:
        """We sent a text: a turn is under way. `again`: it only asked to go on."""
        self.turn = None
        self.trouble = None
        self.interrupted = False
        self.activity, self.reason = v.Activity.WORKING, ""
        self.retries = self.retries + 1 if again else 0

    def was_interrupted(self) -> None:
        self.interrupted = True

    @singledispatchmethod
    def hear(self, event: v.AgentEvent) -> None:
        """Take up one event. Text and tool calls leave no trace here: they are in the log."""

    @hear.register
    def _(self, event: v.SessionStarted) -> None:
        self.session = event

    @hear.register
    def _(self, event: v.ToolEnded) -> None:
        if event.denied:
            self.denied += 1
            self._denied_in_turn += 1
        for name in event.files if event.ok else ():
            self.produced.pop(name, None)
            self.produced[name] = None
            if len(self.produced) > MOST_FILES:
                del self.produced[next(iter(self.produced))]

    @hear.register
    def _(self, event: v.Wants) -> None:
        self.wants[event.id] = event
        self.numbers.setdefault(event.id, len(self.numbers) + 1)
        self.taken_back.pop(event.id, None)

    @hear.register
    def _(self, event: v.Granted) -> None:
        self.granted[event.id] = event
        self.numbers.setdefault(event.id, len(self.numbers) + 1)

    @hear.register
    def _(self, event: v.WantsNoMore) -> None:
        if event.id in self.wants:
            self.taken_back[event.id] = event.why

    @hear.register
    def _(self, event: v.ActivityChanged) -> None:
        self.activity, self.reason = event.activity, event.reason
        if event.activity in (v.Activity.WORKING, v.Activity.WAITING, v.Activity.RETRYING):
            self.turn = None

    @hear.register
    def _(self, event: v.Retrying) -> None:
        self.trouble = event.trouble
        of = f" of {event.of}" if event.of is not None else ""
        self.reason = f"{event.trouble.value}: it tries again by itself ({event.attempt}{of})"

    @hear.register
    def _(self, event: v.Used) -> None:
        if self.used is None:
            self.used = event
            return
        # absent parts leave what stood
        parts = {name: getattr(event, name) for name in PARTS_OF_USE}
        kept = {n: getattr(self.used, n) if value is None else value for n, value in parts.items()}
        self.used = v.Used(**kept, model=event.model or self.used.model)

    @hear.register
    def _(self, event: v.LimitHeard) -> None:
        self.limit = event
        if event.reached:
            self.trouble = v.Trouble.USAGE_LIMIT

    @hear.register
    def _(self, event: v.TurnEnded) -> None:
        self.turn = event
        more = len(event.denials) - self._denied_in_turn
        self.denied += max(0, more)
        self._denied_in_turn = 0
        if event.ok:
            self.retries = 0
            self.trouble = None
        elif event.trouble is not None and event.trouble is not v.Trouble.INTERRUPTED:
            self.trouble = event.trouble

    @hear.register
    def _(self, event: v.Failed) -> None:
        self.trouble = event.trouble
        if event.fatal:
            self.turn = v.TurnEnded(False, event.message, event.trouble)
