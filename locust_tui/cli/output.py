"""Where a verb's words go: data to stdout, narration to stderr, a report to a file, whole or not at all."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from .. import whole_file
from ..errors import OutputError
from ..report.glyphs import Tone
from ..report.table import Paint, plain
from ..safe_text import drawn_for_terminal, safe
from ..signs import environ_at_start, wants_ascii
from .command import Settings
from .streams import tell

_ACTIVE = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e0fff]"
)


def put(text: str) -> None:
    """Write `text` to stdout now; a terminal is not steered by it. Raises OutputError (exit 74) when it cannot be written."""
    put_sequences(drawn_for_terminal(text) if sys.stdout is not None and sys.stdout.isatty() else text)


def put_sequences(text: str) -> None:
    """As `put`, of sequences that are ours."""
    if sys.stdout is None:
        raise OutputError("standard output is closed")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"the output could not be written: {error.strerror}") from None


def put_json(value: Any, *, line: bool = False) -> None:
    """One JSON document, or with `line` one object on one line."""
    put(json_text(value, line=line) + "\n")


def json_text(value: Any, *, line: bool = False) -> str:
    """JSON in readable Unicode; characters that steer a terminal are escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=None if line else 2, allow_nan=False)
    return text if text.isascii() and "\x7f" not in text else _ACTIVE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return json.dumps(match.group())[1:-1] if match.group() != "\x7f" else "\\u007f"


def narrate(text: str) -> None:
    """A line for the person, on stderr. Nobody reads it: no harm done."""
    tell(safe(text) + "\n")


def write_whole(path: Path, text: str) -> None:
    """Put `text` in the file at `path` in one step: readers see the old content or the new, never a part.

    Raises OutputError (exit 74).
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        _write_through(target, text)
        return
    try:
        whole_file.put(target, text, mode=0o666)
    except OSError as error:
        raise OutputError(f"{path}: could not be written: {error.strerror}") from None


def _write_through(target: Path, text: str) -> None:
    """A device or a pipe cannot be replaced: write into it."""
    try:
        with target.open("w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise OutputError(f"{target}: could not be written: {error.strerror}") from None


_COLOURS = {
    Tone.DONE: "32",
    Tone.RUNNING: "94",
    Tone.PERSON: "33",
    Tone.FAILED: "31",
    Tone.QUIET: "2",
}


def colour_wanted(settings: Settings) -> bool:
    """Colours only on a terminal that can, and only when nobody said no."""
    if settings.no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") in (None, "dumb"):
        return False
    return sys.stdout is not None and sys.stdout.isatty()


def painter(settings: Settings) -> Paint:
    """How state words are coloured in this call."""
    return _paint if colour_wanted(settings) else plain


def _paint(text: str, tone: Tone) -> str:
    code = _COLOURS.get(tone)
    return f"\x1b[{code}m{text}\x1b[0m" if code and text else text


def columns() -> int | None:
    """How wide a line may be: the terminal's width, None in a pipe or a file, where nothing is cut."""
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    return shutil.get_terminal_size().columns


def ascii_only() -> bool:
    """Whether the locale or stdout's encoding lacks the signs we draw with."""
    return wants_ascii(environ_at_start(os.environ), getattr(sys.stdout, "encoding", None))
