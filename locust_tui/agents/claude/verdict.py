"""Whether a run of Claude Code went well: its last turn's result first, then how the process ended."""

from __future__ import annotations

from ..course import how_it_ended, last_words, never_spoke
from ..vocabulary import TurnEnded


def verdict(
    last: TurnEnded | None,
    spoke: bool,
    in_turn: bool,
    broken: int,
    exit_code: int | None,
    signal: int | None,
    stderr: str,
) -> tuple[bool, str]:
    """(well, why not). An exit code 0 alone proves nothing once the protocol was spoken: interrupted, it is 0 too."""
    end = how_it_ended(exit_code, signal)
    if not spoke:
        return False, never_spoke("claude", exit_code, signal, stderr)
    if last is not None and not last.ok:
        return False, last.text or (last.trouble.value if last.trouble else "its turn went wrong")
    if last is None:
        torn = f"; {broken} of its lines could not be read" if broken else ""
        return False, f"{end} without a result{torn}{tail_of(stderr)}"
    if in_turn:
        return False, f"{end} in the middle of a turn{tail_of(stderr)}"
    if exit_code == 0:
        return True, ""
    return False, f"its last turn went well, but it {end}{tail_of(stderr)}"


def tail_of(stderr: str) -> str:
    """The line of its stderr that says why."""
    said = last_words(stderr)
    return f": {said}" if said else ""
