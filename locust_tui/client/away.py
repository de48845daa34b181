"""How far somebody has seen a plan: kept by each viewer outside the project, for the words "while you were away"."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locust_tui import whole_file
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.studies.moments import Differences, Group, Sense

if TYPE_CHECKING:
    from locust_tui.domain.snapshot import Snapshot

SHORT_S = 60.0
"""An absence that is none to speak of."""
EVERY_S = 30.0
"""An open viewer writes down this often how far it has come: a crash forgets no more."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The last that was on a screen. `started` tells a record from another that took its place."""

    revision: int
    at: float
    started: float | None = None

    def is_of(self, snapshot: Snapshot) -> bool:
        """Whether it was seen of the very record that `snapshot` shows, which has gone on since or stands still."""
        same = self.started is None or self.started == snapshot.started
        return same and self.revision <= snapshot.revision


def last_seen(path: Path) -> Seen | None:
    """What `remember` wrote; None where nobody looked yet, or what is there cannot be read."""
    try:
        found: Any = json.loads(path.read_text("utf-8"))
        started = found["started"]
        return Seen(int(found["revision"]), float(found["at"]), None if started is None else float(started))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def remember(path: Path, seen: Seen) -> None:
    """Write it in one step, for this user alone. OSError where that cannot be."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = json.dumps({"revision": seen.revision, "at": seen.at, "started": seen.started})
    whole_file.put(path, text, sync=False)


class Attendance:
    """One viewer's: `before` is where the last one left off."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.before = last_seen(path)
        self._path, self._clock = path, clock
        self._latest: Seen | None = None
        self._written = float("-inf")
        self._writing = threading.Lock()

    def saw(self, snapshot: Snapshot) -> bool:
        """Take note of what is on the screen; True when it is time to `write` it down."""
        self._latest = Seen(snapshot.revision, self._clock(), snapshot.started)
        return time.monotonic() - self._written >= EVERY_S

    def write(self) -> None:
        """Keep how far it has come. Where it cannot be kept, the next viewer tells of more than is new: no harm."""
        with self._writing:
            if self._latest is None:
                return
            self._written = time.monotonic()
            try:
                remember(self._path, self._latest)
            except OSError:
                return


def worth_telling(found: Differences) -> bool:
    """Whether somebody who comes back wants to know: after a short absence only what went wrong or waits for a person.

    That a worker went to rest and another began is nothing.
    """
    news = [c for c in found.changes if c.group is not Group.WORKER or c.sense is not Sense.PLAIN]
    if found.after.at - found.before.at < SHORT_S:
        return any(c.sense in (Sense.BAD, Sense.YOU) for c in news)
    return bool(news)
