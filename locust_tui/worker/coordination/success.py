"""Success: people's words about it are taken, and what is due after the release is said once to whoever sits here."""

from __future__ import annotations

from hashlib import sha256

from locust_tui.analysis.addresses import OPERATOR
from locust_tui.analysis.after_release import Watch, waits_for_person, watches
from locust_tui.analysis.due import due_day
from locust_tui.client import requests as r
from locust_tui.domain import events as e
from locust_tui.domain.clock import Clock
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Plan, SuccessCheck
from locust_tui.domain.world import World
from locust_tui.errors import NotFoundError, RefusedError, UsageError, did_you_mean
from locust_tui.state.store import Store

from ..callers import Caller
from ..planning import PlanKeeper
from ..told import Told
from .moments import settle_forever
from .telling import tell

MOST_TEXT = 16_384
_GROUP = "after-release"


class Success:
    """One per worker: the Taker of its requests, and a duty. `settle` is the duty's one look."""

    def __init__(self, store: Store, keeper: PlanKeeper, clock: Clock) -> None:
        self._store, self._keeper, self._clock = store, keeper, clock

    def takes(self, request: r.Request) -> bool:
        return isinstance(request, r.RecordSuccess)

    async def __call__(self, request: r.Request, caller: Caller) -> Told:
        assert isinstance(request, r.RecordSuccess)
        return record(self._keeper.in_force(), request)

    async def settle(self) -> float | None:
        """Remind of what is due and was not said before; the moment at which something more comes to be due."""
        plan, world, now = self._keeper.plan, self._store.world, self._clock()
        if plan is None or not plan.after_release or world.project.started is None:
            return None
        if events := reminder(plan, world, now):
            await self._store.append(WORKER, *events)
        ahead = (
            w.due_at for w in watches(plan, self._store.world) if w.due_at is not None and w.due_at > now
        )
        return min(ahead, default=None)

    async def forever(self) -> None:
        """A duty that ends only by being cancelled."""
        await settle_forever(self._store, self._clock, self.settle)


def record(plan: Plan, request: r.RecordSuccess) -> Told:
    """A person's word. NotFoundError; RefusedError where it is measured and nobody's word counts."""
    check, at_end = _find(plan, request.check)
    if max(len(request.note), len(request.value)) > MOST_TEXT:
        raise UsageError(f"a note and a value have at most {MOST_TEXT} characters")
    criterion = check.criterion
    asks = criterion is not None and bool(criterion.manual)
    if at_end and not asks:
        raise RefusedError(
            f'"{check.name}" is measured: no word of a person meets it',
            help="locust-tui success shows on what",
        )
    recorded = e.SuccessRecorded(check.name, request.met, request.value.strip(), request.note.strip())
    return Told({"check": check.name, "met": request.met, "value": recorded.value}, (recorded,))


def _find(plan: Plan, wanted: str) -> tuple[SuccessCheck, bool]:
    """(check, whether it is one of the end of the plan), by its name or by the beginning of the only one."""
    known = [(c, True) for c in plan.success] + [(c, False) for c in plan.after_release]
    word = " ".join(wanted.split()).casefold()
    exact = [pair for pair in known if pair[0].name.casefold() == word]
    near = exact or [pair for pair in known if word and pair[0].name.casefold().startswith(word)]
    if len(near) == 1:
        return near[0]
    names = [check.name for check, _ in (near or known)]
    if near:
        raise UsageError(f'"{wanted}" may be {" or ".join(names)}')
    raise NotFoundError(
        f'the plan has no success check "{wanted}"', help=did_you_mean(wanted, names) or "locust-tui success"
    )


def reminder(plan: Plan, world: World, now: float) -> list[e.EventBody]:
    """One message that names all that came to be due since the last; nothing where there is nothing new."""
    waiting = waits_for_person(plan, world, now)
    if not waiting:
        return []
    groups = (m.group for m in world.messages.values() if m.group.startswith(_GROUP))
    told = {item for group in groups for item in group.split(":")[1:]}
    due = [w for w in waiting if _item(w) not in told]
    if not due:
        return []
    lines = [f"{w.check.name} (due {_day(w)}): {_question(w)}" for w in due]
    lines.append('locust-tui success record "NAME" met --value … records what you find.')
    subject = (
        f"{due[0].check.name} is to be looked at"
        if len(due) == 1
        else f"{len(due)} things are to be looked at"
    )
    group = ":".join([_GROUP, *(_item(w) for w in due)])
    return tell(
        plan,
        world,
        group,
        (OPERATOR,),
        "\n".join(lines),
        sender="worker",
        subject=f"After the release: {subject}",
    )


def _item(watch: Watch) -> str:
    """Which look at which moment: another release is another look."""
    return f"{sha256(watch.check.name.encode()).hexdigest()[:8]}@{watch.due_at or 0.0:.0f}"


def _day(watch: Watch) -> str:
    return due_day(watch.check.due, watch.due_at or 0.0)


def _question(watch: Watch) -> str:
    criterion = watch.check.criterion
    return next((p.text for p in criterion.manual if p.text), "") if criterion is not None else ""
