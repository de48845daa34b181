"""When a run is silent, or busy without a product: two pure rules over moments."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Container, Iterable
from pathlib import Path

from locust_tui.domain.clock import Clock
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.events import EventBody, RunChanged
from locust_tui.domain.plan import AgentType, Plan
from locust_tui.domain.states import RunState
from locust_tui.domain.world import RunStatus

from ..run_ends import asked_to_stop
from ..steady_clock import written_ago

STALL_S = 600.0
"""Of agents that speak a protocol, where the plan says nothing."""
HANDSHAKE_S = 120.0
FRUITLESS_S = 2700.0


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds; None: for ever."""

    stall: float | None = None
    fruitless: float | None = None


def patience(kind: AgentType | None, *, protocol: bool) -> Patience:
    """What the agent type says; else the defaults of agents that speak a protocol, and none for commands."""
    stall = kind.stall if kind is not None else None
    fruitless = kind.fruitless if kind is not None else None
    if protocol:
        return Patience(STALL_S if stall is None else stall, FRUITLESS_S if fruitless is None else fruitless)
    return Patience(stall, None)


def silent(now: float, last_byte: float, patience: Patience) -> str | None:
    """Why the run counts as stalled, or None. `last_byte`: when it last wrote anything, or began."""
    if patience.stall is None or now - last_byte < patience.stall:
        return None
    return f"not a byte for {in_words(patience.stall)}"


def silent_handshake(now: float, begun: float, patience: Patience) -> str | None:
    """The same of a run that never said a word of its protocol, whatever else it wrote: programs do so at once."""
    if patience.stall is None:
        return None
    wait = min(patience.stall, HANDSHAKE_S)
    return None if now - begun < wait else f"not a word of its protocol for {in_words(wait)}"


def fruitless(now: float, last_product: float, patience: Patience) -> str | None:
    """Why a busy run counts as stalled, or None. `last_product`: of the run, or when its work began or went on."""
    if patience.fruitless is None or now - last_product < patience.fruitless:
        return None
    return f"busy for {in_words(patience.fruitless)}, nothing produced"


def in_words(seconds: float) -> str:
    """45 m, 1 h 30 m, 20 s."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    parts = [f"{n} {unit}" for n, unit in ((hours, "h"), (minutes, "m"), (rest, "s")) if n]
    return " ".join(parts[:2]) or f"{seconds:g} s"


class Silence:
    """Of commands, whose agent type says how long they may be silent: there is nothing but their log to go by."""

    def __init__(
        self,
        runs_root: Path,
        clock: Clock,
        quiet_for: Callable[[str], float] = lambda _run: math.inf,
        awake: Clock = time.monotonic,
    ) -> None:
        """`quiet_for`: seconds since a run said otherwise that it is well. `awake` stands still while the machine sleeps."""
        self._root = runs_root
        self._clock = clock
        self._quiet_for = quiet_for
        self._awake = awake
        self._written: dict[str, tuple[tuple[int, int], float]] = {}
        """By run: size and time of its log as they were seen last, and when, awake, it was written."""

    def look(self, plan: Plan, live: Iterable[RunStatus], spoken: Container[str]) -> list[EventBody]:
        """Runs that fell silent, and those that are heard again, as events."""
        found: list[EventBody] = []
        live = list(live)
        self._written = {run.id: self._written[run.id] for run in live if run.id in self._written}
        for run in live:
            kind = plan.agents.get(run.agent_type)
            if kind is None or kind.stall is None or run.id in spoken or asked_to_stop(run) is not None:
                continue
            why = silent(0.0, -self._silent_for(run.id), patience(kind, protocol=False))
            if why is not None and run.state is RunState.RUNNING:
                found.append(RunChanged(run.id, RunState.STALLED, "silence", why))
            elif why is None and run.state is RunState.STALLED and run.source == "silence":
                found.append(RunChanged(run.id, RunState.RUNNING, "process"))
        return found

    def _silent_for(self, run_id: str) -> float:
        """Seconds awake since the log was seen to change; what was before the first look is told by the file."""
        path = self._root / run_id / "log"
        try:
            facts = os.stat(path, follow_symlinks=False)
        except OSError:
            return 0.0
        look, now = (facts.st_size, facts.st_mtime_ns), self._awake()
        known = self._written.get(run_id)
        if known is None:
            known = look, now - written_ago(path, self._clock())
        elif known[0] != look:
            known = look, now
        self._written[run_id] = known
        return min(now - known[1], self._quiet_for(run_id))
