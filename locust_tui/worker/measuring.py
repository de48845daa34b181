"""Measures criteria: runs their commands under shims, reads their files, and records each result with its evidence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path

from locust_tui.analysis.criterion_state import standing
from locust_tui.criteria.inputs import UNREAD, InputState, Unread, bound, input_digest, is_stale
from locust_tui.criteria.judging import Judged, Outcome, measure
from locust_tui.criteria.observation import FactOutcome, commands_of
from locust_tui.criteria.work_tree import WorkTree, work_tree
from locust_tui.domain.clock import Clock
from locust_tui.domain.criterion import CriterionResult, Evidence, ProbeKind, criterion_key
from locust_tui.domain.events import CriteriaStale, CriterionMeasured
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Gate, Plan
from locust_tui.domain.states import CriterionState
from locust_tui.errors import LocustTuiError
from locust_tui.execution import runs as x
from locust_tui.execution.executor import Executor
from locust_tui.execution.shortage import lack_in
from locust_tui.state.errors import StoreError
from locust_tui.state.folder import StateFolder
from locust_tui.state.store import Store

from .check_runs import CheckRuns
from .checks import Check, checks_of
from .facts import fact_outcomes
from .shortage import Shortage
from .turns import Turns

log = logging.getLogger(__name__)


class Measurer:
    """At most `max_checks` criteria are measured at a time; asking again for one under way joins it.

    Call `take_up` with every plan that comes into force. `done` is called after each recorded result.
    """

    def __init__(
        self,
        store: Store,
        executor: Executor,
        folder: StateFolder,
        clock: Clock,
        done: Callable[[], None],
        place: Callable[[Plan, str | None], Awaitable[Path]] | None,
        shortage: Shortage,
    ) -> None:
        """`place`: where the checks of a workstream look; None: the plan's folder, for all."""
        self._shortage = shortage
        self._store = store
        self._root = folder.plan_path.parent
        self._clock = clock
        self._done = done
        self._place = place
        self._runs = CheckRuns(executor, folder)
        self._turns = Turns(1)
        self._plan: Plan | None = None
        self._checks: dict[str, Check] = {}
        self._under_way: dict[str, asyncio.Task[None]] = {}

    @property
    def measuring(self) -> frozenset[str]:
        """Keys being measured or waiting for their turn."""
        return frozenset(self._under_way)

    def take_up(self, plan: Plan) -> None:
        """From now on the checks and the number of turns are this plan's."""
        if plan is not self._plan:
            self._plan, self._checks = plan, checks_of(plan)
            self._turns.limit = max(1, plan.resources.max_checks)

    def of_gate(self, gate: Gate) -> list[str]:
        """Keys of the gate's criteria that a machine measures."""
        keys = (criterion_key(f"gate:{gate.id}", c.id) for c in gate.criteria if c.machine)
        return [key for key in keys if key in self._checks]

    def begin(self, keys: Iterable[str]) -> None:
        """Measure in the background. Checks that only read files are measured together, on one look at the work tree."""
        wanted = [
            self._checks[k] for k in dict.fromkeys(keys) if k in self._checks and k not in self._under_way
        ]
        reading = [c for c in wanted if not _executes(c)]
        for group in ([reading] if reading else []) + [[c] for c in wanted if _executes(c)]:
            task = asyncio.create_task(self._measure(group))
            self._under_way.update(dict.fromkeys((c.key for c in group), task))
            task.add_done_callback(self._finished)

    async def measure_now(self, keys: Iterable[str]) -> None:
        """Measure and wait for all results."""
        wanted = list(keys)
        self.begin(wanted)
        tasks = {self._under_way[k] for k in wanted if k in self._under_way}
        if tasks:
            await asyncio.wait(tasks)

    async def refresh(self, gate: Gate) -> None:
        """Measure again what no longer holds of the gate's results, so that a decision rests on the present inputs."""
        stale = await self._stale(gate)
        if stale:
            why = "its inputs changed before a decision"
            await self._store.append(WORKER, CriteriaStale(tuple(stale), why))
            await self.measure_now(stale)

    async def notice_stale(self, gate: Gate) -> None:
        """Record which of the gate's results no longer hold; when they are measured again is decided elsewhere."""
        criteria = self._store.world.criteria
        fresh = [k for k in await self._stale(gate) if k not in self._under_way]
        changed = tuple(k for k in fresh if criteria[k].state is not CriterionState.STALE)
        if changed:
            await self._store.append(WORKER, CriteriaStale(changed, "its inputs changed"))

    async def _stale(self, gate: Gate) -> list[str]:
        """Keys that were measured, and whose inputs or age no longer agree with the result."""
        found = []
        tree: WorkTree | Unread | None = UNREAD
        for key in self.of_gate(gate):
            criterion, result = self._checks[key].criterion, self._store.world.criteria.get(key)
            if result is None or result.state is CriterionState.NOT_RUN or self._plan is None:
                continue
            now = self._clock()
            if standing(criterion, key, self._plan, self._store.world, now).state is CriterionState.STALE:
                found.append(key)
                continue
            try:
                if tree is UNREAD:
                    tree = await work_tree(self._root)
                current = await input_digest(self._root, criterion, tree=tree)
            except LocustTuiError:
                found.append(key)
                continue
            if is_stale(result, criterion, current, now):
                found.append(key)
        return found

    async def stop_strays(self) -> None:
        """End the checks that a worker before this one left running; what they would have said is measured anew."""
        await self._runs.stop_strays()
        self._tidy()

    def _tidy(self) -> None:
        """Between measurements: only runs that a current result rests on, and the last few, are kept."""
        evidence = (result.evidence for result in self._store.world.criteria.values())
        self._runs.tidy({e.run for e in evidence if e is not None and e.run is not None})

    async def close(self) -> None:
        """Give up what is under way; its processes are stopped."""
        tasks = set(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._runs.close()

    def ended(self, end: x.RunEnded) -> bool:
        """Take the end of a check's process; False when it is none of ours."""
        return self._runs.ended(end)

    def _finished(self, task: asyncio.Task[None]) -> None:
        for key in [k for k, t in self._under_way.items() if t is task]:
            del self._under_way[key]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a measurement was not recorded", exc_info=error)
        if not self._under_way:
            self._tidy()
        self._done()

    async def _measure(self, checks: list[Check]) -> None:
        async with self._turns:
            results = await self._shortage.wait_out(checks[0].key, partial(self._results, checks))
        await self._record(results)

    async def _results(self, checks: list[Check]) -> list[CriterionResult]:
        if len(checks) == 1 and _executes(checks[0]):
            return [await self._executed(checks[0])]
        return await self._read(checks)

    async def _read(self, checks: list[Check]) -> list[CriterionResult]:
        """Judge files as they are. Results are bound to the look before: whoever writes meanwhile makes them stale."""
        trees: dict[Path, WorkTree | None] = {}
        results = []
        for check in checks:
            began = self._clock()
            inputs = InputState("")
            try:
                root = await self._root_of(check)
                if root not in trees:
                    trees[root] = await work_tree(root)
                inputs = await input_digest(root, check.criterion, tree=trees[root])
                judged = await measure(check.criterion, self._facts_for(check), root)
            except (LocustTuiError, OSError) as error:
                judged = _error(error)
            results.append(_result(check, judged, inputs, began, self._clock(), None))
        return results

    async def _executed(self, check: Check) -> CriterionResult:
        began = self._clock()
        inputs, run_id = InputState(""), None
        try:
            root = await self._root_of(check)
            before = inputs = await input_digest(root, check.criterion)
            outcomes: dict[str, Outcome] = dict(self._facts_for(check))
            for command in commands_of(check.criterion):
                run_id, outcomes[command.key] = await self._runs.execute(check.key, command, root)
            judged = await measure(check.criterion, outcomes, root)
            inputs = bound(before, await input_digest(root, check.criterion))
        except (LocustTuiError, OSError) as error:
            judged = _error(error)
        return _result(check, judged, inputs, began, self._clock(), run_id)

    async def _root_of(self, check: Check) -> Path:
        """Where the check looks: a workstream's own in its worktree, all others in the plan's folder."""
        assert self._plan is not None
        if self._place is None or check.workstream is None:
            return self._root
        return await self._place(self._plan, check.workstream)

    def _facts_for(self, check: Check) -> dict[str, FactOutcome]:
        assert self._plan is not None
        return fact_outcomes(check.criterion, self._plan, self._store.world, self._clock())

    async def _record(self, results: list[CriterionResult]) -> None:
        """Write results down, all at once; while the disk refuses, try again: a lost result would be measured for ever."""
        delay = 1.0
        while True:
            try:
                await self._store.append(WORKER, *(CriterionMeasured(r) for r in results))
            except StoreError as error:
                log.error("%s", error)
                await asyncio.sleep(delay)
                delay = min(30.0, delay * 2)
            else:
                return


def _executes(check: Check) -> bool:
    """Whether measuring it takes a process or an answer from the network."""
    return bool(commands_of(check.criterion)) or any(
        p.kind is ProbeKind.HTTP for p in check.criterion.machine
    )


def _error(error: Exception) -> Judged:
    """No result; an error of a machine that lacks what the look takes is raised again: then nothing was found out."""
    if lack_in(error) is not None:
        raise error
    said = error.message if isinstance(error, LocustTuiError) else str(error)
    return Judged(CriterionState.ERROR, detail=said)


def _result(
    check: Check, judged: Judged, inputs: InputState, began: float, now: float, run_id: str | None
) -> CriterionResult:
    evidence = Evidence(
        at=now,
        duration_s=round(now - began, 3),
        command=judged.command,
        exit_code=judged.exit_code,
        commit=inputs.evidence_commit,
        input_digest=inputs.digest,
        log=f"runs/{run_id}/log" if run_id else None,
        run=run_id,
        detail=judged.detail,
    )
    return CriterionResult(
        key=check.key,
        state=judged.state,
        value=judged.value,
        unit=judged.unit,
        text=judged.text,
        evidence=evidence,
    )
