"""`ws`: workstreams and their reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ...errors import RefusedError
from ...safe_text import safe
from ..agent_scope import run_we_are_in
from ..asking import ask, tell
from ..command import Settings, sub_verb, verb_group
from ..ending import ask_before_ending
from ..lookup import find_workstream
from ..messaging import token
from ..moment import AT_HELP, MOMENT
from ..output import ascii_only, columns, narrate, painter, put, put_json
from ..past import state_at
from ..settling import settled
from ..target import Target, find_target, read_state

if TYPE_CHECKING:
    from ...domain.snapshot import WorkstreamView


@verb_group("ws")
def command() -> None:
    """List, show, steer, verify and review workstreams."""


@sub_verb(command, "ls")
@click.option("--at", type=MOMENT, metavar="T", help=AT_HELP)
@click.option("--json", "as_json", is_flag=True, help="An array, as `workstreams` in status --json.")
def ls(settings: Settings, at: float | None, as_json: bool) -> int:
    """List every workstream with its state."""
    snapshot = state_at(find_target(settings), at).snapshot(forecast=False)
    if as_json:
        from ...report.status_json import workstream_document

        put_json([workstream_document(w) for w in snapshot.workstreams])
        return 0
    if not snapshot.workstreams:
        narrate("the plan has no workstreams")
        return 0
    from ...report.status_text import workstream_table

    put(
        "\n".join(
            workstream_table(snapshot, paint=painter(settings), ascii_only=ascii_only(), width=columns())
        )
        + "\n"
    )
    return 0


@sub_verb(command, "show")
@click.argument("id")
@click.option("--at", type=MOMENT, metavar="T", help=AT_HELP)
@click.option("--json", "as_json", is_flag=True)
def show(settings: Settings, id: str, at: float | None, as_json: bool) -> int:
    """Show one workstream: what it needs, delivers, and what was checked."""
    from ...report.details import workstream_details, workstream_text

    state = state_at(find_target(settings), at)
    found = find_workstream(state.snapshot(forecast=False), id)
    if as_json:
        put_json(workstream_details(found))
    else:
        put(workstream_text(found, ascii_only=ascii_only()))
    return 0


def _steer(name: str, help_text: str) -> None:
    @sub_verb(command, name)
    @click.argument("id")
    @click.option("--note", default="", help="Why; kept with the event.")
    @click.option("--by", metavar="NAME", help="Who asks (default: the OS user).")
    @click.option("--json", "as_json", is_flag=True)
    def steer(
        settings: Settings, id: str, note: str, by: str | None, as_json: bool, yes: bool = False
    ) -> int:
        if name == "retry":
            snapshot = read_state(find_target(settings)).snapshot(forecast=False)
            found = find_workstream(snapshot, id)
            ask_before_ending(snapshot, found.id, yes, f"locust-tui ws retry {found.id} --yes")
        elif name in _ENDS and not yes:
            note = _agreed(settings, id, name, note)
        return _ask(settings, id, name, note, by, as_json)

    steer.help = help_text
    if name == "retry" or name in _ENDS:
        end = click.Option(["--yes"], is_flag=True, help="End its live agent unasked.")
        steer.params.append(end)


_COMMANDS = ("start", "retry", "pause", "resume")
"""What an orchestrator's agent may have done to the workstreams below it."""
_ENDS = ("cancel", "defer")
"""On a terminal they ask before they end an agent that is at work."""


def _agreed(settings: Settings, wanted: str, action: str, note: str) -> str:
    """The note, once somebody at the terminal agreed that the agent at work on it ends; asked nowhere else."""
    from ...domain.states import LIVE_RUN_STATES
    from ..terminal import asks, can_ask

    snapshot = read_state(find_target(settings)).snapshot(forecast=False)
    found = find_workstream(snapshot, wanted)
    run = next((r for r in snapshot.runs if r.id == found.run and r.state in LIVE_RUN_STATES), None)
    if run is None or not can_ask():
        return note
    pid = f" (pid {run.pid})" if run.pid else ""
    if not asks(f"{action} {found.id}: its agent {run.id}{pid} is ended"):
        raise RefusedError("nothing was changed")
    return note or str(click.prompt("why (kept with the event)", default="", show_default=False, err=True))


