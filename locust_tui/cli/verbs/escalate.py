"""`escalate`: what a level cannot settle goes to the one above it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ...errors import NotFoundError, UsageError, did_you_mean
from ...safe_text import safe
from ..asking import tell
from ..command import Settings, sub_verb
from ..messaging import from_stdin, token
from ..output import columns, narrate, painter, put, put_json
from ..said_group import said_group
from ..target import find_target, read_state

if TYPE_CHECKING:
    from ...domain.coordination import EscalationStatus
    from ...domain.world import World

command = said_group(
    "escalate",
    "raise",
    "Escalate TEXT to whoever its kind goes to in the plan; ls, show, ack and answer escalations.",
    "TEXT | ls | show | ack | answer [ARGS]…",
)
_JSON = click.option("--json", "as_json", is_flag=True)
_BY = click.option("--by", metavar="NAME", help="Who says so (default: the OS user).")
_PARTY = click.option(
    "--party", default="", metavar="NAME", help="For whom of its route (default: found from NAME)."
)


@sub_verb(command, "raise")
@click.argument("text")
@click.option("--about", default="", metavar="WS|ORCH", help="What it is about (inside a run: its own work).")
@click.option(
    "--kind",
    default="",
    help="workstream, cross-domain, architecture, timeline, resource, or the plan's own; default: found.",
)
@click.option("--detail", default="", help="All that is needed to decide; - reads standard input.")
@click.option("--urgency", default="medium", help="low, medium, high or critical.")
@_BY
@_JSON
def raise_one(
    settings: Settings,
    text: str,
    about: str,
    kind: str,
    detail: str,
    urgency: str,
    by: str | None,
    as_json: bool,
) -> int:
    """Escalate TEXT. It waits for an answer in steps; time that runs out takes it further and approves nothing."""
    from ...client.requests import Escalate

    target = find_target(settings)
    request = Escalate(from_stdin(text), about, kind, from_stdin(detail), urgency, by, token())
    reply = tell(settings, target, request)
    if as_json:
        put_json({**reply.data, "revision": reply.revision})
        return 0
    known = "" if reply.data.get("new") else " is open already:"
    said = (
        f"{reply.data['id']}:{known} {reply.data['kind']} escalation, waits for {', '.join(reply.data['to'])}"
    )
    put(safe(f"{said}, revision {reply.revision}", oneline=True) + "\n")
    return 0


command.commands["raise"].hidden = True


@sub_verb(command, "ls")
@click.option("--all", "everything", is_flag=True, help="Closed ones too.")
@_JSON
def ls(settings: Settings, everything: bool, as_json: bool) -> int:
    """List what is open, the oldest first."""
    from ...report.escalation_text import escalation_document, escalations_table

    state = read_state(find_target(settings))
    found = [e for e in state.world.escalations.values() if everything or e.open]
    if as_json:
        put_json([escalation_document(e) for e in found])
    elif found:
        put("\n".join(escalations_table(found, state.at, paint=painter(settings), width=columns())) + "\n")
    else:
        narrate("nothing is escalated" if everything else "no escalation is open")
    return 0


@sub_verb(command, "show")
@click.argument("id")
@_JSON
def show(settings: Settings, id: str, as_json: bool) -> int:
    """Show one with its route, its answers and the record of the decision."""
    from ...report.escalation_text import escalation_document, escalation_lines

    state = read_state(find_target(settings))
    found = find_escalation(state.world, id)
    if as_json:
        put_json(escalation_document(found))
    else:
        put(
            "\n".join(
                safe(line, limit=4 * len(line) + 1, oneline=True)
                for line in escalation_lines(found, state.at)
            )
            + "\n"
        )
    return 0


def find_escalation(world: World, wanted: str) -> EscalationStatus:
    """By its id, in whatever case. NotFoundError (exit 3) with near names."""
    id = wanted.removeprefix("escalation:").upper()
    found = world.escalations.get(id)
    if found is None:
        near = did_you_mean(id, world.escalations) or "locust-tui escalate ls --all"
        raise NotFoundError(f'no escalation "{wanted}"', help=near)
    return found


@sub_verb(command, "ack")
@click.argument("id")
@_PARTY
@_BY
@_JSON
def ack(settings: Settings, id: str, party: str, by: str | None, as_json: bool) -> int:
    """Say that it is seen and dealt with: its time begins anew, once."""
    from ...client.requests import AcknowledgeEscalation
    from ...report.figures import until

    reply = tell(settings, find_target(settings), AcknowledgeEscalation(id, party, by, token()))
    if as_json:
        put_json({**reply.data, "revision": reply.revision})
        return 0
    due = reply.data.get("due")
    time = f", answer until {until(due)} UTC" if due is not None else ""
    put(
        f"{reply.data['id']}: acknowledged for {safe(reply.data['party'])}{time}, revision {reply.revision}\n"
    )
    return 0


@sub_verb(command, "answer")
@click.argument("id")
@click.argument("decision", required=False, default="")
@click.option("--note", default="", help="Why; part of the record.")
@click.option("--consequences", default="", help="What follows from it; part of the record.")
@click.option("--pass-on", is_flag=True, help="Leave it to the next of its route, instead of a decision.")
@_PARTY
@_BY
@_JSON
def answer(
    settings: Settings,
    id: str,
    decision: str,
    note: str,
    consequences: str,
    pass_on: bool,
    party: str,
    by: str | None,
    as_json: bool,
) -> int:
    """Decide it, or pass it on. Where everyone on its route has to answer, the last one closes it."""
    from ...client.requests import AnswerEscalation

    if bool(decision.strip()) is pass_on:
        raise UsageError(
            "an answer is a DECISION or --pass-on",
            help=f'locust-tui escalate answer {id} "what is decided"',
        )
    request = AnswerEscalation(id, decision, party, note, consequences, pass_on, by, token())
    reply = tell(settings, find_target(settings), request)
    if as_json:
        put_json({**reply.data, "revision": reply.revision})
        return 0
    if warning := reply.data.get("warning"):
        narrate(f"warning: {warning}")
    put(safe(answered_words(reply.data) + f", revision {reply.revision}", oneline=True) + "\n")
    return 0


def answered_words(data: dict[str, Any]) -> str:
    waits = ", ".join(data.get("to", ()))
    if "decision" not in data:
        return f"{data['id']}: passed on by {data['party']}, waits for {waits}"
    rest = "closed" if data.get("closed") else f"still open, waits for {waits}"
    return f"{data['id']}: answered for {data['party']}: {data['decision']}; {rest}"
