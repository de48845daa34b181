"""The calls that agents make all day, without the imports that the whole command line costs: most of their time.

A quick call does what its verb does with plain options, or answers None, and the verb itself takes over: whatever is
unusual or wrong is dealt with, and said, there alone.
"""

from __future__ import annotations

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
    from .quick_report import report

    return report(argv)


_CALLS: dict[tuple[str, ...], Callable[[Sequence[str]], int | None]] = {
    ("agent", "report"): _report,
    ("memory", "get"): _memory_get,
    ("memory", "store"): _memory_store,
}
