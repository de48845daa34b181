"""Why a workstream or a run is in its state, as facts in words: the verb `why` and the cockpit say the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from locust_tui.domain.dataclass import dataclass

from ..domain.snapshot import RunView, Snapshot, WaitingView, WorkstreamView
from ..domain.states import OPEN_GATE_STATES, OUT_OF_SCOPE, CriterionState, RunState, WorkstreamState
from ..signs import stands
from .figures import age, amount
from .glyphs import word
from .run_words import account_of, account_words, grounds, spend_words, used_words
from .saying import left_behind


@dataclass(frozen=True, slots=True)
class Why:
    id: str
    state: str
    why: str | None
    because: tuple[str, ...]
    possible: tuple[str, ...]
    """Commands that would change it."""
    instead: str = ""
    """What people are told instead of the state."""
    word: str = ""

    @property
    def lines(self) -> list[str]:
        """For people, the first says what it is, the others why."""
        head = f"{self.id} is {self.instead or self.word or self.state}"
        return [
            head + (f": {self.why}" if self.why else ""),
            *(f"  {line}" for line in self.because),
            *(f"  next: {line}" for line in self.possible),
        ]


def why_workstream(w: WorkstreamView, snapshot: Snapshot, now: float | None = None) -> Why:
    """Needs, checks, its latest run and what that waits for; what an operator may ask for."""
    because = [f"need {n.id} ({n.condition}): {n.why or 'not met'}" for n in w.needs if not n.met]
    because += _checks(w, snapshot)
    run = next((r for r in snapshot.runs if r.id == w.run), None)
    possible: list[str] = []
    if run is not None:
        told = why_run(run, snapshot, now)
        end = f", exit {run.exit_code}" if run.exit_code is not None else ""
        rest = [line for line in told.because if not line.startswith("exit ")]
        reason = f", {run.reason}" if run.reason else ""
        because.append(f"run {run.id}: {run.state.value}{end}{reason}; {rest[0]}")
        because += [f"run {run.id}: {line}" for line in rest[1:]]
        possible = [line for line in told.possible if line.startswith("locust-tui answer")]
    asked = bool(possible) and run is not None and run.ended is None
    if w.blocker:
        because.append(f"the agent says it is blocked by: {w.blocker}")
    if w.spend is not None:
        because.append(f"spent by all attempts: {spend_words(w.spend)}")
    more = {"verify": " DELIVERABLE", "reject": " --note WHY"}
    gone = [v.id for v in snapshot.workstreams if v.state in OUT_OF_SCOPE]
    possible += [f"locust-tui ws reopen {n.id}" for n in w.needs if not n.met and n.id in gone]
    failed = [v.id for v in snapshot.workstreams if v.state is WorkstreamState.FAILED]
    possible += [f"locust-tui ws retry {n.id}" for n in w.needs if not n.met and n.id in failed]
    # another attempt would end the run that only waits for an answer
    actions = [action for action in w.actions if not (asked and action == "retry")]
    possible += [f"locust-tui ws {action} {w.id}{more.get(action, '')}" for action in actions]
    why = w.why or w.came_to or None
    return Why(w.id, w.state.value, why, tuple(because), tuple(possible), w.instead, stands(w.state))


def _checks(w: WorkstreamView, snapshot: Snapshot) -> Iterator[str]:
    """Those that have not passed. One that waits for a gate holds no acceptance before the gate is open."""
    shut = {g.id for g in snapshot.gates if g.state not in OPEN_GATE_STATES}
    for c in w.checks:
        if c.after and c.state is CriterionState.NOT_RUN:
            if w.state is WorkstreamState.ACCEPTED:
                continue
            if c.after in shut:
                yield f"check {c.name}: looked at once gate {c.after} is open"
                continue
        if c.state is not CriterionState.PASS:
            yield f"check {c.name}: {word(c.state)}" + (f", {c.detail}" if c.detail else "")


def why_run(run: RunView, snapshot: Snapshot, now: float | None = None) -> Why:
    """What its state rests on and since when, what it waits for, its account, what it used and left.

    `now`: when this is looked at, which ages are told from; time stands still in the snapshot of a finished plan.
    """
    now = snapshot.at if now is None else now
    alive = run.ended is None
    because = [f"says the {grounds(run, now)}"]
    if alive and run.since is not None and run.state is not RunState.STARTING:
        because[0] += f", for {age(now - run.since)}"
    if run.exit_code is not None:
        because.append(f"exit {run.exit_code}")
    waiting = [w for w in snapshot.waiting if w.run == run.id and w.item.partition(":")[0] in _ASKED]
    because += [f"waits for an answer to {w.item}: {w.what}" for w in waiting]
    if alive and run.last_seen is not None:
        because.append(f"wrote last {age(now - run.last_seen)} ago")
    account = account_of(run, snapshot)
    if account is not None and alive:
        because.append(account_words(account, now))
    because += _facts(run, now)
    if not run.in_plan and alive:
        because.append("its work is no longer in the plan; it goes on until it ends")
    possible = [f"locust-tui answer {w.item} {'|'.join(w.choices)}" for w in waiting if w.choices]
    if alive:
        possible += [f"locust-tui attach {run.id}", f"locust-tui kill {run.id}"]
    return Why(run.id, run.state.value, run.reason or None, tuple(because), tuple(possible))


_ASKED = frozenset({"permission", "question", "request"})
"""What a run itself waits for."""


def _facts(run: RunView, now: float) -> list[str]:
    found = []
    if run.model:
        found.append(f"model {run.model}")
    if run.produced:
        when = f" {age(now - run.produced_at)} ago" if run.produced_at is not None else ""
        found.append(f"left last{when}: {run.produced}")
    if used := used_words(run):
        context = (
            f"; context {amount(run.context_used)} of {amount(run.context_size)}"
            if run.context_size and run.context_used is not None
            else ""
        )
        found.append(f"used {used}{context}")
    if run.denied:
        found.append(f"{run.denied} of its requests were denied")
    if left := left_behind(run.leftovers):
        found.append(left)
    return found


def why_waiting(w: WaitingView) -> Why:
    """A thing in the inbox: for whom it waits, whose it is, and the answers there are."""
    because = [f"waits for {w.wanted}", *([f"run {w.run}"] if w.run else [])]
    answers = f"locust-tui answer {w.item} {'|'.join(w.choices)}"
    possible = (f"locust-tui inbox {w.item}", *([answers] if w.choices else []))
    return Why(w.item, "waiting", w.what, tuple(because), possible)


def why_gone(runs: Sequence[RunView]) -> Why:
    """Work that left the plan, whose agents nobody stopped."""
    because, possible = [], []
    for r in runs:
        alive = r.ended is None
        pid = f" (pid {r.pid})" if alive and r.pid else ""
        because.append(f"run {r.id}{pid}: {r.state.value}" + (", it goes on until it ends" if alive else ""))
        if alive:
            possible.append(f"locust-tui kill {r.id}")
    return Why(runs[0].subject, "removed", "no longer in the plan", tuple(because), tuple(possible))
