"""What a terminal is sent to tell of a message: its bell, and a notice of the desktop where the terminal knows how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..domain.snapshot import Announcement
from ..safe_text import safe

BELL = "\x07"
BELL_WAY, DESKTOP_WAY = "bell", "desktop"
_MOST = 120


class Announced:
    """What one terminal has told of already. Silent about what only lay there when it began to look."""

    def __init__(self) -> None:
        self._known: set[str] | None = None

    def new(self, announcements: Iterable[Announcement]) -> list[Announcement]:
        """What is to be told now; what was owed to a terminal is told also when the first one comes late."""
        now = list(announcements)
        first, known = self._known is None, self._known or set()
        self._known = known | {one.id for one in now}
        return [one for one in now if one.id not in known and (one.owed or not first)]


def rings(new: Iterable[Announcement]) -> bool:
    return any(BELL_WAY in one.owed or not one.owed for one in new)


def of_way(new: Iterable[Announcement], way: str) -> tuple[str, ...]:
    """Ids of those that are told by it."""
    return tuple(one.id for one in new if way in one.owed)


def notice(one: Announcement, environ: Mapping[str, str]) -> str:
    """The control sequence of a notice: OSC 777 for rxvt, OSC 9 for every other terminal. Nothing of the text steers it."""
    words = _plain(f"{one.sender} to {one.to}: {one.headline}")
    if environ.get("TERM", "").startswith("rxvt"):
        return f"\x1b]777;notify;locust-tui;{words}\x1b\\"
    return f"\x1b]9;locust-tui: {words}\x07"


def _plain(text: str) -> str:
    """One line without characters that end or divide such a sequence."""
    return safe(text, oneline=True)[:_MOST].replace(";", ",").replace("\x1b", "").replace("\x07", "")
