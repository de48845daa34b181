"""Marking things in the inbox, to be answered together."""

from __future__ import annotations

from textual.binding import Binding

from locust_tui.domain.snapshot import WaitingView
from locust_tui.widgets.view import View
from locust_tui.widgets.words import plural

from .inbox_answers import choices_of
from .inbox_panes import InboxPanes


class InboxMarks(InboxPanes):
    """A mark is for what was shown: it goes when the thing changes or is answered."""

    BINDINGS = [Binding("space", "mark", "mark")]

    def __init__(self, item: str = "") -> None:
        super().__init__(item)
        self.marked: dict[str, str] = {}
        """Item → the digest it had when it was marked."""

    def present(self, view: View) -> None:
        self._forget_marks(view)
        super().present(view)

    @property
    def marks(self) -> frozenset[str]:
        return frozenset() if self.in_history else frozenset(self.marked)

    def _forget_marks(self, view: View) -> None:
        """A mark is for what was shown: it goes when the thing changed or is gone."""
        now = {item.item: item.digest for item in view.snapshot.waiting}
        kept = {item: digest for item, digest in self.marked.items() if now.get(item) == digest}
        lost, self.marked = len(self.marked) - len(kept), kept
        if lost:
            self.host.say(f"{plural(lost, 'marked thing')} changed or went: marked no more", "you")

    def action_back(self) -> None:
        if self.marks and not self.words:
            self.marked = {}
            self._present_now()
        else:
            super().action_back()

    def action_mark(self) -> None:
        """Mark the thing under the cursor, to be answered with others of its kind."""
        item = self.current
        if item is None or not choices_of(item) or not item.digest:
            self.host.say("this is decided alone", "you")
        elif item.item in self.marked:
            del self.marked[item.item]
        elif self._others_marked(item):
            self.host.say("only things of one kind with the same choices are answered together", "you")
            return
        else:
            self.marked[item.item] = item.digest
        self.items.move(1)
        self._present_now()

    def _others_marked(self, item: WaitingView) -> bool:
        """Whether something is marked that cannot be answered along with `item`."""
        marked = self._marked_items()
        return bool(marked) and (marked[0].kind, marked[0].choices) != (item.kind, item.choices)

    def _marked_items(self) -> list[WaitingView]:
        view = self.host.view
        return [i for i in view.snapshot.waiting if i.item in self.marked] if view is not None else []
