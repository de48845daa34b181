"""`success`: the scoreboard of success, and recording what a person found."""

from __future__ import annotations

import click

from ..agent_scope import refuse_agents
from ..asking import ask
from ..command import CONTEXT, Settings, ShowByItself, common_options, sub_verb
from ..moment import AT_HELP, MOMENT
from ..output import ascii_only, columns, narrate, painter, put, put_json
from ..target import find_target


@click.group("success", cls=ShowByItself, context_settings=CONTEXT)
@common_options
def command() -> None:
    """Which of the plan's success checks are met, and what is to be looked at after the release."""


@sub_verb(command, "show")
@click.option("--at", type=MOMENT, help=AT_HELP)
@click.option("--facts", is_flag=True, help="Each value that a check rests on, and how old it is.")
@click.option("--json", "as_json", is_flag=True)
def show(settings: Settings, at: float | None, facts: bool, as_json: bool) -> int:
    """Show the scoreboard. Exit 0 whatever it says; a value that is stale meets no check."""
    from ...report.figures_json import success_document
    from ...report.success_text import fact_words, success_lines
    from ...safe_text import safe
    from ..figuring import figures_at

    board = figures_at(settings, None, at).success
    if as_json:
        put_json(success_document(board))
        return 0
    if not board.lines and not board.watches:
        narrate("the plan has no success checks")
        return 0
    shown = success_lines(board, paint=painter(settings), ascii_only=ascii_only(), width=columns())
    if facts:
        for line in board.lines:
            shown += ["", safe(f"{line.name}: {line.check}", oneline=True)]
            shown += [safe(f"  {fact_words(f, board.at)}", oneline=True) for f in line.facts]
    put("\n".join(shown) + "\n")
    return 0


@sub_verb(command, "record")
@click.argument("name")
@click.argument("verdict", type=click.Choice(["met", "not-met"]))
@click.option("--value", default="", help="What was found: a number, names, links.")
@click.option("--note", default="", help="Kept with it.")
@click.option("--by", metavar="NAME", help="Who says so (default: the OS user).")
@click.option("--json", "as_json", is_flag=True)
def record(
    settings: Settings, name: str, verdict: str, value: str, note: str, by: str | None, as_json: bool
) -> int:
    """Record what a person found: of a check that asks one, or of what is looked at after the release.

    What is measured nobody's word meets.
    """
    from ...client.requests import RecordSuccess
    from ...safe_text import safe

    target = find_target(settings)
    refuse_agents(target.folder, "recording success")
    reply = ask(settings, target, RecordSuccess(name, verdict == "met", value, note, by))
    if as_json:
        put_json({**reply.data, "revision": reply.revision})
    else:
        said = (
            f"{reply.data['check']} is {'met' if reply.data['met'] else 'not met'}, revision {reply.revision}"
        )
        put(safe(said, oneline=True) + "\n")
    return 0
