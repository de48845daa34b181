"""`agent`: what agents themselves may say, and the list of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from ...errors import LocustTuiError, NotFoundError, OutputError, UsageError, did_you_mean
from ..command import Settings, sub_verb, verb_group
from ..output import ascii_only, narrate, painter, put, put_json
from ..run_events import LONGEST, append, lines_of
from ..target import find_target, read_state


@verb_group("agent")
def command() -> None:
    """Bring agents up, list, read and stop them; report from inside a run."""


@sub_verb(command, "ls")
@click.option("--json", "as_json", is_flag=True, help="An array, as `agents` in status --json.")
def ls(settings: Settings, as_json: bool) -> int:
    """List every run of an agent, oldest first, then agents that wait for a slot, and those that nothing can start."""
    snapshot = read_state(find_target(settings)).snapshot(forecast=False)
    if as_json:
        from ...report.agents_json import agents_document

        put_json(agents_document(snapshot))
        return 0
    from ...report.processes import processes_text, queued_work

    queued = queued_work(snapshot)
    if snapshot.runs or queued or snapshot.manual:
        put(
            processes_text(
                snapshot,
                snapshot.runs,
                paint=painter(settings),
                ascii_only=ascii_only(),
                queued=queued,
                manual=snapshot.manual,
            )
        )
    else:
        narrate("no agent has run yet")
    return 0


@sub_verb(command, "report")
@click.argument("done", type=click.Choice(["done"]), required=False)
@click.option("--progress", type=click.FloatRange(0, 100), help="Points, 0 to 100, of the whole workstream.")
@click.option(
    "--deliverable",
    "deliverables",
    multiple=True,
    metavar="ID [done]",
    help="A deliverable that is finished; may be repeated.",
)
@click.option("--note", help="What is going on.")
@click.option("--blocker", help="What keeps the work from going on.")
@click.option("--next", "following", help="What comes next.")
def report(
    settings: Settings,
    done: str | None,
    progress: float | None,
    deliverables: tuple[str, ...],
    note: str | None,
    blocker: str | None,
    following: str | None,
) -> int:
    """Report on the work of the run that this is called from; shown beside what is verified, never counted as it.

    Works only inside a run, never starts a worker, and never waits.
    """
    events = os.environ.get("LOCUST_TUI_EVENTS")
    if not events:
        raise UsageError(
            "this is no run: LOCUST_TUI_EVENTS is not set", help="it is for agents that locust-tui started"
        )
    if done and not deliverables:
        raise UsageError("done needs a --deliverable")
    facts = {"progress": progress, "note": note, "blocker": blocker, "next": following}
    lines: list[dict[str, object]] = [{k: v for k, v in facts.items() if v is not None}]
    lines += [{"deliverable": d} for d in deliverables]
    if deliverables:
        lines[0:2] = [{**lines[0], "deliverable": deliverables[0]}]
    if not lines[0]:
        raise UsageError(
            "there is nothing to report",
            help="--progress 40, --note TEXT, --deliverable ID, --blocker TEXT, --next TEXT",
        )
    _check_deliverables(settings, deliverables)
    append_lines(Path(events), lines)
    return 0


def _check_deliverables(settings: Settings, named: tuple[str, ...]) -> None:
    """NotFoundError for a name that the run's workstream does not deliver; what cannot be looked up is let pass."""
    subject = os.environ.get("LOCUST_TUI_WORKSTREAM")
    if not named or not subject or settings.plan_file is None:
        return
    try:
        plan = read_state(find_target(settings)).plan
    except LocustTuiError:
        return
    work = plan.workstreams.get(subject)
    known = [d.id for d in work.deliverables] if work is not None else []
    for name in named:
        if work is not None and name not in known:
            raise NotFoundError(
                f'{subject} has no deliverable "{name}"',
                help=did_you_mean(name, known) or f"it has {', '.join(known) or 'none'}",
            )


def append_lines(path: Path, lines: list[dict[str, object]]) -> None:
    """Append JSON lines to the run's event file in one write. OutputError when it cannot be written."""
    data = lines_of(lines)
    if any(len(line) > LONGEST for line in data.splitlines()):
        raise UsageError(
            "a report longer than 64 KiB is none", help="put the long text in a file and name it in --note"
        )
    try:
        append(str(path), data)
    except OSError as error:
        raise OutputError(f"{path}: could not be written: {error.strerror}") from None


@sub_verb(command, "demo")
@click.argument("subject")
def demo(settings: Settings, subject: str) -> int:
    """Do the scripted work of a workstream of the demo plan: real files at the planned pace, no model."""
    from ...agents.demo import perform
    from ...plans.reading import load_plan

    plan = load_plan(find_target(settings).path)
    return perform(plan, subject, Path.cwd(), _say)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


from . import agent_metrics as agent_metrics  # noqa: E402
from . import agent_spawn as agent_spawn  # noqa: E402 - joins this group
