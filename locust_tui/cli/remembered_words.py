"""Entries of the shared memory and their versions, in words and as JSON documents."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from ..safe_text import safe

if TYPE_CHECKING:
    from ..state.remembered import Remembered, Version


def plain(value: str) -> str:
    """A JSON string as the text that it holds, everything else as it was stored."""
    return str(json.loads(value)) if value.startswith('"') else value


def one_line(value: str) -> str:
    return json.dumps(json.loads(value), ensure_ascii=False) if "\n" in value else value


def shown(text: str) -> str:
    """On a terminal made visible; in a pipe as it was stored."""
    if sys.stdout is not None and sys.stdout.isatty():
        return safe(text, limit=1_000_000)
    from ..safe_text import masked

    return masked(text)


def document(entry: Remembered) -> dict[str, Any]:
    from ..report.figures import iso_ms

    return {
        "key": entry.key,
        "value": json.loads(entry.value),
        "version": entry.version or None,
        "derived": entry.version == 0,
        "at": iso_ms(entry.at),
        "by": entry.by,
    }


def version_document(v: Version) -> dict[str, Any]:
    from ..report.figures import iso_ms

    return {
        "key": v.key,
        "version": v.version,
        "removed": v.removed,
        "value": json.loads(v.value) if v.value else None,
        "at": iso_ms(v.at),
        "by": v.by,
        "revision": v.revision,
    }


def version_line(v: Version, *, named: bool = False) -> str:
    from ..report.figures import iso

    what = "removed" if v.removed else f"v{v.version}  {shown(one_line(v.value))}"
    name = f"{safe(v.key)}  " if named else ""
    return f"{iso(v.at)}  {name}{safe(v.by)}  {what}\n"