for _name, _help in (
    ("start", "Start it now: dates and shut gates of mode overlap do not hold it, needs always do."),
    ("pause", "Stop its process where it is; nothing is lost."),
    ("resume", "Let a paused one go on."),
    ("retry", "Another attempt of failed work, or of work that needs input."),
    ("cancel", "End it and take it out of scope. Asks on a terminal while its agent works."),
    ("defer", "Take it out of scope for now. Asks on a terminal while its agent works."),
    ("reopen", "Bring accepted, cancelled or deferred work back."),
    ("accept", "A reviewer's yes; it never overrides a failed check."),
    ("reject", "A reviewer's no, with a --note for the next attempt."),
):
    _steer(_name, _help)


@sub_verb(command, "verify")
@click.argument("id")
@click.argument("deliverable")
@click.option("--note", default="", help="What was seen; kept with the event.")
@click.option("--by", metavar="NAME", help="Who verified it (default: the OS user).")
@click.option("--json", "as_json", is_flag=True)
def verify(settings: Settings, id: str, deliverable: str, note: str, by: str | None, as_json: bool) -> int:
    """Verify a deliverable that has no check of its own, in a person's name."""
    return _ask(settings, id, "verify", note, by, as_json, deliverable)


@sub_verb(command, "diff")
@click.argument("id")
@click.argument("file", required=False)
@click.option("--stat", is_flag=True, help="Only how much changed where.")
@click.option("--json", "as_json", is_flag=True, help="Commits and files, without the diff.")
def diff(settings: Settings, id: str, file: str | None, stat: bool, as_json: bool) -> int:
    """What a workstream committed in its worktree, as a diff."""
    from ..work_shown import show_diff

    target = find_target(settings)
    state = read_state(target)
    found = find_workstream(state.snapshot(forecast=False), id)
    return show_diff(settings, target, state, found.id, file, stat=stat, as_json=as_json)


def _ask(
    settings: Settings,
    wanted: str,
    action: str,
    note: str,
    by: str | None,
    as_json: bool,
    deliverable: str | None = None,
) -> int:
    from ...client.requests import CommandWorkstream, SteerWorkstream, WorkstreamAction
    from ...domain.states import WorkstreamState
    from ...signs import stands

    target = find_target(settings)
    found = _known(settings, wanted)
    if action in _COMMANDS and run_we_are_in(target.folder):
        command = CommandWorkstream(found.id, WorkstreamAction(action), note, token())
        reply = tell(settings, target, command)
    else:
        request = SteerWorkstream(found.id, WorkstreamAction(action), note, by, deliverable)
        reply = ask(settings, target, request)
    state = reply.data.get("state", found.state.value)
    waits, yet, refused = "", "", False
    if action == "accept":
        settled = _settled(settings, target, found.id)
        state = settled.state.value
        waits = f"; {safe(settled.why, oneline=True)}" if settled.why else ""
        refused = settled.state not in (WorkstreamState.REVIEW, WorkstreamState.ACCEPTED)
        if refused:
            yet = "is not accepted, it "
        elif settled.state is WorkstreamState.REVIEW:
            refused = (settled.why or "").startswith(_HINDERED)
            yet = "is not accepted yet, it " if refused else ""
    if as_json:
        put_json({"workstream": found.id, "action": action, "state": state, "revision": reply.revision})
    elif deliverable is not None:
        put(f"{found.id}: {deliverable} is verified, revision {reply.revision}\n")
    else:
        put(f"{found.id} {yet}is {stands(WorkstreamState(state))}, revision {reply.revision}{waits}\n")
    return 1 if refused else 0


_WAITS_ON = ("accepted only after", "is shut", "a person", "still to run")
"""Of what holds it in review and does not pass by itself in a moment."""
_HINDERED = "a person: "
"""So begins what must be put right before it can be merged: the yes has changed nothing."""


def _settled(settings: Settings, target: Target, id: str) -> WorkstreamView:
    """The workstream after a reviewer's yes: once the worker has taken it up, or something else holds it."""

    def look() -> tuple[WorkstreamView, bool]:
        now = _known(settings, id)
        return now, now.state.value != "review" or any(word in (now.why or "") for word in _WAITS_ON)

    return settled(target, look)


def _known(settings: Settings, wanted: str) -> WorkstreamView:
    return find_workstream(read_state(find_target(settings)).snapshot(forecast=False), wanted)
