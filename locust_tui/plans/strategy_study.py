"""The study of all strategies of a plan, with what each would change in the text of its file."""

from __future__ import annotations

from collections.abc import Sequence

from ..analysis.strategies.case import Case
from ..analysis.strategies.preview import DEFAULT, Settings, outcome, previews
from ..domain.plan import Plan
from ..domain.studies.strategies import Preview, StrategyStudy
from ..domain.world import World
from ..errors import UsageError
from .editing import edit_text, plan_diff, split


def strategy_study(
    plan: Plan,
    digest: str,
    world: World,
    now: float,
    text: str,
    name: str,
    groups: Sequence[Sequence[str]] = (),
    settings: Settings = DEFAULT,
) -> StrategyStudy:
    """Every strategy that the plan offers, or each of `groups`, beside the plan as it is.

    `text`: the plan file's, `name` its name in diffs; empty: it has none. NotFoundError for an unknown name.
    """
    found = previews(plan, digest, world, now, groups, settings)
    now_ = found[0].now if found else outcome(Case.of(plan, world, now, strict=settings.strict), settings)
    diffs = {p.id: diff_of(p, text, name) for p in found}
    return StrategyStudy(found, now_, now, diffs, tuple(world.strategies.values()))


def diff_of(preview: Preview, text: str, name: str) -> str:
    """The unified diff of the plan file; empty where nothing is changed in it. UsageError's words where it cannot be."""
    in_file, _ = split(text, preview.edits)
    try:
        return plan_diff(text, edit_text(text, in_file), name) if in_file else ""
    except UsageError as error:
        return f"{error.message}: {error.help}"
