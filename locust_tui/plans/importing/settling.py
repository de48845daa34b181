"""From values to a plan that reads without errors: what a check refuses is left out, one place at a time, and said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from locust_tui.domain.dataclass import dataclass

from ...domain.plan import Plan
from ..problem import Problem, Severity
from ..reading import read_data
from .assembled import Assembled, Place
from .draft import Draft
from .finding import DocumentError
from .writing import plan_text

_ROUNDS = 60
_ABOUT_LINES = frozenset({"cycle", "duplicate"})
"""Errors whose help names lines of the plan that is only being made."""
_KEPT_WHOLE = frozenset({"workstreams", "orchestrators", "phases", "agents", "project"})
_OF_THE_MACHINE = frozenset(
    {"program", "unknown-agent", "no-command", "worktree", "partial-need", "critical-path"}
)
"""Findings about this computer, or about what has been said already."""


@dataclass(frozen=True, slots=True)
class Settled:
    text: str
    plan: Plan


def settle(draft: Draft, made: Assembled, path: Path) -> Settled:
    """Write, check, and leave out what has an error, until none is left; the check's warnings become findings.

    Raises DocumentError where a whole workstream or orchestrator would have to go.
    """
    file = draft.document.file
    for _ in range(_ROUNDS):
        text, places = plan_text(made, file)
        reading = read_data(text.encode(), path, cached=False)
        errors = [p for p in reading.problems if p.is_error]
        if reading.plan is not None and not errors:
            for problem in reading.problems:
                _warn(draft, made, places, problem)
            return Settled(text, reading.plan)
        gone = 0
        for problem in errors:
            place = _place(places, problem)
            line = made.line(place)
            if len(place) < 2 or (len(place) == 2 and place[0] in _KEPT_WHOLE):
                raise DocumentError(
                    file, f"this makes no plan: {problem.message}", line=line, help=problem.help
                )
            name = _named(made, place)
            help_ = None if problem.code in _ABOUT_LINES else problem.help
            if _leave_out(made, place):
                for command in draft.commands:
                    if command.line == line and command.became:
                        command.became, command.why = "", f"left out: {problem.message}"
                gone += 1
                draft.notes.warn("left-out", f"{name} is left out: {problem.message}", line, help_)
                break
        if not gone:
            first = errors[0]
            raise DocumentError(file, f"this makes no plan: {first.message}", help=first.help)
    raise DocumentError(
        file,
        "too much of it contradicts itself to be a plan",
        help="mend what is said above, and import it again",
    )


def _place(places: list[Place], problem: Problem) -> Place:
    return places[problem.line - 1] if problem.line and problem.line <= len(places) else ()


def _named(made: Assembled, place: Place) -> str:
    """A place for people: items of lists by their name or text."""
    value: Any = made.values
    words = []
    for step in place:
        value = value[step]
        if isinstance(step, int) and isinstance(value, dict):
            words.append(f'"{value.get("name") or value.get("risk") or value.get("kind") or step}"')
        else:
            words.append(str(step))
    return ".".join(words)


def _leave_out(made: Assembled, place: Place) -> bool:
    """Take the value at `place` away, with blocks that are empty then; False where there is none."""
    block: object = made.values
    for step in place[:-1]:
        block = block[step]  # type: ignore[index]
    last = place[-1]
    if isinstance(block, list) and isinstance(last, int):
        del block[last]
        _move_up(made, place[:-1], last)
    elif isinstance(block, dict) and last in block:
        del block[last]
    else:
        return False
    if not block and len(place) > 1:
        _leave_out(made, place[:-1])
    return True


def _move_up(made: Assembled, where: Place, gone: int) -> None:
    """Lines of the items behind the one that is gone."""
    moved = {p: n for p, n in made.lines.items() if p[:-1] == where and isinstance(p[-1], int)}
    for place in moved:
        del made.lines[place]
    for place, line in moved.items():
        at = place[-1]
        assert isinstance(at, int)
        if at != gone:
            made.lines[(*where, at - 1 if at > gone else at)] = line


def _warn(draft: Draft, made: Assembled, places: list[Place], problem: Problem) -> None:
    if problem.code in _OF_THE_MACHINE:
        return
    say = draft.notes.note if problem.severity is Severity.NOTE else draft.notes.warn
    say(problem.code, problem.message, made.line(_place(places, problem)), problem.help)
