"""Who makes our side's messages of the Agent Client Protocol: the protocol's own models, or, for a listener, nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, cast

from .vocabulary import ToolServer

Params = dict[str, Any]


class Messages(Protocol):
    """Parameters and results as they are sent."""

    def initialize(self) -> Params: ...
    def new_session(self, cwd: str, servers: tuple[ToolServer, ...], http: bool) -> Params: ...
    def load_session(self, session: str, cwd: str, servers: tuple[ToolServer, ...], http: bool) -> Params: ...
    def prompt(self, session: str, text: str) -> Params: ...
    def cancel(self, session: str) -> Params: ...
    def selected(self, option: str) -> Params: ...
    def cancelled(self) -> Params: ...
    def file_read(self, content: str) -> Params: ...


class _Late:
    def __getattr__(self, name: str) -> Callable[..., Params]:
        from . import acp_messages

        return cast("Callable[..., Params]", getattr(acp_messages, name))


class _Nothing:
    def __getattr__(self, name: str) -> Callable[..., Params]:
        return lambda *_, **__: {}


SPEECH = cast(Messages, _Late())
"""The makers of `acp_messages`, loaded with the first message: they are heavy."""
SILENCE = cast(Messages, _Nothing())
"""For those who only listen: nothing of it is ever sent."""
