"""A port that replays snapshots, records what is asked, and knows just enough of the rules to answer.

Run it to see the cockpit without a worker: python tests/cockpit/fake_port.py [running|empty|held|done|big|live]
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locust_tui.client.feed_studies import FeedStudies
from locust_tui.client.port import Link, LinkState
from locust_tui.client.requests import (
    AcknowledgeAlert,
    AcknowledgeMessage,
    AnswerAsk,
    DecideGate,
    ReadMessages,
    Request,
    SteerWorkstream,
)
from locust_tui.domain.changes import Changes, Diff
from locust_tui.domain.coordination import MemoryEntry
from locust_tui.domain.held_plan import PlanError
from locust_tui.domain.looking_back import MemoryVersion, MonitorReading
from locust_tui.domain.snapshot import AnsweredView, Snapshot
from locust_tui.domain.states import AlertState, WorkstreamState
from locust_tui.errors import LocustTuiError, RefusedError

if TYPE_CHECKING:
    from locust_tui.client.wire import Reply
    from locust_tui.domain.plan import Plan
    from locust_tui.domain.world import World

_AFTER = {
    "start": WorkstreamState.RUNNING,
    "pause": WorkstreamState.PAUSED,
    "resume": WorkstreamState.RUNNING,
    "retry": WorkstreamState.RUNNING,
    "cancel": WorkstreamState.CANCELLED,
    "accept": WorkstreamState.ACCEPTED,
    "reject": WorkstreamState.REWORK,
}


class FakePort:
    """`show` gives the cockpit another snapshot; `asked` holds every request; `refusal` is raised once if set."""

    def __init__(
        self, snapshot: Snapshot, *, link: Link | None = None, logs: dict[str, Path] | None = None
    ) -> None:
        self.snapshot = snapshot
        self.link = link or Link(LinkState.LIVE, worker_pid=snapshot.worker_pid)
        self.asked: list[Request] = []
        self.refusal: LocustTuiError | None = None
        self.started = 0
        self.trusted: list[str] = []
        self.logs = logs or {}
        self.problems: tuple[PlanError, ...] = ()
        self.work: dict[str, Changes] = {}
        self.diffs: dict[str | None, str | Diff] = {}
        self.computed: dict[str, MemoryEntry] = {}
        self.versions: dict[str, tuple[MemoryVersion, ...]] = {}
        self.readings: dict[str, MonitorReading] = {}
        self.monitors_asked: list[str] = []
        self.data: dict[str, Any] = {}
        """Of the next replies."""
        self._news: asyncio.Queue[Snapshot | Link] = asyncio.Queue()
        self.ground: tuple[Plan, str, World] | None = None
        """What studies are made of."""
        self.record: Any = None
        """What reads the record for studies that look into it."""
        self.studies = FeedStudies(lambda: self.ground, lambda: self.record)

    @property
    def plan_path(self) -> str:
        return self.snapshot.plan_path

    @property
    def plan_problems(self) -> tuple[PlanError, ...]:
        return self.problems

    def show(self, item: Snapshot | Link) -> None:
        if isinstance(item, Link):
            self.link = item
        else:
            self.snapshot = item
        self._news.put_nowait(item)

    def change(self, **fields: object) -> None:
        self.show(dataclasses.replace(self.snapshot, **{"revision": self.snapshot.revision + 1, **fields}))  # type: ignore[arg-type]

    @property
    def has_news(self) -> bool:
        """Whether something was shown that nobody has taken yet."""
        return not self._news.empty()

    async def updates(self) -> AsyncIterator[Snapshot | Link]:
        yield self.link
        yield self.snapshot
        while True:
            yield await self._news.get()

    async def ask(self, request: Request) -> Reply:
        from locust_tui.client.wire import Reply

        self.asked.append(request)
        if self.refusal is not None:
            refusal, self.refusal = self.refusal, None
            raise refusal
        if isinstance(request, SteerWorkstream) and request.action in _AFTER:
            self.change(
                workstreams=tuple(
                    dataclasses.replace(w, state=_AFTER[request.action]) if w.id == request.workstream else w
                    for w in self.snapshot.workstreams
                )
            )
        elif isinstance(request, DecideGate):
            self.change(
                gates=tuple(
                    dataclasses.replace(g, state="go") if g.id == request.gate else g  # type: ignore[arg-type]
                    for g in self.snapshot.gates
                )
            )
        elif isinstance(request, AnswerAsk):
            self._answer(request)
        elif isinstance(request, AcknowledgeMessage | ReadMessages | AcknowledgeAlert):
            self._note(request)
        return Reply(id=1, revision=self.snapshot.revision, data=self.data)

    def _note(self, request: AcknowledgeMessage | ReadMessages | AcknowledgeAlert) -> None:
        now = self.snapshot.at
        if isinstance(request, AcknowledgeAlert):
            alerts = self.snapshot.alerts
            state = AlertState.ACKNOWLEDGED
            moved = (
                dataclasses.replace(a, state=state, by="ana") if a.key == request.alert else a for a in alerts
            )
            self.change(alerts=tuple(moved))
        elif isinstance(request, ReadMessages):
            read = (
                dataclasses.replace(m, read=now, reader="ana") if m.id in request.messages else m
                for m in self.snapshot.messages
            )
            self.change(messages=tuple(read))
        else:
            known = (
                dataclasses.replace(m, read=now, acknowledged=now, acknowledged_by="ana")
                if m.id == request.message
                else m
                for m in self.snapshot.messages
            )
            self.change(messages=tuple(known))

    def _answer(self, request: AnswerAsk) -> None:
        """As the worker: once, and only what was seen."""
        item = next((w for w in self.snapshot.waiting if w.item == request.item), None)
        if item is None:
            raise RefusedError(f"{request.item} was answered already: allow, by bo")
        if request.digest is not None and request.digest != item.digest:
            raise RefusedError(
                f"{item.item} is no longer what was answered: seen {request.digest[:12]}, it stands at {item.digest[:12]}",
                help="look at it again: locust-tui inbox",
            )
        answered = AnsweredView(
            item.item, item.kind, item.subject, item.what, self.snapshot.at, request.choice, request.note, "ana",
            item.rule if request.choice == "always" else "", item.since, run=item.run, detail=item.detail,
        )  # fmt: skip
        self.change(
            waiting=tuple(w for w in self.snapshot.waiting if w.item != request.item),
            answered=(answered, *self.snapshot.answered),
        )

    async def trust(self, digest: str) -> None:
        held = self.snapshot.held
        if held is None or held.digest != digest:
            raise LocustTuiError("the plan changed again while you looked", exit_code=4)
        self.trusted.append(digest)
        self.change(held=None)

    async def start_worker(self) -> None:
        self.started += 1
        self.show(Link(LinkState.LIVE, worker_pid=4321))

    async def changes(self, workstream: str) -> Changes | None:
        return self.work.get(workstream)

    async def diff(self, workstream: str, path: str | None = None) -> Diff:
        found = self.diffs[path]
        return found if isinstance(found, Diff) else Diff(found)

    async def memory_versions(self, key: str) -> tuple[MemoryVersion, ...]:
        return self.versions.get(key, ())

    @property
    def computed_keys(self) -> tuple[str, ...]:
        return tuple(self.computed)

    async def computed_memory(self, key: str) -> MemoryEntry | None:
        return self.computed.get(key)

    async def monitor(self, name: str) -> MonitorReading | None:
        self.monitors_asked.append(name)
        return self.readings.get(name)

    def log_path(self, run: str) -> Path | None:
        return self.logs.get(run)


if __name__ == "__main__":
    import gc
    import sys

    gc.disable()  # as the command line does before it imports anything

    sys.path.insert(0, str(Path(__file__).parent))
    from live import main

    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "running"))
