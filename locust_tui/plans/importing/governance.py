"""What surrounds the work: ways to catch up, routes of escalation, success criteria, reports."""

from __future__ import annotations

import re
from collections.abc import Callable

from .document import Fence, Listing, Paragraph, Section
from .draft import Draft
from .finding import NOT_UNDERSTOOD
from .marks import labelled, plain
from .words import keywords, references, slug

_STRATEGIES = re.compile(
    r"\b(?:compression|acceleration|catch(?:ing)?[- ]up|recovery|contingenc\w+|fallback)\b", re.IGNORECASE
)
_SUCCESS = re.compile(r"\bsuccess\b|\bdefinition of done\b|\bdone means\b|\bend conditions?\b", re.IGNORECASE)
_LATER = re.compile(
    r"\blong[- ]term\b|\bafter (?:the )?release\b|\bpost[- ]release\b|\blater\b", re.IGNORECASE
)
_ESCALATION = re.compile(r"\bescalat\w+\b", re.IGNORECASE)
_REPORTS = re.compile(r"\breport(?:s|ing)?\b", re.IGNORECASE)
_DAY = re.compile(r"\b(?:every|each|on)?\s?(mon|tues?|wednes|thurs?|fri|satur|sun)days?\b", re.IGNORECASE)
_WITHIN = re.compile(
    r"\b(?:within|in|after)\s+(?:the\s+)?(first|\d{1,3})\s+(days?|weeks?|months?|years?)\b", re.IGNORECASE
)
_KINDS = (
    ("fast-track", ("fast-track", "fast track", "overlap")),
    ("crash", ("parallel", "accelerat", "crash", "allocation", "more agents")),
    ("descope", ("scope", "defer", "descope", "cut ", "nice-to-have", "drop")),
    ("waive", ("quality", "debt", "trade-off", "waive")),
    ("add-capacity", ("external", "consultant", "hire", "contractor", "capacity", "resources", "bring in")),
)  # fmt: skip
_TOPICS = (
    ("cross-domain", ("cross", "between")),
    ("architecture", ("architect", "design", "technical")),
    ("timeline", ("timeline", "schedule", "resource", "budget", "deadline")),
    ("workstream", ("workstream", "task", "package")),
)
MOST = 100


def read_governance(draft: Draft) -> None:
    """Put strategies, routes, success criteria and reports into the draft."""
    for section in draft.document.sections():
        title = section.title
        if not section.blocks or draft.document.took(section):
            continue
        lists = [b for b in section.blocks if isinstance(b, Listing) and not draft.document.took(b)]
        if _ESCALATION.search(title):
            _each(draft, section, lists, _route)
        elif _LATER.search(title) and lists:
            _each(draft, section, lists, _later)
        elif _SUCCESS.search(title):
            _each(draft, section, lists, _success)
        elif _STRATEGIES.search(title):
            _each(draft, section, lists, _strategy)
        elif _REPORTS.search(title):
            _report(draft, section)


def _each(
    draft: Draft, section: Section, lists: list[Listing], read: Callable[[Draft, str, int], None]
) -> None:
    for block in lists:
        draft.document.take(block)
        for item in block.items[:MOST]:
            read(draft, item.text, item.line)
    if lists:
        draft.document.take(section)


def _strategy(draft: Draft, text: str, line: int) -> None:
    label, rest = labelled(text)
    name = label or rest
    low = f"{name} {rest}".casefold()
    kind = next((kind for kind, marks in _KINDS if any(mark in name.casefold() for mark in marks)), None)
    kind = kind or next((kind for kind, marks in _KINDS if any(mark in low for mark in marks)), None)
    if kind is None:
        draft.notes.note(
            NOT_UNDERSTOOD,
            f'not understood: what "{name}" would do to the plan',
            line,
            "kinds are crash, fast-track, descope, waive and add-capacity",
        )
        return
    taken = {s["id"] for s in draft.values.get("strategies", ())}
    id = slug(name) or kind
    while id in taken:
        id += "-2"
    made: dict[str, object] = {"id": id, "name": name[:200], "kind": kind, "description": rest}
    named = [id for id, _ in references(rest, draft.known())[0]] if kind == "descope" else []
    if kind == "descope":
        named = named or [p.id for p in draft.packages.values() if p.priority == "low"]
        if named:
            made["candidates"] = named
    draft.put("strategies", made, line)


