"""`monitor`: measurements over time by name, and named checks of health."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from ...errors import NotFoundError, UsageError, did_you_mean
from ...safe_text import safe
from ..command import CONTEXT, NearGroup, Settings, common_options, sub_verb
from ..output import ascii_only, narrate, painter, put, put_json
from ..target import State, Target, find_target, read_state

if TYPE_CHECKING:
    from ...domain.plan import Monitor
    from ...report.monitors import Series


@click.group("monitor", cls=NearGroup, context_settings=CONTEXT, invoke_without_command=True)
@click.option("--dashboard", metavar="NAME", help="Show a monitor, or what an orchestrator's work comes to.")
@common_options
@click.pass_context
def command(ctx: click.Context, dashboard: str | None) -> int | None:
    """Create, list, show and remove monitors; check health."""
    if ctx.invoked_subcommand is not None:
        return None
    if dashboard is None:
        raise click.UsageError("it wants a verb, or --dashboard NAME", ctx)
    return _dashboard(ctx.obj, dashboard)


def _dashboard(settings: Settings, name: str) -> int:
    """A monitor by its name; of an orchestrator, what its last week came to."""
    from ..lookup import find_orchestrator
    from .metrics import show as show_period

    state = read_state(find_target(settings))
    if name not in {m.name for m in state.plan.monitors}:
        with suppress(NotFoundError):
            one = find_orchestrator(state.plan, state.snapshot(forecast=False), name)
            show_period(settings, one.id if one else None, "last-7-days", "dashboard")
            return 0
    return _show(settings, name, history=False, as_json=False)


@sub_verb(command, "create")
@click.option("--name", help="What it is called; the same name again changes it.")
@click.option("--dashboard", metavar="NAME", help="As --name.")
@click.option("--refresh", default="300", help="Seconds between two samples, or 5m, 1h.", show_default=True)
@click.option("--metrics", help="Names with commas between; default: progress,quality,velocity,blockers.")
@click.option("--by", metavar="NAME", help="Who asks (default: the OS user).")
@click.option("--json", "as_json", is_flag=True)
def create(
    settings: Settings,
    name: str | None,
    dashboard: str | None,
    refresh: str,
    metrics: str | None,
    by: str | None,
    as_json: bool,
) -> int:
    """Sample metrics every so often while a worker lives, and keep their history."""
    from ...analysis.watched import DEFAULT
    from ..adding import add, named

    name = name or dashboard
    if not name:
        raise UsageError("a monitor has a name", help="--name NAME")
    named(name, "a monitor")
    wanted = [m.strip() for m in (metrics or ",".join(DEFAULT)).split(",") if m.strip()]
    every = f"{refresh}s" if refresh.replace(".", "", 1).isdigit() else refresh
    target = find_target(settings)
    reply = add(settings, target, {f"monitors/{name}": {"refresh": every, "metrics": wanted}}, by)
    state = read_state(target)
    monitor = _monitor(state, name)
    series = _series(target, state, monitor)
    if as_json:
        from ...report.monitors import monitor_document

        put_json({**monitor_document(monitor, series, history=False), "revision": reply.revision})
    else:
        put(
            f"monitor {safe(monitor.name, oneline=True)} samples every {monitor.refresh:g} s, revision {reply.revision}\n"
        )
        _put_text(settings, monitor, series, state.at)
    return 0


@sub_verb(command, "ls")
@click.option("--json", "as_json", is_flag=True, help="An array.")
def ls(settings: Settings, as_json: bool) -> int:
    """List the plan's monitors with what they see now."""
    target = find_target(settings)
    state = read_state(target)
    found = [(m, _series(target, state, m)) for m in state.plan.monitors]
    if as_json:
        from ...report.monitors import monitor_document

        put_json([monitor_document(m, series, history=False) for m, series in found])
        return 0
    if not found:
        narrate("there is no monitor: locust-tui monitor create --name NAME --metrics progress,blockers")
    for number, (monitor, series) in enumerate(found):
        put("\n" if number else "")
        _put_text(settings, monitor, series, state.at)
    return 0


@sub_verb(command, "show")
@click.argument("name")
@click.option("--history", is_flag=True, help="Every kept sample, one line each.")
@click.option("--json", "as_json", is_flag=True)
def show(settings: Settings, name: str, history: bool, as_json: bool) -> int:
    """Show one monitor: its values now, their trend, and with --history every sample."""
    return _show(settings, name, history=history, as_json=as_json)


