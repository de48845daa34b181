"""Where the kernel confines processes for a test: control groups and namespaces of its own, which end with it."""

from __future__ import annotations

import functools
import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from project import Project, is_running, until

GROUPS = Path("/sys/fs/cgroup")
UNIFIED = "unified"
_numbers = itertools.count()
_LIST = """
import json, os
found = {}
for name in filter(str.isdigit, os.listdir("/proc")):
    try:
        state = open(f"/proc/{name}/stat").read().rpartition(")")[2].split()[0]
        line = open(f"/proc/{name}/cmdline").read().replace("\\0", " ")
    except OSError:
        continue
    if state not in "ZX" and int(name) != os.getpid():
        found[name] = line
print(json.dumps(found))
"""
_INIT = "import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN)\nwhile True: signal.pause()"


@contextmanager
def control_group(controller: str) -> Iterator[Path]:
    """A group of this controller's own hierarchy (version 1), or of version 2 for UNIFIED, below the one we live in.

    Whatever is left in it is killed. Skips where there is no such hierarchy, or none that we may write to.
    """
    home = _home(controller)
    group = home / f"locust-test-{os.getpid()}-{next(_numbers)}"
    try:
        group.mkdir()
    except OSError as problem:
        pytest.skip(f"needs a control group of its own: {problem}")
    try:
        yield group
    finally:
        _empty(group)


def _home(controller: str) -> Path:
    wanted = "" if controller == UNIFIED else controller
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if wanted in controllers.split(","):
            roots = (GROUPS / UNIFIED, GROUPS) if controller == UNIFIED else (GROUPS / controllers,)
            for root in roots:
                home = root / path.lstrip("/")
                if (home / "cgroup.procs").exists():
                    return home
    pytest.skip(f"needs control groups with {controller}, version {2 if controller == UNIFIED else 1}")


def _empty(group: Path) -> None:
    if (group / "freezer.state").exists():
        (group / "freezer.state").write_text("THAWED")  # what is frozen does not die

    def gone() -> bool:
        for below in sorted(group.rglob("cgroup.procs"), reverse=True):
            for pid in below.read_text().split():
                with suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            with suppress(OSError):
                below.parent.rmdir()
        return not group.exists()

    until(gone, what=f"the end of {group}")


def enter(group: Path, pid: int) -> None:
    """Put a process into a group."""
    (group / "cgroup.procs").write_text(str(pid))


def up_inside(project: Project, group: Path) -> int:
    """Start the worker in a control group; all that it starts stays there. Its pid."""
    code = (
        "import os, sys; open(sys.argv[1], 'w').write(str(os.getpid())); os.execv(sys.argv[2], sys.argv[2:])"
    )
    verb = [sys.executable, "-m", "locust_tui", "up", str(project.plan)]
    subprocess.run([sys.executable, "-c", code, str(group / "cgroup.procs"), *verb], check=True)
    return project.pid()


@dataclass(frozen=True, slots=True)
class Space:
    """A pid namespace with a /proc of its own. Its first process reaps; when it is killed, all in it is, at once."""

    init: int
    """Outside."""

    def run(self, *command: str, check: bool = True, **more: object) -> subprocess.CompletedProcess[str]:
        """A command inside; what it leaves running stays there."""
        whole = ["nsenter", "-t", str(self.init), "-p", "-m", "--", *command]
        return subprocess.run(whole, text=True, capture_output=True, check=check, **more)  # type: ignore[call-overload,no-any-return]

    def kill(self, *pids: int) -> None:
        """By their pids inside. One that ends with another, as the worker's own helpers do, may be gone by its turn."""
        self.run("kill", "-9", *map(str, pids), check=False)

    def up(self, project: Project) -> str:
        """Start the plan's worker inside; what the verb said."""
        return self.run(sys.executable, "-m", "locust_tui", "up", str(project.plan)).stdout

    def pids(self) -> dict[int, str]:
        """What runs inside, by the pid it has there, with its command line."""
        lines = self.run(sys.executable, "-S", "-E", "-c", _LIST).stdout
        return {int(pid): line for pid, line in json.loads(lines).items()}

    def end(self) -> None:
        """Kill everything in it at one instant, as a power cut would."""
        with suppress(ProcessLookupError):
            os.kill(self.init, signal.SIGKILL)
        until(lambda: not is_running(self.init), what="the end of the namespace")


@contextmanager
def pid_namespace(boot_id: Path | None = None) -> Iterator[Space]:
    """A machine of its own as far as processes go; with the file `boot_id`, one that was started another time."""
    if lack := _no_namespaces():
        pytest.skip(f"needs a pid namespace of its own: {lack}")
    mount = f"mount --bind {boot_id} /proc/sys/kernel/random/boot_id && " if boot_id is not None else ""
    inside = [sys.executable, "-S", "-E", "-c", _INIT]
    command = [
        *("setpriv", "--pdeathsig", "KILL", "unshare"),
        "-pfm",
        "--mount-proc",
        "--kill-child",
        "sh",
        "-c",
        f'{mount}exec "$@"',
        "init",
        *inside,
    ]
    process = subprocess.Popen(command, start_new_session=True)
    try:
        init = until(lambda: _only_child(process.pid), what="a pid namespace")
        program = os.fsencode(sys.executable)
        until(
            lambda: Path(f"/proc/{init}/cmdline").read_bytes().startswith(program), what="its first process"
        )
        space = Space(init)
        yield space
        space.end()
    finally:
        process.kill()
        process.wait()


@functools.cache
def _no_namespaces() -> str:
    """Why none can be made and entered here; "" where they can."""
    if os.geteuid() != 0:
        return "not root"
    tools = (["setpriv", "--version"], ["nsenter", "--version"], ["unshare", "-pfm", "--mount-proc", "true"])
    try:
        for tool in tools:
            subprocess.run(tool, capture_output=True, text=True, check=True)
    except subprocess.CalledProcessError as refused:
        return str(refused.stderr).strip()
    except OSError as missing:
        return str(missing)
    return ""


def _only_child(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if children else 0
