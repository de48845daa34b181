"""The cockpit in the past: an earlier moment is shown as everything, and nothing can be asked from there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from locust_tui.client.port import Link, LinkState
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.studies.moments import Moment
from locust_tui.errors import RefusedError
from locust_tui.report.local_time import DAY, DAY_SECOND, local
from locust_tui.widgets.view import View

if TYPE_CHECKING:
    from locust_tui.client.port import Port
    from locust_tui.domain.snapshot import Snapshot

    from .main import MainScreen

PAST = "this is the past; esc brings you back to now"
LOOKING = frozenset(
    {
        "open", "overview", "why", "filter", "next", "previous", "help", "palette", "next_pane", "previous_pane",
        "pane_tree", "pane_board", "pane_gate", "pane_kpis", "down", "up", "left", "right", "page_down", "page_up",
        "top", "bottom", "back", "quit", "interrupt", "history",
    }
)  # fmt: skip
"""Commands that only look, at what is shown: they work in the past too."""


@dataclass(frozen=True, slots=True)
class Past:
    """What takes the place of the present while a screen looks back."""

    snapshot: Snapshot
    moment: Moment
    link: Link
    words: str
    screen: MainScreen
    port: Port

    def view(self, held: View | None, filter_words: str) -> View:
        """What is to be seen of it: `held`, where that is it already."""
        view = View(self.snapshot, self.link, self.moment.at, filter=filter_words, past=self.words)
        same = held is not None and held.past == self.words and view.older_than(held)
        return held if held is not None and same else view


class PastPort:
    """Reads pass through to the port it stands for; whatever would ask, start or allow something is refused."""

    def __init__(self, port: Port) -> None:
        self._real = port

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def ask(self, request: object) -> None:
        raise RefusedError(PAST)

    async def start_worker(self) -> None:
        raise RefusedError(PAST)

    async def trust(self, digest: str) -> None:
        raise RefusedError(PAST)

    def log_path(self, run: str) -> Path | None:
        """None: the file is as it is now, not as it was."""
        return None


def when(at: float, *, seconds: bool = False) -> str:
    """A moment as the clock here has it: "Dec 05 14:30"."""
    return local(at, DAY_SECOND if seconds else DAY)


def past_words(moment: Moment, *, dated: bool = True, seconds: bool = False) -> str:
    """ "wk 3 · Dec 05 14:30 · r812"; with `seconds` where a minute holds much."""
    week = [f"wk {moment.week}"] if moment.week and dated else []
    return " · ".join([*week, when(moment.at, seconds=seconds), f"r{moment.revision}"])


def link_of(snapshot: Snapshot) -> Link:
    """How it stood with the worker then."""
    if snapshot.worker_pid is None:
        return Link(LinkState.GONE, None, "none ran then")
    return Link(LinkState.LIVE, snapshot.worker_pid)
