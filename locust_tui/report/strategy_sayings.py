"""In words: strategies that were applied to the plan and taken back."""

from __future__ import annotations

from ..domain import events as e
from .saying import Said, joined, say


@say.register
def _(body: e.StrategyApplied) -> Said:
    return Said("info", joined(f"strategy {body.id}, {' + '.join(body.strategies)}: {body.words}", body.note))


@say.register
def _(body: e.StrategyUndone) -> Said:
    return Said("info", joined(f"strategy {body.id} is taken back", body.note))
