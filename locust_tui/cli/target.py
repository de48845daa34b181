"""Which plan a call is about, and what the record and the plan file say of it. Only reads."""

from __future__ import annotations

import os
import socket
import struct
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import LocustTuiError, NotFoundError
from ..safe_text import mask_with
from ..state.folder import StateFolder
from .command import Settings

ANSWER_S = 3.0
"""A worker that works answers within milliseconds, whatever keeps it from other things."""

if TYPE_CHECKING:
    from ..domain.plan import Plan
    from ..domain.snapshot import ForecastView, Snapshot
    from ..domain.troubles import Trouble
    from ..domain.world import World
    from ..masking import MaskFile


@dataclass(frozen=True, slots=True)
class Target:
    """A plan file (which may be gone) and the folder of its state (which may not exist yet)."""

    path: Path
    folder: StateFolder
    state_named: bool = False
    """The state folder was named by a person or the environment, not found beside the plan."""

    @property
    def has_record(self) -> bool:
        return self.folder.store.exists()


def find_target(settings: Settings, plan: Path | None = None) -> Target:
    """The plan named on the command line, else the one found here, else the one whose state is here.

    Its file and its record may both be gone while a worker of it still listens. Raises NotFoundError (with near names), UsageError where several could be meant, FolderError.
    """
    path = _plan_path(settings, plan)
    folder = StateFolder(path, settings.state_dir)
    folder.check()
    secrets = _Secrets(folder.masks)
    mask_with(secrets.mask, secrets.mask_growing)
    target = Target(path, folder, settings.state_dir is not None)
    if not path.exists() and not target.has_record and worker_pid(folder) is None:
        from ..plans.find import near_plans

        raise NotFoundError(f"{path}: no such plan", help=near_plans(path))
    return target


class _Secrets:
    """Masks text by the fingerprints in `path`, from the moment there are any: an agent may be given a secret later."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: MaskFile | None = None
        self._look_at = 0.0

    def mask(self, text: str) -> str:
        known = self._file()
        return text if known is None else known.mask(text)

    def mask_growing(self, text: str) -> str:
        known = self._file()
        return text if known is None else known.mask_growing(text)

    def _file(self) -> MaskFile | None:
        if self._known is None and (now := time.monotonic()) >= self._look_at:
            self._look_at = now + 1.0
            if self._path.exists():
                from ..masking import MaskFile

                self._known = MaskFile(self._path)
        return self._known


def _plan_path(settings: Settings, plan: Path | None) -> Path:
    from ..plans.find import find_plan

    named = plan or settings.plan_file
    if named is not None:
        return find_plan(named) if named.is_dir() else named
    try:
        return find_plan()
    except NotFoundError:
        recorded = StateFolder(Path("locust-plan.yaml"), settings.state_dir).recorded_plan()
        if recorded is None:
            raise
        return recorded


def require_state(target: Target) -> None:
    """NotFoundError where a state folder was named and there is none: its plan's state cannot be told."""
    if target.state_named and not target.folder.root.is_dir():
        raise NotFoundError(
            f"there is no state folder {target.folder.root}",
            help=f"locust-tui up --state-dir {target.folder.root} starts {target.path} with its state there",
        )


def command_line(settings: Settings, target: Target, *words: str) -> str:
    """A command on this plan as it can be typed in this folder: the plan is named where it would not be found."""
    import shlex

    from ..plans.find import find_plan

    try:
        found = find_plan()
    except LocustTuiError:
        found = None
    named = (
        [] if found is not None and found.resolve() == target.path.resolve() else ["--plan", str(target.path)]
    )
    state = ["--state-dir", str(settings.state_dir)] if settings.state_dir is not None else []
    typed = " ".join(w if w == "…" else shlex.quote(w) for w in (*words, *named, *state))
    return f"locust-tui {typed}"


def worker_pid(folder: StateFolder) -> int | None:
    """Pid of the process that listens on the plan's socket right now, None when nobody does.

    0 for one in another pid namespace (a container over the same folder): it has no number here.
    """
    try:
        with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)) as probe:
            probe.settimeout(1.0)
            probe.connect(os.fspath(folder.socket))
            credentials = probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    except OSError:
        return None
    pid: int = struct.unpack("3i", credentials)[0]
    return pid


