"""The main screen: four panes and the live log under them, or one pane large where there is little room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding

from locust_tui.client.port import LinkState
from locust_tui.errors import LocustTuiError
from locust_tui.widgets.pane import Pane
from locust_tui.widgets.view import View

from .acts import Acts
from .away import ALL, HIGHEST
from .commands import BY_ID, COMMANDS, FOOTER, STEERING
from .filtering import Filtering
from .log_clock import LogClock
from .moves import Moves
from .panes import first_choice

if TYPE_CHECKING:
    from locust_tui.domain.studies.moments import Differences


class MainScreen(Moves, Acts, Filtering):
    """Every key of the registry is a binding here; `do_ID` is what a command does, `why_not` why it cannot be."""

    BINDINGS = [Binding(c.keys, f"run('{c.id}')", c.words, id=c.id, show=False) for c in COMMANDS]

    def __init__(self) -> None:
        super().__init__()
        self.clock = LogClock(self.log_pane, self._log_visible)
        self._first = True
        self._filtered = ""
        """The filter that was shown last."""

    def ready(self) -> None:
        super().ready()
        self.clock.start()

    def on_unmount(self) -> None:
        self.clock.stop()

    def present(self, view: View) -> None:
        before = self.selected, self._filtered
        self._keep_selection(view)
        self._filtered = view.filter
        self.headline.show(view)
        self.tree_pane.show(view)
        self.board.show(view)
        self.gate.show(view)
        self.kpis.show(view)
        self.show_log(view)
        self.show_tabs(view)
        if self._first:
            self._first = False
            self.tree_pane.select_key(self.selected)
            self.board.select(self.selected)
            self.focus_pane(self.at)
        elif before != (self.selected, view.filter):
            self.select(self.selected)
        self.show_footer()

    def grow_older(self, view: View) -> None:
        """Only what tells ages or the time of day."""
        self.banner.show(view)
        self.headline.grow_older(view)
        self.board.grow_older(view)
        self.gate.grow_older(view)
        self.show_log(view)

    def _keep_selection(self, view: View) -> None:
        """It is always one of what tree and board show: keys never mean what a filter hides."""
        subjects = self.shown_subjects(view)
        if self.selected in subjects:
            self._kept = self.selected
        elif view.filter:
            self.selected = self.first_match(view)
        else:
            kept = self._kept in subjects
            self.selected = self._kept if kept else first_choice(view.snapshot.workstreams)

    def _log_visible(self) -> bool:
        return self.is_current and self.mode != "small" and (self.mode == "wide" or self.at == "log")

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        for command in map(BY_ID.__getitem__, FOOTER):
            if self.at in command.panes:
                possible = self.why_not(command.id) is None
                if possible or command.id not in STEERING:
                    yield command.shown, self.label(command), possible

    @on(Pane.Moved)
    def _moved(self, message: Pane.Moved) -> None:
        message.stop()
        self.follow(message.pane)
        self.show_footer()

    def action_run(self, command: str) -> None:
        """Run a command of the registry, or say why it cannot be run now."""
        reason = self.why_not(command)
        if reason is not None:
            self.host.say(f"{BY_ID[command].label or command}: {reason}", "you")
            return
        getattr(self, f"do_{command}")()

    def tell_absence(self, found: Differences, view: View) -> None:
        """Show what changed while the person was away, where there is room for it."""
        width, height = self.app.size
        if self.mode != "small":
            self.away.set_boxed(self.mode == "wide")
            self.away.tell(found, view, width, max(4, min(HIGHEST, height // 3 - 1)))

    def takes_for_absence(self, key: str, *, on_top: bool) -> bool:
        """Whether a key is for the panel that tells of the absence: it closes it, and may lead somewhere."""
        if not on_top:
            self.away.wait_again()
            return False
        place = self.away.takes(key)
        if place == ALL and self.away.between is not None:
            from .differences import DifferencesScreen

            self.host.open(DifferencesScreen(*self.away.between))
        elif place:
            self.go_to(*place.split(":", 1))
        return place is not None

    def do_up_worker(self) -> None:
        if self.host.link.state is not LinkState.GONE:
            self.host.say("the worker runs", "done")
            return
        view = self.host.view
        if view is not None and view.snapshot.held is not None and view.snapshot.held.why == "trust":
            self.host.say("nobody has allowed what the plan would run: y shows it, and takes trust", "you")
            return
        self.host.say("starting the worker", "dim")
        self.host.spawn(self._start_worker())

    async def _start_worker(self) -> None:
        try:
            await self.host.port.start_worker()
        except LocustTuiError as error:
            self.host.say_error(error)
        else:
            self.host.say("the worker runs", "done")

    def do_quit(self) -> None:
        self.app.exit(return_code=0)

    def do_interrupt(self) -> None:
        self.host.say("q leaves the screen; the worker and every agent go on")
