"""The calls that agents make all day, without the imports that the whole command line costs: most of their time.

A quick call does what its verb does with plain options, or answers None, and the verb itself takes over: whatever is
unusual or wrong is dealt with, and said, there alone.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def quick(argv: Sequence[str]) -> int | None:
    """Exit code of the call, or None where it is not one of these."""
    call = _CALLS.get(tuple(argv[:2]))
    return None if call is None else call(argv[2:])


def _memory_get(argv: Sequence[str]) -> int | None:
    from .quick_memory import get

    return get(argv)


def _memory_store(argv: Sequence[str]) -> int | None:
    from .quick_memory import store

    return store(argv)


def _report(argv: Sequence[str]) -> int | None:
    from .run_events import LONGEST, append, lines_of

    events = os.environ.get("LOCUST_TUI_EVENTS")
    options = _options(argv, ("progress", "note", "blocker", "next"))
    if not events or not options:
        return None
    said: dict[str, object] = dict(options)
    try:
        if "progress" in options:
            said["progress"] = float(options["progress"])
            if not 0 <= float(options["progress"]) <= 100:
                return None
        lines = lines_of([said])
        if len(lines) > LONGEST:
            return None
        append(events, lines)
    except (ValueError, OSError):
        return None
    return 0


def _options(argv: Sequence[str], known: Sequence[str]) -> dict[str, str] | None:
    """What `--name value` and `--name=value` say; None where there is anything else."""
    import getopt

    named = [word[2:].partition("=")[0] for word in argv if word.startswith("-")]
    if len(set(named)) != len(named) or not set(named) <= set(known):
        return None
    try:
        found, rest = getopt.getopt(list(argv), "", [f"{name}=" for name in known])
    except getopt.GetoptError:
        return None
    if rest or any(value.startswith("-") for _, value in found):
        return None
    return {name[2:]: value for name, value in found}


_CALLS: dict[tuple[str, ...], Callable[[Sequence[str]], int | None]] = {
    ("agent", "report"): _report,
    ("memory", "get"): _memory_get,
    ("memory", "store"): _memory_store,
}
