"""Gates: headings or list items that name one, and the checklists below them."""

from __future__ import annotations

import re

from ...domain.plan import Weeks
from .document import Document, Listing, Paragraph, Section, Table
from .draft import Barrier, Draft, Stage
from .marks import labelled, plain
from .words import phases_in, slug, weeks_in

GATE = re.compile(
    r"\b(?:gates?|checkpoints?|exit review|stage review|go/no-go|completion (?:checklist|criteria)|exit criteria)\b",
    re.IGNORECASE,
)
_END = re.compile(r"\b(?:complet\w+|final|release|exit|end)\b", re.IGNORECASE)
_PATH = re.compile(r"[\w.-]+(?:/[\w.*{},-]+)+|[\w-]+\.(?:md|rst|txt|ya?ml|toml|json|html|pdf)\Z")
_THERE = frozenset({"exists", "exist", "present", "there", "written", "published", "complete", "committed"})
_PASSES = frozenset({"passes", "pass", "succeeds", "succeed", "green", "exits"})
_PUBLISHED = re.compile(r"\b(?:published|released|deployed|launched|shipped)\b", re.IGNORECASE)
_LIMIT = re.compile(r"(?:[<>≤≥]=?|\b(?:at least|at most|below|above|under|over)\b)\s{0,3}\d")
MOST = 100


def read_gates(draft: Draft) -> None:
    """Fill `draft.barriers`, each with its checklist; phases that only gates name are added."""
    for section in draft.document.sections():
        if GATE.search(section.title) and _checklist(section):
            _gate(draft, section.title, section.line, _checklist(section))
            _approvers(draft, section)
            _take(draft.document, section)
        elif GATE.search(section.title):
            _from_items(draft, section)
            _from_table(draft, section)


def _take(document: Document, section: Section) -> None:
    document.take(section)
    for block in section.blocks:
        document.take(block)


def _checklist(section: Section) -> list[tuple[str, int]]:
    """Items with a box; where a gate's section has none, all items of its own lists."""
    boxed = [(i.text, i.line) for i in section.items() if i.checked is not None]
    if boxed:
        return boxed
    if section.sections or any(i.items for i in section.items()):
        return []
    named = [i for i in section.items() if GATE.search(labelled(i.text)[0])]
    return [] if named else [(i.text, i.line) for i in section.items()]


def _gate(draft: Draft, title: str, line: int, criteria: list[tuple[str, int]]) -> Barrier | None:
    if len(draft.barriers) >= MOST:
        return None
    name = plain(title).partition("(")[0].strip(" :–—-")
    before = title
    for arrow in ("→", "->", "=>"):
        before = before.partition(arrow)[0]
    phases = phases_in(before)
    weeks = weeks_in(title)
    gate = Barrier("", _short(name), line, phases[-1] if phases else None, week=weeks.last if weeks else None)
    gate.last = bool(_END.search(name)) and "→" not in title and "->" not in title
    gate.criteria = criteria[:MOST]
    gate.id = f"g{len(draft.barriers) + 1}"
    draft.barriers.append(gate)
    for found in (phases_in(before), phases_in(title.replace(before, "", 1))):
        for phase in found:
            draft.stages.setdefault(phase, Stage(phase, "", line))
    return gate


def _short(name: str) -> str:
    """Without the word at its end that says it is a gate, where something else is left."""
    words = name.split()
    return " ".join(words[:-1]) if len(words) > 1 and words[-1].casefold() == "gate" else name


def _from_items(draft: Draft, section: Section) -> None:
    """`1. **Gate A: …** (week 3)` with its criteria as nested items."""
    for block in section.blocks:
        if not isinstance(block, Listing) or not any(i.items for i in block.items):
            continue
        for item in block.items:
            if item.items:
                _gate(draft, item.text.replace("**", ""), item.line, [(i.text, i.line) for i in item.items])
        draft.document.take(block)


