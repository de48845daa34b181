"""`run`: the plan from where it stands to its end, without a screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...errors import LocustTuiError
from ..asking import os_user
from ..command import Settings, verb
from ..output import ascii_only, json_text, narrate, painter, put
from ..running import Approval, Ending, own_worker, run_to_end
from ..target import Target, command_line, find_target, read_state

if TYPE_CHECKING:
    from ...domain.events import Event


@verb("run")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option(
    "--approve-gates",
    type=click.Choice(["none", "passing"]),
    default="none",
    show_default=True,
    help="passing: say yes to gates of which every criterion passed; what asks for a person stays for one.",
)
@click.option("--by", metavar="NAME", help="In whose name gates are approved (default: the OS user).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, the last the outcome.")
def command(settings: Settings, plan: Path | None, approve_gates: str, by: str | None, as_json: bool) -> int:
    """Run the plan until nothing can move without a person; one line per event.

    Exit 0: everything is accepted or deferred and every gate open. 1: not so; each open point is named.
    A worker that this call started is stopped with its agents at the end, also on Ctrl-C.
    """
    target = find_target(settings, plan)
    approval = Approval(by or os_user()) if approve_gates == "passing" else None
    end = follow(settings, target, approval, event_printer(settings, as_json=as_json, write=put))
    found = end.outcome
    if as_json:
        put(json_text({"ended": found.ended, "ok": found.ok, "open": list(found.lines)}, line=True) + "\n")
    else:
        tell_open_points(settings, target, end)
    return 0 if found.ok else 1


def tell_open_points(settings: Settings, target: Target, end: Ending) -> None:
    """On stderr: that the plan is complete, or what is open and the commands that go on."""
    if end.outcome.ok:
        narrate("the plan is complete: everything is accepted or deferred, and every gate is open")
    for point in end.outcome.lines:
        narrate(point)
    for words in end.commands:
        narrate(f"next: {command_line(settings, target, *words)}")


def follow(
    settings: Settings, target: Target, approval: Approval | None, tell: Callable[[Event], None]
) -> Ending:
    """Run to the end with a worker of our own where none runs; says what is left running and what is not."""
    state = read_state(target) if target.has_record else None
    if state is not None and not target.path.exists() and not state.plan.workstreams:
        raise LocustTuiError(
            "there is no work in this project yet",
            help="locust-tui agent spawn --type TYPE --name NAME --command …",
        )
    after = state.world.revision if state is not None else 0
    with own_worker(settings, target) as started:
        try:
            if not started:
                narrate("a worker runs already; it stays when this ends")
            return run_to_end(target, approval, tell, after=after)
        except (KeyboardInterrupt, SystemExit):
            narrate(
                "stopping the worker and its agents"
                if started
                else "leaving the worker and its agents running"
            )
            raise


def event_printer(
    settings: Settings, *, as_json: bool, write: Callable[[str], None]
) -> Callable[[Event], None]:
    """How one event is written: a line of text, or of JSON."""
    from ...report.event_line import event_json, event_line

    paint, plain = painter(settings), ascii_only()

    def tell(event: Event) -> None:
        if as_json:
            write(json_text(event_json(event), line=True) + "\n")
        else:
            write(event_line(event, paint=paint, ascii_only=plain) + "\n")

    return tell