def _route(draft: Draft, text: str, line: int) -> None:
    parts = [plain(p) for p in text.replace("->", "→").split("→")]
    if len(parts) < 2:
        draft.notes.note(
            NOT_UNDERSTOOD,
            f'not understood: the way of "{plain(text)}"',
            line,
            "write it as: kind → who → who next",
        )
        return
    topic = parts[0].rstrip(": ")
    kind = (
        next((kind for kind, marks in _TOPICS if any(m in topic.casefold() for m in marks)), None)
        or slug(topic)
        or "other"
    )
    together = any(" + " in p or " and " in p for p in parts[1:])
    parties = [q.strip() for p in parts[1:] for q in p.replace(" and ", " + ").split(" + ") if q.strip()]
    made: dict[str, object] = {"kind": kind, "to": parties}
    if together:
        made["mode"] = "all"
    draft.put("escalation", made, line)


def _success(draft: Draft, text: str, line: int) -> None:
    label, rest = labelled(text)
    name = label or rest
    words = keywords(rest)
    low = rest.casefold()
    if (
        low.startswith("all ")
        and "phase" in words
        and words & {"implemented", "complete", "completed", "done", "passed", "feature"}
    ):
        draft.put(
            "success",
            {"name": f"{name}: {rest}" if label else name, "check": "phases_done == phases_total"},
            line,
        )
        return
    draft.put("success", {"name": name, "manual": rest}, line)
    draft.notes.note(
        "manual",
        f'"{rest}" names nothing that measures it; a person signs it',
        line,
        "check: FACT > 80, and facts: {FACT: {run: COMMAND}}",
    )


def _later(draft: Draft, text: str, line: int) -> None:
    label, rest = labelled(text)
    found = _WITHIN.search(rest)
    made: dict[str, object] = {"name": label or rest, "manual": rest}
    if found is not None:
        number = "1" if found.group(1).casefold() == "first" else found.group(1)
        unit = found.group(2).casefold().rstrip("s")
        made["due"] = f"{number} {unit}{'' if number == '1' else 's'}"
    draft.put("after_release", made, line)


def _report(draft: Draft, section: Section) -> None:
    """The first section that speaks of reports makes the schedule; its template is this program's own report."""
    titles = [section.title, *(p.title for p in draft.document.sections() if section in p.sections)]
    prose = [plain(b.text) for b in section.blocks if isinstance(b, Paragraph)]
    words = " ".join([*titles, *prose])
    if "reports" not in draft.values:
        _schedule(draft, section, " ".join(titles).casefold(), _DAY.search(words))
    for block in section.blocks:
        if isinstance(block, Fence) and block.language in ("markdown", "md", "text", ""):
            draft.document.take(block)
            draft.document.take(section)
            message = "the template is not kept: the report has a form of its own"
            draft.notes.note("template", message, block.line)


def _schedule(draft: Draft, section: Section, titles: str, day: re.Match[str] | None) -> None:
    """Once a day, on a day of the week, or once a week; nothing where the document says none of it."""
    if "dail" in titles:
        name, every = "daily", "1d"
    elif day is not None or "week" in titles:
        name, every = "weekly", f"{day.group(1).casefold()[:3]} 17:00" if day else "1w"
    else:
        return
    draft.document.take(section)
    draft.put("reports", {"name": name, "every": every, "out": f"reports/{name}-{{week}}.md"}, section.line)
    if every == "1w":
        message = "the reports are weekly; the document names no day"
        draft.notes.note("report", message, section.line, "every: fri 17:00")
