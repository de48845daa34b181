"""What a run folder means is a pure function of its facts; the unknown never becomes a success, strangers are never signalled."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.execution import identity
from locust_tui.execution.identity import ProcessIdentity, open_process, read_stat
from locust_tui.execution.local import LocalExecutor
from locust_tui.execution.run_dir import RunFacts, classify
from locust_tui.execution.runs import EndReason, NotRunningError, RecoveryKind, RunSpec

Spec = Callable[..., RunSpec]
Until = Callable[[Callable[[], object]], Awaitable[object]]
BOOT, PIDNS = "boot-a", 7
identities = st.builds(
    ProcessIdentity,
    st.integers(2, 9),
    st.integers(0, 5),
    st.sampled_from([BOOT, "boot-b"]),
    st.sampled_from([PIDNS, 8]),
)
exits = st.builds(
    lambda code, signum: {
        "code": None if signum else code,
        "signal": signum,
        "reason": "signalled" if signum else "exited",
        "error": None,
        "utime": 0.1,
        "stime": 0.1,
        "maxrss_kib": 1,
        "ended_wall": 5.0,
        "leftovers": [],
    },
    st.integers(0, 255),
    st.none() | st.integers(1, 31),
)
facts = st.builds(
    RunFacts,
    run_id=st.just("r.1"),
    lock_holder=st.none() | st.integers(0, 9),
    agent=st.none() | identities,
    agent_alive=st.booleans(),
    agent_record=st.none() | st.just({"wall": 1.0}),
    exit=st.none() | exits,
)


@given(facts)
def test_an_end_is_known_only_from_its_record(fact: RunFacts) -> None:
    found = classify(fact, BOOT, PIDNS, 9.0)
    if found.ended is not None and found.ended.known:
        assert fact.exit is not None
        assert (found.ended.exit_code, found.ended.signal) == (fact.exit["code"], fact.exit["signal"])
    if fact.exit is not None:
        assert found.kind is RecoveryKind.FINISHED
    if found.kind is RecoveryKind.LOST:
        assert found.ended is not None
        assert not found.ended.known


@given(facts)
def test_only_a_free_folder_without_an_agent_is_safe_to_start(fact: RunFacts) -> None:
    found = classify(fact, BOOT, PIDNS, 9.0)
    safe = fact.lock_holder is None and fact.agent_record is None and fact.exit is None
    assert (found.kind is RecoveryKind.NEVER_STARTED) is safe


@given(facts)
def test_a_pid_is_given_only_for_a_proved_process_of_this_boot_and_namespace(fact: RunFacts) -> None:
    found = classify(fact, BOOT, PIDNS, 9.0)
    if found.shim_pid is not None:
        assert found.shim_pid == fact.lock_holder
    if found.kind is RecoveryKind.ORPHANED_RUNNING:
        assert fact.agent is not None
        assert fact.agent_alive
        assert (fact.agent.boot_id, fact.agent.pidns) == (BOOT, PIDNS)
    if not found.alive:
        assert (found.shim_pid, found.agent_pid) == (None, None)


@given(facts)
def test_a_reboot_loses_every_run_that_had_not_ended(fact: RunFacts) -> None:
    other = dataclasses.replace(
        fact, lock_holder=None, exit=None, agent_record={"wall": 1.0}, agent_alive=False
    )
    found = classify(other, "boot-c", PIDNS, 9.0)
    assert found.kind is RecoveryKind.LOST
    assert found.ended is not None
    assert found.ended.reason in (EndReason.LOST_REBOOT, EndReason.LOST_CRASH)


@pytest.fixture
def bystander() -> object:
    process = subprocess.Popen(["sleep", "60"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def _record(folder: Path, who: ProcessIdentity) -> None:
    folder.mkdir(mode=0o700)
    record = {"pid": who.pid, "start": who.start, "boot_id": who.boot_id, "pidns": who.pidns, "wall": 1.0}
    (folder / "agent.json").write_text(json.dumps(record))
    (folder / "shim.json").write_text(json.dumps(record))


def _identity(pid: int) -> ProcessIdentity:
    stat = read_stat(pid)
    assert stat is not None
    return ProcessIdentity(pid, stat.start, identity.boot_id(), identity.pid_namespace())


@pytest.mark.fault(
    11,
    "a run folder names a process that is not the agent",
    modelled="the other cases of a record that no pid proves",
)
@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"start": 1}, RecoveryKind.LOST),
        ({"boot_id": "another"}, RecoveryKind.LOST),
        ({"pidns": 1}, RecoveryKind.UNKNOWN_HOST),
    ],
)
async def test_a_recycled_pid_is_nobody_we_know(
    executor: LocalExecutor,
    bystander: subprocess.Popen[bytes],
    change: dict[str, int | str],
    kind: RecoveryKind,
) -> None:
    """A record whose pid now belongs to someone else: never running, never signalled, by no verb."""
    who = dataclasses.replace(_identity(bystander.pid), **change)
    assert open_process(who) is None
    _record(executor.runs_root / "r.1", who)
    assert (await executor.reattach("r.1")).kind is kind
    for verb in (executor.pause, executor.resume, lambda run_id: executor.signal(run_id, signal.SIGKILL)):
        with pytest.raises(NotRunningError):
            await verb("r.1")
    result = await executor.stop("r.1", 0)
    assert result.stopped is (kind is RecoveryKind.LOST)
    assert bystander.poll() is None
    stat = read_stat(bystander.pid)
    assert stat is not None
    assert stat.state in "RSD"


async def test_records_that_cannot_be_read_are_no_success(
    executor: LocalExecutor, spec: Spec, until: Until
) -> None:
    for number, damage in enumerate(
        (b"", b"{", b"[]", b'{"code": "0", "reason": "exited"}', b'{"code": null}')
    ):
        run_id = f"r.{number}"
        await executor.start(spec(run_id, "true"))
        await executor.ends.get()
        await until(lambda: not executor._watches)  # its supervisor is gone, too
        (executor.runs_root / run_id / "exit.json").write_bytes(damage)
        found = executor.poll(run_id)
        assert found.kind is RecoveryKind.LOST
        (executor.runs_root / run_id / "agent.json").write_bytes(b"torn")
        assert executor.poll(run_id).kind is RecoveryKind.LOST


async def test_a_run_never_heard_of_never_started(executor: LocalExecutor) -> None:
    assert (await executor.reattach("r.1")).kind is RecoveryKind.NEVER_STARTED
    assert not (executor.runs_root / "r.1").exists()


@pytest.mark.fault(13, "another pid namespace looks at a run's folder and wants to stop it")
async def test_another_pid_namespace_sees_an_unknown_host(runs: Path, spec: Spec) -> None:
    async with LocalExecutor(runs) as executor:
        await executor.start(spec("r.1", "sleep", "60"))
        code = (
            "import asyncio, sys; from pathlib import Path\n"
            "from locust_tui.execution.local import LocalExecutor\n"
            "async def main():\n"
            "    async with LocalExecutor(Path(sys.argv[1])) as executor:\n"
            "        print((await executor.reattach('r.1')).kind, (await executor.stop('r.1', 0)).stopped)\n"
            "asyncio.run(main())\n"
        )
        apart = ["unshare", "-pf", "--mount-proc"]
        if subprocess.run([*apart, "true"], capture_output=True, check=False).returncode:  # noqa: ASYNC221
            pytest.skip("needs the right to make a pid namespace")
        command = [*apart, sys.executable, "-c", code, str(runs)]
        seen = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: ASYNC221
        assert seen.stdout.split() == ["unknown-host", "False"]
        assert executor.poll("r.1").kind is RecoveryKind.RUNNING
        await executor.stop("r.1", 0)


def test_the_same_tick_is_still_proved_by_the_pidfd() -> None:
    process = subprocess.Popen(["sleep", "60"])
    who = _identity(process.pid)
    pidfd = open_process(who)
    assert pidfd is not None
    process.kill()
    process.wait()
    assert identity.has_ended(pidfd)
    assert not identity.send_signal(pidfd, signal.SIGKILL)
    assert open_process(who) is None
    os.close(pidfd)
