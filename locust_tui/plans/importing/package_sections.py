"""A workstream that has a heading of its own: its fields, and the sections below it."""

from __future__ import annotations

from .document import Section
from .draft import Draft, Package
from .finding import NOT_UNDERSTOOD
from .marks import plain
from .package_fields import COLUMNS, fields, say
from .words import phases_in

_GOALS = ("objectives", "objective", "goals", "tasks", "scope", "description")
_DONE = ("success criteria", "acceptance criteria", "exit criteria", "done when", "definition of done")


def read_heading(
    draft: Draft, package: Package, section: Section, waiting: list[tuple[Package, str, int]]
) -> None:
    """`### WS-01: Core Types` with labelled lines, and sections like Deliverables and Dependencies below it."""
    draft.document.take(section)
    for block in section.blocks:
        draft.document.take(block)
    said = fields(section)
    cells: dict[str, str] = {}
    for meaning, names in COLUMNS.items():
        text = next((said[name][0] for name in names if name in said), None)
        if text is not None and meaning not in ("id", "name"):
            cells[meaning] = text
    cells.setdefault("weeks", section.title)
    if package.phase is None and (phases := phases_in(_above(draft, section))):
        cells.setdefault("phase", phases[0])
    for inner in section.sections:
        _read_part(draft, package, inner, cells, waiting)
    say(draft, package, cells, section.line, waiting)


def _above(draft: Draft, section: Section) -> str:
    """The title of the section around this one, where it is a single phase's."""
    for parent in draft.document.sections():
        if section in parent.sections:
            return parent.title if len(phases_in(parent.title)) == 1 else ""
    return ""


def _read_part(
    draft: Draft,
    package: Package,
    part: Section,
    cells: dict[str, str],
    waiting: list[tuple[Package, str, int]],
) -> None:
    title = part.title.casefold().strip(": ")
    items = [(plain(item.text), item.line) for item in part.items() if plain(item.text)]
    if not items:
        return
    if title in COLUMNS["deliverables"]:
        package.deliverables = package.deliverables or [text for text, _ in items]
        package.lines.setdefault("deliverables", items[0][1])
    elif title in COLUMNS["needs"]:
        waiting.extend((package, text.partition("(")[0], line) for text, line in items)
    elif title in _DONE:
        package.done_when = package.done_when or [text for text, _ in items]
        package.lines.setdefault("notes", items[0][1])
    elif title in _GOALS:
        cells.setdefault("instructions", ". ".join(text.rstrip(".") for text, _ in items) + ".")
    else:
        draft.notes.note(NOT_UNDERSTOOD, f'not understood: "{part.title}" of {package.id}', part.line)
    draft.document.take(part)
    for block in part.blocks:
        draft.document.take(block)
