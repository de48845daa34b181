"""`request-agents`: more agents at a time, for an orchestrator or of a type."""

from __future__ import annotations

import click

from ...errors import UsageError
from ...safe_text import safe
from ..agent_scope import refuse_agents
from ..asking import ask, tell
from ..command import Settings, sub_verb
from ..messaging import token
from ..output import columns, narrate, painter, put, put_json
from ..said_group import said_group
from ..target import find_target, read_state

command = said_group(
    "request-agents",
    "ask",
    "Ask for COUNT more agents at a time: of TYPE beyond its cap, or for an orchestrator beyond its quota.",
    "[TYPE] COUNT --for WHAT | ls | release [ARGS]…",
)


@sub_verb(command, "ask")
@click.argument("words", nargs=-1, required=True, metavar="[TYPE] COUNT")
@click.option("--for", "why", required=True, metavar="WHAT", help="What they would do.")
@click.option("--orchestrator", metavar="NAME", help="Whose quota is raised (inside a run: its own).")
@click.option(
    "--expires", metavar="DURATION", help="How long a grant lasts: 4h, 2d (default: what the plan says)."
)
@click.option("--json", "as_json", is_flag=True)
def request(
    settings: Settings,
    words: tuple[str, ...],
    why: str,
    orchestrator: str | None,
    expires: str | None,
    as_json: bool,
) -> int:
    """Ask for more agents. The plan's rule (resources.requests.grant) answers at once, or a person in the inbox."""
    from ...client.requests import RequestAgents
    from ...report.figures import until

    agent_type, count = _type_and_count(words)
    target = find_target(settings)
    asked = RequestAgents(count, why, orchestrator, token(), agent_type, _seconds(expires))
    reply = tell(settings, target, asked)
    data = reply.data
    if as_json:
        put_json({**data, "revision": reply.revision})
        return 0
    item, given = data["item"], data.get("granted")
    if data.get("waiting"):
        known = f" is open already, for {data.get('count')}:" if data.get("known") else ":"
        full = f"; {data['why']}" if data.get("why") else ""
        said = f"{item}{known} waits for an answer{full} (locust-tui answer {item} grant)"
    elif not given:
        said = f"{item}: denied by the plan's rule"
    else:
        end = f" until {until(data['until'])} UTC" if data.get("until") is not None else ""
        said = f"{item}: {given} of {data.get('count', count)} granted{end}"
    put(safe(f"{said}, revision {reply.revision}", oneline=True) + "\n")
    return 0


command.commands["ask"].hidden = True


def _type_and_count(words: tuple[str, ...]) -> tuple[str, int]:
    numbers = [word for word in words if word.isdecimal()]
    names = [word for word in words if not word.isdecimal()]
    if len(numbers) != 1 or len(names) > 1:
        raise UsageError(
            f'"{" ".join(words)}" is no [TYPE] COUNT', help="locust-tui request-agents coder 2 --for WHAT"
        )
    return (names[0] if names else ""), int(numbers[0])


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    from ...plans.quantities import BadValueError, parse_duration

    try:
        return parse_duration(text)
    except BadValueError as error:
        raise UsageError(error.message, help=error.help) from None


@sub_verb(command, "ls")
@click.option("--all", "everything", is_flag=True, help="Also what was denied and what has ended.")
@click.option("--json", "as_json", is_flag=True)
def ls(settings: Settings, everything: bool, as_json: bool) -> int:
    """List requests that wait and grants in force."""
    from ...analysis.grants import wanted
    from ...report.request_text import request_document, request_state, requests_table

    state = read_state(find_target(settings))
    asks = [ask for ask in state.world.asks.values() if wanted(ask) is not None]
    found = [a for a in asks if everything or request_state(a, state.world) not in ("denied", "ended")]
    if as_json:
        put_json([request_document(ask, state.world) for ask in found])
    elif found:
        shown = requests_table(found, state.world, state.at, paint=painter(settings), width=columns())
        put("\n".join(shown) + "\n")
    else:
        narrate("nobody has asked for agents" if everything else "no request waits, and no grant is in force")
    return 0


@sub_verb(command, "release")
@click.argument("item")
@click.option("--note", default="", help="Why.")
@click.option("--by", metavar="NAME", help="Who takes it back (default: the OS user).")
@click.option("--json", "as_json", is_flag=True)
def release(settings: Settings, item: str, note: str, by: str | None, as_json: bool) -> int:
    """Take granted slots back. Whatever runs in them goes on to its end."""
    from ...client.requests import EndGrant

    target = find_target(settings)
    refuse_agents(target.folder, "taking grants back")
    reply = ask(settings, target, EndGrant(item, note, by))
    if as_json:
        put_json({**reply.data, "revision": reply.revision})
    else:
        put(f"{reply.data['item']}: {reply.data['count']} slots taken back, revision {reply.revision}\n")
    return 0
