"""The adapter of an agent's kind; each is loaded with the first agent that needs it."""

from __future__ import annotations

from importlib import import_module

from .adapter import Adapter
from .vocabulary import Job

_NEEDED = {"claude": ("claude.adapter",), "codex": ("codex", "codex_exec"), "acp": ("acp", "acp_messages")}
KINDS = frozenset(_NEEDED)
"""Kinds of agents that speak a protocol."""


def adapter_for(kind: str, job: Job, *, listens: bool = False) -> Adapter:
    """A new conversation with an agent of this kind; codex by app-server, or by exec where `job.mode` says so.

    One that only `listens` reads a log for people; what it would send is not to be used. Raises LookupError for a kind
    that speaks no protocol.
    """
    if kind == "claude":
        from .claude.adapter import ClaudeAdapter

        return ClaudeAdapter(job)
    if kind == "codex" and job.mode == "exec":
        from .codex_exec import CodexExecAdapter

        return CodexExecAdapter(job)
    if kind == "codex":
        from .codex import CodexAdapter

        return CodexAdapter(job)
    if kind == "acp":
        from .acp import AcpAdapter

        return AcpAdapter(job, listens=listens)
    raise LookupError(f"agents of the kind {kind} speak no protocol")


def load(kind: str) -> None:
    """Load what speaking with agents of `kind` needs. For acp that takes half a second: call it off the event loop first."""
    for name in _NEEDED.get(kind, ()):
        import_module(f"{__package__}.{name}")
