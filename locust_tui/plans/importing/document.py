"""Markdown → sections with their blocks and lines, read by markdown-it-py; nothing is rendered, fetched or run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..source import MAX_BYTES, UnreadableError, decode_text
from .finding import DocumentError
from .marks import plain

if TYPE_CHECKING:
    from markdown_it.token import Token

MAX_LINES = 20_000
MAX_TEXT = 2_000
"""Of one item, cell, heading or paragraph; what is longer is cut."""


@dataclass(slots=True)
class Item:
    """An item of a list. `checked`: of a checklist."""

    text: str
    line: int
    checked: bool | None = None
    items: list[Item] = field(default_factory=list)


@dataclass(slots=True)
class Paragraph:
    text: str
    line: int


@dataclass(slots=True)
class Listing:
    """A list; `ordered` where it is numbered."""

    items: list[Item]
    line: int
    ordered: bool = False


@dataclass(slots=True)
class Fence:
    """A block of code. `line` is that of its first line of text."""

    language: str
    text: str
    line: int


@dataclass(slots=True)
class Row:
    cells: list[str]
    line: int


@dataclass(slots=True)
class Table:
    head: list[str]
    rows: list[Row]
    line: int


Block = Paragraph | Listing | Fence | Table


@dataclass(slots=True)
class Section:
    """A heading and what stands below it, up to the next of its level."""

    title: str
    level: int
    line: int
    blocks: list[Block] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)

    def walk(self) -> Iterator[Section]:
        """This section and all below it, in the document's order."""
        stack = [self]
        while stack:
            section = stack.pop()
            yield section
            stack.extend(reversed(section.sections))

    def below(self) -> Iterator[Block]:
        """The blocks of this section and of all below it."""
        for section in self.walk():
            yield from section.blocks

    def items(self) -> Iterator[Item]:
        """The items of this section's own lists, outermost level only."""
        for block in self.blocks:
            if isinstance(block, Listing):
                yield from block.items


@dataclass(slots=True)
class Document:
    """A whole document under one root of level 0. `taken` holds what a reader has understood."""

    file: str
    root: Section
    taken: set[int] = field(default_factory=set)
    used: set[int] = field(default_factory=set)
    """Lines of prose that something was read from."""

    def take(self, thing: Block | Section) -> None:
        """Say that a block, or the heading of a section, has been understood."""
        self.taken.add(id(thing))

    def took(self, thing: Block | Section) -> bool:
        return id(thing) in self.taken

    def sections(self) -> Iterator[Section]:
        return self.root.walk()

    def blocks(self) -> Iterator[tuple[Section, Block]]:
        for section in self.root.walk():
            for block in section.blocks:
                yield section, block


def read_document(data: bytes, file: str) -> Document:
    """The document in `data`. Raises DocumentError for what is no text, or too large to be read by anybody."""
    if len(data) > MAX_BYTES:
        raise DocumentError(
            file, "the document is larger than 1 MiB", help="split it, and import the part with the plan"
        )
    try:
        text = decode_text(data)
    except UnreadableError as error:
        line = error.span.line if error.span else None
        raise DocumentError(
            file, error.message.replace("a plan", "a document"), line=line, help=error.help
        ) from None
    if text.count("\n") > MAX_LINES:
        raise DocumentError(
            file,
            f"the document has more than {MAX_LINES:,} lines",
            help="split it, and import the part with the plan",
        )
    return Document(file, _tree(_tokens(text)))


def _tokens(text: str) -> Sequence[Token]:
    """Blocks only: marks inside a text are few enough to be read by ourselves, and cannot be made a bomb of."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark").enable("table").disable(["inline", "reference"])
    return reader.parse(text)


def _tree(tokens: Sequence[Token]) -> Section:
    root = Section("", 0, 1)
    path = [root]
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.type == "heading_open":
            section = Section(plain(tokens[at + 1].content), int(token.tag[1:]), _line(token))
            while path[-1].level >= section.level:
                path.pop()
            path[-1].sections.append(section)
            path.append(section)
            at += 3
            continue
        block, at = _block(tokens, at)
        if block is not None:
            path[-1].blocks.append(block)
    return root


def _line(token: Token) -> int:
    return (token.map[0] if token.map else 0) + 1


def _block(tokens: Sequence[Token], at: int) -> tuple[Block | None, int]:
    """The block that begins at token `at`, and the place behind it."""
    token = tokens[at]
    if token.type == "paragraph_open":
        return Paragraph(tokens[at + 1].content[:MAX_TEXT], _line(token)), at + 3
    if token.type in ("fence", "code_block"):
        words = token.info.split()
        line = _line(token) + (token.type == "fence" and bool(token.content))
        return Fence(words[0].casefold() if words else "", token.content, line), at + 1
    if token.type in ("bullet_list_open", "ordered_list_open"):
        return _listing(tokens, at)
    if token.type == "table_open":
        return _table(tokens, at)
    return None, at + 1


def _listing(tokens: Sequence[Token], at: int) -> tuple[Listing, int]:
    """A list with the lists in it, without recursion; other blocks inside of it add to their item's text."""
    whole = Listing([], _line(tokens[at]), tokens[at].type == "ordered_list_open")
    levels: list[list[Item]] = []
    while True:
        token = tokens[at]
        if token.type in ("bullet_list_open", "ordered_list_open"):
            levels.append(levels[-1][-1].items if levels and levels[-1] else whole.items)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            levels.pop()
            if not levels:
                return whole, at + 1
        elif token.type == "list_item_open":
            levels[-1].append(Item("", _line(token)))
        elif token.type in ("inline", "fence", "code_block") and levels and levels[-1]:
            _add_text(levels[-1][-1], token.content)
        at += 1


def _add_text(item: Item, text: str) -> None:
    text = " ".join(text[:MAX_TEXT].split())
    if not item.text and text[:3].lower() in ("[ ]", "[x]"):
        item.checked = text[1] != " "
        text = text[3:].strip()
    item.text = f"{item.text} {text}".strip()[:MAX_TEXT]


def _table(tokens: Sequence[Token], at: int) -> tuple[Table, int]:
    table = Table([], [], _line(tokens[at]))
    while tokens[at].type != "table_close":
        token = tokens[at]
        if token.type == "tr_open":
            table.rows.append(Row([], _line(token)))
        elif token.type == "inline" and table.rows:
            table.rows[-1].cells.append(token.content[:MAX_TEXT])
        at += 1
    head = table.rows.pop(0) if table.rows else Row([], table.line)
    table.head = [plain(cell) for cell in head.cells]
    return table, at + 1
