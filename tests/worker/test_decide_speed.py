"""What deciding costs: a whole run of three hundred workstreams, and one look at a thousand where little changed."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from simulated_fleet import Ending, Fleet, Script

from locust_tui.domain.criterion import Command
from locust_tui.domain.plan import Need, Plan, Project, Resources, Workstream
from locust_tui.worker.actions import Decision
from locust_tui.worker.decide import decide

TRUE = Command(("true",), "true")


def layers(count: int, wide: int, cap: int) -> Plan:
    """Each workstream needs three of the layer before."""
    chance = random.Random(1)
    works = {}
    for i in range(count):
        before = range(max(0, (i // wide - 1) * wide), i // wide * wide)
        needs = tuple(Need(f"w{j}") for j in chance.sample(before, min(3, len(before))))
        works[f"w{i}"] = Workstream(f"w{i}", f"w{i}", run=TRUE, needs=needs)
    return Plan(Project("p", "p"), works, resources=Resources(max_agents=cap))


@dataclass
class Timed(Fleet):
    """Counts only the processor time of `decide`, and leaves the promises to the other tests."""

    last: float = 0.0

    def look(self) -> Decision:
        self.outlook.measuring = frozenset(self.measuring)
        begun = time.process_time()
        decision = decide(self.plan, self.world, self.now, outlook=self.outlook)
        self.last = time.process_time() - begun
        self.cpu += self.last
        self.decided += 1
        return decision

    def check_caps(self) -> None: ...
    def check_promises(self) -> None: ...
    def check_acceptance(self, id: str) -> None: ...


def script(seed: int) -> Script:
    chance = random.Random(seed)
    return Script(lambda subject, attempt: Ending(seconds=chance.uniform(1, 9)))


def test_a_run_of_three_hundred_costs_a_fraction_of_a_second() -> None:
    best = min((_played(layers(300, 30, 8)) for _ in range(2)), key=lambda fleet: fleet.cpu)
    assert best.decided > 1000
    assert best.cpu < 0.3, f"{best.cpu:.3f} s for {best.decided} decisions"


def _played(plan: Plan) -> Timed:
    fleet = Timed(plan, script(2))
    assert fleet.run(100_000).ok
    return fleet


def test_a_look_at_a_thousand_is_quick_when_little_changed() -> None:
    fleet = Timed(layers(1000, 50, 20), script(3))
    fleet.settle()
    times = []
    for _ in range(40):
        fleet.happen()
        fleet.look()
        times.append(fleet.last)
        fleet.settle()
    assert sorted(times)[20] < 0.003, f"median {sorted(times)[20] * 1e3:.2f} ms"
