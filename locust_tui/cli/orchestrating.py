"""What a task for an orchestrator asks for, carried out: a domain brought up, agents asked for, one agent, or help."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import NotFoundError, UsageError, did_you_mean
from .draft import Draft, check_name
from .orchestrator_additions import AGENT_KEYS, DOMAIN_KEYS, REQUEST_KEYS, add_domain, domain_of, parse_block
from .output import narrate
from .spawn_additions import Subject, Wanted
from .spawning import Outcome, bring_up, spawn
from .target import State, Target, read_state

if TYPE_CHECKING:
    from ..client.connection import Connection


class Done(NamedTuple):
    """What was done for a task: in words, and as data. `closes`: the task is done with it."""

    words: str
    data: dict[str, Any]
    revision: int
    closes: bool = True


def orchestrator_of(state: State, name: str) -> str:
    """Id of an orchestrator or of the meta-orchestrator. NotFoundError (exit 3) with near names."""
    from ..analysis.addresses import address, known_names

    plan = state.plan
    meta = plan.meta.id if plan.meta is not None else None
    found = address(plan, state.world.runs, name)
    if found is not None and (found == meta or found in plan.orchestrators):
        return found
    theirs = {n for n, id in known_names(plan).items() if id == meta or id in plan.orchestrators}
    help = did_you_mean(name, theirs) or (
        f"there are {', '.join(sorted(theirs))}"
        if theirs
        else f"locust-tui agent spawn --type orchestrator --name {name}"
    )
    raise NotFoundError(f'no orchestrator "{name}"', help=help)


def carry_out(connection: Connection, target: Target, boss: str, text: str) -> Done:
    """A `--config`: a domain orchestrator, or a request for agents, by its keys."""
    block = parse_block("--config", text, DOMAIN_KEYS, REQUEST_KEYS)
    if "count" in block or "type" in block:
        return _request(connection, target, boss, block)
    if "name" not in block:
        raise UsageError(
            "--config says neither whom to bring up nor how many agents are wanted",
            help='{"name", "agent", "workstreams", "phase", "timeline"} or {"type", "count", "for"}',
        )
    return bring_domain_up(connection, target, text)


def bring_domain_up(connection: Connection, target: Target, text: str) -> Done:
    """The orchestrator of a configuration, with its workstreams as planned; it is shown before anything changes."""
    block = parse_block("--config", text, DOMAIN_KEYS)
    wanted = domain_of(block)
    narrate(json.dumps(block, ensure_ascii=False, indent=2))
    state = read_state(target)
    draft = Draft(state.world)
    placed = add_domain(draft, state.plan, state.world, wanted)
    changed = draft.send(connection)
    subject = Subject(placed.id, "orchestrator", placed.alias)
    outcome = bring_up(connection, target, subject, force=False, revision=changed)
    said = f"orchestrator {outcome.line()}; "
    count = len(placed.workstreams)
    said += f"{count} {'workstream' if count == 1 else 'workstreams'}"
    said += (
        f", {len(placed.new)} of them new and planned" if placed.new else ", as they stood" if count else ""
    )
    data = {
        "orchestrator": placed.id,
        "alias": placed.alias or None,
        "workstreams": list(placed.workstreams),
        "new": list(placed.new),
        "changed": changed is not None,
        "agent": outcome.document(),
    }
    return Done(said, data, outcome.revision)


def _request(connection: Connection, target: Target, boss: str, block: dict[str, Any]) -> Done:
    from ..analysis.addresses import address, superior
    from ..client.requests import RequestAgents
    from ..plans.quantities import BadValueError, parse_duration

    for key in block:
        if key not in REQUEST_KEYS:
            raise UsageError(f'a request for agents has no "{key}"', help=f"it has {', '.join(REQUEST_KEYS)}")
    count, agent_type, why = block.get("count"), block.get("type", ""), block.get("for", "")
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise UsageError('"count" must be a number from 1 on', help='{"type": "coder", "count": 2}')
    if not isinstance(agent_type, str) or not isinstance(why, str):
        raise UsageError('"type" and "for" must be texts')
    try:
        expires = parse_duration(block["expires"]) if "expires" in block else None
    except BadValueError as error:
        raise UsageError(error.message, help=error.help) from None
    state = read_state(target)
    plan = state.plan
    found = address(plan, state.world.runs, why) if why else None
    owner = superior(plan, found) if found in plan.workstreams else found
    mine = next((o for o in (boss, owner) if o in plan.orchestrators), None)
    reply = connection.ask(RequestAgents(count, why, mine, agent_type=agent_type, expires=expires))
    item, data = reply.data.get("item", ""), {**reply.data, "count": count, "type": agent_type or None}
    agents = f"{count} {agent_type + ' ' if agent_type else ''}{'agent' if count == 1 else 'agents'}"
    if reply.data.get("waiting"):
        words = f"{agents} asked for as {item}: a person decides (locust-tui answer {item} …)"
        return Done(words, data, reply.revision, closes=False)
    granted = reply.data.get("granted", 0)
    words = f"{agents} asked for as {item}: {granted} granted by {reply.data.get('by', 'the plan')}"
    return Done(words, data, reply.revision)


def bring_agent_up(connection: Connection, target: Target, boss: str, text: str) -> Done:
    """An `--agent-config`: the agent of the workstream whose number its name bears, else one under the orchestrator."""
    block = parse_block("--agent-config", text, AGENT_KEYS)
    for key in ("type", "name"):
        if not isinstance(block.get(key), str) or not block[key]:
            raise UsageError(f'--agent-config has no "{key}"', help='{"type": "coder", "name": "ws-01-core"}')
    expertise = block.get("expertise", [])
    if not isinstance(expertise, list) or not all(isinstance(e, str) for e in expertise):
        raise UsageError('"expertise" must be a list of texts', help='["ratatui", "async rust"]')
    plan = read_state(target).plan
    owner = boss if boss in plan.orchestrators else None
    wanted = Wanted(
        check_name(block["name"], "name of an agent"),
        block["type"],
        instructions=_told(block, expertise),
        workstream=block.get("workstream"),
        orchestrator=owner,
        keep_instructions="instructions" not in block,
    )
    outcome: Outcome = spawn(connection, target, wanted)
    return Done(outcome.line(), outcome.document(), outcome.revision)


def _told(block: dict[str, Any], expertise: list[str]) -> str:
    parts = [str(block["instructions"])] if block.get("instructions") else []
    if expertise:
        parts.append(f"Your expertise: {', '.join(expertise)}.")
    if block.get("memory_key"):
        parts.append(f"Keep your status in the shared memory under {block['memory_key']}.")
    return "\n\n".join(parts)


def asker_of(state: State, source: str, orchestrator: str | None) -> tuple[str, str]:
    """(the workstream or orchestrator that asks, whose task that is: the one above it, else the operator)."""
    from ..analysis.addresses import OPERATOR, address, known_names, superior

    plan = state.plan
    found = address(plan, state.world.runs, source)
    if found is None or not (found in plan.workstreams or found in plan.orchestrators):
        near = did_you_mean(source, known_names(plan)) or "locust-tui ws ls"
        raise NotFoundError(f'no workstream or orchestrator "{source}"', help=near)
    if orchestrator is not None:
        return found, orchestrator_of(state, orchestrator)
    return found, superior(plan, found) or OPERATOR


def record(connection: Connection, id: str, boss: str, asked: str, done: Done, source: str) -> int:
    """Keep the task in the queue of `boss`, done where there is nothing left to do; the revision."""
    from ..client.requests import CreateTask, MoveTask
    from ..domain.states import TaskState

    made = connection.ask(CreateTask(id, boss, description=asked, source=source, id=id))
    if not done.closes or made.data["state"] != TaskState.OPEN:
        return max(made.revision, done.revision)
    return connection.ask(MoveTask(id, TaskState.DONE, done.words)).revision


def raise_support(connection: Connection, source: str, kind: str, urgency: str, task: str) -> Done:
    """A workstream's call for support, on the escalation's route."""
    from ..client.requests import Escalate

    what = f"{source} asks for {kind} support"
    detail = f"task {task}"
    reply = connection.ask(Escalate(what, source, "workstream", detail, urgency))
    to = ", ".join(reply.data.get("to", ()))
    words = f"{what}: escalation {reply.data.get('id')} to {to or 'nobody'}"
    return Done(words, dict(reply.data), reply.revision, closes=False)
