"""What went wrong in a conversation by the Agent Client Protocol: its codes, and what the agents behind it add."""

from __future__ import annotations

import re
from typing import Any

from .codex_trouble import trouble_of, trouble_of_sentence
from .jsonrpc import member, text
from .vocabulary import Trouble

AUTH_REQUIRED = -32000
_KINDS = {
    "authentication_failed": Trouble.AUTH,
    "oauth_org_not_allowed": Trouble.AUTH,
    "verification_required": Trouble.AUTH,
    "account_on_hold": Trouble.AUTH,
    "cloud_credential_error": Trouble.AUTH,
    "billing_error": Trouble.BILLING,
    "rate_limit": Trouble.RATE_LIMIT,
    "overloaded": Trouble.OVERLOADED,
    "model_not_found": Trouble.MODEL,
    "server_error": Trouble.SERVER,
    "max_output_tokens": Trouble.CONTEXT,
}
_LIMIT = re.compile(
    r"\busage limit\b|\blimit\b.{0,40}\bresets?\b|\b(?:session|weekly|5-hour|opus) limit\b", re.IGNORECASE
)
STOPS = {
    "max_tokens": (Trouble.CONTEXT, "the model's answer reached its token limit"),
    "max_turn_requests": (Trouble.MAX_TURNS, "the turn made as many requests of the model as it may"),
    "refusal": (Trouble.REFUSED, "the model declined"),
    "cancelled": (Trouble.INTERRUPTED, "the turn was interrupted"),
}
"""Ends of a turn that are none for the work."""


def read(error: dict[str, Any]) -> tuple[Trouble, str]:
    """Kind and sentence of an error response."""
    data = member(error.get("data"))
    message, more = text(error.get("message")), text(data.get("message")) or text(data.get("details"))
    sentence = (
        more if more and message in ("", "Internal error") else ": ".join(filter(None, (message, more)))
    )
    sentence = sentence or "the agent gave no reason"
    if error.get("code") == AUTH_REQUIRED and trouble_of_sentence(sentence) is Trouble.UNKNOWN:
        return Trouble.AUTH, sentence
    kind = _KINDS.get(text(data.get("errorKind")))
    if kind is None:
        kind = trouble_of(data.get("codexErrorInfo"), sentence)
    if kind in (Trouble.RATE_LIMIT, Trouble.UNKNOWN) and _LIMIT.search(sentence[:4096]):
        kind = Trouble.USAGE_LIMIT
    return (trouble_of_sentence(sentence) if kind is Trouble.UNKNOWN else kind), sentence
