"""What the documents' words say: weeks, phases, ids, references to workstreams, and which words two texts share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from ...domain.plan import Weeks
from ..quantities import BadValueError, parse_weeks

_TO = r"(?:-|–|—|\.\.|to|through)"
_WEEKS = re.compile(
    rf"\b(?:weeks?|wks?|w)[ :]{{0,3}}(\d{{1,4}})(?:\s{{0,3}}{_TO}\s{{0,3}}(?:w(?:eek)?\s?)?(\d{{1,4}}))?\b",
    re.IGNORECASE,
)
_PHASES = re.compile(
    rf"\b(?:phases?|stages?)\s{{0,3}}#?(\d{{1,3}})(?:\s{{0,3}}(?:{_TO}|&|and|,)\s{{0,3}}(\d{{1,3}}))?\b",
    re.IGNORECASE,
)
_ID = re.compile(r"\(?([A-Za-z]{1,8}[-_]?\d{1,4}[a-z]?)\)?(\s*[:.–—)]\s*|\s+-\s+|\s+)(\S.*)", re.DOTALL)
_NO_IDS = ("phase", "stage", "gate", "week", "step", "milestone", "sprint", "month", "day")
_WORD = re.compile(r"[^\W_]+(?:[-_.][^\W_]+)*")
_NUMBERED = re.compile(r"([a-z]+)[-_]?0*(\d+[a-z]?)\Z")
_RANGE = frozenset({"to", "-", "–", "—", "..", "...", "…", "through", "until"})
_PERCENT = re.compile(r"\s*[(:@]?\s*(?:at\s+)?(\d{1,3})\s?%")
_NAMED_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "twenty": 20,
}  # fmt: skip
_COMMON = frozenset(
    {
        "the",
        "and",
        "for",
        "with",
        "from",
        "all",
        "any",
        "per",
        "its",
        "into",
        "onto",
        "this",
        "that",
        "are",
        "was",
        "not",
        "has",
        "have",
        "will",
        "can",
    }
)


def weeks_in(text: str) -> Weeks | None:
    """The first weeks that `text` names: "Weeks 3-8", "week 4", "W3–W5"; None where there are none that can be."""
    found = _WEEKS.search(text)
    return None if found is None else _weeks(found.group(1), found.group(2))


def without_weeks(text: str) -> str:
    """`text` without the weeks it names."""
    return " ".join(_WEEKS.sub(" ", text).split()).strip(" :–—-()")


def weeks_of(cell: str) -> Weeks | None:
    """The weeks of a cell that holds nothing else: "3-8", "4", "weeks 1-2"."""
    try:
        return parse_weeks(cell.strip())
    except BadValueError:
        return weeks_in(cell)


def _weeks(first: str, last: str | None) -> Weeks | None:
    try:
        return parse_weeks(f"{first}-{last or first}")
    except BadValueError:
        return None


def phases_in(text: str) -> list[str]:
    """The phases that `text` names first: "Phase 2-3" → 2, 3."""
    found = _PHASES.search(text)
    if found is None:
        return []
    first, last = int(found.group(1)), int(found.group(2) or found.group(1))
    if not first <= last <= first + 50:
        return [str(first)]
    return [str(n) for n in range(first, last + 1)]


def number_in(word: str) -> int | None:
    """15 of "15" and 3 of "three"."""
    return int(word) if word.isdecimal() and len(word) < 7 else _NAMED_NUMBERS.get(word.casefold())


def id_and_name(text: str, *, apart: bool = False) -> tuple[str, str] | None:
    """("WS-01", "Core Types") of `WS-01: Core Types`, None for what begins with no id of letters and a number.

    With `apart` there must be more than a space between them.
    """
    found = _ID.match(text.strip())
    if found is None or found.group(1).casefold().startswith(_NO_IDS):
        return None
    if apart and found.group(2).isspace():
        return None
    return found.group(1), found.group(3).strip()


def clean_id(text: str, most: int = 64) -> str:
    """`text` as an id of a plan: letters, digits, _ . and -; "" where nothing is left."""
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(c if c.isalnum() or c in "_.-" else "-" for c in composed)
    while "--" in kept:
        kept = kept.replace("--", "-")
    kept = kept.strip("-._")[:most].rstrip("-.")
    head, dot, tail = kept.rpartition(".")
    if dot and tail.isdecimal():
        kept = f"{head}-{tail}"
    return f"x-{kept}" if kept.casefold().startswith("check-") else kept


def slug(text: str) -> str:
    """`clean_id` in small letters: "Technical Review" → technical-review."""
    return clean_id(text.casefold(), 48)


def folded(name: str) -> str:
    """How names are compared: without case, and WS-1, ws01 and WS_01 alike."""
    low = name.casefold()
    numbered = _NUMBERED.match(low)
    return f"{numbered[1]}-{numbered[2]}" if numbered else low


def references(text: str, known: Mapping[str, str]) -> tuple[list[tuple[str, float | None]], list[str]]:
    """Workstreams that `text` names, each with a percentage behind it, and names like theirs that are unknown.

    `known` is `folded` name → id, in order; "WS-01 to WS-04" is every one between.
    """
    found: dict[str, float | None] = {}
    unknown: list[str] = []
    ids = list(dict.fromkeys(known.values()))
    prefixes = {numbered[1] for key in known if (numbered := _NUMBERED.match(key))}
    last: tuple[str, int] | None = None
    for token in _WORD.finditer(text):
        key = folded(token.group())
        id = known.get(key)
        if id is None:
            numbered = _NUMBERED.match(key)
            if numbered and numbered[1] in prefixes:
                unknown.append(token.group())
            continue
        if last is not None and text[last[1] : token.start()].strip() in _RANGE:
            between = ids[ids.index(last[0]) : ids.index(id)]
            found.update(dict.fromkeys(between[1:]))
        percent = _PERCENT.match(text, token.end())
        found[id] = float(percent.group(1)) if percent and int(percent.group(1)) <= 100 else None
        last = id, token.end()
    if not found and not unknown:
        found = {
            known[key]: None
            for piece in text.replace(";", ",").split(",")
            if (key := folded(piece.strip())) in known
        }
    return list(found.items()), unknown


def keywords(text: str, ignore: Iterable[str] = ()) -> set[str]:
    """The words of `text` that carry its meaning, in the singular."""
    words = {_singular(part) for word in _WORD.findall(text.casefold()) for part in re.split("[-_.]", word)}
    return {w for w in words if len(w) > 2 and w not in _COMMON and not w.isdecimal()} - set(ignore)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
