"""A cockpit's strategies: of a running plan whose record holds its file and one strategy that was applied."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sample
from fake_port import FakePort
from piloting import settled
from textual.pilot import Pilot

from locust_tui.client.feed_studies import FeedStudies, Ground
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


class StudiesThen(FeedStudies):
    def ground(self) -> Ground:
        return super().ground()._replace(at=sample.NOW)


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


def tell(port: FakePort, found: Plan | None = None, known: World | None = None) -> None:
    ground = (found or plan(), "digest", known or world())
    port.studies = StudiesThen(lambda: ground, lambda: Recorded())  # type: ignore[arg-type, return-value]


async def looked(pilot: Pilot[None]) -> None:
    """The screen has what it asked for."""
    screen: Any = pilot.app.screen
    while screen.study is None or screen._looking:
        await settled(pilot)
    await settled(pilot)
