"""`paths`: where this plan's and this user's files are."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ...errors import LocustTuiError
from ..command import Settings, verb
from ..output import put, put_json
from ..target import find_target


@verb("paths")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True)
def command(settings: Settings, plan: Path | None, as_json: bool) -> int:
    """Print where the plan, its state and this user's settings are, whether they exist yet or not."""
    from ...plans.trust import trust_store

    found: dict[str, Path | None] = {}
    try:
        target = find_target(settings, plan)
        folder = target.folder
        found = {
            "plan": folder.plan_path,
            "state": folder.root,
            "record": folder.store,
            "samples": folder.samples,
            "runs": folder.runs,
            "worker_log": folder.worker_log,
            "socket": folder.socket,
        }
    except LocustTuiError:
        if plan is not None or settings.plan_file is not None:
            raise
        found = {"plan": None}
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "locust-tui"
    found |= {
        "config": config / "config.toml",
        "keys": config / "keys.toml",
        "themes": config / "themes",
        "trust": trust_store(),
    }
    found["demo_plans"] = _demos()
    if as_json:
        put_json({name: None if path is None else str(path) for name, path in found.items()})
    else:
        put("".join(f"{name:<11} {'none here' if path is None else path}\n" for name, path in found.items()))
    return 0


def _demos() -> Path | None:
    from .demo import shipped

    try:
        return shipped("locust").parent
    except LocustTuiError:
        return None
