"""A cockpit's strategies: of a running plan whose record holds its file and one strategy that was applied."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sample
from fake_port import FakePort
from piloting import tell

from locust_tui.domain import events as e
from locust_tui.domain.events import Event
from locust_tui.domain.fold import apply
from locust_tui.domain.people import Person
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import World
from locust_tui.plans.reading import read_data

PLAN = """\
project: {name: Harbour, window: 4-9}   # the ferry
agents:
  hand: {command: "true", rate: 40}
resources: {max_agents: 3}   # all there are
orchestrators: {yard: {phases: 1}}
phases: {1: {name: Hull}}
workstreams:
  keel:  {name: Lay the keel, phase: 1, weeks: 1-2, agent: hand, instructions: x, deliverables: [a, b]}
  ribs:  {name: Fit the ribs, phase: 1, weeks: 3-4, agent: hand, instructions: x, deliverables: [a, b], needs: keel}
  mast:  {name: Step the mast, phase: 1, weeks: 3, agent: hand, instructions: x, deliverables: [a, b], needs: keel}
  sails: {name: Sew the sails, phase: 1, weeks: 5-7, agent: hand, instructions: x, deliverables: [a, b], needs: [ribs, mast]}
  flags: {name: Paint the flags, phase: 1, weeks: 5, run: "true", needs: mast, accept: [{name: colours, run: "true", must: false}]}
strategies:
  - {id: hands, name: More hands, kind: crash, description: Two at each bench}
  - {id: plain, name: No flags, kind: descope, candidates: [flags], to: spring}
  - {id: rough, name: Paint later, kind: waive, except: [keel], due: week 9}
  - {id: hire, name: Hire two, kind: add-capacity, adds: {hand: 2}}
"""


class Recorded:
    """A record that holds the plan file's text."""

    async def read(self, what: Callable[[Any], Any]) -> Any:
        return what(self)

    def plan_of(self, digest: str) -> tuple[None, str]:
        return None, PLAN


def plan() -> Plan:
    found = read_data(PLAN.encode(), "harbour.plan.yaml", cached=False)
    assert found.plan is not None, found.problems
    return found.plan


def world(*, applied: bool = True) -> World:
    made = World()
    bodies: list[e.EventBody] = [e.PlanAccepted("digest", "/yard/harbour.plan.yaml")]
    if applied:
        bodies.append(
            e.StrategyApplied(
                "1", ("hire",), "resources: max_agents 1 → 3", "it is late", "a", "digest", "f", "g"
            )
        )
    for number, body in enumerate(bodies, 1):
        apply(made, Event(number, sample.NOW - 3600, Person("ana"), body))
    return made


def tell_strategies(port: FakePort, found: Plan | None = None, known: World | None = None) -> None:
    """`port` tells of that plan and world from now on, or of others; the record holds that plan's file."""
    tell(port, found or plan(), known or world(), Recorded())
