"""What nothing of the plan comes from, by line."""

from __future__ import annotations

import re

from .document import Document, Fence, Listing, Paragraph, Section, Table
from .draft import Draft
from .finding import NOT_UNDERSTOOD

_BUILT_IN = re.compile(
    r"\b(?:responsibilit\w+|primary functions|key metrics|duties|dashboard)\b", re.IGNORECASE
)


def not_understood(draft: Draft) -> None:
    """Name every section and block that nothing of the plan comes from."""
    document = draft.document
    stack: list[Section] = [document.root]
    while stack:
        section = stack.pop()
        if section.level and not _any_taken(document, section):
            if any(True for _ in section.below()):
                if _BUILT_IN.search(section.title):
                    draft.notes.note(
                        "built-in",
                        f'"{section.title}" describes what this program does and shows by itself; nothing of it stands in the plan',
                        section.line,
                    )
                elif any(not isinstance(b, Paragraph) for b in section.below()):
                    draft.notes.note(
                        NOT_UNDERSTOOD, f'not understood: section "{section.title}"', section.line
                    )
                elif not document.used & {b.line for b in section.below()}:
                    draft.notes.note(
                        "prose", f'"{section.title}" is prose; nothing of it stands in the plan', section.line
                    )
            continue
        for block in section.blocks:
            if not isinstance(block, Paragraph) and not document.took(block):
                kind = {Fence: "block", Table: "table", Listing: "list"}[type(block)]
                name = f" of {block.language}" if isinstance(block, Fence) and block.language else ""
                draft.notes.note(NOT_UNDERSTOOD, f"not understood: this {kind}{name}", block.line)
        stack.extend(reversed(section.sections))


def _any_taken(document: Document, section: Section) -> bool:
    return any(document.took(s) or any(document.took(b) for b in s.blocks) for s in section.walk())
