"""`doctor`: what this machine would do to a plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...errors import LocustTuiError, NotFoundError, UsageError
from ..command import Settings, verb
from ..output import ascii_only, painter, put, put_json
from ..target import Target, find_target, worker_pid

if TYPE_CHECKING:
    from ..examination import Finding

_WORD = {"ok": "pass", "warn": "waiting", "fail": "fail"}


@verb("doctor")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="An array of findings.")
def command(settings: Settings, plan: Path | None, as_json: bool) -> int:
    """Look for what would end agents at logout, missing programs, tight limits, a terminal or file system that
    cannot do what is needed, and damage in the record. Exit 1 when something would fail.
    """
    from ..agent_examination import examine_known
    from ..examination import examine
    from ..logout_examination import examine_logout
    from ..plan_examination import examine_plan

    target, refused = _target(settings, plan)
    worker = worker_pid(target.folder) if target else None
    findings = [*examine(), examine_logout(worker or None), *refused]
    findings += examine_plan(target) if target else examine_known()
    if as_json:
        put_json([f._asdict() for f in findings])
    else:
        _print(settings, findings)
    return 1 if any(f.state == "fail" for f in findings) else 0


def _target(settings: Settings, plan: Path | None) -> tuple[Target | None, list[Finding]]:
    """The plan here; None where there is none and none was named, with what is wrong with its folder if that is why."""
    from ..examination import Finding

    try:
        return find_target(settings, plan), []
    except LocustTuiError as error:
        if plan is not None or settings.plan_file is not None:
            raise
        if isinstance(error, NotFoundError | UsageError):
            return None, []
        return None, [Finding("fail", "state folder", error.message, error.help or "")]


def _print(settings: Settings, findings: list[Finding]) -> None:
    from ...report.glyphs import glyph, tone
    from ...report.table import table

    plain = ascii_only()
    rows = [
        (
            (f"{glyph(_WORD[f.state], ascii_only=plain)} {f.state}", tone(_WORD[f.state])),
            f.subject,
            f.detail + (f"; {f.help}" if f.help else ""),
        )
        for f in findings
    ]
    put("\n".join(table(("", "WHAT", "FOUND"), rows, paint=painter(settings))) + "\n")
