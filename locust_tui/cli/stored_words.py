"""The line that says what was stored; imports nothing, for those who say it often."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def stored_line(data: dict[str, Any], revision: int) -> str:
    """What the worker's answer to a store says, for people; ends with a newline."""
    words = [f"{data['key']}: version {data['version']} stored, revision {revision}"]
    if data.get("text"):
        words.append("it is no JSON, so it is a text")
    if (told := data.get("reported")) is not None:
        points = told["progress"]
        words.append(f"{told['workstream']} reports {f'{points:g} %' if points is not None else 'it'}")
    return "; ".join(words) + "\n"
