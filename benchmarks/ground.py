"""What the benchmarks of whole processes stand on: a machine of their own, a trusted plan in a folder, and its worker."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from locust_tui.client.connection import Connection
from locust_tui.client.launch import ensure_worker
from locust_tui.client.requests import KeepAlive, Request, Shutdown
from locust_tui.client.wire import Reply
from locust_tui.domain.world import World
from locust_tui.errors import LocustTuiError
from locust_tui.plans.reading import load_plan
from locust_tui.plans.trust import grant
from locust_tui.state.folder import StateFolder
from locust_tui.state.reader import ReadOnlyStore

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "demo_plans" / "locust"
COMMAND = str(Path(sys.executable).with_name("locust-tui"))
"""The installed console script."""


@contextmanager
def own_machine() -> Iterator[Path]:
    """A home, and settings, that are nobody else's; the folder for everything the benchmark writes."""
    with tempfile.TemporaryDirectory(prefix="locust-bench-") as name:
        folder = Path(name).resolve()
        for variable in list(os.environ):
            if variable.startswith(("LOCUST_TUI_", "XDG_", "PYTHON", "COVERAGE_", "TEXTUAL_")):
                del os.environ[variable]
        os.environ["HOME"] = name
        for kind in ("STATE", "CONFIG", "CACHE"):
            os.environ[f"XDG_{kind}_HOME"] = f"{name}/{kind.lower()}"
        yield folder


class Ground:
    """A folder with a trusted plan; as a context manager it ends the worker and every agent behind it."""

    def __init__(self, path: Path, text: str, like: Path | None = None) -> None:
        """`like`: a folder to copy first, whose plan is replaced by `text`."""
        if like is not None:
            shutil.copytree(like, path)
        path.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.plan = path / "locust-plan.yaml"
        self.plan.write_text(text)
        self.folder = StateFolder(self.plan)
        grant(self.plan, load_plan(self.plan))

    def __enter__(self) -> Ground:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(LocustTuiError, OSError):
            self.ask(Shutdown(stop_agents=True))
        with suppress(OSError, ValueError):
            until(lambda: not _runs(self.pid()), 10)

    def up(self) -> int:
        """Start the worker, to stay; its pid."""
        ensure_worker(self.folder).close()
        self.ask(KeepAlive())
        return self.pid()

    def pid(self) -> int:
        return int(self.folder.lock.read_text())

    def kill(self) -> None:
        """End the worker with SIGKILL, and wait until it is gone."""
        pid = self.pid()
        os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)
        until(lambda: not _runs(pid))

    def ask(self, request: Request) -> Reply:
        with Connection(self.folder.socket, timeout=60) as connection:
            return connection.ask(request)

    def world(self) -> World:
        with ReadOnlyStore(self.folder.store) as record:
            return record.read_world()

    def reaches(self, live: int) -> World:
        """Wait until so many runs have a process."""
        with ReadOnlyStore(self.folder.store) as record:
            world = record.read_world()

            def there() -> bool:
                record.refresh(world)
                return sum(run.pid is not None for run in world.live_runs()) >= live

            until(there, 60)
        return world


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def until(what: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for something in the outside world. TimeoutError."""
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds:g} s")
        time.sleep(0.005)


def sleepers(runs: int) -> str:
    """A plan whose `runs` workstreams sleep, all at once."""
    lines = ["project: Asleep", f"resources: {{max_agents: {max(1, runs)}}}", "workstreams:"]
    if not runs:
        lines.append("  w: {run: ['true']}")
    lines += [f"  w{n:03d}: {{run: [sleep, '900']}}" for n in range(runs)]
    return "\n".join(lines) + "\n"


def demo_text(agent: str | None = None) -> str:
    """The demo plan of 15 workstreams; with `agent`, that command for every agent, and weeks of a week."""
    text = (DEMO / "locust-plan.yaml").read_text()
    if agent is not None:
        text = text.replace("locust-tui agent demo {workstream}", agent).replace("week: 2s", "week: 7d")
    return text


def demo_copy(path: Path) -> Path:
    """The demo plan's folder, copied; the plan's path."""
    shutil.copytree(DEMO, path)
    return path / "locust-plan.yaml"
