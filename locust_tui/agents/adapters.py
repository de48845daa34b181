"""Which adapter speaks to which kind of agent; only the one that is asked for is loaded."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from .adapter import Adapter
from .vocabulary import Job

_OF_KIND = {"claude": "ClaudeAdapter", "codex": "CodexAdapter", "acp": "AcpAdapter"}
KINDS = frozenset(_OF_KIND)
"""Kinds of agents that speak a protocol."""


def adapter_for(kind: str, job: Job) -> Adapter:
    """A new conversation of this kind. Raises LookupError for a kind that speaks no protocol."""
    module = import_module(f"{__package__}.{kind}") if kind in KINDS else None
    if module is None:
        raise LookupError(f"agents of the kind {kind} speak no protocol")
    return cast(Adapter, getattr(module, _OF_KIND[kind])(job))
