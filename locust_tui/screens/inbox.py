"""Answering what waits for a person: the key of a choice, then y or a message, bound to what was shown."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from textual import on
from textual.binding import Binding

from locust_tui.client.port import LinkState
from locust_tui.domain.snapshot import WaitingView
from locust_tui.errors import LocustTuiError, UnreachableError
from locust_tui.widgets.answer_form import WAIT, AnswerForm
from locust_tui.widgets.entry import Entry
from locust_tui.widgets.form import Guard
from locust_tui.widgets.inbox import InboxList, Item, key_of
from locust_tui.widgets.pane import Pane
from locust_tui.widgets.row import Row
from locust_tui.widgets.view import View
from locust_tui.widgets.words import plural

from .inbox_answers import Choice, choices_of, facts_of, request_of, together
from .inbox_marks import InboxMarks
from .person import terminal_name, user_name
from .refusals import words_of

_ANSWER_KEYS = ("a", "A", "d", "t", *map(str, range(1, 10)))


class InboxScreen(InboxMarks):
    """An answer takes two steps: the key of a choice, then y, or enter under a message.

    Keys that answer count only half a second after the thing under the cursor appeared or changed. What is sent is
    bound to the digest of what was on the screen when the first step was taken.
    """

    about = (
        InboxList.about
        + " Every answer asks once more, and is bound to what was shown. h shows past answers."
    )
    BINDINGS = [
        *(Binding(key, f"answer('{key}')") for key in _ANSWER_KEYS),
    ]

    def __init__(self, item: str = "") -> None:
        super().__init__(item)
        self.guard = Guard()
        self.form: AnswerForm | None = None
        self.answering: tuple[Choice, tuple[WaitingView, ...]] | None = None
        self._seen: tuple[str, str] | None = None
        """The thing under the cursor and its digest, as drawn last."""
        self._read: set[tuple[str, str]] = set()
        """(item, digest) of which the end was in view."""

    def ready(self) -> None:
        self.guard.restart()
        super().ready()

    def present(self, view: View) -> None:
        super().present(view)
        self._look_for_news(view)
        self._note_read()

    def about_items(self) -> Sequence[Item]:
        return self.answering[1] if self.answering is not None else super().about_items()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Between the steps every key is the second step's, from the moment of the first."""
        return self.form is None

    def _look_for_news(self, view: View) -> None:
        """Start the dead time again where what would be answered has appeared or changed."""
        now = self._under_the_cursor()
        if now != self._seen:
            self._seen = now
            self.guard.restart()
        if self.form is None or self.answering is None:
            return
        waiting = {item.item: item for item in view.snapshot.waiting}
        gone = [i for i in self.answering[1] if i.item not in waiting]
        changed = [i for i in self.answering[1] if i.item in waiting and waiting[i.item].digest != i.digest]
        if gone or changed:
            self._close_form()
            self.host.say(
                self._what_became_of(view, gone[0]) if gone else "it changed: look again before you answer",
                "you",
            )

    @staticmethod
    def _what_became_of(view: View, item: WaitingView) -> str:
        for answered in view.snapshot.answered:
            if answered.item == item.item:
                said = answered.choice or "in words"
                return f"{item.item}: {answered.withdrawn or f'answered by {answered.by}: {said}'}"
        return f"{item.item} needs no answer any more"

    def _under_the_cursor(self) -> tuple[str, str] | None:
        current = self.items.current
        return None if current is None else (key_of(current), getattr(current, "digest", ""))

    def _note_read(self) -> None:
        if self.detail.top + self.detail.room >= len(self.detail.items):
            self._read.update((i.item, i.digest) for i in self.about_items() if isinstance(i, WaitingView))

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        if self.form is not None:
            yield ("y" if self.form.entry is None else "enter"), "give the answer", True
            yield "pgdn", "scroll", True
            yield "esc", "back", True
            return
        item = self.current
        choices = choices_of(item) if item is not None else ()
        numbered = [c.key for c in choices if not c.label]
        if numbered:
            yield "1" if len(numbered) == 1 else f"1-{numbered[-1]}", "option", True
        for choice in choices:
            if choice.label:
                yield choice.key, choice.label, True
        if self.items.current is not None and not choices:
            yield "enter", "open", True
        if choices:
            yield "space", "mark", True
        yield "h", "what waits" if self.in_history else "history", True
        yield "/", "filter", bool(self.items.items)
        yield "ctrl+d", "scroll", len(self.detail.items) > self.detail.room
        yield "?", "help", True
        yield "esc", "back", True

    @on(Pane.Moved)
    def _moved_on(self) -> None:
        """What a person goes to has not just appeared."""
        self._seen = self._under_the_cursor()

    def action_page(self, fraction: float) -> None:
        super().action_page(fraction)
        self._note_read()

    def action_history(self) -> None:
        self.guard.restart()
        super().action_history()

    # answering

    def action_answer(self, key: str) -> None:
        """The first step."""
        items = [] if self.in_history else self._marked_items() or ([self.current] if self.current else [])
        if not items:
            return
        choices = choices_of(items[0])
        choice = next((c for c in choices if c.key == key), None)
        if not choices:
            self.host.say("enter leads to where this is decided", "you")
        elif choice is None:
            if self.marks:
                self.host.say(f"{together(items)} marked: esc lets go of the marks", "you")
        elif self.guard.closed:
            self.host.say(WAIT, "dim")
        elif self.host.link.state is LinkState.GONE:
            self.host.say("no worker runs; u starts it", "you")
        elif choice.answer == "cancel":
            self.host.main.select(items[0].subject)
            self.host.main.action_run("cancel")
        else:
            self._ask_once_more(choice, tuple(items))

    def _ask_once_more(self, choice: Choice, items: tuple[WaitingView, ...]) -> None:
        unread = [i for i in items if (i.item, i.digest) not in self._read] if len(items) == 1 else []
        facts = facts_of(choice, items, max(20, self.size.width - 8))
        if unread:
            rest = len(self.detail.items) - self.detail.top - self.detail.room
            facts.append(Row(f"⚠ {plural(rest, 'line')} of it stand below, not seen yet: pgdn", "you"))
        named = choice.label or choice.does
        title = Row(f"{named[:1].upper()}{named[1:]} · {together(items)}", "strong")
        title.add(f" · recorded as {user_name()} (uid {os.getuid()}) on {terminal_name()}", "dim")
        entry = Entry(hint=choice.hint) if choice.hint is not None else None
        count = f", {len(items)} at once" if len(items) > 1 else ""
        self.answering = (choice, items)
        self.guard.restart()
        self.form = AnswerForm(
            title, facts, choice.does + count, guard=self.guard, entry=entry, needs_words=choice.needs_words
        )
        self.hush()
        self.query_one("#answering").mount(self.form)
        self.form.focus()
        self._present_now()

    def _close_form(self) -> None:
        if self.form is not None:
            self.form.remove()
        self.form = self.answering = None
        self.guard.restart()
        self.items.focus()
        self._present_now()

    @on(AnswerForm.Page)
    def _page(self, message: AnswerForm.Page) -> None:
        message.stop()
        self.action_page(message.fraction)

    @on(AnswerForm.Left)
    def _form_left(self, message: AnswerForm.Left) -> None:
        message.stop()
        self._close_form()

    @on(AnswerForm.Submitted)
    def _submitted(self, message: AnswerForm.Submitted) -> None:
        message.stop()
        if self.answering is None:
            return
        choice, items = self.answering
        for item in items:
            self.marked.pop(item.item, None)
        self._close_form()
        self.host.say(f"{together(items)}: {choice.does}", "dim")
        self.host.spawn(self._send(choice, items, message.words))

    async def _send(self, choice: Choice, items: Sequence[WaitingView], words: str) -> None:
        """Each with its own digest; what is refused says why, and the others are answered all the same."""
        given, refused = 0, ""
        for item in items:
            try:
                await self.host.port.ask(request_of(item, choice, words))
            except LocustTuiError as error:
                refused = words_of(error)
                self.guard.restart()
                if isinstance(error, UnreachableError):
                    break
            else:
                given += 1
        if refused:
            self.host.say(
                refused if len(items) == 1 else f"{given} of {len(items)} answered: {refused}", "bad"
            )
        else:
            self.host.say(
                f"{together(items)}: {choice.label or choice.does}, recorded as {user_name()}", "done"
            )
