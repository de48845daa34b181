"""YAML events → plain values with their places in the file, bounded in depth and size.

Built on libyaml's event parser, which does not recurse; aliases share their value, so that a small file
that expands to a huge one costs nothing before it is refused.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from .complaints import (
    alias_in_itself,
    block_as_key,
    empty_text,
    merged_no_block,
    second_document,
    tagged,
    too_deep,
    too_large,
    unknown_alias,
)
from .scalars import resolve
from .tree import Duplicate, Tree, Where, event_span

MAX_DEPTH = 40
MAX_VALUES = 50_000
"""Counted after aliases are expanded."""

_BLOCK_STYLES = frozenset("|>")
_NO_TEXT = "\0"
"""Stands for a key that is no text, until its value has been left out; no file can hold it."""

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class _Block:
    value: Any
    start: Any
    is_map: bool
    entries: Any
    key: str | None = None
    key_event: Event | None = None
    size: int = 0
    merge: bool = False
    as_key: bool = False


class _Builder:
    """Turns the event stream into a Tree, block by block on a stack of its own."""

    def __init__(self) -> None:
        self.tree = Tree(None)
        self.stack: list[_Block] = []
        self.anchors: dict[str, tuple[Any, int, Event]] = {}
        self.open_anchors: set[str] = set()
        self.total = 0
        self.documents = 0

    def build(self, text: str) -> Tree:
        loader = Loader(text)
        next_event = loader.get_event
        try:
            while True:
                event = next_event()
                kind = type(event)
                if kind is ScalarEvent:
                    self._scalar(event)
                elif kind is MappingStartEvent or kind is SequenceStartEvent:
                    self._open(event, kind is MappingStartEvent)
                elif kind is MappingEndEvent or kind is SequenceEndEvent:
                    self._close(event)
                elif kind is AliasEvent:
                    self._alias(event)
                elif kind is DocumentStartEvent:
                    self.documents += 1
                    if self.documents > 1:
                        raise second_document(event)
                elif kind is StreamEndEvent:
                    return self.tree
        finally:
            loader.dispose()

    def _scalar(self, event: Any) -> None:
        tag = event.tag
        if tag is not None:
            self.tree.complaints.append(tagged(event))
        if event.style in _BLOCK_STYLES and not event.value:
            self.tree.complaints.append(empty_text(event))
        block = self.stack[-1] if self.stack else None
        self._count(1, event)
        if block is not None and block.is_map and block.key is None:
            if event.anchor:
                self.anchors[event.anchor] = (event.value, 1, event)
            self._key(block, event.value, event, plain=not event.style)
            return
        value = resolve(event.value) if event.implicit[0] and not event.style else event.value
        if event.anchor:
            self.anchors[event.anchor] = (value, 1, event)
        self._put(value, event)

    def _key(self, block: _Block, key: str, event: Event, plain: bool) -> None:
        if not key.isascii():
            key = unicodedata.normalize("NFC", key)
        block.key_event = event
        block.key = key
        if plain and key == "<<":
            block.merge = True
        elif key in block.value and block.entries[key][0] is not None:
            first = block.entries[key][0]
            self.tree.duplicates.append(Duplicate(self._where(), key, event_span(first), event_span(event)))

    def _where(self) -> Where:
        """The block that is being filled, as a path."""
        return tuple(block.key or "" if block.is_map else len(block.value) for block in self.stack[:-1])

    def _put(self, value: Any, event: Event) -> None:
        if not self.stack:
            self.tree.value = value
            self.tree.root = event
            return
        block = self.stack[-1]
        if not block.is_map:
            block.value.append(value)
            block.entries.append(event)
            return
        key, key_event = block.key, block.key_event
        block.key = None
        if key is None or key.startswith(_NO_TEXT):
            return
        if block.merge:
            block.merge = False
            self._merge(block, value, event)
        elif key not in block.value or block.entries[key][0] is None:
            block.value[key] = value
            block.entries[key] = (key_event, event)

    def _merge(self, block: _Block, value: Any, event: Event) -> None:
        """`<<: *other` (or a list of them): other's keys, wherever this block has none of its own."""
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, dict) for part in parts):
            self.tree.complaints.append(merged_no_block(event))
            return
        for part in parts:
            inner = self.tree.marks[id(part)][0]
            for key, item in part.items():
                if key not in block.value:
                    block.value[key] = item
                    # an entry without a key event may still be overridden by one written here
                    block.entries[key] = (None, inner[key][1])

    def _open(self, event: Any, is_map: bool) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise too_deep(event, MAX_DEPTH)
        if event.tag is not None:
            self.tree.complaints.append(tagged(event))
        as_key = bool(self.stack and self.stack[-1].is_map and self.stack[-1].key is None)
        block = _Block({}, event, True, {}) if is_map else _Block([], event, False, [])
        block.as_key = as_key
        if as_key:
            self.tree.complaints.append(block_as_key(event))
        if event.anchor:
            self.open_anchors.add(event.anchor)
        self.stack.append(block)
        self._count(1, event)

    def _close(self, event: Any) -> None:
        block = self.stack.pop()
        anchor = block.start.anchor
        self.tree.marks[id(block.value)] = (block.entries, block.start, event)
        self.tree.kept.append(block.value)
        if anchor:
            self.open_anchors.discard(anchor)
            self.anchors[anchor] = (block.value, block.size, block.start)
        if self.stack:
            self.stack[-1].size += block.size
        if block.as_key:
            self.stack[-1].key, self.stack[-1].key_event = _NO_TEXT, block.start
            return
        self._put(block.value, block.start)

    def _alias(self, event: Any) -> None:
        name = event.anchor
        known = self.anchors.get(name)
        if known is None or name in self.open_anchors:
            inside_itself = name in self.open_anchors
            self.tree.complaints.append(alias_in_itself(event) if inside_itself else unknown_alias(event))
            known = (None, 1, event)
        value, size, _ = known
        self._count(size, event)
        block = self.stack[-1] if self.stack else None
        if block is not None and block.is_map and block.key is None:
            if isinstance(value, dict | list):
                self.tree.complaints.append(block_as_key(event))
                value = _NO_TEXT
            self._key(block, str(value), event, plain=False)
            return
        self._put(value, event)

    def _count(self, size: int, event: Event) -> None:
        self.total += size
        if self.stack:
            self.stack[-1].size += size
        if self.total > MAX_VALUES:
            raise too_large(event, MAX_VALUES)


def build_tree(text: str) -> Tree:
    """The tree of `text`. Raises yaml.YAMLError for broken syntax and TreeError for what a plan may not hold."""
    return _Builder().build(text)
