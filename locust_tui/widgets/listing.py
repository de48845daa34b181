"""A list whose rows a function makes, for what is in view alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .pane import Pane
from .row import Row


class Listing(Pane[Any]):
    """`key_of` pins the cursor; `row_of(item, width, now)` draws; `facts_of(item, now)` is all that a row rests on."""

    def __init__(
        self,
        key_of: Callable[[Any], str],
        row_of: Callable[[Any, int, float], Row],
        facts_of: Callable[[Any, float], object],
        *,
        about: str = "",
        id: str = "items",
    ) -> None:
        super().__init__(id=id)
        self.about = about
        self._key_of, self._row_of, self._facts_of = key_of, row_of, facts_of
        self._title = Row()
        self._empty: Sequence[Row] = ()
        self._now = 0.0

    def show(self, title: Row, items: Sequence[Any], empty: Sequence[Row], now: float) -> None:
        self._title, self._empty, self._now = title, empty, now
        self.show_items(items)

    def key(self, item: Any) -> str:
        return self._key_of(item)

    def title(self) -> Row:
        return self._title

    def empty(self) -> Sequence[Row]:
        return self._empty

    def facts(self, item: Any) -> object:
        return self._facts_of(item, self._now)

    def rows(self, item: Any, width: int) -> Sequence[Row]:
        return (self._row_of(item, width, self._now),)
