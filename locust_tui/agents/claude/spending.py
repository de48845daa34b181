"""Tokens and money of one process, from what each turn's result says of them."""

from __future__ import annotations

from collections.abc import Iterable

from ..vocabulary import Used
from .wire import ModelUse, Result


class Spending:
    """Cumulative over the process.

    `total_cost_usd` is that too, but after a resume some versions go on from the earlier process's total; where a result
    also says what came since the last one, only that is added up.
    """

    def __init__(self) -> None:
        self._input = self._output = self._cached = 0
        self._cost = 0.0
        self._by_steps = False

    def of_result(self, result: Result) -> Used | None:
        """What has been used so far; None: the result does not say."""
        if result.since_last is not None:
            self._by_steps = True
            self._add(result.since_last.values())
        elif not self._by_steps:
            if result.total_cost_usd is None and not result.model_usage:
                return None
            self._input = self._output = self._cached = 0
            cost, self._cost = result.total_cost_usd, 0.0
            self._add((result.model_usage or {}).values())
            self._cost = self._cost if cost is None else cost
        models = result.model_usage or {}
        return Used(
            input_tokens=self._input,
            output_tokens=self._output,
            cached_tokens=self._cached,
            cost_usd=self._cost,
            context_size=max((m.window for m in models.values() if m.window), default=None),
            model=max(models, key=lambda name: models[name].cost_usd or 0.0, default=""),
        )

    def _add(self, uses: Iterable[ModelUse]) -> None:
        for use in uses:
            self._input += (use.input_tokens or 0) + (use.cache_creation or 0)
            self._output += use.output_tokens or 0
            self._cached += use.cache_read or 0
            self._cost += use.cost_usd or 0.0
