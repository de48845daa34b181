"""Progress of many parts of a plan at one moment, each workstream looked at once."""

from __future__ import annotations

from collections.abc import Sequence

from locust_tui.domain.snapshot import WorkstreamView
from locust_tui.domain.states import OUT_OF_SCOPE

from .plan_index import PlanIndex
from .progress import Progress, passed_share, progress_of_sums, straight_line


class Tally:
    """Weights, verified and planned points of every workstream view; `at` in working plan weeks."""

    def __init__(self, index: PlanIndex, views: Sequence[WorkstreamView], at: float) -> None:
        self.plan, self.views, self.at = index.plan, views, at
        self._scope = [v.state not in OUT_OF_SCOPE for v in views]
        self._weight = [v.weight if s else 0.0 for v, s in zip(views, self._scope, strict=True)]
        self._known = [s and not v.unknown for v, s in zip(views, self._scope, strict=True)]
        self._earned = [w * v.verified for w, v in zip(self._weight, views, strict=True)]
        dated = [0.0 if weeks is None else 1.0 for weeks in index.weeks]
        passed = [0.0 if weeks is None else passed_share(weeks, at) for weeks in index.weeks]
        self._dated = [w * dated[span] for w, span in zip(self._weight, index.span, strict=True)]
        self._planned = [w * passed[span] for w, span in zip(self._weight, index.span, strict=True)]

    def of(self, positions: Sequence[int]) -> Progress:
        """Progress of the workstreams at these positions."""
        weight = sum([self._weight[i] for i in positions])
        removed = len(positions) - sum([self._scope[i] for i in positions])
        earned = sum([self._earned[i] for i in positions])
        dated = sum([self._dated[i] for i in positions])
        planned = sum([self._planned[i] for i in positions])
        expected = 100.0 * planned / dated if dated > 0 else None
        if expected is None and weight > 0:
            works = self.plan.workstreams
            scope = [works[self.views[i].id] for i in positions if self._scope[i]]
            expected = straight_line(self.plan, scope, self.at)
        known = any(self._known[i] for i in positions)
        return progress_of_sums(weight, earned, expected, removed, known=known)

    def whole(self) -> Progress:
        return self.of(range(len(self.views)))
