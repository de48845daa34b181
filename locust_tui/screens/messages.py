"""What people, orchestrators and agents write to each other: the list, one of them in full, answers and new ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from textual import on
from textual.binding import Binding
from textual.timer import Timer

from locust_tui.client.port import LinkState
from locust_tui.client.requests import AcknowledgeMessage, ReadMessages
from locust_tui.domain.coordination import MessageStatus
from locust_tui.errors import LocustTuiError
from locust_tui.widgets.answer_form import WAIT
from locust_tui.widgets.form import Guard
from locust_tui.widgets.listing import Listing
from locust_tui.widgets.pane import Pane
from locust_tui.widgets.row import Row
from locust_tui.widgets.tabs import filter_words
from locust_tui.widgets.view import View
from locust_tui.widgets.words import since

from .message_form import NOBODY, write_message
from .message_lines import message_lines, message_row, message_title
from .two_panes import NO_MATCH, TwoPanes

READ_S = 1.0
"""Whoever has had a message before them for so long has read it."""
_EMPTY = (Row("No message was sent yet."), Row("n writes one, esc goes back.", "dim"))
_KINDS: tuple[tuple[str, str, Callable[[MessageStatus, View], bool]], ...] = (
    ("all", "All", lambda m, view: True),
    ("unread", "Unread by people", lambda m, view: m.read is None and not m.dead and view.is_for_people(m)),
    ("dead", "Dead letters", lambda m, view: bool(m.dead)),
    ("from agents", "Sent by agents", lambda m, view: view.is_agents(m.sender)),
)
"""(word, words, which) of the filters on the keys 1 to 4."""


class MessagesScreen(TwoPanes):
    about = (
        "Every message, the latest first: its state, who wrote it to whom, and below all of it. 1 to 4 choose which: all, "
        "those that people have not read, dead letters, those of agents. a acknowledges, r answers, n writes a new one."
    )
    BINDINGS = [
        Binding("m", "close", "close"),
        *(Binding(str(n), f"kind({n - 1})", kind[1]) for n, kind in enumerate(_KINDS, 1)),
        Binding("a", "acknowledge", "acknowledge"),
        Binding("r", "reply", "answer"),
        Binding("n", "write", "write"),
        Binding("enter,l,right", "open", "open"),
    ]

    def __init__(self) -> None:
        self.items = Listing(lambda m: m.id, self._row, self._facts, about=self.about)
        super().__init__(self.items, hint="words of sender, address, subject or text", id="messages-screen")
        self.kind = 0
        self.guard = Guard()
        self._seen: tuple[str, str] | None = None
        """The message under the cursor and its state, as drawn last."""
        self._sought: tuple[object, int, str] | None = None
        """Messages, kind and filter of which `_found` was found."""
        self._found: list[MessageStatus] = []
        self._counts: list[int] = []
        self._reading: Timer | None = None

    def ready(self) -> None:
        self.guard.restart()
        super().ready()

    @property
    def current(self) -> MessageStatus | None:
        item = self.items.current
        return item if isinstance(item, MessageStatus) else None

    def present(self, view: View) -> None:
        found, counts = self._matching(view)
        self.items.show(self._title(len(found), counts), found, self._empty(), view.now)
        self.fit(self.app.size.width, self.app.size.height)
        message = self.current
        if message is None:
            self.put_detail("", Row(), ())
        else:
            lines = list(message_lines(message, view, self.detail_width))
            self.put_detail(message.id, message_title(message), lines)
        self._look_for_news()
        self.show_footer()

    def _matching(self, view: View) -> tuple[list[MessageStatus], list[int]]:
        """Those of this kind that fit the filter, the latest first, and how many there are of each kind.

        Sought anew only where messages or filter changed."""
        messages, sought = view.snapshot.messages, self._sought
        if sought is None or sought[0] is not messages or sought[1:] != (self.kind, self.words):
            if sought is None or sought[0] is not messages:
                self._counts = [sum(1 for m in messages if which(m, view)) for _, _, which in _KINDS]
            which = _KINDS[self.kind][2]
            self._sought = messages, self.kind, self.words
            self._found = [m for m in messages[::-1] if which(m, view) and (not self.words or self._fits(m))]
        return self._found, self._counts

    def _fits(self, m: MessageStatus) -> bool:
        return self.fits_filter(f"{m.id} {m.state} {m.sender} {m.to} {m.channel} {m.subject} {m.text}")

    def _title(self, found: int, counts: Sequence[int]) -> Row:
        row = Row("Messages ", "strong")
        for number, ((word, _, _), count) in enumerate(zip(_KINDS, counts, strict=True)):
            here = number == self.kind
            row.add(f" {number + 1} ", "cursor" if here else "key")
            row.add(f"{word} {count} ", "strong" if here else "dim")
        if self.words:
            row.right = [*filter_words(self.words, 30).left, (f" {found}", "dim")]
        return row

    def _empty(self) -> Sequence[Row]:
        if self.words:
            return NO_MATCH
        if self.kind:
            return (Row(f"{_KINDS[self.kind][1]}: none."), Row("1 shows all of them.", "dim"))
        return _EMPTY

    def _is_new(self, m: MessageStatus) -> bool:
        view = self.host.view
        return m.read is None and not m.dead and view is not None and view.is_for_people(m)

    def _row(self, m: MessageStatus, width: int, now: float) -> Row:
        return message_row(m, width, now, self._is_new(m))

    def _facts(self, m: MessageStatus, now: float) -> object:
        return m, since(m.sent, now), self._is_new(m)

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        message = self.current
        open_ = message is not None and message.acknowledged is None and not message.dead
        yield "a", "acknowledge", open_
        yield "r", "answer", message is not None and message.sender != NOBODY
        yield "n", "new", True
        yield "1-4", "which", True
        yield "/", "filter", bool(self.items.items)
        yield "ctrl+d", "scroll", len(self.detail.items) > self.detail.room
        yield "?", "help", True
        yield "esc", "back", True

    # what is under the cursor

    def _look_for_news(self) -> None:
        """Start the dead time again where what keys would be for appeared or changed; note when it has been read."""
        message = self.current
        now = None if message is None else (message.id, message.state)
        if now == self._seen:
            return
        if self._seen is None or now is None or now[0] != self._seen[0]:
            self._read_soon()
        self._seen = now
        self.guard.restart()

    @on(Pane.Moved)
    def _moved_on(self) -> None:
        """What a person goes to has not just appeared."""
        message = self.current
        self._seen = None if message is None else (message.id, message.state)
        self._read_soon()

    def _read_soon(self) -> None:
        if self._reading is not None:
            self._reading.stop()
        self._reading = self.set_timer(READ_S, self._has_read)

    def _has_read(self) -> None:
        """It was before the person's eyes for a while: the record says so, where it was for people to read."""
        message = self.current
        live = self.host.link.state is LinkState.LIVE
        if message is not None and live and self.is_current and self._is_new(message):
            self.host.spawn(self._note_read(message.id))

    async def _note_read(self, id: str) -> None:
        try:
            await self.host.port.ask(ReadMessages(messages=(id,)))
        except LocustTuiError as error:
            self.host.say_error(error)

    # keys

    def action_back(self) -> None:
        """One level: the filter, the kind, the screen."""
        if self.kind and not self.words:
            self.action_kind(0)
        else:
            super().action_back()

    def action_kind(self, number: int) -> None:
        self.kind = number
        self._present_now()

    def action_acknowledge(self) -> None:
        message = self.current
        if message is None:
            return
        if message.dead:
            self.host.say(f"{message.id} reached nobody: n writes it anew, to somebody", "you")
        elif message.acknowledged is not None:
            self.host.say(f"{message.id} was acknowledged by {message.acknowledged_by}", "you")
        elif self.guard.closed:
            self.host.say(WAIT, "dim")
        elif self.host.link.state is LinkState.GONE:
            self.host.say("no worker runs; u starts it", "you")
        else:
            self.host.ask(
                AcknowledgeMessage(message.id),
                doing=f"acknowledge {message.id}",
                done=f"{message.id} is acknowledged",
            )

    def action_reply(self) -> None:
        message = self.current
        if message is not None and message.sender == NOBODY:
            self.host.say("nobody wrote it: the worker told it by itself", "you")
        elif message is not None and self._can_write():
            write_message(self.host, reply_to=message)

    def action_write(self) -> None:
        if self._can_write():
            write_message(self.host)

    def _can_write(self) -> bool:
        if self.host.link.state is LinkState.GONE:
            self.host.say("no worker runs; u starts it", "you")
            return False
        return True

    def action_open(self) -> None:
        """The sender's or the address' work, where it is one."""
        message, view = self.current, self.host.view
        if message is None or view is None:
            return
        for name in (message.sender, message.to):
            if name in view.workstreams or name in view.leaders:
                self.host.main.go_to("workstream" if name in view.workstreams else "orchestrator", name)
                return
            if name in view.runs:
                self.host.main.go_to("log", name)
                return
        self.host.say("no workstream, orchestrator or run is behind it", "you")
