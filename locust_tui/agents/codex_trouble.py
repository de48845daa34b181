"""What went wrong, from what Codex says: its error codes, the status of a request, or only a sentence."""

from __future__ import annotations

import re

from .jsonrpc import member, whole
from .vocabulary import Trouble

_CODES = {
    "contextWindowExceeded": Trouble.CONTEXT,
    "sessionBudgetExceeded": Trouble.BUDGET,
    "usageLimitExceeded": Trouble.USAGE_LIMIT,
    "rateLimitExceeded": Trouble.RATE_LIMIT,
    "flexUnavailable": Trouble.OVERLOADED,
    "serverOverloaded": Trouble.OVERLOADED,
    "policyCapacityUnavailable": Trouble.OVERLOADED,
    "modelNotFound": Trouble.MODEL,
    "cyberPolicy": Trouble.REFUSED,
    "misalignmentPolicyViolation": Trouble.REFUSED,
    "inferenceHookDenied": Trouble.REFUSED,
    "tooManyDenials": Trouble.DENIED,
    "internalServerError": Trouble.SERVER,
    "unauthorized": Trouble.AUTH,
    "sandboxError": Trouble.SANDBOX,
}
_STATUSES = {
    401: Trouble.AUTH,
    402: Trouble.BILLING,
    403: Trouble.AUTH,
    408: Trouble.NETWORK,
    429: Trouble.RATE_LIMIT,
    503: Trouble.OVERLOADED,
    529: Trouble.OVERLOADED,
}
_SENTENCES = tuple(
    (re.compile(pattern, re.IGNORECASE), trouble)
    for pattern, trouble in (
        (r"hit your usage limit|usage limit (?:reached|exceeded)|usage_limit_reached", Trouble.USAGE_LIMIT),
        (r"quota exceeded|insufficient_quota|check your plan and billing|out of credits", Trouble.BILLING),
        (
            r"missing environment variable|not logged in|please (?:run .{0,30})?log ?in|refresh token",
            Trouble.AUTH,
        ),
        (r"invalid.{0,10}api key|incorrect api key|authentication", Trouble.AUTH),
        (
            r"ran out of room in the model.s context|context.{0,10}window|context_length_exceeded",
            Trouble.CONTEXT,
        ),
        (r"model.{0,60}(?:does not exist|not found|not supported)|model_not_found", Trouble.MODEL),
        (r"high demand|overloaded|at capacity", Trouble.OVERLOADED),
        (r"too many requests|rate limit", Trouble.RATE_LIMIT),
        (
            r"stream disconnected|stream closed|connection|timed out|error sending request|dns",
            Trouble.NETWORK,
        ),
        (r"sandbox", Trouble.SANDBOX),
    )
)
_STATUS = re.compile(r"(?:unexpected|last) status:? (\d{3})\b")
_ATTEMPT = re.compile(r"\bReconnecting\.\.\. (\d{1,6})/(\d{1,6})")


def trouble_of(code: object, sentence: str) -> Trouble:
    """The kind of an error by its `codexErrorInfo`; where that says little, by the sentence beside it."""
    if type(code) is str and (known := _CODES.get(code)):
        return known
    for name, details in member(code).items():
        status = whole(member(details).get("httpStatusCode"))
        if status is not None:
            return trouble_of_status(status)
        if name in ("httpConnectionFailed", "responseStreamConnectionFailed", "responseStreamDisconnected"):
            return Trouble.NETWORK
    return trouble_of_sentence(sentence)


def trouble_of_status(status: int) -> Trouble:
    """The kind of an HTTP status."""
    return _STATUSES.get(status, Trouble.SERVER if status >= 500 else Trouble.UNKNOWN)


def trouble_of_sentence(sentence: str) -> Trouble:
    """The kind of an error that is told in words alone."""
    head = sentence[:4096]
    if found := _STATUS.search(head):
        by_status = trouble_of_status(int(found[1]))
        if by_status is not Trouble.UNKNOWN:
            return by_status
    return next((trouble for pattern, trouble in _SENTENCES if pattern.search(head)), Trouble.UNKNOWN)


def attempt_of(sentence: str) -> tuple[int, int | None] | None:
    """(attempt, of) where a sentence says that the program tries again by itself."""
    found = _ATTEMPT.search(sentence[:4096])
    return (int(found[1]), int(found[2])) if found else None
