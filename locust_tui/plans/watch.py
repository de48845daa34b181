"""Watching a plan file: every settled content is read once, whatever way an editor saves."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

from locust_tui.domain.dataclass import dataclass

from ..errors import NotFoundError
from .reading import PlanReading, read_data, read_plan
from .source import UnreadableError, content_digest, read_bytes

SETTLE_S = 0.12
"""Two reads this far apart must agree before a content counts."""
STEP_MS = 75
"""How often the notifier looks whether the kernel told it something: latency against idle CPU."""
LOOK_S = 10.0
"""Even without a notice the file is looked at this often."""
POLL_S = 0.5
"""The same where no notices come: on network file systems."""
IN_PROCESS_BYTES = 64 * 1024
"""Larger plans are read by a process of their own, so that this one keeps answering."""
ELSEWHERE_S = 30.0

_NETWORK = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "9p",
        "afs",
        "ceph",
        "glusterfs",
        "lustre",
        "fuse.sshfs",
        "fuse.glusterfs",
        "ncpfs",
        "vboxsf",
        "drvfs",
    }
)


@dataclass(frozen=True, slots=True)
class PlanGone:
    """The plan file is not there any more; the last good plan stays in force."""

    path: Path


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at the file; two equal ones, apart in time, are a settled content."""

    state: str
    """`content`, `gone`, or why it cannot be read."""
    facts: tuple[int, ...] = ()
    digest: str = ""
    data: bytes = b""


async def watch_plan(
    path: str | os.PathLike[str], *, since: str | None = None, poll: bool | None = None
) -> AsyncIterator[PlanReading | PlanGone]:
    """Yield a PlanReading for every settled content other than `since` (a digest), PlanGone when the file goes.

    Saving in place, by rename, by swapping a link, and by deleting and writing anew all count; touching the
    file does not. Reading and checking happen off the event loop. `poll` looks twice a second instead of
    waiting for notices; None decides by the file system.
    """
    plan = Path(os.path.abspath(path))
    polled = await asyncio.to_thread(is_network_folder, plan.parent) if poll is None else poll
    last = ("content", since or "")
    async with contextlib.aclosing(_hints(plan, polled)) as hints:
        seen: tuple[int, ...] | None = None
        async for _ in hints:
            facts = _facts(plan)
            if facts == seen and facts is not None:
                continue
            look = await _settled(plan)
            seen = look.facts or None
            if (look.state, look.digest) == last:
                continue
            last = (look.state, look.digest)
            yield PlanGone(Path(path)) if look.state == "gone" else await _read(look, path)


async def _read(look: _Look, path: str | os.PathLike[str]) -> PlanReading | PlanGone:
    if look.state != "content":
        try:
            return await asyncio.to_thread(read_plan, path)
        except NotFoundError:
            return PlanGone(Path(path))
    if len(look.data) > IN_PROCESS_BYTES:
        await _read_elsewhere(path)
    return await asyncio.to_thread(read_data, look.data, path)


async def _read_elsewhere(path: str | os.PathLike[str]) -> None:
    """Let another process read the plan; what it found waits in the cache. If that fails we read it ourselves."""
    code = "import sys; from locust_tui.plans.reading import read_plan; read_plan(sys.argv[1])"
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, os.path.abspath(path),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
    except OSError:
        return
    try:
        await asyncio.wait_for(process.wait(), ELSEWHERE_S)
    except TimeoutError:
        return
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()


def _facts(plan: Path) -> tuple[int, ...] | None:
    """What changes whenever the content may have: cheap enough to ask on every hint."""
    try:
        facts = os.stat(plan)
    except OSError:
        return None
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns


def _look(plan: Path) -> _Look:
    facts = _facts(plan)
    try:
        data, _ = read_bytes(plan)
    except FileNotFoundError:
        return _Look("gone")
    except (OSError, UnreadableError) as error:
        return _Look(str(error), facts or ())
    return _Look("content", facts or (), content_digest(data), data)


async def _settled(plan: Path) -> _Look:
    """Look until two looks agree: a half-written file is never taken for a plan."""
    look = await asyncio.to_thread(_look, plan)
    while True:
        await asyncio.sleep(SETTLE_S)
        again = await asyncio.to_thread(_look, plan)
        if (look.state, look.facts, look.digest) == (again.state, again.facts, again.digest):
            return again
        look = again


async def _hints(plan: Path, poll: bool) -> AsyncGenerator[None, None]:
    """Something may have happened: at the start, on every notice, and every few seconds anyway."""
    yield
    while True:
        watched = _watched(plan)
        if poll or watched is None:
            await asyncio.sleep(POLL_S)
            yield
            continue
        async with contextlib.aclosing(_notices(plan, watched)) as notices:
            async for _ in notices:
                yield
                if _watched(plan) != watched:
                    break  # a link was swapped, or a folder went: watch what is there now
        yield


@dataclass(frozen=True, slots=True)
class _Watched:
    """What there is to watch: the folders of the plan and of what it links to, by their identity."""

    real: Path
    folders: tuple[tuple[str, int, int], ...]


def _watched(plan: Path) -> _Watched | None:
    """None while the plan is not there: then it is looked for, because its folder may go too."""
    real = Path(os.path.realpath(plan))
    try:
        os.stat(plan)
        facts = [(str(folder), os.stat(folder)) for folder in dict.fromkeys((plan.parent, real.parent))]
    except OSError:
        return None
    return _Watched(real, tuple((folder, f.st_dev, f.st_ino) for folder, f in facts))


async def _notices(plan: Path, watched: _Watched) -> AsyncGenerator[None, None]:
    """Kernel notices about the folders that hold the plan and what it links to; none for a while where there is no room."""
    from watchfiles import awatch

    names = {plan.name, watched.real.name}
    linked = plan != watched.real
    if not _has_a_thread():
        await asyncio.sleep(POLL_S)
        yield
        return
    stop = asyncio.Event()
    changes = awatch(
        *(folder for folder, _, _ in watched.folders),
        watch_filter=lambda _, name: linked or os.path.basename(name) in names,
        step=STEP_MS,
        debounce=4 * STEP_MS,
        rust_timeout=int(LOOK_S * 1000),
        yield_on_timeout=True,
        recursive=False,
        stop_event=stop,
    )
    first = asyncio.ensure_future(anext(changes))
    try:
        await asyncio.sleep(0)  # from here on the kernel listens
        yield  # whatever was saved before that
        await first
        yield
        async for _ in changes:
            yield
    except (OSError, ExceptionGroup) as error:
        # out of inotify watches or threads, or the folder went between the look and the watch
        if isinstance(error, ExceptionGroup) and error.split((OSError, RuntimeError))[1] is not None:
            raise
        await asyncio.sleep(POLL_S)
        yield
    finally:
        stop.set()
        first.cancel()


def _has_a_thread() -> bool:
    """Whether the machine gives one: the notifier does not fail without, it ends the process."""
    thread = threading.Thread(target=int)
    try:
        thread.start()
    except RuntimeError:
        return False
    thread.join()
    return True


def is_network_folder(folder: Path) -> bool:
    """Whether `folder` lies on a file system whose changes are not told to this machine."""
    real = os.path.realpath(folder)
    best, kind = "", ""
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as mounts:
            for line in mounts:
                before, _, after = line.partition(" - ")
                point = before.split()[4].replace("\\040", " ")
                if (real == point or real.startswith(point.rstrip("/") + "/")) and len(point) >= len(best):
                    best, kind = point, after.split()[0]
    except OSError:
        return False
    return kind in _NETWORK
