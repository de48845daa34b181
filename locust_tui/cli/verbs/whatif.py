"""`whatif`: what each strategy would bring, applying one by approval, and taking it back."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...errors import NotFoundError, RefusedError, UsageError
from ...safe_text import safe
from ..agent_scope import refuse_agents
from ..command import Settings, verb
from ..moment import AT_HELP, MOMENT, seconds_of
from ..output import columns, narrate, painter, put, put_json
from ..target import find_target, read_state

if TYPE_CHECKING:
    from ...analysis.strategies import preview
    from ...domain.people import Person
    from ...domain.studies.strategies import StrategyStudy
    from ..target import State, Target


@verb("whatif")
@click.argument("words", nargs=-1, metavar="[STRATEGY]... [PLAN]")
@click.option("--json", "as_json", is_flag=True, help="now, strategies, together, applied.")
@click.option("--strict", is_flag=True, help="Every need as if it said done: nothing overlaps.")
@click.option("--no-gates", is_flag=True, help="P50 and P85 as if no gate ever held anything.")
@click.option("--runs", type=click.IntRange(100, 100_000), default=2_000, show_default=True, help="Simulated outcomes.")
@click.option("--seed", type=int, help="Another seed; the same seed gives the same figures.")
@click.option("--at", type=MOMENT, metavar="TIME", help=AT_HELP)
@click.option("--apply", "applies", is_flag=True, help="Change the plan by it, after showing what is changed.")
@click.option("--undo", "undoes", is_flag=True, help="Take back what was applied last.")
@click.option("--applied", "lists", is_flag=True, help="What was applied so far.")
@click.option("--note", default="", help="Why; it stands in the record. --apply needs one.")
@click.option("--by", metavar="NAME", help="Who decides (default: the OS user).")
@click.option("--yes", is_flag=True, help="Do not ask, for scripts.")
def command(
    settings: Settings, words: tuple[str, ...], as_json: bool, strict: bool, no_gates: bool, runs: int,
    seed: int | None, at: float | None, applies: bool, undoes: bool, lists: bool, note: str, by: str | None, yes: bool,
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
        return _undo(settings, target, names, note, by, yes=yes, as_json=as_json)
    if applies:
        if strict or at is not None:
            raise UsageError("what is applied is the plan as it is now", help="leave --strict and --at out")
        return _apply(settings, target, names, how, note, by, yes=yes, as_json=as_json)
    state = read_state(target, at=seconds_of(target, at), prefer_file=at is None)
    if lists:
        return _list(state, target, as_json)
    groups = [*((name,) for name in names), *([names] if len(names) > 1 else [])]
    study = _study(state, target, groups, how)
    if as_json:
        put_json(_document(study, names, how))
        return 0
    _show(settings, study, names)
    from ...report.strategies_text import summary_line

    narrate(summary_line(study, how.runs, how.seed, gates=how.gates, strict=how.strict))
    return 0


def _split(words: tuple[str, ...]) -> tuple[tuple[str, ...], Path | None]:
    """The last word is a plan where it is a file's name."""
    if words and (words[-1].endswith((".yaml", ".yml")) or "/" in words[-1] or Path(words[-1]).is_file()):
        return words[:-1], Path(words[-1])
    return words, None


def _study(
    state: State, target: Target, groups: list[tuple[str, ...]], how: preview.Settings
) -> StrategyStudy:
    from ...plans.strategy_study import strategy_study

    text = _text(state, target)
    return strategy_study(state.plan, state.digest, state.world, state.at, text, target.path.name, groups, how)


def _text(state: State, target: Target) -> str:
    """Of the plan that is looked at: the record's, where it has it, else the file's."""
    if state.recorded:
        from ...state.reader import ReadOnlyStore

        try:
            with ReadOnlyStore(target.folder.store) as store:
                return store.plan_of(state.digest)[1]
        except NotFoundError:
            pass
    from ...plans.reading import read_plan

    return read_plan(target.path).text if target.path.exists() else ""


def _document(study: StrategyStudy, names: tuple[str, ...], how: preview.Settings) -> dict[str, object]:
    from ...report.strategies_text import study_document

    document = study_document(
        study, runs=how.runs, seed=how.seed, with_gates=how.gates, strict=how.strict
    )
    together = None
    if len(names) > 1:
        *document["strategies"], together = document["strategies"]
    return {**document, "together": together}


def _show(settings: Settings, study: StrategyStudy, names: tuple[str, ...]) -> None:
    from ...report.strategies_text import strategies_table, strategy_lines

    lines = strategies_table(study, paint=painter(settings), width=columns())
    for number, one in enumerate(study.previews):
        last = number == len(study.previews) - 1
        diff = study.diffs.get(one.id, "") if names and last else ""
        lines += ["", *(safe(line) for line in strategy_lines(one, diff))]
    put("\n".join(lines) + "\n")


def _list(state: State, target: Target, as_json: bool) -> int:
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


