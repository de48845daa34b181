"""Where a control group was delegated to us each run has its own: nothing leaves it, and nothing in it outlives a stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from confinement import UNIFIED, control_group
from locust_tui.execution import run_group
from locust_tui.execution.identity import read_stat
from locust_tui.execution.local import LocalExecutor
from locust_tui.execution.run_group import RunGroups
from locust_tui.execution.runs import RecoveryKind, RunSpec

Spec = Callable[..., RunSpec]
Until = Callable[[Callable[[], object]], Awaitable[object]]


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A group that is ours to divide."""
    with control_group(UNIFIED) as group:
        if not (group / "cgroup.kill").exists():
            pytest.skip("needs Linux 5.14: control groups that can be killed")
        monkeypatch.setattr(run_group, "delegated", lambda: group)
        yield group


def _groups(home: Path) -> list[str]:
    return [path.name.rpartition("-")[2] for path in home.iterdir() if path.is_dir()]


def _alive(pid: int) -> bool:
    stat = read_stat(pid)
    return stat is not None and not stat.gone


@pytest.mark.fault(
    14, "the same children, one that left the session and whose supervisor was killed, in a control group"
)
async def test_what_no_tree_shows_is_ended_by_its_group(
    home: Path, runs: Path, stub: Spec, until: Until
) -> None:
    async with LocalExecutor(runs) as executor:
        started = await executor.start(stub("r.1", "nasty"))
        await until(lambda: b"READY" in executor.read("r.1", 0).data)
        (group,) = (path for path in home.iterdir() if path.is_dir())
        everyone = run_group.members(group)
        assert len(everyone) == 7
        os.kill(started.shim_pid, signal.SIGKILL)
        await until(lambda: executor.poll("r.1").kind is RecoveryKind.ORPHANED_RUNNING)
        assert set(executor.descendants("r.1")) < set(everyone), (
            "two left the session: only the group has them"
        )
    async with LocalExecutor(runs) as executor:  # the next one finds the group too
        result = await executor.stop("r.1", 0.1)
        assert (result.survivors, result.why) == ((), None)
        assert not [pid for pid in everyone if _alive(pid)]
        await until(lambda: _groups(home) == [])


async def test_a_run_that_ends_takes_its_group_with_it(
    home: Path, executor: LocalExecutor, spec: Spec, until: Until
) -> None:
    await executor.start(spec("r.1", "sh", "-c", "cat /proc/self/cgroup; sleep 995 & exit 3"))
    assert (await executor.ends.get()).exit_code == 3
    assert b"-r.1\n" in executor.read("r.1", 0).data
    await until(lambda: _groups(home) == [])


async def test_a_group_of_another_name_is_none_of_the_runs(
    home: Path, executor: LocalExecutor, spec: Spec
) -> None:
    """An agent may write into its run folder: that must not make us kill others."""
    await executor.start(spec("r.1", "sleep", "60"))
    other = home / "other"
    other.mkdir()
    agent = executor.runs_root / "r.1" / "agent.json"
    (own,) = (path for path in home.iterdir() if path.is_dir() and path != other)
    agent.write_text(agent.read_text().replace(str(own), str(other)))
    folder = os.open(agent.parent, os.O_RDONLY)
    try:
        assert executor._groups.find(folder, "r.1") is None
        agent.write_text(agent.read_text().replace(str(other), str(own)))
        assert executor._groups.find(folder, "r.1") == own
    finally:
        os.close(folder)


@pytest.mark.parametrize("marked", [True, False])
def test_only_a_group_that_was_delegated_is_divided(marked: bool) -> None:
    code = (
        "import os, sys; open(sys.argv[1] + '/cgroup.procs', 'w').write('0')\n"
        "from locust_tui.execution.run_group import delegated; print(delegated())"
    )
    with control_group(UNIFIED) as group:
        if marked:
            try:
                os.setxattr(group, "user.delegate", b"1")
            except OSError as problem:
                pytest.skip(f"needs marks on control groups: {problem}")
        said = subprocess.run(
            [sys.executable, "-c", code, str(group)], capture_output=True, text=True, check=True
        )
    assert said.stdout.strip() == (str(group) if marked else "None")


def test_a_folder_that_an_agent_made_is_no_group(tmp_path: Path) -> None:
    """To write into its `cgroup.kill` would be to write wherever that leads."""
    runs = tmp_path / "runs"
    groups = RunGroups(runs)
    group = tmp_path / f"{groups._prefix}r.1"
    group.mkdir()
    (group / "cgroup.kill").symlink_to(tmp_path / "other")
    (tmp_path / "other").touch()
    folder = runs / "r.1"
    folder.mkdir(parents=True)
    (folder / "agent.json").write_text(json.dumps({"group": str(group)}))
    fd = os.open(folder, os.O_RDONLY)
    try:
        assert groups.find(fd, "r.1") is None
    finally:
        os.close(fd)
