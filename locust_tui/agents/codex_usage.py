"""Tokens and usage limits as `codex app-server` tells them."""

from __future__ import annotations

from typing import Any

from .jsonrpc import member, number, text, whole
from .vocabulary import LimitHeard, Used

_WINDOWS = {300: "five_hour", 10_080: "weekly"}
_FULL = 100.0


class Spending:
    """Tokens of this process alone: a resumed thread goes on counting from where it was."""

    __slots__ = ("_before", "_resumed")

    def __init__(self, resumed: bool) -> None:
        self._resumed = resumed
        self._before: tuple[int, int, int] | None = None if resumed else (0, 0, 0)

    def used(self, usage: dict[str, Any], model: str, in_turn: bool) -> Used | None:
        """What this process has used; `in_turn`: a turn of ours has begun."""
        total, last = member(usage.get("total")), member(usage.get("last"))
        now = _counts(total)
        if now is None:
            return None
        if self._before is None or (self._resumed and not in_turn):
            since = (_counts(last) if in_turn else None) or (0, 0, 0)
            self._before = (now[0] - since[0], now[1] - since[1], now[2] - since[2])
        sent, written, cached = (max(0, a - b) for a, b in zip(now, self._before, strict=True))
        context = whole(last.get("totalTokens"))
        return Used(sent, written, cached, None, context, whole(usage.get("modelContextWindow")), model)


def _counts(tokens: dict[str, Any]) -> tuple[int, int, int] | None:
    """Sent and not cached, written, and cached tokens: the sum that Codex gives as sent holds the cached ones."""
    sent, written = whole(tokens.get("inputTokens")), whole(tokens.get("outputTokens"))
    if sent is None or written is None:
        return None
    cached = (whole(tokens.get("cachedInputTokens")) or 0) + (whole(tokens.get("cacheWriteInputTokens")) or 0)
    return max(0, sent - cached), written, cached


class Limits:
    """The account's windows as they were last heard of."""

    __slots__ = ("_windows",)

    def __init__(self) -> None:
        self._windows: dict[str, tuple[float, float | None]] = {}

    def heard(self, limits: dict[str, Any]) -> tuple[LimitHeard, ...]:
        """One for each window that the message tells of."""
        purse = member(limits.get("credits"))
        goes_on = purse.get("hasCredits") is True or purse.get("unlimited") is True
        named = text(limits.get("rateLimitReachedType"))
        found: list[LimitHeard] = []
        for name in ("primary", "secondary"):
            window = member(limits.get(name))
            points, resets = number(window.get("usedPercent")), number(window.get("resetsAt"))
            if points is None or points < 0:
                continue
            minutes = whole(window.get("windowDurationMins"))
            label = _WINDOWS.get(minutes or 0) or (f"{minutes} minutes" if minutes else name)
            self._windows[label] = (points, resets)
            found.append(LimitHeard(points >= _FULL and not goes_on, label, points, resets))
        if named and not any(one.reached for one in found):
            label, resets = self.reached()
            found.append(LimitHeard(True, label, None, resets, named.replace("_", " ")))
        return tuple(found)

    def reached(self) -> tuple[str, float | None]:
        """The window that bars the way longest, and when it resets; ("", None) where none was told of as full."""
        full = [
            (resets or 0.0, label) for label, (points, resets) in self._windows.items() if points >= _FULL
        ]
        if not full:
            return "", None
        resets, label = max(full)
        return label, resets or None
