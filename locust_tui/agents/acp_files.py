"""Files that an agent reads and writes through us: asked for here, opened by the worker. Pure."""

from __future__ import annotations

from typing import Any

from .acp_paths import below
from .acp_speech import Messages
from .jsonrpc import INVALID_PARAMS, Id, Lines, brief, reference, text, whole
from .vocabulary import NO_REACTION, FileOffered, FileWanted, Reaction

_NOT_DONE = -32_603


class Files:
    """Requests for files below `root`, an absolute path; those for others are refused here."""

    __slots__ = ("_lines", "_messages", "_pending", "_root")

    def __init__(self, root: str, lines: Lines, messages: Messages) -> None:
        self._messages = messages
        self._root = root
        self._lines = lines
        self._pending: dict[str, tuple[Id, bool]] = {}

    def asked(self, id: Id, params: dict[str, Any], reads: bool) -> Reaction:
        asked, content, ref = text(params.get("path")), params.get("content"), reference(id)
        path = below(self._root, asked)
        if path is None:
            return self._refused(
                id, INVALID_PARAMS, f"{brief(asked) or 'a file without a name'} is outside of {self._root}"
            )
        if not reads and type(content) is not str:
            return self._refused(id, INVALID_PARAMS, "content is not a text")
        self._pending[ref] = (id, reads)
        if reads:
            return Reaction((FileWanted(ref, path, whole(params.get("line")), whole(params.get("limit"))),))
        return Reaction((FileOffered(ref, path, text(content)),))

    def done(self, id: str, content: str | None, error: str) -> Reaction:
        """The answer to a request that waits, and nothing to one that does not."""
        found = self._pending.pop(id, None)
        if found is None:
            return NO_REACTION
        request, reads = found
        if error or (reads and content is None):
            return self._refused(request, _NOT_DONE, error or "the file could not be read")
        return Reaction(
            send=(
                self._lines.answer(
                    request, self._messages.file_read(content) if content is not None and reads else {}
                ),
            )
        )

    def _refused(self, id: Id, code: int, why: str) -> Reaction:
        return Reaction(send=(self._lines.refuse(id, code, why),))