@sub_verb(command, "rm")
@click.argument("name")
@click.option("--by", metavar="NAME", help="Who asks (default: the OS user).")
@click.option("--json", "as_json", is_flag=True)
def rm(settings: Settings, name: str, by: str | None, as_json: bool) -> int:
    """Remove a monitor that a command created; what it measured stays until it is too old."""
    from ..adding import take

    target = find_target(settings)
    state = read_state(target)
    names = [m.name for m in state.plan.monitors]
    reply = take(settings, target, state.world, f"monitors/{name}", names, by)
    if as_json:
        put_json({"name": name, "removed": True, "revision": reply.revision})
    else:
        put(f"monitor {safe(name, oneline=True)} is removed, revision {reply.revision}\n")
    return 0


@sub_verb(command, "health")
@click.option(
    "--orchestrator", metavar="NAME", help="Only this orchestrator's part; default: the whole plan."
)
@click.option("--checks", metavar="A,B", help="Names of checks with commas between, or all.")
@click.option("--json", "as_json", is_flag=True, help="An array of {check, ok, said}.")
def health(settings: Settings, orchestrator: str | None, checks: str | None, as_json: bool) -> int:
    """Check health, one line a check. Exit code 1 when one fails; what cannot be told fails nothing."""
    from ...analysis.health import CHECKS, DEFAULT_CHECKS, Scope, examine
    from ..lookup import find_orchestrator

    named = [c.strip() for c in checks.split(",") if c.strip()] if checks else list(DEFAULT_CHECKS)
    wanted = CHECKS if named == ["all"] else tuple(dict.fromkeys(named))
    for name in wanted:
        if name not in CHECKS:
            near = did_you_mean(name, CHECKS) or f"checks: {', '.join(CHECKS)}"
            raise UsageError(f'there is no check "{name}"', help=near)
    state = read_state(find_target(settings))
    snapshot = state.snapshot(forecast="verdict" in wanted)
    one = find_orchestrator(state.plan, snapshot, orchestrator) if orchestrator else None
    found = examine(Scope(snapshot, one), wanted)
    if as_json:
        put_json([{"check": f.check, "ok": f.ok, "said": f.said} for f in found])
    else:
        from ...report.glyphs import Tone
        from ...report.table import table

        words = {True: ("ok", Tone.DONE), False: ("FAIL", Tone.FAILED), None: ("unknown", Tone.QUIET)}
        rows = [(f.check, words[f.ok], f.said) for f in found]
        put("\n".join(table(("CHECK", "", "SAYS"), rows, paint=painter(settings))) + "\n")
    return 1 if any(f.ok is False for f in found) else 0


def _show(settings: Settings, name: str, *, history: bool, as_json: bool) -> int:
    from ...report.monitors import history_text, monitor_document

    target = find_target(settings)
    state = read_state(target)
    monitor = _monitor(state, name)
    series = _series(target, state, monitor, limit=30_000 if history else 500)
    if as_json:
        put_json(monitor_document(monitor, series))
    elif history:
        put(history_text(series))
    else:
        _put_text(settings, monitor, series, state.at)
    return 0


def _put_text(settings: Settings, monitor: Monitor, series: list[Series], at: float) -> None:
    from ...report.monitors import monitor_text

    put(monitor_text(monitor, series, at, paint=painter(settings), ascii_only=ascii_only()))


def _monitor(state: State, name: str) -> Monitor:
    """The plan's monitor of that name. NotFoundError with near names."""
    known = {m.name: m for m in state.plan.monitors}
    if name not in known:
        near = did_you_mean(name, known) or "locust-tui monitor ls"
        raise NotFoundError(f'no monitor "{name}"', help=near)
    return known[name]


def _series(target: Target, state: State, monitor: Monitor, limit: int = 500) -> list[Series]:
    """What it sees now, and the latest `limit` points of each of its series."""
    from ...analysis.sampling import monitor_series
    from ...analysis.watched import DEFAULT, measured
    from ...report.monitors import Series
    from ...state.samples import SampleReader

    now = measured(state.plan, state.world, state.at, monitor.metrics or DEFAULT)
    found = []
    with SampleReader(target.folder.samples) as samples:
        for name, value in now.items():
            key = monitor_series(monitor.name, name)
            points = tuple((p.at, p.value) for p in samples.history(key, limit=limit))
            found.append(Series(name, value, points, samples.count(key)))
    return found
