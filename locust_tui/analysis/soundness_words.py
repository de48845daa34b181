"""Words of a plan against its dates, and names that differ in nothing but their spelling.

Only what a sentence says beyond doubt is read: a week behind "from", "by" or the like, beside a workstream's id or
a distinctive word of its name. The rest of a free text is a person's to compare.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Plan, Workstream

_FROM = re.compile(
    r"\b(?:from|since|starting(?: in| with)?|beginning(?: in| with)?|as of|starts? in|begins? in) week (\d{1,3})\b",
    re.IGNORECASE,
)
_BY = re.compile(
    r"\b(?:by|until|no later than|not after|done in|ends? in|finished in) (?:the end of )?week (\d{1,3})\b",
    re.IGNORECASE,
)
_WEEK = re.compile(r"\bweeks? (\d{1,3})(?:\s?(?:-|–|to|and)\s?(\d{1,3}))?\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[.;!?]\s+|\n")
_WORD = re.compile(r"[^\W\d_]{6,}")
_COMMON = frozenset(
    [
        "system",
        "project",
        "parallel",
        "continuous",
        "development",
        "management",
        "support",
        "application",
        "applications",
        "release",
        "delivery",
        "workstream",
        "workstreams",
        "several",
        "general",
        "quality",
        "feature",
        "features",
        "process",
        "service",
        "services",
    ]
)
"""Words that name no one workstream."""


@dataclass(frozen=True, slots=True)
class DatedClaim:
    """A sentence that gives work another week than the plan does."""

    said: str
    """The words that name the week: "from week 1"."""
    week: int
    works: tuple[str, ...]
    """Workstreams that it contradicts; empty: the plan has no such week."""
    by_id: bool
    """The sentence names them by id; else by a word of their names."""
    word: str = ""


def dated_claims(plan: Plan, text: str, owner: str | None, *, by_words: bool) -> Iterator[DatedClaim]:
    """What `text` says of weeks that the plan's dates contradict.

    `owner`: an orchestrator whose workstreams alone are meant; with `by_words` they may be meant by a word of their names.
    """
    if "week" not in text.casefold():
        return
    last = plan.last_week
    for sentence in _SENTENCE.split(text):
        starts, ends = _FROM.search(sentence), _BY.search(sentence)
        named = [w for w in plan.workstreams.values() if w.weeks and _names(sentence, w.id)]
        beyond = next((m for m in _WEEK.finditer(sentence) if last and int(m[2] or m[1]) > last), None)
        if beyond is not None:
            yield DatedClaim(beyond.group(), int(beyond[2] or beyond[1]), (), False)
            continue
        for match, is_start in ((starts, True), (ends, False)):
            if match is None:
                continue
            week = int(match[1])
            if named:
                against = tuple(w.id for w in named if _contradicts(w, week, is_start))
                if against:
                    yield DatedClaim(match.group(), week, against, True)
            elif by_words:
                yield from _by_word(plan, sentence, match, owner, is_start)


def _names(sentence: str, id: str) -> bool:
    return id in sentence and re.search(rf"(?<![\w.-]){re.escape(id)}(?![\w-])", sentence) is not None


def _contradicts(w: Workstream, week: int, is_start: bool) -> bool:
    assert w.weeks is not None
    return w.weeks.first > week if is_start else w.weeks.last > week


def _by_word(
    plan: Plan, sentence: str, match: re.Match[str], owner: str | None, is_start: bool
) -> Iterator[DatedClaim]:
    words = {w.casefold() for w in _WORD.findall(sentence)} - _COMMON
    mine = [
        w for w in plan.workstreams.values() if owner not in plan.orchestrators or w.orchestrator == owner
    ]
    for word in sorted(words):
        meant = [w for w in mine if word in {n.casefold() for n in _WORD.findall(w.name)}]
        if meant and all(w.weeks is not None and _contradicts(w, int(match[1]), is_start) for w in meant):
            yield DatedClaim(match.group(), int(match[1]), tuple(w.id for w in meant), False, word)
            return


_BETWEEN_DIGITS = re.compile(r"(?<=\d)[-_. ]+(?=\d)")
_SEPARATOR = re.compile(r"[-_. ]+")
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_DIGITS = re.compile(r"\d+")


def spelling(name: str) -> str:
    """What is left of a name without case, separators and leading zeros: names that share it read as one."""
    kept = _BETWEEN_DIGITS.sub("\0", _ZEROS.sub("", name.casefold()))
    return _SEPARATOR.sub("", kept)


def differ_in_number(one: str, other: str) -> bool:
    """Whether two names are those of a series, `dev-1` and `dev-2`: alike on purpose."""
    return one != other and _DIGITS.sub("#", one.casefold()) == _DIGITS.sub("#", other.casefold())


def alike(names: Collection[str]) -> list[tuple[str, ...]]:
    """Names that differ in nothing but their spelling, together, in the order given."""
    groups: dict[str, dict[str, None]] = {}
    for name in names:
        groups.setdefault(spelling(name), {})[name] = None
    return [tuple(group) for group in groups.values() if len(group) > 1]
