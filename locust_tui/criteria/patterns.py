"""Regular expressions that the plan's author wrote: linear in time, bounded in memory."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from .reading import MeasureError

_MEMORY = 8 * 1024 * 1024


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Any:
    """`pattern` compiled by RE2. Raises MeasureError for a mistake and for what RE2 does not do (look-around)."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeError) as error:
        reason = error.args[0] if error.args else error
        reason = reason.decode(errors="replace") if isinstance(reason, bytes) else reason
        raise MeasureError(f"the regular expression /{pattern[:80]}/ is not usable: {reason}") from error


def encodable(text: str) -> str:
    """`text` with unpaired surrogates replaced, as a file name or an output may hold them."""
    return text.encode("utf-8", "replace").decode("utf-8")


def found(pattern: str, text: str) -> bool:
    """Whether `pattern` occurs in `text`; `^` and `$` stand for the ends of a line."""
    return bool(compiled(f"(?m){pattern}").search(encodable(text)))
