"""`whatif`: what each strategy would bring, applying one by approval, and taking it back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...errors import UsageError
from ...safe_text import safe
from ..command import Settings, verb
from ..moment import AT_HELP, MOMENT, seconds_of
from ..output import columns, narrate, painter, put, put_json
from ..past import state_at
from ..strategies import apply, study_of, undo
from ..target import find_target

if TYPE_CHECKING:
    from ...analysis.strategies import preview
    from ...domain.studies.strategies import StrategyStudy
    from ..target import State


@verb("whatif")
@click.argument("words", nargs=-1, metavar="[STRATEGY]... [PLAN]")
@click.option("--json", "as_json", is_flag=True, help="now, strategies, together, applied.")
@click.option("--strict", is_flag=True, help="Every need as if it said done: nothing overlaps.")
@click.option("--no-gates", is_flag=True, help="P50 and P85 as if no gate ever held anything.")
@click.option(
    "--runs", type=click.IntRange(100, 100_000), default=10_000, show_default=True, help="Simulated outcomes."
)
@click.option("--seed", type=int, help="Another seed; the same seed gives the same figures.")
@click.option("--at", type=MOMENT, metavar="TIME", help=AT_HELP)
@click.option(
    "--apply", "applies", is_flag=True, help="Change the plan by it, after showing what is changed."
)
@click.option("--undo", "undoes", is_flag=True, help="Take back what was applied last.")
@click.option(
    "--reverse",
    is_flag=True,
    help="With --undo, of a file edited since: take back its changes where they stand.",
)
@click.option("--applied", "lists", is_flag=True, help="What was applied so far.")
@click.option("--note", default="", help="Why; it stands in the record. --apply needs one.")
@click.option("--by", metavar="NAME", help="Who decides (default: the OS user).")
@click.option("--yes", is_flag=True, help="Do not ask, for scripts.")
def command(
    settings: Settings, words: tuple[str, ...], as_json: bool, strict: bool, no_gates: bool, runs: int,
    seed: int | None, at: float | None, applies: bool, undoes: bool, reverse: bool, lists: bool, note: str, by: str | None, yes: bool,
) -> int:  # fmt: skip
    """Show what each strategy of the plan would bring: finish, cost, risk, what it changes and what it refuses.

    Strategies are the plan's own, and crash and fast-track of any plan. Several are shown alone and together, each
    made on what the one before leaves. Nothing is changed without --apply. Also of a plan that never ran.
    """
    from ...analysis.forecast import SEED
    from ...analysis.strategies.preview import Settings as How

    names, plan = _split(words)
    target = find_target(settings, plan)
    how = How(strict=strict, gates=not no_gates, runs=runs, seed=SEED if seed is None else seed)
    if sum((applies, undoes, lists)) > 1:
        raise UsageError("--apply, --undo and --applied are three things", help="choose one")
    if undoes:
        return undo(settings, target, names, note, by, yes=yes, as_json=as_json, reverse=reverse)
    if applies:
        if strict or at is not None:
            raise UsageError("what is applied is the plan as it is now", help="leave --strict and --at out")
        return apply(settings, target, names, how, note, by, yes=yes, as_json=as_json)
    state = state_at(target, seconds_of(target, at), prefer_file=at is None)
    if lists:
        return _list(state, as_json)
    groups = [*((name,) for name in names), *([names] if len(names) > 1 else [])]
    study = study_of(state, target, groups, how)
    if as_json:
        put_json(_document(study, names, how))
        return 0
    _show(settings, study, names)
    from ...report.strategies_text import summary_line
    from ...report.table import fold

    footer = summary_line(how.runs, how.seed, gates=how.gates, strict=how.strict)
    narrate("\n".join(fold(footer, columns(), 2)))
    return 0


def _split(words: tuple[str, ...]) -> tuple[tuple[str, ...], Path | None]:
    """The last word is a plan where it is a file's name."""
    if words and (words[-1].endswith((".yaml", ".yml")) or "/" in words[-1] or Path(words[-1]).is_file()):
        return words[:-1], Path(words[-1])
    return words, None


def _document(study: StrategyStudy, names: tuple[str, ...], how: preview.Settings) -> dict[str, object]:
    from ...report.strategies_text import study_document

    document = study_document(study, runs=how.runs, seed=how.seed, with_gates=how.gates, strict=how.strict)
    together = None
    if len(names) > 1:
        *document["strategies"], together = document["strategies"]
    return {**document, "together": together}


def _show(settings: Settings, study: StrategyStudy, names: tuple[str, ...]) -> None:
    from ...report.strategies_text import strategies_table, strategy_lines

    wide = columns()
    lines = strategies_table(study, paint=painter(settings), width=wide)
    for number, one in enumerate(study.previews):
        last = number == len(study.previews) - 1
        diff = study.diffs.get(one.id, "") if names and last else ""
        lines += ["", *(safe(line) for line in strategy_lines(one, diff, wide))]
    put("\n".join(lines) + "\n")


def _list(state: State, as_json: bool) -> int:
    from ...domain.studies.strategies import Outcome, StrategyStudy
    from ...report.strategies_text import applied_document, applied_lines

    study = StrategyStudy((), Outcome(None), state.at, {}, tuple(state.world.strategies.values()))
    if as_json:
        put_json(applied_document(study))
    elif study.applied:
        put("\n".join(safe(line, oneline=True) for line in applied_lines(study)) + "\n")
    else:
        narrate("no strategy was applied")
    return 0
