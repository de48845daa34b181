"""Slots: how many agents may run at the same time, in all, of a type, and of an orchestrator.

Every run of a workstream holds a slot, whether it carries out `instructions` or the plan's own command: the
cap is also written `concurrency` or `max_parallel`, and a hundred commands at once surprise as much as a
hundred agents. Orchestrators' own agents count too; checks do not (they have `max_checks`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from locust_tui.domain.plan import Plan, Workstream

FLOATING = "floating"
OWN_COMMAND = "run"
"""Agent type of a run that is a workstream's own command; no per-type cap holds it."""


class Slots:
    """What is free, counted down by `take`. Lowering a cap never ends a run: it only starts no more."""

    def __init__(self, plan: Plan, live: Iterable[tuple[str, str | None]]) -> None:
        """`live`: (agent type, pool) of every live run; see `pool_of`."""
        self._plan = plan
        resources = plan.resources
        self._most = resources.max_agents
        self._pools = resources.pools
        self._floating = self._pools.get(FLOATING, 0)
        self._total = 0
        self._types: Counter[str] = Counter()
        self._members: Counter[str] = Counter()
        self._borrowed = 0
        for agent_type, pool in live:
            self._count(agent_type, pool)

    @property
    def full(self) -> bool:
        """Nothing at all may start."""
        return self._most is not None and self._total >= self._most

    def take(self, agent_type: str, pool: str) -> bool:
        """Take a slot for a workstream's run, or answer False and take none."""
        if self.full or self._type_left(agent_type) <= 0 or not self._in_pool(pool):
            return False
        self._count(agent_type, pool)
        return True

    def take_spare(self, agent_type: str, workers_use_it: bool) -> bool:
        """Take a slot for an orchestrator's own agent, which may live long: never the last one that work could use."""
        if self._most is not None and self._most - self._total < 2:
            return False
        if self._type_left(agent_type) < (2 if workers_use_it else 1):
            return False
        self._count(agent_type, None)
        return True

    def _type_left(self, agent_type: str) -> float:
        kind = self._plan.agents.get(agent_type) if agent_type != OWN_COMMAND else None
        if kind is None or kind.max is None:
            return float("inf")
        return kind.max - self._types[agent_type]

    def _quota(self, pool: str) -> int | None:
        """Slots of its own; None where the plan's pools do not limit it.

        Pools with a floating share leave those that have none of their own to that share; without one they
        say nothing about them.
        """
        if pool in self._pools and pool != FLOATING:
            return self._pools[pool]
        return 0 if self._floating > 0 else None

    def _in_pool(self, pool: str) -> bool:
        quota = self._quota(pool)
        return quota is None or self._members[pool] < quota or self._borrowed < self._floating

    def _count(self, agent_type: str, pool: str | None) -> None:
        self._total += 1
        self._types[agent_type] += 1
        if pool is None:
            return
        quota = self._quota(pool)
        self._members[pool] += 1
        if quota is not None and self._members[pool] > quota:
            self._borrowed += 1


def pool_of(plan: Plan, subject: str) -> str | None:
    """The pool a run of `subject` is in: its orchestrator's ("" without one); None where it is no workstream's."""
    workstream = plan.workstreams.get(subject)
    return None if workstream is None else workstream.orchestrator or ""


def can_start(plan: Plan, agent_type: str | None) -> bool:
    """Whether the plan says how to start an agent of this type; protocols other than shell bring their own command."""
    kind = plan.agents.get(agent_type or "")
    return kind is not None and (bool(kind.command) or kind.kind != "shell")


def agent_type_of(workstream: Workstream) -> str:
    return OWN_COMMAND if workstream.run is not None else workstream.agent or ""


def startable_kind(plan: Plan, workstream: Workstream) -> bool:
    """Whether there is anything to execute for the workstream at all."""
    return workstream.run is not None or can_start(plan, workstream.agent)


def why_not_startable(plan: Plan, workstream: Workstream) -> str:
    if workstream.agent is None:
        return "it names no agent type"
    known = workstream.agent in plan.agents
    return f"agent type {workstream.agent} {'has no command' if known else 'is not in the plan'}"
