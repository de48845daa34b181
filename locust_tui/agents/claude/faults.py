"""What Claude Code's errors are: from its structured fields first, from its words where there are no others."""

from __future__ import annotations

from datetime import datetime

from ..limit_words import reset_moment
from ..vocabulary import LimitHeard, Trouble
from .wire import LimitInfo, Result, Spoken

_ERRORS = {
    "authentication_failed": Trouble.AUTH,
    "oauth_org_not_allowed": Trouble.AUTH,
    "account_on_hold": Trouble.AUTH,
    "verification_required": Trouble.AUTH,
    "cloud_credential_error": Trouble.AUTH,
    "billing_error": Trouble.BILLING,
    "rate_limit": Trouble.RATE_LIMIT,
    "overloaded": Trouble.OVERLOADED,
    "model_not_found": Trouble.MODEL,
    "server_error": Trouble.SERVER,
}
_STATUSES = {
    401: Trouble.AUTH,
    402: Trouble.BILLING,
    403: Trouble.AUTH,
    404: Trouble.MODEL,
    429: Trouble.RATE_LIMIT,
}
_ENDS = {
    "error_max_turns": Trouble.MAX_TURNS,
    "max_turns": Trouble.MAX_TURNS,
    "error_max_budget_usd": Trouble.BUDGET,
    "budget_exhausted": Trouble.BUDGET,
    "prompt_too_long": Trouble.CONTEXT,
    "aborted_streaming": Trouble.INTERRUPTED,
    "aborted_tools": Trouble.INTERRUPTED,
}
_WINDOWS = {
    "five_hour": "5 hours",
    "seven_day": "7 days",
    "seven_day_opus": "7 days, Opus",
    "seven_day_sonnet": "7 days, Sonnet",
    "seven_day_overage_included": "7 days",
    "overage": "extra usage",
}


def of_request(error: str | None, status: int | None) -> Trouble:
    """The trouble of one request to the model: `error` is the program's closed set, `status` the HTTP one."""
    if status == 529:
        return Trouble.OVERLOADED
    found = _ERRORS.get(error or "")
    if found is not None:
        return found
    if status is None:
        return Trouble.NETWORK if error == "unknown" else Trouble.UNKNOWN
    return _STATUSES.get(status, Trouble.SERVER if status >= 500 else Trouble.UNKNOWN)


def of_turn(result: Result, said: Spoken | None, limit_reached: bool) -> Trouble:
    """The trouble of a turn that went wrong; `said` is the program's own message about it, if there was one."""
    error, text = said.error if said else None, words_of(result)
    for end in (result.subtype, result.terminal_reason):
        if end in _ENDS:
            return _ENDS[end]
    if result.stop_reason == "refusal":
        return Trouble.REFUSED
    api = result.api_error or (said.api_error if said else None)
    if api == "usage_limit_reached" or limit_reached or reset_words(text):
        return Trouble.USAGE_LIMIT
    if api == "connection_failed":
        return Trouble.NETWORK
    if "prompt is too long" in text.lower():
        return Trouble.CONTEXT
    if text.startswith("Not logged in"):
        return Trouble.AUTH
    found = of_request(error, result.api_error_status)
    if found is Trouble.UNKNOWN and result.subtype == "error_during_execution" and not error:
        return Trouble.INTERRUPTED
    return found


def words_of(result: Result) -> str:
    """What it says about its end: the closing words, or the errors."""
    return result.result or "; ".join(result.errors or ())


def reset_words(text: str) -> bool:
    """Whether a text is the program's word of a usage limit."""
    return reset_moment(text, 0.0) is not None


def limit_told(said: Spoken | None, text: str) -> LimitHeard | None:
    """The limit that a turn ended at: as its message has it in figures, else in the words of `text`."""
    told = said.api_error_params.limit if said and said.api_error_params else None
    if told is not None and told.resets_at is not None:
        window = _WINDOWS.get(told.window or "", told.window or "")
        return LimitHeard(True, window, resets_at=told.resets_at, message=text)
    return limit_in_words(text, said.timestamp if said else None)


def limit_in_words(text: str, timestamp: str | None) -> LimitHeard | None:
    """A limit that only a text tells of; when it resets is known where the line says when it was written."""
    if not reset_words(text):
        return None
    at = None
    try:
        now = datetime.fromisoformat(timestamp).timestamp() if timestamp else None
    except ValueError:
        now = None
    if now is not None or "reached|" in text:
        at = reset_moment(text, now or 0.0)
    return LimitHeard(reached=True, resets_at=at, message=text)


def limit_of(info: LimitInfo) -> LimitHeard:
    """What a `rate_limit_event` says."""
    reached = info.status == "rejected" and not info.overage
    points = None if info.utilization is None else info.utilization * 100
    window = _WINDOWS.get(info.window or "", info.window or "")
    if reached:
        message = f"usage limit reached ({window})" if window else "usage limit reached"
    elif points is not None:
        message = f"{points:.0f} % of the usage limit used" + (f" ({window})" if window else "")
    else:
        message = "" if info.status == "allowed" else f"usage limit: {info.status}"
    return LimitHeard(reached, window, points, info.resets_at, message)
