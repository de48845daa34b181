"""A snapshot with the look-ups every pane needs, made once for all of them, and the moment it is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from locust_tui.client.port import Link
from locust_tui.domain.coordination import AlertStatus, MessageStatus
from locust_tui.domain.held_plan import PlanError
from locust_tui.domain.snapshot import GateView, RunView, Snapshot, WorkstreamView
from locust_tui.domain.states import AlertState, WorkstreamState
from locust_tui.report.run_words import TELLING
from locust_tui.signs import WAITS_FOR_OTHERS

from .words import RUN, WORKSTREAM, Look


@dataclass(frozen=True)
class View:
    snapshot: Snapshot
    link: Link
    now: float
    problems: tuple[PlanError, ...] = ()
    """Errors of the plan file that no snapshot carries."""
    filter: str = ""
    note: tuple[str, str] = ("", "")
    """What the caller wants to be known all along, and a command that helps: "a plan week lasts 2 s here"."""
    past: str = ""
    """Which earlier moment this is, in words; empty: it is the present."""

    def older_than(self, other: View) -> bool:
        """Whether it is the same as `other` but for the moment."""
        return (
            self.snapshot is other.snapshot
            and self.link == other.link
            and self.problems == other.problems
            and self.filter == other.filter
            and self.past == other.past
        )

    @property
    def has_young_ages(self) -> bool:
        """Whether an age is told in seconds: what it tells began, ended or was measured less than a minute ago."""
        return any(moment is not None and self.now - moment < 60 for moment in self._moments())

    def _moments(self) -> Iterator[float | None]:
        s = self.snapshot
        for run in reversed(s.runs):
            yield run.ended or run.started or run.created
        for item in s.waiting:
            yield item.since
        for message in s.messages[-1:]:
            yield message.sent
        for alert in s.alerts:
            yield alert.since
        for workstream in s.workstreams:
            yield workstream.since
            yield workstream.reported_at
        for gate in s.gates:
            yield gate.decision.at if gate.decision is not None else None
            for criterion in gate.criteria:
                yield criterion.at
        yield s.held.at if s.held is not None else None

    @cached_property
    def workstreams(self) -> dict[str, WorkstreamView]:
        return {w.id: w for w in self.snapshot.workstreams}

    @cached_property
    def runs(self) -> dict[str, RunView]:
        return {r.id: r for r in self.snapshot.runs}

    @cached_property
    def gates(self) -> dict[str, GateView]:
        return {g.id: g for g in self.snapshot.gates}

    @cached_property
    def leaders(self) -> frozenset[str]:
        """Orchestrators and the meta-orchestrator."""
        s = self.snapshot
        return frozenset([*(o.id for o in s.orchestrators), *([s.meta_id] if s.meta_id else ())])

    def is_agents(self, address: str) -> bool:
        """Whether it is an agent's: its own, its workstream's, or an orchestrator's."""
        return address in self.workstreams or address in self.runs or address in self.leaders

    def is_for_people(self, message: MessageStatus) -> bool:
        """Whether no agent reads what is sent there."""
        to = message.to
        return to not in self.workstreams and to not in self.runs and to not in self.snapshot.leads

    @cached_property
    def unread(self) -> tuple[MessageStatus, ...]:
        """Messages to people that nobody has read, oldest first."""
        return tuple(
            [m for m in self.snapshot.messages if m.read is None and not m.dead and self.is_for_people(m)]
        )

    @cached_property
    def firing(self) -> tuple[AlertStatus, ...]:
        """Alerts that fire and that nobody has acknowledged, the latest first."""
        found = [a for a in self.snapshot.alerts if a.state is AlertState.FIRING]
        return tuple(sorted(found, key=lambda a: -a.since))

    @cached_property
    def waiting_gates(self) -> frozenset[str]:
        """Ids of the gates that wait for a person."""
        return frozenset(w.item.partition(":")[2] for w in self.snapshot.waiting if w.kind == "gate")

    @cached_property
    def _reviews_waiting(self) -> frozenset[str]:
        """Ids of the workstreams whose review waits for a person."""
        return frozenset(w.item.partition(":")[2] for w in self.snapshot.waiting if w.kind == "review")

    @cached_property
    def _latest_runs(self) -> dict[str, RunView]:
        return {r.subject: r for r in self.snapshot.runs}

    def latest_run(self, subject: str) -> RunView | None:
        """The subject's latest run: a workstream's, an orchestrator's or the meta-orchestrator's."""
        workstream = self.workstreams.get(subject)
        if workstream is not None and workstream.run is not None:
            return self.runs.get(workstream.run)
        return self._latest_runs.get(subject)

    def look(self, workstream: WorkstreamView) -> Look:
        """Its state's look; a running one whose run waits, stalls or is limited looks like that, and a review
        asks for a person only where nothing but a person is missing."""
        if workstream.state is WorkstreamState.RUNNING and workstream.run is not None:
            run = self.runs.get(workstream.run)
            if run is not None and run.state in TELLING:
                return RUN[run.state]
        if workstream.state is WorkstreamState.REVIEW and workstream.id not in self._reviews_waiting:
            return WAITS_FOR_OTHERS
        return WORKSTREAM[workstream.state]

    def matches(self, workstream: WorkstreamView) -> bool:
        """Whether the filter's every word stands in its id, its name or its state."""
        if not self.filter:
            return True
        text = f"{workstream.id} {workstream.name} {workstream.state} {self.look(workstream).word}".casefold()
        return all(word in text for word in self.filter.casefold().split())