def _from_table(draft: Draft, section: Section) -> None:
    """Rows of gate, week and criteria, these with semicolons between."""
    for block in section.blocks:
        if not isinstance(block, Table):
            continue
        heads = [h.casefold() for h in block.head]
        what = next(
            (
                n
                for n, h in enumerate(heads)
                if h in ("criteria", "acceptance criteria", "exit criteria", "requires")
            ),
            None,
        )
        if what is None:
            continue
        draft.document.take(block)
        for row in block.rows:
            if what < len(row.cells):
                title = " ".join(
                    f"(week {plain(c)})" if heads[n] in ("week", "due") and plain(c).isdecimal() else plain(c)
                    for n, c in enumerate(row.cells[: len(heads)]) if n != what
                )  # fmt: skip
                _gate(
                    draft,
                    title,
                    row.line,
                    [(c.strip(), row.line) for c in row.cells[what].split(";") if c.strip()],
                )


def _approvers(draft: Draft, section: Section) -> None:
    for block in section.blocks:
        lines = block.text.split("\n") if isinstance(block, Paragraph) else ()
        for line in lines:
            label, text = labelled(line)
            if label.casefold() in ("approvers", "approved by", "sign-off", "decided by") and draft.barriers:
                names = [slug(n) for n in text.replace(" and ", ",").split(",")]
                draft.barriers[-1].approvers = [n for n in names if n]


def criterion(draft: Draft, gate: Barrier, text: str, line: int) -> dict[str, object]:
    """The plan's form of one criterion: by machine only where the document itself says what to look at.

    Everything else is a question to a person, with a finding that asks for a command.
    """
    name = plain(text)
    made: dict[str, object] = {"name": name}
    code = [text.split("`")[n] for n in range(1, text.count("`") + 1, 2)] if text.count("`") % 2 == 0 else []
    after = set(plain(text.rpartition("`")[2]).casefold().replace(".", " ").split())
    if code and all(_PATH.search(c) and " " not in c for c in code) and after & _THERE:
        made["files"] = list(code)
        draft.notes.note("criterion", f'"{name}" is measured by the files it names', line)
    elif len(code) == 1 and " " in code[0].strip() and after & _PASSES:
        made["run"] = code[0].strip()
        draft.notes.note(
            "criterion",
            f'"{name}" is measured by its command, which nothing runs before you trust the plan',
            line,
        )
    else:
        made["manual"] = name
    if _PUBLISHED.search(name) and "manual" in made and (gate.last or gate.closes is None):
        made["after"] = "decision"
        draft.notes.warn(
            "circular",
            f'"{name}" is a criterion of gate {gate.id}, but it is what that gate should allow: it can only come true after the decision',
            line,
            "it is looked at after the decision (after: decision); name a command or an address that shows it",
        )
    elif "manual" in made and _LIMIT.search(name):
        _ask_for_a_measure(draft, name, line)
    return made


def _ask_for_a_measure(draft: Draft, name: str, line: int) -> None:
    low = name.casefold()
    if "coverage" in low:
        help_ = "name the report that measures this: {coverage: lcov.info, above: 80%}"
    elif "memory" in low:
        help_ = "name a command that measures this: {memory: COMMAND, below: 10MB}"
    elif any(unit in low for unit in ("ms", "seconds", "latency", "render")):
        help_ = "name a command that measures this: {metric: {run: COMMAND}, unit: ms, below: 10ms}"
    else:
        help_ = "name a command that measures this, and its limit"
    draft.notes.note("manual", f'"{name}" names nothing that measures it; a person signs it', line, help_)


def ask_for_commands(draft: Draft, gate: Barrier, made: list[dict[str, object]]) -> None:
    """One note for the criteria of a gate that only a person can judge."""
    manual = [str(c["name"]) for c in made if "manual" in c]
    rest = [name for name in manual if not _LIMIT.search(name)]
    if rest:
        names = f"{len(rest)} of its {len(made)} criteria {'names' if len(rest) == 1 else 'name'}"
        draft.notes.note(
            "manual",
            f"gate {gate.id}: {names} nothing that measures {'it' if len(rest) == 1 else 'them'}; a person signs {'it' if len(rest) == 1 else 'them'}",
            gate.line,
            f'name a command that measures it, in gates.{gate.id}: {{name: …, run: "…"}}',
        )


def due_week(gate: Barrier, stages: dict[str, Stage]) -> int | None:
    """The gate's week, else the end of its phase."""
    weeks: Weeks | None = stages[gate.closes].weeks if gate.closes in stages else None
    return gate.week or (weeks.last if weeks else None)
