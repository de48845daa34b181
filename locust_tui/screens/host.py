"""The app as the screens see it: the newest view, requests with their answers, one line of words back."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

from textual import events
from textual.app import App
from textual.constants import DRIVER

from locust_tui.client.port import Link, LinkState, Port
from locust_tui.domain.snapshot import Snapshot
from locust_tui.errors import LocustTuiError
from locust_tui.widgets.form import KEY
from locust_tui.widgets.view import View

from .announcing import Announcer
from .attending import Attending
from .bell import Bell
from .past import PAST, Past
from .pasting import Cut
from .refusals import words_of
from .typing_ahead import TypingAhead

if TYPE_CHECKING:
    from textual.driver import Driver

    from locust_tui.client.away import Attendance
    from locust_tui.client.requests import Request
    from locust_tui.client.wire import Reply

    from .base import CockpitScreen
    from .main import MainScreen

AGE_S, OLD_AGE_S = 1.0, 10.0
"""Ages are told anew this often: while one of them is in seconds, and otherwise.

An age is told in whole units, rounded down, and so up to one unit less than it is: "3m" stands for 3:00 to 3:59. Where
nothing is younger than a minute it may stand for ten seconds more: "3m" until 4:09. Never is more told than has passed.
"""
AFTER_NEWS_S = 1.25
"""So long after news: where they come every second, the ages go with them."""


def in_force(snapshot: Snapshot) -> str:
    """ "the plan is in force: gate ship: approvers"."""
    return "the plan is in force" + (f": {snapshot.plan_change}" if snapshot.plan_change else "")


class Host(App[None], inherit_bindings=False):
    """Takes snapshots in at most `hertz` times a second, newest only, and shows them to the visible screens."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        port: Port,
        *,
        clock: Callable[[], float] = time.time,
        hertz: float = 10.0,
        note: tuple[str, str] = ("", ""),
        attendance: Attendance | None = None,
    ) -> None:
        super().__init__(ansi_color=True)
        self.animation_level = "none"
        self._port = port
        self.past: Past | None = None
        """The moment that is shown in place of now."""
        self.clock = clock
        self.link = Link(LinkState.CONNECTING)
        self.snapshot: Snapshot | None = None
        self.filter_words = ""
        self.note = note
        self._attending = Attending(self, attendance) if attendance is not None else None
        self.failure: LocustTuiError | None = None
        self._view: View | None = None
        self._presented: View | None = None
        self.rings = Bell(self.bell)
        self.announcer = Announcer(self.rings.once, self._past_the_screen, self.port.ask, os.environ)
        self._interval = 1 / hertz
        self._last_shown = 0.0
        self._due: asyncio.TimerHandle | None = None
        self._aging: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._typing_ahead = TypingAhead(lambda: self.focused or self.screen)

    def get_driver_class(self) -> type[Driver]:
        """Textual's own for terminals, but one that sleeps while nobody types; TEXTUAL_DRIVER names another."""
        if DRIVER is not None or sys.platform == "win32":
            return super().get_driver_class()
        from .driver import QuietDriver

        return QuietDriver

    @property
    def port(self) -> Port:
        """The way out; of the past there is none."""
        return self._port if self.past is None else self.past.port

    # snapshots in

    @property
    def view(self) -> View | None:
        """The newest snapshot as it is to be seen now, or the moment that is looked back at; None before the first."""
        if self.snapshot is None:
            return None
        if self.past is not None:
            self._view = self.past.view(self._view, self.filter_words)
            return self._view
        now, held = self.clock(), self._view
        if (
            held is None
            or held.snapshot is not self.snapshot
            or held.past
            or held.link is not self.link
            or held.filter != self.filter_words
            or abs(now - held.now) > 0.5
        ):
            held = self._view = View(
                self.snapshot, self.link, now, self.port.plan_problems, self.filter_words, self.note
            )
        return held

    def look_back(self, past: Past | None) -> None:
        """Show an earlier moment as everything there is; None: the present again."""
        self.past = past
        self.present()
        if past is None and self.snapshot is not None:
            self.spawn(self.announcer.look(self.snapshot.announcements))

    def refuses(self) -> bool:
        """Whether what is shown is the past, where nothing can be asked for; then it is said."""
        if self.past is not None:
            self.say(PAST, "you")
        return self.past is not None

    def _past_the_screen(self, sequence: str) -> None:
        """Something for the terminal itself, as its bell."""
        if not self.is_headless and self._driver is not None:
            self._driver.write(sequence)

    def take_in(self) -> None:
        self.spawn(self._take_in())
        self._soon()

    async def _take_in(self) -> None:
        try:
            async for item in self.port.updates():
                if isinstance(item, Link):
                    self.link = item
                else:
                    before, self.snapshot = self.snapshot, item
                    self._tell_change(before, item)
                    if self._attending is not None:
                        self._attending.look(item, first=before is None)
                    self.rings.look(item.waiting, item.alerts)
                    if self.past is None:
                        self.spawn(self.announcer.look(item.announcements))
                self._soon()
        except LocustTuiError as error:
            self.failure = error
            self.exit(return_code=error.exit_code)

    def _tell_change(self, before: Snapshot | None, now: Snapshot) -> None:
        """Another version of the plan came in force: say what is different in it."""
        other = before is not None and before.plan_digest and now.plan_digest not in ("", before.plan_digest)
        if other and self.past is None:
            self.say(in_force(now), "done")

    def _soon(self) -> None:
        if self._due is None:
            wait = max(0.0, self._last_shown + self._interval - time.monotonic())
            self._due = asyncio.get_running_loop().call_later(wait, self._show_now)

    def _show_now(self) -> None:
        self._due = None
        self._last_shown = time.monotonic()
        self._wait_to_age(self.present())

    def present(self) -> bool:
        """Show the newest view to the screen on top and to those that shine through under it.

        True where nothing had changed but the moment.
        """
        view = self.view
        if view is None or not self._running:
            return False
        older = self._presented is not None and view.older_than(self._presented)
        self._presented = view
        try:
            for screen in reversed(self.screen_stack):
                show = getattr(screen, "grow_older" if older else "take", None)
                if show is not None and screen.is_mounted:
                    show(view)
                if not screen.is_modal:
                    break
        except Exception as error:
            self._handle_exception(error)
        return older

    def _wait_to_age(self, older: bool) -> None:
        """Ages grow; `older` where that is all that was shown just now."""
        if self._aging is not None:
            self._aging.cancel()
        young = self._view is not None and self._view.has_young_ages
        wait = (AGE_S if older else AFTER_NEWS_S) if young else OLD_AGE_S
        self._aging = asyncio.get_running_loop().call_later(wait, self._soon)

    def open(self, screen: CockpitScreen) -> None:
        """Put a screen on top; its like may be open under it, or be about to go. In the past only what shows it."""
        if not screen.in_past and self.refuses():
            return
        screen.differ_from(self._nodes)
        self.push_screen(screen)

    # requests out

    def ask(
        self,
        request: Request,
        *,
        doing: str,
        done: str | Callable[[Reply], str],
        then: Callable[[], None] | None = None,
    ) -> None:
        """Send a request; say `doing`, then `done`, or what the worker refused and what to do about it."""
        if self.refuses():
            return
        self.say(doing, "dim")
        self.spawn(self._ask(request, done, then))

    async def _ask(
        self, request: Request, done: str | Callable[[Reply], str], then: Callable[[], None] | None
    ) -> None:
        try:
            reply = await self.port.ask(request)
        except LocustTuiError as error:
            self.say_error(error)
            return
        self.say(done if isinstance(done, str) else done(reply), "done")
        if then is not None:
            then()

    def say(self, words: str, tone: str = "text") -> None:
        """One line for the person; it goes away by itself, or with the next key."""
        top = self.screen_stack[-1] if self.screen_stack else None
        speak = getattr(top, "speak", None)
        if speak is not None:
            speak(words, tone)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key):
            self._typing_ahead.take_back(event)
            if not event.is_forwarded:
                if self.main.takes_for_absence(event.key, on_top=self.screen is self.main):
                    return
                comes = getattr(self.screen, "key_comes", None)
                if comes is not None:
                    comes()
                self._typing_ahead.sends(event)
        key = KEY.set(event if isinstance(event, events.Key) else None)
        try:
            await super().on_event(event)
        finally:
            KEY.reset(key)

    def say_error(self, error: LocustTuiError) -> None:
        self.say(words_of(error), "bad")

    def on_cut(self, cut: Cut) -> None:
        """Of a paste."""
        self.say(cut.words, "you")

    def notify(self, message: str, **_: object) -> None:
        """Textual's own notices, without their markup."""
        self.say(message)

    def spawn(self, work: Coroutine[object, object, None]) -> None:
        """Run a coroutine beside the screen; its exception is the app's."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._spawned)

    def _spawned(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and isinstance(error, Exception):
            self._handle_exception(error)

    async def on_unmount(self) -> None:
        for handle in (self._due, self._aging):
            if handle is not None:
                handle.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def main(self) -> MainScreen:
        """The screen that is always there; in the past, the one that shows it."""
        return self.screen_stack[0] if self.past is None else self.past.screen  # type: ignore[return-value]
