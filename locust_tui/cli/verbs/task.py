"""`task`: work given to orchestrators, the items of their queues, and how things stand by pattern."""

from __future__ import annotations

import click

from ...errors import UsageError, did_you_mean
from ...safe_text import safe
from ..asking import connect, tell
from ..command import Settings, sub_verb, verb_group
from ..output import ascii_only, columns, narrate, painter, put, put_json
from ..target import find_target, read_state


@verb_group("task")
def command() -> None:
    """Give orchestrators work, and see how it stands."""


@sub_verb(command, "orchestrate")
@click.option("--task", "slug", required=True, help="Name of the task; the same again is the same task.")
@click.option("--orchestrator", metavar="NAME", help="Whose task it is.")
@click.option(
    "--config", metavar="JSON", help="A domain orchestrator, or {type, count, for}: agents asked for."
)
@click.option("--agent-config", metavar="JSON", help="One agent: {type, name, expertise, memory_key}.")
@click.option("--from", "source", metavar="ID", help="A workstream that asks for support; needs --type.")
@click.option("--type", "kind", help="What kind of support.")
@click.option("--urgency", default="medium", show_default=True, help="How pressing it is.")
@click.option("--json", "as_json", is_flag=True)
def orchestrate(
    settings: Settings,
    slug: str,
    orchestrator: str | None,
    config: str | None,
    agent_config: str | None,
    source: str | None,
    kind: str | None,
    urgency: str,
    as_json: bool,
) -> int:
    """Have something done for an orchestrator, and keep it as a task in its queue.

    --config brings a domain orchestrator up, its workstreams registered as planned, or asks for more agents;
    --agent-config brings one agent up; --from calls for support on the escalation's route.
    """
    from ..agent_scope import refuse_agents
    from ..draft import check_name
    from ..orchestrating import asker_of, bring_agent_up, carry_out, orchestrator_of, raise_support, record

    check_name(slug, "name of a task")
    if sum(option is not None for option in (config, agent_config, source)) != 1:
        raise UsageError(
            "say what is to be done: --config JSON, --agent-config JSON, or --from ID --type TYPE"
        )
    if (source is None) != (kind is None):
        raise UsageError("--from and --type belong together")
    if orchestrator is None and source is None:
        raise UsageError("whose task is it", help="--orchestrator NAME")
    target = find_target(settings)
    if source is None:
        refuse_agents(target.folder, "bringing agents up")
    with connect(settings, target) as connection:
        state = read_state(target)
        asker = ""
        if source is not None:
            asker, boss = asker_of(state, source, orchestrator)
            done = raise_support(connection, asker, kind or "", urgency, slug)
            slug = f"{slug}-{asker}"
        else:
            boss = orchestrator_of(state, orchestrator or "")
            if config is not None:
                done = carry_out(connection, target, boss, config)
            else:
                done = bring_agent_up(connection, target, boss, agent_config or "")
        asked = config or agent_config or f"{kind} support, {urgency}"
        revision = record(connection, slug, boss, asked, done, asker)
    if as_json:
        put_json({"task": slug, "assignee": boss, **done.data, "revision": revision})
    else:
        put(safe(f"task {slug} of {boss}: {done.words}", oneline=True) + "\n")
    return 0


@sub_verb(command, "create")
@click.option("--title", required=True)
@click.option("--assigned-to", "assignee", required=True, metavar="NAME", help="Whose queue: any address.")
@click.option("--priority", default="medium", show_default=True, help="critical, high, medium or low.")
@click.option("--description", default="")
@click.option("--id", "id", default="", help="A name of its own; the same again is the same task.")
@click.option("--json", "as_json", is_flag=True)
def create(
    settings: Settings, title: str, assignee: str, priority: str, description: str, id: str, as_json: bool
) -> int:
    """Put an item into a queue, and tell whom it is assigned to."""
    from ...client.requests import CreateTask
    from ..draft import check_name

    if id:
        check_name(id, "name of a task")
    request = CreateTask(title, assignee, priority, description, id=id)
    reply = tell(settings, find_target(settings), request)
    told = reply.data
    if as_json:
        put_json({**told, "revision": reply.revision})
    elif told["new"]:
        put(
            f"task {told['id']} is in the queue of {safe(told['assignee'], oneline=True)}, revision {reply.revision}\n"
        )
    else:
        put(
            f"task {told['id']} of {safe(told['assignee'], oneline=True)} is there already, {told['state']}\n"
        )
    return 0


@sub_verb(command, "done")
@click.argument("id")
@click.option("--cancelled", is_flag=True, help="It is not to be done any more.")
@click.option("--note", default="", help="What came of it; kept with the event.")
@click.option("--by", metavar="NAME", help="Who says so (default: the OS user).")
@click.option("--json", "as_json", is_flag=True)
def done(settings: Settings, id: str, cancelled: bool, note: str, by: str | None, as_json: bool) -> int:
    """Close a task."""
    from ...client.requests import MoveTask
    from ...domain.states import TaskState

    state = TaskState.CANCELLED if cancelled else TaskState.DONE
    reply = tell(settings, find_target(settings), MoveTask(id, state, note, by))
    if as_json:
        put_json({**reply.data, "revision": reply.revision})
    else:
        before = "" if reply.data["changed"] else ", as it was"
        put(f"task {reply.data['id']} is {state.value}{before}, revision {reply.revision}\n")
    return 0


@sub_verb(command, "status")
@click.argument("id", required=False)
@click.option("--pattern", metavar="GLOB", help='Ids and names: "WS-*".')
@click.option("--json", "as_json", is_flag=True, help="An array.")
def status(settings: Settings, id: str | None, pattern: str | None, as_json: bool) -> int:
    """How workstreams, tasks and orchestrators stand whose ids or names fit the pattern; exit 1 where none does."""
    from ...report import task_status

    if id is not None and pattern is not None:
        raise UsageError("one of them: a pattern, or an id")
    state = read_state(find_target(settings))
    snapshot = state.snapshot(forecast=False)
    wanted = pattern or id or "*"
    found = task_status.rows(state.plan, snapshot, wanted)
    if as_json:
        put_json(task_status.rows_document(found, snapshot.at))
    elif found:
        text = task_status.rows_text(
            found, snapshot.at, paint=painter(settings), ascii_only=ascii_only(), width=columns()
        )
        put(text)
    if found:
        return 0
    known = task_status.names(state.plan, snapshot)
    near = did_you_mean(wanted.rstrip("*-?[]"), known) or (
        f"there are {', '.join(known[:8])}" if known else ""
    )
    narrate(f'nothing fits "{wanted}"{f"; {near}" if near else ""}')
    return 1
