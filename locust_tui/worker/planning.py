"""The plan in force and the plan on disk: a reload is read, check, diff, trust, confirm, apply; else the last good one stays."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from locust_tui.domain.events import (
    AdditionMade,
    AdditionRemoved,
    EventBody,
    PlanAccepted,
    PlanHeld,
    PlanNotRewritten,
    PlanReleased,
    ProjectStarted,
)
from locust_tui.domain.people import WORKER, Person
from locust_tui.domain.plan import Plan
from locust_tui.errors import NotFoundError, RefusedError
from locust_tui.fault import point
from locust_tui.ownership import user_name
from locust_tui.plans.diff import PlanDiff, diff_plans
from locust_tui.plans.held import plan_errors
from locust_tui.plans.reading import PlanReading, read_data, read_plan
from locust_tui.plans.trust import TrustState, trust_state
from locust_tui.plans.trust_lines import trust_lines
from locust_tui.plans.watch import PlanGone, watch_plan
from locust_tui.state.errors import StoreError
from locust_tui.state.folder import StateFolder
from locust_tui.state.store import Store

from .cut_off_rewrites import begun, changes_of, events_of, write, write_back, written
from .plan_holding import at_work, headline, needs_yes, removed, revoked, standing
from .plan_origin import gate_changes, made_stale, with_origin
from .rewriting import Rewriting, no_plan, prepare
from .told import of_plan

WITHOUT_FILE = "project/name"
"""Commands that begin a project where no plan file is name it; the file may come later."""
TRUST_LOOK_S = 0.5
"""How often a plan that waits for trust is looked at again."""


class PlanKeeper:
    """Knows the plan in force (`plan`, None before the first was trusted) and what is held back.

    A plan is in force after its commit; the store's subscribers are told once more when it is.
    """

    def __init__(self, store: Store, folder: StateFolder) -> None:
        self._store = store
        self._folder = folder
        self._latest: PlanReading | None = None
        """What would be in force: the file as it was read last, with the additions over it."""
        self._file: PlanReading | None = None
        """The file alone; its plan is None where there is no file."""
        self._settled: str | None = None
        """Digest of the file that was considered to the end; None while one is not, be it that the record refuses."""
        self._turn = asyncio.Lock()
        self.plan: Plan | None = None

    @property
    def path(self) -> Path:
        """Of the plan file, whether there is one or not."""
        return self._folder.plan_path

    async def load(self) -> None:
        """Take up the plan last in force, then look at the file."""
        digest = self._store.world.project.plan_digest
        if digest is not None:
            plan = await self._store.get_plan(digest)
            if self._without_file() or not revoked(await self._trust(plan)):
                self.plan = plan
        await self._finish_rewrite()
        await self.consider(await self._read_file())

    async def watch(self) -> None:
        """Consider every settled change of the file, until cancelled."""
        async for seen in watch_plan(self._folder.plan_path, since=self._settled):
            await self.consider(None if isinstance(seen, PlanGone) else seen)

    async def watch_trust(self) -> None:
        """While a plan waits for trust, apply it the moment trust is given."""
        while True:
            await asyncio.sleep(TRUST_LOOK_S)
            held, file = self._store.world.project.held, self._file
            if held is None or held.why != "trust" or file is None or file.plan is None:
                continue
            if (await self._trust(file.plan)).trusted:
                await self.consider(file)

    async def recheck(self) -> None:
        """Read the file and its trust again now. Raises NotFoundError when it is gone."""
        found = await self._read_file()
        if found is None and not self._without_file():
            raise NotFoundError(f"{self._folder.plan_path}: no such plan")
        await self.consider(found)

    async def consider(self, file: PlanReading | None) -> None:
        """Put the plan that was read in force, with what commands added to it, or hold it and say why. None: no file."""
        async with self._turn:
            self._settled = None
            await self._consider(file)
            self._settled = file.digest if file is not None else None

    async def add(self, values: Mapping[str, str], by: Person, key: str = "") -> PlanAccepted:
        """Lay `values` (place → JSON; "": take back) over the plan, and put it in force: all of them or none.
        `key`: of the request, whose answer is kept with it.

        Raises UsageError where that is no plan, RefusedError while the file itself is held back.
        """
        async with self._turn:
            held, file = self._store.world.project.held, self._file
            begun = held is not None and held.why == "gone" and file is None and self._without_file(values)
            if held is not None and not begun:
                raise RefusedError(
                    f"the plan file is held back: {held.summary}", help="settle that first: locust-tui status"
                )
            if file is None and not self._without_file(values):
                raise RefusedError("there is no plan here to add to", help="locust-tui swarm init")
            reading = await asyncio.to_thread(self._laid_over, file, {**self._additions(), **values})
            if reading.plan is None:
                raise no_plan(reading)
            self._latest = reading
            diff = diff_plans(self.plan, reading.plan) if self.plan is not None else None
            changes = [AdditionMade(k, v) if v else AdditionRemoved(k) for k, v in values.items()]
            return await self._apply(reading, reading.plan, diff, by, changes, key=key)

    async def rewrite(self, what: Rewriting, by: Person, note: str, key: str = "") -> PlanAccepted:
        """Write an approved change into the plan file, lay its values over it, and put that in force: all or nothing.
        `key`: as for `add`.

        Raises RefusedError while the file is held back, or says something else than what is in force, and where the
        change would execute other things than are trusted.
        """
        async with self._turn:
            project, path = self._store.world.project, self._folder.plan_path
            if project.held is not None:
                raise RefusedError(
                    f"the plan file is held back: {project.held.summary}",
                    help="settle that first: locust-tui status",
                )
            ready = await asyncio.to_thread(
                prepare, path, what, self._additions(), project.plan_digest, self._without_file()
            )
            if await write(self._store, ready, begun(ready, what, by, note, key)):
                self._file = ready.alone
            self._latest = ready.reading
            diff = diff_plans(self.plan, ready.plan) if self.plan is not None else None
            changes = changes_of(tuple(what.made(ready.digests)), what.values)
            try:
                return await self._apply(
                    ready.reading, ready.plan, diff, by, changes, note, "strategy",
                    key, what.answer,
                )  # fmt: skip
            except StoreError:
                await asyncio.to_thread(write_back, ready)
                raise

    async def _finish_rewrite(self) -> None:
        """What a worker died over: put it in force as it was approved, where the file has it."""
        rewrite = self._store.world.project.rewriting
        if rewrite is None:
            return
        try:
            reading = await asyncio.to_thread(written, rewrite, self._folder.plan_path, self._additions())
        except RefusedError as error:
            await self._store.append(WORKER, PlanNotRewritten(error.message))
            return
        assert reading.plan is not None
        diff = diff_plans(self.plan, reading.plan) if self.plan is not None else None
        await self._apply(
            reading, reading.plan, diff, rewrite.by, events_of(rewrite), rewrite.note, "strategy",
            rewrite.key, json.loads(rewrite.answer),
        )  # fmt: skip

    def _additions(self) -> dict[str, str]:
        return {path: a.value for path, a in self._store.world.additions.items() if a.value}

    def _without_file(self, more: Mapping[str, str] = MappingProxyType({})) -> bool:
        """Whether the project was begun by a command, without a plan file."""
        return WITHOUT_FILE in {**self._additions(), **more}

    def _laid_over(self, file: PlanReading | None, additions: Mapping[str, str]) -> PlanReading:
        path = self._folder.plan_path
        return read_data(file.text.encode() if file is not None else b"", path, additions=additions)

    async def _read_file(self) -> PlanReading | None:
        try:
            return await asyncio.to_thread(read_plan, self._folder.plan_path)
        except NotFoundError:
            return None

    async def _consider(self, file: PlanReading | None) -> None:
        self._file = file
        project = self._store.world.project
        if file is None and not self._without_file():
            await self._gone()
            return
        additions = self._additions()
        reading = file
        if reading is None or (additions and reading.plan is not None):
            reading = await asyncio.to_thread(self._laid_over, file, additions)
        self._latest = reading
        if reading.plan is None:
            errors = plan_errors(reading)
            told = tuple(map(str, errors))
            await self._hold(PlanHeld(reading.digest, "error", headline(errors), told, errors=errors))
            return
        trust = await self._trust(file.plan) if file is not None and file.plan is not None else None
        if trust is not None and not trust.trusted:
            if revoked(trust) and reading.digest == project.plan_digest:
                self.plan = None
            summary = trust.reasons[0] if trust.reasons else "its commands are not trusted yet"
            compared = bool(trust.diff_to_last_trusted)
            told = trust_lines(trust)
            gone = removed(diff_plans(self.plan, reading.plan)) if self.plan is not None else ()
            await self._hold(
                PlanHeld(
                    reading.digest, "trust", summary, told, removed=gone, compared=compared, refused=trust.refused
                )
            )  # fmt: skip
            return
        if reading.digest == project.plan_digest:
            await self._in_force_again(reading.plan)
            return
        diff = diff_plans(self.plan, reading.plan) if self.plan is not None else None
        if diff is not None and (wanted := needs_yes(diff, self._store.world)):
            summary = diff.summary(*standing(self._store.world))
            await self._hold(PlanHeld(reading.digest, "confirm", summary, wanted, removed=removed(diff)))
            return
        await self._apply(reading, reading.plan, diff, WORKER)

    def in_force(self) -> Plan:
        """The plan in force. Raises RefusedError with why there is none."""
        if self.plan is None:
            held = self._store.world.project.held
            why = f": {held.summary}" if held else ""
            raise RefusedError(f"no plan is in force yet{why}", help="locust-tui trust PLAN")
        return self.plan

    async def _in_force_again(self, plan: Plan) -> None:
        project = self._store.world.project
        if self.plan is None:
            self.plan = plan
        if project.held is not None:
            await self._store.append(WORKER, PlanReleased())
        if project.started is None:
            await self._store.append(WORKER, ProjectStarted(user_name(os.getuid())))
        self._store.tell_again()

    async def confirm(self, digest: str, by: Person, note: str = "", key: str = "") -> PlanAccepted | None:
        """A person's yes to the held plan, and what came into force with it; None where it was in force already.
        `note`: why it changed; `key`: as for `add`.

        Raises RefusedError when it is not the one held.
        """
        async with self._turn:
            if digest and digest == self._store.world.project.plan_digest:
                return None
            held, reading = self._store.world.project.held, self._latest
            if held is None or reading is None or reading.plan is None or held.why != "confirm":
                raise RefusedError("no plan waits for a yes", help="locust-tui status")
            if digest != held.digest or reading.digest != held.digest:
                raise RefusedError(
                    "the plan changed again while you looked",
                    help="look at the newest change and answer that",
                )
            diff = diff_plans(self.plan, reading.plan) if self.plan is not None else None
            return await self._apply(reading, reading.plan, diff, by, note=note, key=key)

    async def _apply(
        self,
        reading: PlanReading,
        plan: Plan,
        diff: PlanDiff | None,
        by: Person,
        made: Sequence[EventBody] = (),
        note: str = "",
        how: str = "",
        key: str = "",
        answer: Mapping[str, Any] = MappingProxyType({}),
    ) -> PlanAccepted:
        summary = diff.summary(*standing(self._store.world), allowed=True) if diff is not None else ""
        path = self._folder.plan_path
        await self._store.put_plan(reading.digest, str(path), reading.text, plan)
        point("plan.kept")
        changes = tuple(map(str, diff.changes)) if diff is not None else ()
        how = how or "command" if made else "file" if by is WORKER else "yes"
        accepted = PlanAccepted(reading.digest, str(path), summary, changes, how, note=note)
        if not made:
            accepted = await asyncio.to_thread(with_origin, accepted, path)
        before, world, stale = await self._before(), self._store.world, list[EventBody]()
        if before is not None:
            accepted = replace(accepted, gates=gate_changes(before, plan, world))
            stale += made_stale(before, plan, world)
        events: list[EventBody] = [*made, accepted, *stale]
        project = world.project
        if project.started is None or project.ended is not None:
            events.append(ProjectStarted(user_name(os.getuid())))
        reply = msgspec.json.encode(of_plan(accepted, answer))
        await self._store.append(by, *events, key=key or None, reply=reply)
        point("plan.accepted")
        self.plan = plan
        self._store.tell_again()
        return accepted

    async def _before(self) -> Plan | None:
        """The plan that was in force last, also where its trust was taken back since."""
        digest = self._store.world.project.plan_digest
        if self.plan is not None or digest is None:
            return self.plan
        return await self._store.get_plan(digest)

    async def _trust(self, plan: Plan) -> TrustState:
        return await asyncio.to_thread(trust_state, self._folder.plan_path, plan)

    async def _gone(self) -> None:
        name = self._folder.plan_path.name
        words = f"there is no {name}"
        if self.plan is not None:
            words = f"{name} is gone; the last good plan stays in force"
        await self._hold(PlanHeld("", "gone", words))

    async def _hold(self, new: PlanHeld) -> None:
        held = self._store.world.project.held
        same = held is not None and (held.digest, held.why) == (new.digest, new.why)
        during = held.during if held is not None and same else at_work(self._store.world, self.path)
        new = replace(new, during=during)
        if held is None or any(getattr(held, f.name) != getattr(new, f.name) for f in fields(new)):
            await self._store.append(WORKER, new)