def _apply(
    settings: Settings, target: Target, names: tuple[str, ...], how: preview.Settings, note: str, by: str | None,
    *, yes: bool, as_json: bool,
) -> int:  # fmt: skip
    from ...client.requests import ApplyStrategy
    from ...report.strategies_text import strategy_lines
    from ..asking import ask, os_user

    refuse_agents(target.folder, "applying strategies")
    if not names:
        raise UsageError("which strategy?", help="locust-tui whatif shows them all")
    if not note.strip():
        raise UsageError("a note is wanted: it is what the record is asked for later", help="--note TEXT")
    recorded = _ran(settings, target)
    state = read_state(target, prefer_file=not recorded)
    study = _study(state, target, [names], how)
    (shown,) = study.previews
    if shown.reason:
        raise RefusedError(f"{shown.id}: {shown.reason}; nothing was changed", help=f"locust-tui whatif {names[0]}")
    lines = strategy_lines(shown, study.diffs[shown.id])
    narrate("\n".join(lines))
    if not yes:
        _confirm(f"apply it in the name of {by or os_user()}")
    if not recorded:
        return _before_start(target, state, study, note, by or os_user(), as_json=as_json)
    reply = ask(settings, target, ApplyStrategy(shown.ids, note, shown.digest, by))
    if as_json:
        put_json({**reply.data, "revision": reply.revision})
        return 0
    what = f"{target.path.name} is changed" if shown.writes else "the record holds it"
    debts = reply.data.get("debts")
    more = f", {debts} owed: locust-tui task status" if debts else ""
    put(f"strategy {reply.data['id']}, {shown.id}: {what}{more}, revision {reply.revision}\n")
    narrate("locust-tui whatif --undo takes it back")
    return 0


def _ran(settings: Settings, target: Target) -> bool:
    """Whether a plan was ever in force here; then its worker is there afterwards."""
    if not target.has_record:
        return False
    from ...state.reader import ReadOnlyStore
    from ..asking import start_worker
    from ..target import worker_pid

    with ReadOnlyStore(target.folder.store) as store:
        if store.plan() is None:
            return False
    if worker_pid(target.folder) is None:
        start_worker(settings, target)
    return True


def _confirm(question: str) -> None:
    from ..terminal import asks, can_ask

    if not can_ask():
        raise RefusedError("nobody is here to say yes; nothing was changed", help="--yes says it")
    if not asks(question):
        raise RefusedError("nothing was changed")


def _before_start(
    target: Target, state: State, study: StrategyStudy, note: str, by: str, *, as_json: bool
) -> int:
    """There is no record yet: the file is changed here, and the first worker takes it up."""
    from ...analysis.strategies.edits import edited
    from ...worker.before_start import apply_before_start

    (shown,) = study.previews
    person = _person(by)
    made = apply_before_start(
        target.folder, state.plan, shown, edited(state.plan, shown.edits), note, person, time.time()
    )
    if as_json:
        put_json({"id": None, "changes": list(made.words), "file_after": made.file_after, "revision": None})
        return 0
    put(f"{shown.id}: {target.path.name} is changed; the record begins with the first start, and takes it up\n")
    narrate("locust-tui whatif --undo takes it back")
    return 0


def _person(name: str) -> Person:
    from ...domain.people import Person

    return Person(name, None, os.getuid(), os.getpid())


def _undo(
    settings: Settings, target: Target, names: tuple[str, ...], note: str, by: str | None, *, yes: bool, as_json: bool
) -> int:
    from ...client.requests import UndoStrategy
    from ...worker.before_start import undo_before_start
    from ..asking import ask, os_user

    refuse_agents(target.folder, "taking strategies back")
    if not _ran(settings, target):
        if not yes:
            _confirm("take the last strategy back")
        undone = undo_before_start(target.folder)
        if as_json:
            put_json({"id": None, "strategies": list(undone.strategies), "revision": None})
        else:
            put(f"{' + '.join(undone.strategies)} is taken back: {target.path.name} is what it was\n")
        return 0
    known = read_state(target).world.strategies
    last = next((one for one in reversed(known.values()) if one.standing), None)
    if last is None:
        raise NotFoundError("no strategy is applied", help="locust-tui whatif --applied")
    if names and names != (last.id,):
        raise RefusedError(f"strategy {last.id} was applied last", help="leave its number out, or name that one")
    narrate(f"strategy {last.id}, {' + '.join(last.strategies)} by {last.by}: {last.words}")
    if not yes:
        _confirm(f"take it back in the name of {by or os_user()}")
    reply = ask(settings, target, UndoStrategy(last.id, note, by))
    if as_json:
        put_json({**reply.data, "revision": reply.revision})
        return 0
    put(f"strategy {last.id} is taken back: {target.path.name} is what it was, revision {reply.revision}\n")
    for words in reply.data["stays"]:
        narrate(words)
    return 0
