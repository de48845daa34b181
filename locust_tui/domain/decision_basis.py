"""What a decision on a gate rests on, as one digest of three parts, so that it can be told which of them changed."""

from __future__ import annotations

from enum import StrEnum
from itertools import accumulate


class Part(StrEnum):
    DECISIONS = "decisions"
    """What was decided before."""
    TERMS = "terms"
    """What the plan says that the gate asks for, and what it lets go or ends."""
    EVIDENCE = "evidence"
    """How the criteria stand, and what they were measured on."""


_WIDTHS = {Part.EVIDENCE: 32, Part.TERMS: 24, Part.DECISIONS: 8}
_ENDS = dict(zip(_WIDTHS, accumulate(_WIDTHS.values()), strict=True))


def joined(evidence: str, terms: str, decisions: str) -> str:
    """64 hex digits of three hex digests."""
    parts = {Part.EVIDENCE: evidence, Part.TERMS: terms, Part.DECISIONS: decisions}
    return "".join(digest[: _WIDTHS[part]] for part, digest in parts.items())


def changed(then: str, now: str) -> tuple[Part, ...]:
    """The parts in which two such digests differ."""
    return tuple(
        part
        for part in Part
        if then[_ENDS[part] - _WIDTHS[part] : _ENDS[part]] != now[_ENDS[part] - _WIDTHS[part] : _ENDS[part]]
    )
