"""What deciding costs: a whole run of three hundred workstreams, and one look at a thousand where little changed."""

from __future__ import annotations

import random
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from figures import goal

from locust_tui.domain.criterion import Command
from locust_tui.domain.plan import Need, Plan, Project, Resources, Workstream
from locust_tui.worker.actions import Decision
from locust_tui.worker.decide import decide

sys.path[:0] = [str(Path(__file__).parents[1] / "tests" / "worker")]

from simulated_fleet import Ending, Fleet, Script  # noqa: E402

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


def played(plan: Plan) -> Timed:
    fleet = Timed(plan, script(2))
    if not fleet.run(100_000).ok:
        sys.exit("the simulated run did not come to its end")
    return fleet


def looks(plan: Plan, rounds: int) -> list[float]:
    """Seconds of each look after one thing happened."""
    fleet = Timed(plan, script(3))
    fleet.settle()
    times = []
    for _ in range(rounds):
        fleet.happen()
        fleet.look()
        times.append(fleet.last)
        fleet.settle()
    return times


def main() -> None:
    best = min((played(layers(300, 30, 8)) for _ in range(2)), key=lambda fleet: fleet.cpu)
    print(f"  300 workstreams, 8 at a time: {best.decided} decisions")
    goal("decide: a whole run of 300", best.cpu, 0.3, "s")
    times = looks(layers(1000, 50, 20), 40)
    goal("decide: one look at 1,000 where little changed (median)", 1000 * statistics.median(times), 3, "ms")


if __name__ == "__main__":
    main()
