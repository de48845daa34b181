"""Applies strategies that a person approved: writes the plan file, records who, why and what, and takes it back on request."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from functools import partial
from typing import Any

from locust_tui.analysis.strategies.case import Case, Proposal
from locust_tui.analysis.strategies.edits import changes_of, edited, taken_back
from locust_tui.analysis.strategies.preview import chosen, propose
from locust_tui.client import requests as r
from locust_tui.domain.applied import StrategyStatus
from locust_tui.domain.clock import Clock
from locust_tui.domain.events import (
    CriterionWaived,
    EventBody,
    StrategyApplied,
    StrategyUndone,
    TaskCreated,
)
from locust_tui.domain.people import Person, Waiver
from locust_tui.domain.states import WorkstreamState
from locust_tui.domain.studies.strategies import (
    CapRaised,
    CrewSet,
    CriterionSetAside,
    Deferred,
    PlanEdit,
    as_texts,
    digest_of,
    reversible,
)
from locust_tui.domain.world import World
from locust_tui.errors import NotFoundError, RefusedError, UsageError
from locust_tui.plans.editing import as_additions, edit_text, reverse_text, split
from locust_tui.state.folder import StateFolder
from locust_tui.state.reader import ReadOnlyStore
from locust_tui.state.store import Store

from .callers import Caller
from .planning import PlanKeeper
from .rewriting import Digests, Rewriting, plan_file, prepare
from .told import of_plan

MOST_TEXT = 16_384
REVERSE = (
    "its changes still stand where they were made: locust-tui whatif --undo --reverse takes back them alone"
)
_UNTOUCHED = (
    WorkstreamState.PLANNED,
    WorkstreamState.BLOCKED,
    WorkstreamState.READY,
    WorkstreamState.DEFERRED,
)


class Strategies:
    """See `told.CommittingTaker`."""

    def __init__(self, store: Store, keeper: PlanKeeper, folder: StateFolder, clock: Clock) -> None:
        self._store, self._keeper, self._folder, self._clock = store, keeper, folder, clock

    def takes(self, request: r.Request) -> bool:
        return isinstance(request, r.ApplyStrategy | r.UndoStrategy)

    async def __call__(self, request: r.Request, caller: Caller, key: str) -> dict[str, Any]:
        assert isinstance(request, r.ApplyStrategy | r.UndoStrategy)
        if len(request.note) > MOST_TEXT:
            raise UsageError(f"a note has at most {MOST_TEXT} characters")
        by = caller.person(request.by)
        if isinstance(request, r.UndoStrategy):
            return await self._undo(request, by, key)
        if not request.note.strip():
            raise UsageError("a note is wanted: it is what the record is asked for later", help="--note TEXT")
        return await self._apply(request, by, key)

    async def _apply(self, request: r.ApplyStrategy, by: Person, key: str) -> dict[str, Any]:
        plan, world, now = self._keeper.in_force(), self._store.world, self._clock()
        strategies = chosen(plan, request.strategies)
        case = Case(plan, world.still(), now)
        made = await asyncio.to_thread(propose, case, strategies)
        if not made.edits:
            raise RefusedError(f"{', '.join(s.id for s in strategies)}: {made.reason}; nothing was changed")
        digest = digest_of(world.project.plan_digest or "", made.edits)
        if digest != request.digest:
            raise RefusedError(
                "the plan, or what was done of it, changed since that was shown; nothing was changed",
                help="look at it again: locust-tui whatif",
            )
        number = str(len(world.strategies) + 1)
        words = tuple(c.words for c in changes_of(made.edits))
        file = await asyncio.to_thread(plan_file, self._keeper.path)
        in_file, over = split(file.text if file is not None else "", made.edits)
        expected = edited(plan, made.edits)
        values = as_additions(expected, over)
        before = tuple((place, _value(world, place)) for place in values)

        def record(d: Digests) -> list[EventBody]:
            waived = [e for e in made.edits if isinstance(e, CriterionSetAside)]
            applied = StrategyApplied(
                number, tuple(s.id for s in strategies), _one_line(words), request.note,
                d.plan_before, d.plan_after, d.file_before, d.file_after, before, words, digest, bool(waived), as_texts(made.edits),
            )  # fmt: skip
            return [applied, *(event for e in waived for event in _set_aside(e, by, now, request.note))]

        answer = {"id": number, "changes": list(words), **_debts(made)}
        what = Rewriting(partial(edit_text, edits=in_file), record, values, expected, answer=answer)
        return of_plan(await self._keeper.rewrite(what, by, request.note, key), answer)

    async def _undo(self, request: r.UndoStrategy, by: Person, key: str) -> dict[str, Any]:
        status = self._to_take_back(request.strategy)
        self._check_additions(status)
        text = await asyncio.to_thread(self._text_before, status) if status.file_before else ""

        def record(d: Digests) -> list[EventBody]:
            return [StrategyUndone(status.id, request.note)]

        answer = {"id": status.id, "stays": self._stays(status)}
        what = Rewriting(
            lambda now: text if status.file_before else now,
            record,
            dict(status.additions),
            only=status.file_after,
            becomes=status.file_before,
            answer=answer,
        )
        try:
            if request.reverse:
                what = replace(self._reversing(status), made=record, answer=answer)
            return of_plan(await self._keeper.rewrite(what, by, request.note, key), answer)
        except RefusedError as error:
            help = error.help if request.reverse or not await self._may_reverse(status) else REVERSE
            raise RefusedError(f"strategy {status.id} stays: {error.message}", help=help) from None

    def _reversing(self, status: StrategyStatus) -> Rewriting:
        """Its changes taken back one by one from the plan in force. RefusedError where that is not safe."""
        edits = reversible(status.edits)
        if edits is None:
            raise RefusedError("its changes have no opposite", help="take them back by hand in the plan file")
        expected = taken_back(self._keeper.in_force(), edits)
        over = {place for place, _ in status.additions}
        in_file = [e for e in edits if "/".join(_place(e)) not in over]
        return Rewriting(
            lambda now: reverse_text(now, in_file), lambda d: [], dict(status.additions), expected=expected
        )

    async def _may_reverse(self, status: StrategyStatus) -> bool:
        """Whether its changes still stand in a file that was edited since, each where it was made."""
        world = self._store.world
        if world.project.held is not None or not status.file_after:
            return False
        try:
            what = self._reversing(status)
            await asyncio.to_thread(
                prepare, self._keeper.path, what, {p: a.value for p, a in world.additions.items() if a.value},
                world.project.plan_digest, False,
            )  # fmt: skip
        except (RefusedError, UsageError):
            return False
        return True

    def _check_additions(self, status: StrategyStatus) -> None:
        for place, _ in status.additions:
            now = self._store.world.additions.get(place)
            if now is not None and now.at > status.at:
                raise RefusedError(
                    f"strategy {status.id} stays: {now.by} changed {place} since; nothing was written"
                )

    def _to_take_back(self, wanted: str) -> StrategyStatus:
        known = self._store.world.strategies
        status = known.get(wanted)
        if status is None:
            raise NotFoundError(f"no strategy {wanted} was applied", help="locust-tui whatif --applied")
        last = next((s for s in reversed(known.values()) if s.standing), None)
        if not status.standing:
            raise RefusedError(f"strategy {wanted} was taken back already, by {status.undone_by}")
        if last is None or last.id != wanted:
            raise RefusedError(
                f"strategy {wanted} is not the last one",
                help="take back the later ones first: locust-tui whatif --undo",
            )
        return status

    def _text_before(self, status: StrategyStatus) -> str:
        with ReadOnlyStore(self._store.path) as record:
            return record.plan_of(status.plan_before)[1]

    def _stays(self, status: StrategyStatus) -> list[str]:
        """What an undo does not reach: work that has begun since, waivers on record."""
        world = self._store.world
        begun = [
            s.id
            for s in world.workstreams.values()
            if s.state not in _UNTOUCHED and (s.first_started or 0.0) > status.at
        ]
        stays = [f"begun since, and going on: {', '.join(begun)}"] if begun else []
        return (
            [*stays, "waivers and debts stay on record: locust-tui task status"] if status.records else stays
        )


def _place(edit: PlanEdit) -> tuple[str, ...]:
    """Where what commands added to the plan holds it."""
    match edit:
        case CapRaised():
            return edit.place
        case CrewSet():
            return ("workstreams", edit.workstream, "crew")
        case Deferred():
            return ("workstreams", edit.workstream, "defer")
        case _:
            return ("workstreams", edit.workstream, "needs")


def _value(world: World, place: str) -> str:
    known = world.additions.get(place)
    return known.value if known is not None else ""


def _one_line(words: tuple[str, ...]) -> str:
    more = f" and {len(words) - 3} more" if len(words) > 3 else ""
    return "; ".join(words[:3]) + more


def _set_aside(edit: CriterionSetAside, by: Person, now: float, note: str) -> list[EventBody]:
    """The waiver on record, and the debt in its owner's queue."""
    waiver = Waiver(edit.key.partition("/")[2], by, now, note, edit.due)
    slug = re.sub(r"[^\w.-]+", "-", edit.key.partition(":")[2]).strip("-")
    title = f'{edit.workstream}: make up for the waived "{edit.name}"'
    debt = TaskCreated(
        f"debt-{slug}", title, edit.owner, "low", f"due {edit.due}; waived by {by.name}: {note}",
        edit.workstream, due=edit.due,
    )  # fmt: skip
    return [CriterionWaived("", waiver, edit.workstream, edit.key), debt]


def _debts(made: Proposal) -> dict[str, int]:
    count = sum(isinstance(e, CriterionSetAside) for e in made.edits)
    return {"debts": count} if count else {}
