"""Every form in which a plan may say what work needs."""

from __future__ import annotations

import unicodedata
from typing import Any

from ...domain.plan import Need, NeedKind
from ..quantities import BadValueError


def parse_needs(value: Any) -> tuple[Need, ...]:
    """Every form of `needs:`: a name, a list of names, or a block of names and conditions."""
    if isinstance(value, dict):
        return tuple(_need(name, condition, (name,)) for name, condition in value.items())
    if isinstance(value, list):
        needs: list[Need] = []
        for position, item in enumerate(value):
            if isinstance(item, dict):
                needs += [_need(name, condition, (position, name)) for name, condition in item.items()]
            else:
                needs.append(_need(item, None, (position,)))
        return tuple(needs)
    return () if value is None else (_need(value, None, ()),)


def _need(name: Any, condition: Any, at: tuple[str | int, ...]) -> Need:
    if isinstance(name, list | dict) or name is None:
        raise BadValueError(
            "a need is the name of a workstream, gate or milestone", "needs: [build, unit]", at
        )
    name = composed(str(name))
    hard = False
    if isinstance(condition, dict):
        unknown = sorted(set(condition) - {"condition", "hard"})
        if unknown:
            raise BadValueError(
                f'unknown key "{unknown[0]}" in a need', "condition and hard are known", (*at, unknown[0])
            )
        hard, condition = condition.get("hard", False) is True, condition.get("condition")
    if isinstance(condition, list):
        raise BadValueError("a need has one condition", "done, started, 50% or a deliverable", at)
    text = "done" if condition is None or condition is True else str(condition).strip()
    if text.endswith("%"):
        try:
            percent = float(text[:-1])
        except ValueError:
            raise BadValueError(f'"{text}" is not a percentage', f"{name}: 50%", at) from None
        if not 0 <= percent <= 100:
            raise BadValueError(f"{text} is not between 0% and 100%", f"{name}: 50%", at)
        return Need(name, NeedKind.PERCENT, percent=percent, hard=hard)
    if text in ("done", "started"):
        return Need(name, NeedKind(text), hard=hard)
    if isinstance(condition, int | float):
        raise BadValueError(f"{text} is no condition of a need", f"{name}: {text}%", at)
    return Need(name, NeedKind.DELIVERABLE, deliverable=composed(text), hard=hard)


def composed(text: str) -> str:
    """With composed letters, as ids are written."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)
