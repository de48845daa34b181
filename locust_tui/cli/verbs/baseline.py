"""`baseline`: what was agreed, every change of the plan since, why it changed, and agreeing anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import click

from ..agent_scope import refuse_agents
from ..asking import ask
from ..command import CONTEXT, Settings, ShowByItself, common_options, sub_verb
from ..moment import MOMENT, seconds_of
from ..output import columns, narrate, painter, put, put_json
from ..target import find_target, require_state

if TYPE_CHECKING:
    from ...domain.studies.baseline import BaselineStudy


@click.group("baseline", cls=ShowByItself, context_settings=CONTEXT)
@common_options
def command() -> None:
    """What was agreed when the project started, and every change of the plan since: who, when, why."""


@sub_verb(command, "show")
@click.option("--at", type=MOMENT, metavar="T", help="As it stood at a moment.")
@click.option("--json", "as_json", is_flag=True)
def show(settings: Settings, at: float | None, as_json: bool) -> int:
    """Show what was agreed, and what differs from it now, by gate and workstream."""
    from ...report.baseline_text import baseline_document, drift_text

    study = _study(settings, at)
    if as_json:
        put_json(baseline_document(study))
    else:
        _put(drift_text(study, paint=painter(settings), width=columns()))
    return 0


@sub_verb(command, "changes")
@click.option(
    "--since", type=MOMENT, metavar="T", help="Only what came into force after a moment: 2d, 2026-11-20."
)
@click.option(
    "--json", "as_json", is_flag=True, help="An array, one entry for each plan that came into force."
)
def changes(settings: Settings, since: float | None, as_json: bool) -> int:
    """List every change of the plan since the start, oldest first, with who, when and why."""
    from ...report.baseline_text import NOT_STARTED, changes_text, revision_document

    study = _study(settings, None)
    since = seconds_of(find_target(settings), since)
    found = [r for r in study.revisions[1:] if since is None or r.at > since]
    if as_json:
        put_json([revision_document(r) for r in found])
    elif found:
        _put(changes_text(found, paint=painter(settings), width=columns()))
    elif study.agreed is None:
        narrate(NOT_STARTED)
    else:
        narrate("the plan has not changed since" + (" then" if since is not None else " the start"))
    return 0


@sub_verb(command, "note")
@click.argument("revision", type=int)
@click.argument("text")
@click.option("--by", metavar="NAME", help="Who says so (default: the OS user).")
@click.option("--json", "as_json", is_flag=True)
def note(settings: Settings, revision: int, text: str, by: str | None, as_json: bool) -> int:
    """Say why the plan changed at REVISION (see baseline changes); a later note replaces an earlier one."""
    from ...client.requests import NotePlanChange

    target = find_target(settings)
    refuse_agents(target.folder, "saying why a plan changed")
    reply = ask(settings, target, NotePlanChange(revision, text, by))
    if as_json:
        put_json({**reply.data, "revision": reply.revision})
    else:
        put(f"the change of revision {revision} has its reason, revision {reply.revision}\n")
    return 0


@sub_verb(command, "set")
@click.option("--note", required=True, metavar="TEXT", help="Why it is agreed anew; kept with the baseline.")
@click.option("--by", metavar="NAME", help="Who agrees (default: the OS user).")
@click.option("--json", "as_json", is_flag=True)
def set_(settings: Settings, note: str, by: str | None, as_json: bool) -> int:
    """Agree to the plan in force: it is what later ones are compared with. Earlier baselines stay on record."""
    from ...client.requests import SetBaseline

    target = find_target(settings)
    refuse_agents(target.folder, "agreeing to a plan")
    reply = ask(settings, target, SetBaseline(note, by))
    if as_json:
        put_json({**reply.data, "revision": reply.revision})
    else:
        put(f"plan {reply.data['digest'][:12]} is agreed from now on, revision {reply.revision}\n")
    return 0


def _study(settings: Settings, at: float | None) -> BaselineStudy:
    import time

    from ...analysis.baseline import KINDS, baseline_study
    from ...state.reader import ReadOnlyStore

    target = find_target(settings)
    require_state(target)
    moment = seconds_of(target, at)
    now = time.time() if moment is None else moment
    if not target.has_record:
        return baseline_study((), _no_plan, now)
    with ReadOnlyStore(target.folder.store) as store:
        return baseline_study(store.events(kinds=KINDS), lambda digest: store.plan_of(digest)[0], now)


def _no_plan(digest: str) -> NoReturn:
    raise AssertionError("without a record no plan is asked for")


def _put(lines: list[str]) -> None:
    put("\n".join(lines) + "\n")
