"""Whether an end was for want of memory: told only when the kernel's counter moved just then."""

from __future__ import annotations

from pathlib import Path

import pytest

from locust_tui.domain.world import RunStatus
from locust_tui.worker.out_of_memory import KEPT_S, OutOfMemory, counter_of

GROUP = "user.slice/run-1.scope"


class Machine:
    """A root folder whose counters can be moved, and a clock."""

    def __init__(self, root: Path, lines: str, counter: str) -> None:
        self.root, self.now, self.counter = root, 0.0, root / counter
        self.counter.parent.mkdir(parents=True, exist_ok=True)
        for pid in ("12", "13"):
            (root / "proc" / pid).mkdir(parents=True)
            (root / f"proc/{pid}/cgroup").write_text(lines)
        self.killed(0)

    def killed(self, number: int) -> None:
        self.counter.write_text(f"low 0\nhigh 3\noom {number + 1}\noom_kill {number}\noom_group_kill 0\n")

    def watch(self) -> OutOfMemory:
        return OutOfMemory(lambda: self.now, self.root)


@pytest.mark.fault(
    6,
    "the counters of control groups and of the machine move",
    modelled="files with their lines stand for version 2",
)
@pytest.mark.parametrize(
    ("lines", "counter", "where"),
    [
        (f"0::/{GROUP}\n", f"sys/fs/cgroup/{GROUP}/memory.events", "in its control group"),
        (
            f"4:memory:/{GROUP}\n0::/\n",
            f"sys/fs/cgroup/memory/{GROUP}/memory.oom_control",
            "in its control group",
        ),
        (f"0::/{GROUP}/a.1\n", f"sys/fs/cgroup/{GROUP}/memory.events", "in its control group"),
        ("0::/\n", "proc/vmstat", "on this machine"),
    ],
    ids=["version 2", "version 1", "above", "neither"],
)
def test_a_counter_that_moves_is_told_with_the_ends_of_that_moment(
    tmp_path: Path, lines: str, counter: str, where: str
) -> None:
    machine = Machine(tmp_path, lines, counter)
    runs = [RunStatus("a.1", "a", 1, "run", pid=12), RunStatus("b.1", "b", 1, "run", pid=13)]
    assert counter_of(12, tmp_path) == machine.counter
    memory = machine.watch()
    memory.look(runs)
    assert memory.at_end("none.1") == ""
    machine.killed(2)
    machine.now += 1.5
    memory.look(runs)
    said = f"out of memory: the kernel killed 2 processes {where} just then"
    assert [memory.at_end("a.1"), memory.at_end("b.1")] == [said, said]
    memory.look([RunStatus("a.2", "a", 2, "run", pid=12)])
    for _ in range(3):
        machine.now += KEPT_S
        memory.look([RunStatus("a.2", "a", 2, "run", pid=12)])
    assert memory.at_end("a.2") == "", "that was long ago"


def test_counters_of_runs_that_are_over_are_read_no_more(tmp_path: Path) -> None:
    machine = Machine(tmp_path, f"0::/{GROUP}\n", f"sys/fs/cgroup/{GROUP}/memory.events")
    memory = machine.watch()
    memory.look([RunStatus("a.1", "a", 1, "run", pid=12)])
    assert machine.counter in memory._counted
    memory.look([])
    assert (machine.counter in memory._counted, memory._counter) == (False, {})
