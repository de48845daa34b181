"""Strategies on the command line: the study of them, applying one by approval, and taking the last one back."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from ..errors import NotFoundError, RefusedError, UsageError
from .agent_scope import refuse_agents
from .output import narrate, put, put_json
from .target import read_state

if TYPE_CHECKING:
    from ..analysis.strategies import preview
    from ..domain.people import Person
    from ..domain.studies.strategies import StrategyStudy
    from .command import Settings
    from .target import State, Target


def study_of(
    state: State, target: Target, groups: list[tuple[str, ...]], how: preview.Settings
) -> StrategyStudy:
    """Each of `groups`, all that the plan offers where there are none, with the diffs of its file."""
    from ..plans.strategy_study import strategy_study

    text = _text(state, target)
    return strategy_study(
        state.plan, state.digest, state.world, state.at, text, target.path.name, groups, how
    )


def _text(state: State, target: Target) -> str:
    """Of the plan that is looked at: the record's, where it has it, else the file's."""
    if state.recorded:
        from ..state.reader import ReadOnlyStore

        try:
            with ReadOnlyStore(target.folder.store) as store:
                return store.plan_of(state.digest)[1]
        except NotFoundError:
            pass
    from ..plans.reading import read_plan

    return read_plan(target.path).text if target.path.exists() else ""


def apply(
    settings: Settings, target: Target, names: tuple[str, ...], how: preview.Settings, note: str, by: str | None,
    *, yes: bool, as_json: bool,
) -> int:  # fmt: skip
    """Show what is changed, ask, and have it changed: by the worker; before the first start by this process."""
    from ..client.requests import ApplyStrategy
    from ..report.strategies_text import strategy_lines
    from .asking import ask, os_user

    refuse_agents(target.folder, "applying strategies")
    if not names:
        raise UsageError("which strategy?", help="locust-tui whatif shows them all")
    if not note.strip():
        raise UsageError("a note is wanted: it is what the record is asked for later", help="--note TEXT")
    recorded = _ran(settings, target)
    state = read_state(target, prefer_file=not recorded)
    study = study_of(state, target, [names], how)
    (shown,) = study.previews
    if shown.reason:
        raise RefusedError(
            f"{shown.id}: {shown.reason}; nothing was changed", help=f"locust-tui whatif {names[0]}"
        )
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
    from ..state.reader import ReadOnlyStore
    from .asking import start_worker
    from .target import worker_pid

    with ReadOnlyStore(target.folder.store) as store:
        if store.plan() is None:
            return False
    if worker_pid(target.folder) is None:
        start_worker(settings, target)
    return True


def _confirm(question: str) -> None:
    from .terminal import asks, can_ask

    if not can_ask():
        raise RefusedError("nobody is here to say yes; nothing was changed", help="--yes says it")
    if not asks(question):
        raise RefusedError("nothing was changed")


def _before_start(
    target: Target, state: State, study: StrategyStudy, note: str, by: str, *, as_json: bool
) -> int:
    """There is no record yet: the file is changed here, and the first worker takes it up."""
    from ..analysis.strategies.edits import edited
    from ..worker.before_start import apply_before_start

    (shown,) = study.previews
    person = _person(by)
    made = apply_before_start(
        target.folder, state.plan, shown, edited(state.plan, shown.edits), note, person, time.time()
    )
    if as_json:
        put_json({"id": None, "changes": list(made.words), "file_after": made.file_after, "revision": None})
        return 0
    put(
        f"{shown.id}: {target.path.name} is changed; the record begins with the first start, and takes it up\n"
    )
    narrate("locust-tui whatif --undo takes it back")
    return 0


def _person(name: str) -> Person:
    from ..domain.people import Person

    return Person(name, None, os.getuid(), os.getpid())


def undo(
    settings: Settings,
    target: Target,
    names: tuple[str, ...],
    note: str,
    by: str | None,
    *,
    yes: bool,
    as_json: bool,
    reverse: bool = False,
) -> int:
    """Give the plan file the bytes it had before the last strategy."""
    from ..client.requests import UndoStrategy
    from ..worker.before_start import undo_before_start
    from .asking import ask, os_user

    refuse_agents(target.folder, "taking strategies back")
    if not _ran(settings, target):
        if not yes:
            _confirm("take the last strategy back")
        undone = undo_before_start(target.folder, reverse=reverse)
        if as_json:
            put_json({"id": None, "strategies": list(undone.strategies), "revision": None})
        else:
            what = "lacks its changes" if reverse else "is what it was"
            put(f"{' + '.join(undone.strategies)} is taken back: {target.path.name} {what}\n")
        return 0
    known = read_state(target).world.strategies
    last = next((one for one in reversed(known.values()) if one.standing), None)
    if last is None:
        raise NotFoundError("no strategy is applied", help="locust-tui whatif --applied")
    if names and names != (last.id,):
        raise RefusedError(
            f"strategy {last.id} was applied last", help="leave its number out, or name that one"
        )
    narrate(f"strategy {last.id}, {' + '.join(last.strategies)} by {last.by}: {last.words}")
    if not yes:
        _confirm(f"take it back in the name of {by or os_user()}")
    reply = ask(settings, target, UndoStrategy(last.id, note, by, reverse))
    if as_json:
        put_json({**reply.data, "revision": reply.revision})
        return 0
    what = "lacks its changes" if reverse else "is what it was"
    put(f"strategy {last.id} is taken back: {target.path.name} {what}, revision {reply.revision}\n")
    for words in reply.data["stays"]:
        narrate(words)
    return 0
