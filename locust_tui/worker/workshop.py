"""The parts that work on a plan, each with the others that it needs: made once for a worker, on its open record."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Sequence

from locust_tui.domain.clock import Clock
from locust_tui.domain.world import RunStatus
from locust_tui.execution import runs as x
from locust_tui.execution.local import LocalExecutor
from locust_tui.masking import MaskFile
from locust_tui.state.errors import StoreError
from locust_tui.state.folder import StateFolder
from locust_tui.state.store import Store

from .before_start import take_up
from .branches import Branches
from .carrying import Carrier
from .conversing.conversations import Conversations, MakeAdapter
from .coordination.rooms import coordination
from .deciding import Deciding
from .duties import Begin
from .found_runs import FoundRuns
from .launching import AgentLimits
from .looking import Looking
from .machine_watch import MachineWatch
from .measuring import Measurer
from .notifications import Notifications
from .outfitting import Outfitter
from .planning import PlanKeeper
from .pull_requests import PullRequests
from .run_tokens import RunTokens
from .supervisor import Supervisor
from .tool_server import ToolServers
from .troubles import Troubles
from .untold_answers import UntoldAnswers

log = logging.getLogger(__name__)


class Workshop:
    """`wake` is set when it is to be looked at again what is to be done."""

    def __init__(
        self,
        folder: StateFolder,
        store: Store,
        executor: LocalExecutor,
        clock: Clock,
        troubles: Troubles,
        masks: MaskFile,
        agents: AgentLimits,
        make_adapter: MakeAdapter,
        wake: asyncio.Event,
    ) -> None:
        self._folder, self._store, self._executor, self._clock = folder, store, executor, clock
        self.machine = machine = MachineWatch(store, folder.root, executor, troubles, wake.set)
        self.tokens = RunTokens(folder.root / "tools.key")
        self.keeper = PlanKeeper(store, folder)
        self.talks = Conversations(
            store, executor, self.keeper, folder.runs, clock, make_adapter, self.tokens.of, machine.standstill.words
        )  # fmt: skip
        self.supervisor = Supervisor(
            store, executor, clock, self._on_last_words, self.talks, folder.runs, machine.shortage, machine.memory
        )  # fmt: skip
        self.branches = Branches(store, folder, agents.umask, wake.set)
        self._pull_requests = PullRequests(store, self.keeper, self.branches)
        self.measurer = Measurer(
            store, executor, folder, clock, wake.set, self.branches.measured_in, machine.shortage
        )
        self._notifications = Notifications(
            folder, self.supervised, lambda run, claim: self.looking.claimed(run, claim)
        )
        self.looking = Looking(
            store, self.keeper, self.measurer, self.talks, folder.runs, masks.add_named, self._notifications, clock,
            machine.standstill, machine.memory,
        )  # fmt: skip
        self._tools = ToolServers(folder)
        outfitter = Outfitter(folder, self.tokens, self._tools, masks, self._notifications)
        carrier = Carrier(store, folder, self.supervisor, self.measurer, self.branches, outfitter, clock)
        self._deciding = Deciding(
            store, self.keeper, self.supervisor, self.measurer, self.branches, carrier, clock, machine.sleep, wake,
            machine.shortage,
        )  # fmt: skip
        self.rooms = coordination(store, self.keeper, folder, clock, wake.set, executor.samples, self.talks)

    async def open(self) -> None:
        """Take up the plan, and the runs that live, where the record left them."""
        self._folder.remove_drafts([run.id for run in self._store.world.live_runs()])
        await self.keeper.load()
        await take_up(self._store, self._folder)
        self.machine.floors.look()
        await self.measurer.stop_strays()
        self._notifications.take_up([run.id for run in self._store.world.live_runs()])
        await self.supervisor.recover()
        found = FoundRuns(self._store, self._executor, self.supervisor, self._folder.runs, self._clock)
        await found.take_up(self.keeper.plan)

    @property
    def duties(self) -> Sequence[tuple[str, Begin]]:
        """What is to be done all the time, each with a name for people."""
        return [
            ("decide", self._deciding.forever),
            ("watch the plan", self.keeper.watch),
            ("watch trust", self.keeper.watch_trust),
            ("look at agents", self.looking.at_agents_forever),
            ("converse", self.talks.forever),
            ("look at the machine", self.machine.floors.forever),
            ("look at inputs", self.looking.at_inputs_forever),
            ("look at pull requests", self._pull_requests.forever),
            ("tell untold answers", UntoldAnswers(self._store, self.talks, self._clock).forever),
            *self.rooms.duties,
        ]

    @property
    def is_busy(self) -> bool:
        """Something runs, or a moment is ahead at which something is to be done."""
        return bool(
            self._store.world.live_runs()
            or self.measurer.measuring
            or self.branches.under_way
            or self._deciding.waits
            or self.rooms.waits
        )

    def supervised(self) -> dict[int, str]:
        """Run by pid, of all that a caller may descend from and is then an agent: this worker, the zygote, every run."""
        own = {pid: "" for pid in (os.getpid(), self._executor.zygote_pid) if pid is not None}
        recorded = {run.pid: run.id for run in self._store.world.live_runs() if run.pid is not None}
        named = {pid: name for callers in self.rooms.callers for pid, name in callers().items()}
        return {**own, **recorded, **self._executor.runs_by_pid(), **named}

    async def look_after(self) -> None:
        """The tool server that running agents know."""
        if self._store.world.live_runs():
            await self._tools.keep()

    def on_exit(self, end: x.RunEnded) -> None:
        """A run of the executor's ended."""
        if not self.measurer.ended(end):
            self.supervisor.ended(end)

    def _on_last_words(self, run: RunStatus, ended: float) -> None:
        self.looking.at_last_words(run, ended)

    async def stop_agents(self) -> None:
        """End every run, and begin none any more."""
        self._deciding.stop()
        await self.measurer.close()
        await self.branches.close()
        await self.supervisor.stop_all()
        try:
            await self._deciding.record_what_became_of_the_work()
        except StoreError as error:
            log.error("what became of the work is not on record: %s", error)

    async def close(self) -> None:
        """Finish what is under way; agents go on."""
        await self.measurer.close()
        await self.branches.close()
        await self.supervisor.close()
        self.talks.close()
        self._notifications.close()
        if not self._store.world.live_runs():
            self._tools.end()
