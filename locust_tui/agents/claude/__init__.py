"""The adapter `claude`: Claude Code, spoken to over its stream-json control protocol."""

from __future__ import annotations

from .adapter import ClaudeAdapter

__all__ = ["ClaudeAdapter"]
