"""What rows, headings and items say of a workstream, by the usual names of columns and labels."""

from __future__ import annotations

from collections.abc import Iterable

from .document import Listing, Paragraph, Section, Table
from .draft import Draft, Package
from .marks import labelled, plain
from .words import clean_id, phases_in, slug, weeks_in, weeks_of

COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("id", "ws", "#", "key", "no", "nr", "no."),
    "name": ("workstream", "name", "work package", "package", "task", "title", "stream", "what", "job"),
    "needs": (
        "depends on",
        "dependencies",
        "needs",
        "after",
        "requires",
        "blocked by",
        "predecessors",
        "dependency",
    ),
    "weeks": ("weeks", "week", "timeline", "when", "schedule"),
    "duration": ("duration", "estimate", "length", "takes"),
    "phase": ("phase", "stage"),
    "owner": ("orchestrator", "owner", "lead", "team", "domain", "squad", "led by"),
    "agent": ("agent type", "agent", "lead agent", "type"),
    "priority": ("priority",),
    "weight": ("weight", "effort", "points", "complexity", "size"),
    "instructions": ("instructions", "description", "goal", "objective", "scope", "focus", "summary"),
    "deliverables": ("deliverables", "key deliverables", "outputs", "delivers"),
}


_PRIORITIES = ("critical", "high", "medium", "low")


def once(draft: Draft, package: Package, source: str, line: int) -> None:
    """Say where one kind of place names a workstream twice."""
    first = package.lines.setdefault(source, line)
    if first != line:
        draft.notes.warn(
            "duplicate",
            f"{package.id} is written twice (first on line {first}); what the first says stands",
            line,
        )


def rename(package: Package, name: str) -> None:
    """A name from the text stands over a node's label, and over the id."""
    if name and (package.drawn or package.name == package.id):
        package.name, package.drawn = name, False


def columns_of(table: Table) -> dict[str, int]:
    """Meaning → column."""
    found: dict[str, int] = {}
    for meaning, names in COLUMNS.items():
        for name in names:
            if meaning not in found:
                places = [
                    n
                    for n, head in enumerate(table.head)
                    if head.casefold() == name and n not in found.values()
                ]
                if places:
                    found[meaning] = places[0]
    return found


def fields(section: Section) -> dict[str, tuple[str, int]]:
    """The labelled lines of a section: label in small letters → text and line; nested items are joined by commas."""
    found: dict[str, tuple[str, int]] = {}
    for block in section.blocks:
        for label, text, line in _labelled_lines(block):
            if label and text:
                found.setdefault(label.casefold(), (text, line))
    return found


def _labelled_lines(block: object) -> Iterable[tuple[str, str, int]]:
    if isinstance(block, Listing):
        for item in block.items:
            label, text = labelled(item.text)
            inner = ", ".join(plain(i.text) for i in item.items)
            yield (
                label or text.rstrip(":"),
                ", ".join(t for t in (text if label else "", inner) if t),
                item.line,
            )
    elif isinstance(block, Paragraph):
        for n, line in enumerate(block.text.split("\n")):
            yield (*labelled(line), block.line + n)


def say(
    draft: Draft, package: Package, cells: dict[str, str], line: int, waiting: list[tuple[Package, str, int]]
) -> None:
    """What a row, a heading or an item says of a workstream; what was said before stands."""
    for meaning in (
        "weeks",
        "duration",
        "phase",
        "owner",
        "agent",
        "priority",
        "weight",
        "instructions",
        "deliverables",
    ):
        text = cells.get(meaning, "").strip()
        if not text or text in ("-", "–", "—", "n/a", "none"):
            continue
        package.lines.setdefault(meaning, line)
        if meaning == "weeks":
            weeks = weeks_of(text) if len(text) < 20 else weeks_in(text)
            package.weeks = package.weeks or weeks
            if weeks is None and any(c.isdecimal() for c in text) and len(text) < 20:
                draft.notes.warn(
                    "weeks", f'"{text}" are no weeks of {package.id}; left out', line, "weeks: 3-8"
                )
        elif meaning == "duration":
            package.duration = package.duration or _duration(text)
        elif meaning == "phase":
            phases = phases_in(text) or phases_in(f"phase {text}") or [slug(text)]
            package.phase = package.phase or (phases[0] if len(phases) == 1 else None)
        elif meaning == "owner":
            package.owner = package.owner or text
        elif meaning == "agent":
            package.agent = package.agent or clean_id(text)
        elif meaning == "priority":
            package.priority = package.priority or next(
                (p for p in _PRIORITIES if p in text.casefold()), None
            )
        elif meaning == "weight":
            package.weight = package.weight if package.weight is not None else _number(text)
        elif meaning == "instructions":
            package.instructions = package.instructions or text
        elif not package.deliverables:
            package.deliverables = [t.strip() for t in text.replace(";", ",").split(",") if t.strip()]
    if cells.get("needs"):
        waiting.append((package, cells["needs"], line))


def _duration(text: str) -> float | None:
    """Weeks of "2 weeks", "3 days" (five to a week) and "2"."""
    value = _number(text)
    low = text.casefold()
    if value is None or "hour" in low or "month" in low:
        return None
    return round(value / 5, 2) if "day" in low or low.endswith("d") else value


def _number(text: str) -> float | None:
    try:
        value = float(text.split()[0].rstrip("dw"))
    except (ValueError, IndexError):
        return None
    return value if 0 <= value < 1e6 else None