def worker_now(folder: StateFolder) -> tuple[int | None, tuple[Trouble, ...]]:
    """`worker_pid`, and what that worker says is wrong; that it says nothing is wrong, too."""
    from ..client.connection import Connection, StoppedError
    from ..client.requests import Ping
    from ..client.wire import troubles_in
    from ..domain.troubles import Trouble

    pid = worker_pid(folder)
    if pid is None:
        return None, ()
    try:
        with Connection(folder.socket, timeout=ANSWER_S) as connection:
            return pid, troubles_in(connection.ask(Ping()))
    except StoppedError as error:
        return pid, (Trouble("worker", f"{error.message}: {error.help}", time.time()),)
    except LocustTuiError as error:
        what = f"worker {pid} does not answer: {error.message}; look at {folder.worker_log}"
        return pid, (Trouble("worker", what, time.time()),)


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a plan at one moment: the plan in force then, and everything its record led to."""

    plan: Plan
    digest: str
    path: str
    world: World
    at: float
    worker_pid: int | None
    recorded: bool
    """False: the plan never ran, and all comes from its file."""
    runs: Path | None = None
    """The runs' folders, where the present is told; None for a moment in the past."""
    troubles: tuple[Trouble, ...] = ()
    """What the worker says keeps it from its work."""

    def snapshot(self, *, forecast: bool = True) -> Snapshot:
        """The view of it all; without `forecast`, that part says that it was not computed."""
        from ..analysis.overview import build_snapshot

        computed: ForecastView | None = None
        if forecast:
            from .forecasting import forecast_view

            computed = forecast_view(self)
        snapshot = build_snapshot(
            self.plan,
            self.digest,
            self.path,
            self.world,
            self.at,
            worker_pid=self.worker_pid,
            forecast=computed,
        )
        if self.troubles:
            from dataclasses import replace

            snapshot = replace(snapshot, troubles=self.troubles)
        if self.runs is None:
            return snapshot
        if self.worker_pid is not None:
            from ..state.signs import SignsOfLife

            return SignsOfLife(self.runs).on(snapshot)
        from .unwatched import with_facts

        return with_facts(snapshot, self.runs)


def read_state(target: Target, *, at: float | None = None, prefer_file: bool = False) -> State:
    """The state now, or as it was `at` a moment.

    The plan is the one in force; `prefer_file` takes the file's instead, where it differs and no worker
    holds another: what the next start would put in force. A state folder that was named must exist, unless
    `prefer_file`. Raises PlanInvalidError, NotFoundError, StoreError.
    """
    now = time.time()
    if not prefer_file:
        require_state(target)
    if not target.has_record:
        from .moment import seconds_of

        _require_plan(target)
        plan, digest = _plan_of_file(target.path)
        moment = seconds_of(target, at) if at is not None else None
        pid, troubles = worker_now(target.folder) if moment is None else (None, ())
        if moment is None and not any(one.about == "record" for one in troubles):
            troubles += _record_missing(target.folder, pid)  # its worker looks every few seconds
        began = now if moment is None else moment
        return State(plan, digest, str(target.path), _empty(), began, pid, False, troubles=troubles)
    from ..state.reader import ReadOnlyStore

    try:
        with ReadOnlyStore(target.folder.store) as store:
            if at is not None:
                return _past(store, target, at)
            world = store.read_world()
            in_force = store.plan()
    except LocustTuiError as error:
        error.message += _troubles_told(target.folder)
        raise
    from ..state.record_now import record_now

    now = record_now(world)
    pid, troubles = worker_now(target.folder)
    if in_force is None or (prefer_file and pid is None and target.path.exists()):
        plan, digest = _plan_of_file(target.path)
        return State(plan, digest, str(target.path), world, now, pid, True, target.folder.runs, troubles)
    from ..analysis.ending import told_at

    now = told_at(in_force[0], world, now)
    return State(in_force[0], in_force[1], in_force[2], world, now, pid, True, target.folder.runs, troubles)


def _require_plan(target: Target) -> None:
    """NotFoundError where neither the plan's file nor its record is there, and only a worker knows of it."""
    if not target.path.exists():
        raise NotFoundError(
            f"{target.path} and its record are gone, but worker {worker_pid(target.folder)} runs",
            help="locust-tui up --recreate writes the record anew; locust-tui down --stop-agents ends what runs",
        )


def _record_missing(folder: StateFolder, pid: int | None) -> tuple[Trouble, ...]:
    """Runs have folders that no record tells of: somebody took it away."""
    from ..domain.troubles import Trouble

    try:
        runs = len(list(folder.runs.iterdir()))
    except OSError:
        return ()
    if not runs:
        return ()
    cure = (
        "have it made from them: locust-tui up"
        if pid is None
        else "have the worker write it anew: locust-tui up --recreate"
    )
    what = f"there is no {folder.store}, but folders of runs ({runs}): put it back, or {cure}"
    return (Trouble("record", what, time.time()),)


def _troubles_told(folder: StateFolder) -> str:
    """What the worker of a record that cannot be read says is wrong."""
    pid, troubles = worker_now(folder)
    told = "; ".join(f"{one.about}: {one.what}" for one in troubles)
    return f"; worker {pid} says: {told}" if told else ""


def _past(store: ReadOnlyStore, target: Target, at: float) -> State:
    from ..client.time_travel import TimeTravel
    from .moment import moment_in

    travel, moment = TimeTravel(), moment_in(store, at)
    world = travel.world(store, moment.revision)
    try:
        plan, digest = travel.plan(store, world)
    except NotFoundError:
        plan, digest = _plan_of_file(target.path)
    path = world.project.plan_path or str(target.path)
    return State(plan, digest, path, world, moment.at, world.project.worker_pid, True)


def _plan_of_file(path: Path) -> tuple[Plan, str]:
    from ..plans.reading import PlanInvalidError, read_plan

    reading = read_plan(path)
    if reading.plan is None:
        raise PlanInvalidError(reading.problems)
    return reading.plan, reading.digest


def _empty() -> World:
    from ..domain.world import World

    return World()


if TYPE_CHECKING:
    from ..state.reader import ReadOnlyStore
