"""What an agent prints, cut into text and control sequences, and told to a screen.

Sequences are those of ECMA-48 and xterm. Strings (titles, clipboard, device control) are skipped whatever their length, and
what we do not know is nothing: no byte of it can reach the person's own terminal, and none can stop the reading.
"""

from __future__ import annotations

import codecs
import re
from typing import Protocol

_TOKEN = re.compile(
    r"(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    r"|\x1b\[(?P<prefix>[<-?]?)(?P<parameters>[0-9:;]*)(?P<between>[ -/]*)(?P<final>[@-~])"
    r"|\x1b(?P<string>[PX\]^_])"
    r"|\x1b(?P<between_escape>[ -/]+)(?P<charset>[0-~])"
    r"|\x1b(?P<escape>[0-Z\\`-~])"
    r"|(?P<control>[\x00-\x1a\x1c-\x1f\x7f-\x9f])"
)
_UNFINISHED = re.compile(r"\x1b(?:\[[<-?]?[0-9:;]*[ -/]*|[ -/]*)\Z")
_STRING_END = re.compile(r"[\x07\x18\x1a\x9c]|\x1b\\|\x1b(?=[^\\])")
_LONGEST = 256
"""Of a sequence; a longer one is none."""
_MOST_PARAMETERS = 32


class Listener(Protocol):
    """What hears of it, in order."""

    def text(self, text: str) -> None:
        """Printable characters, at least one."""

    def control(self, char: str) -> None:
        """One C0 or C1 control, ESC left out."""

    def escape(self, final: str) -> None:
        """`ESC final`."""

    def designate(self, between: str, final: str) -> None:
        """`ESC between final`: "(0" is line drawing."""

    def sequence(self, prefix: str, parameters: list[int], between: str, final: str) -> None:
        """`CSI prefix parameters between final`; an empty parameter is 0, and sub-parameters are parameters."""


class Parser:
    """Fed with bytes as they come, in pieces of any size."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._in_string = False

    def feed(self, data: bytes) -> None:
        """Tell the listener of everything that is complete."""
        text = self._rest + self._decoder.decode(data)
        self._rest = ""
        at, size = 0, len(text)
        while at < size:
            if self._in_string:
                at = self._skip_string(text, at)
                continue
            found = _TOKEN.match(text, at)
            if found is None:
                if size - at < _LONGEST and _UNFINISHED.match(text, at):
                    self._rest = text[at:]
                    return
                at += 1  # an ESC that begins nothing
                continue
            at = found.end()
            self._tell(found)

    def _skip_string(self, text: str, at: int) -> int:
        end = _STRING_END.search(text, at)
        if end is None:
            self._rest = "\x1b" if text.endswith("\x1b") else ""
            return len(text)
        self._in_string = False
        return end.start() if end.group() == "\x1b" else end.end()

    def _tell(self, found: re.Match[str]) -> None:
        kind = found.lastgroup
        if kind == "text":
            self._listener.text(found["text"])
        elif kind == "final":
            self._tell_sequence(found)
        elif kind == "control":
            self._listener.control(found["control"])
        elif kind == "escape":
            self._listener.escape(found["escape"])
        elif kind == "charset":
            self._listener.designate(found["between_escape"], found["charset"])
        elif kind == "string":
            self._in_string = True

    def _tell_sequence(self, found: re.Match[str]) -> None:
        written, final = found["parameters"], found["final"]
        if len(written) > _LONGEST:
            return
        if ":" in written:
            written = _without_subparameters(written)
        fields = written.split(";")[:_MOST_PARAMETERS] if written else []
        parameters = [min(int(field), 9999) if field else 0 for field in fields]
        self._listener.sequence(found["prefix"], parameters, found["between"], final)


def _without_subparameters(written: str) -> str:
    """ "38:2::1:2:3" as "38;2;1;2;3", "4:3" (a curly underline) as "4", "4:0" as "24"."""
    fields = []
    for field in written.split(";"):
        head, *more = field.split(":")
        if head in ("38", "48") and len(more) > 1:
            values = [value for value in more[1:] if value or more[0] != "2"]
            fields += [head, more[0], *(values[-3:] if more[0] == "2" else values[:1])]
        elif head == "4" and more[:1] == ["0"]:
            fields.append("24")
        elif head not in ("38", "48", "58"):
            fields.append(head)
    return ";".join(fields) or "9999"
