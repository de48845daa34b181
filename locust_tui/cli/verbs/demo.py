"""`demo`: a shipped plan, copied to a folder of its own and opened, or run to its end."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...errors import NotFoundError, UsageError, did_you_mean
from ..command import Settings, verb
from ..output import narrate, put
from ..target import Target, find_target, read_state

if TYPE_CHECKING:
    from ...domain.plan import Plan

PLAN = "locust-plan.yaml"
SIGNER = "demo"
OF_A_CHECKOUT = "dogfood"
"""The demo whose work is this repository itself."""


@verb("demo")
@click.argument("name", default="locust")
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path), help="Where to copy it (default: ./NAME-demo)."
)
@click.option(
    "--headless",
    is_flag=True,
    help="Run it to its end, approving gates whose criteria pass, and print the report.",
)
@click.option(
    "--fresh", is_flag=True, help="Begin anew: stop the copy that is there, remove its folder and copy again."
)
def command(settings: Settings, name: str, folder: Path | None, headless: bool, fresh: bool) -> int:
    """Copy a demo plan and open it. A folder that holds this demo already is gone on with, unless --fresh."""
    source = shipped(name)
    if not headless:
        from .open import need_terminal

        need_terminal()
    destination = folder or Path(f"{name}-demo")
    if fresh:
        _remove(settings, source, destination)
    copy = _clone if name == OF_A_CHECKOUT else _copy
    target = find_target(settings, copy(source, destination))
    plan = _trust(target)
    anew = _begin_anew(name, folder)
    if finished := _is_finished(target):
        narrate(f"{target.path} is finished; to begin anew: {anew}, or --dir ANOTHER")
    if not headless:
        from .open import open_cockpit

        return open_cockpit(settings, target, (_pace(plan, finished=finished), anew))
    return _report(target) if finished else _headless(settings, target)


def _begin_anew(name: str, folder: Path | None) -> str:
    import shlex

    words = ["locust-tui", "demo", *([] if name == "locust" else [name]), "--fresh"]
    return shlex.join([*words, *(["--dir", str(folder)] if folder else [])])


def _pace(plan: Plan, *, finished: bool) -> str:
    """How fast this plan's clock runs, said where it is not the clock of people."""
    from ...domain.plan import DAY_S

    if finished:
        return "this demo is finished"
    week = plan.calendar.week_s
    if week >= DAY_S or plan.last_week is None:
        return "a demo"
    return f"a plan week lasts {week:g} s here"


def _is_finished(target: Target) -> bool:
    from ...analysis.verdict import is_complete

    if not target.has_record:
        return False
    state = read_state(target)
    return is_complete(state.plan, state.world)


def _remove(settings: Settings, source: Path, folder: Path) -> None:
    """Stop and delete the copy of the demo in `folder`. UsageError where it is anything else."""
    from .down import end_worker

    plan = folder / PLAN
    if not plan.exists():
        return
    _same_plan(source, plan)
    if folder.is_symlink() or Path.cwd().is_relative_to(folder.resolve()):
        raise UsageError(f"{folder} is not removed from within", help="name another folder with --dir")
    end_worker(settings, find_target(settings, plan), stop_agents=True)
    shutil.rmtree(folder)


def _same_plan(source: Path, plan: Path) -> None:
    if plan.read_bytes() != (source / PLAN).read_bytes():
        raise UsageError(f"{plan} is another plan", help="name another folder with --dir")


def shipped(name: str) -> Path:
    """The folder of a demo plan, in the wheel or in a checkout. NotFoundError with near names."""
    package = Path(__file__).resolve().parents[2]
    homes = [h for h in (package / "demo_plans", package.parent / "demo_plans") if h.is_dir()]
    known = {p.parent.name: p.parent for home in reversed(homes) for p in home.glob(f"*/{PLAN}")}
    if name not in known:
        raise NotFoundError(
            f'no demo "{name}"', help=did_you_mean(name, known) or f"there are {', '.join(sorted(known))}"
        )
    return known[name]


def _copy(source: Path, folder: Path) -> Path:
    """The plan in `folder`, copied there where it is not yet."""
    plan = folder / PLAN
    if plan.exists():
        _same_plan(source, plan)
        narrate(f"going on with {plan}")
        return plan
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty", help="name another folder with --dir")
    shutil.copytree(source, folder, dirs_exist_ok=True, copy_function=shutil.copyfile)
    narrate(f"copied the demo to {plan}")
    return plan


def _clone(source: Path, folder: Path) -> Path:
    """The repository this program runs from, cloned as it was last committed, with the plan at its root."""
    import subprocess

    plan = folder / PLAN
    if plan.exists():
        return _copy(source, folder)
    checkout = source.parents[1]
    if not (checkout / ".git").exists():
        raise NotFoundError(
            f"{OF_A_CHECKOUT} runs this program's own tests, and {checkout} is no checkout of it",
            help="clone the repository and run: make setup && .venv/bin/locust-tui demo dogfood",
        )
    done = subprocess.run(
        ["git", "clone", "--quiet", "--local", "--", str(checkout), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UsageError(
            f"{checkout} could not be cloned: {done.stderr.strip()}", help="name another folder with --dir"
        )
    shutil.copyfile(source / PLAN, plan)
    narrate(f"cloned {checkout} to {folder}")
    return plan


def _trust(target: Target) -> Plan:
    """The plan came with this program, byte for byte: running it is what was asked for. Gives it back, read."""
    from ...plans.reading import PlanInvalidError, read_plan
    from ...plans.trust import grant, trust_state

    reading = read_plan(target.path)
    if reading.plan is None:
        raise PlanInvalidError(reading.problems)
    if not trust_state(target.path, reading.plan).trusted:
        grant(target.path, reading.plan)
    return reading.plan


def _headless(settings: Settings, target: Target) -> int:
    from ..running import Approval
    from .run import event_printer, follow, tell_open_points

    tell = event_printer(settings, as_json=False, write=lambda line: narrate(line.rstrip("\n")))
    end = follow(settings, target, Approval(SIGNER), tell)
    tell_open_points(settings, target, end)
    _report(target)
    return 0 if end.outcome.ok else 1


def _report(target: Target) -> int:
    from .report import rendered, weekly_report

    put(rendered(weekly_report(target), "md"))
    return 0
