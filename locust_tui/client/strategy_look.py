"""All strategies of the plan in force, and some together, as the cockpit shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from locust_tui.analysis.strategies.offered import offered
from locust_tui.errors import NotFoundError
from locust_tui.plans.strategy_study import strategy_study

if TYPE_CHECKING:
    from locust_tui.domain.studies.strategies import StrategyStudy
    from locust_tui.state.reader import ReadOnlyStore

    from .feed_studies import Ground

FILE = "plan"
"""What the plan file is called in diffs where its name is not known."""


def text_of(store: ReadOnlyStore, digest: str) -> str:
    """Of the plan file with this plan; empty where that was never in force."""
    try:
        return store.plan_of(digest)[1]
    except NotFoundError:
        return ""


def look(ground: Ground, text: str, together: tuple[str, ...]) -> StrategyStudy:
    """`text`: of the plan file; empty where no record has it. NotFoundError for a strategy that is gone."""
    groups: list[tuple[str, ...]] = [(s.id,) for s in offered(ground.plan)]
    if len(together) > 1:
        groups.append(together)
    name = ground.world.project.plan_path.rpartition("/")[2] or FILE
    return strategy_study(ground.plan, ground.digest, ground.world, ground.at, text, name, groups)
