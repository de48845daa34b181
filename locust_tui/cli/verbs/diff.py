"""`diff`: what changed between two moments of the plan."""

from __future__ import annotations

import click

from ..command import Settings, verb
from ..moment import MOMENT
from ..output import ascii_only, columns, painter, put, put_json
from ..past import compare
from ..target import Target, find_target


@verb("diff")
@click.argument("before", metavar="FROM", type=MOMENT)
@click.argument("after", metavar="[TO]", type=MOMENT, required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON document with every change.")
def command(settings: Settings, before: float, after: float | None, as_json: bool) -> int:
    """Say what changed from one moment to another, or to now: gates and who decided, work, figures, runs, the plan.

    FROM and TO are moments: 2025-12-01T14:30 (UTC), 15m ago, yesterday, "week 3", r812, "gate g2", "WS-03 accepted".
    """
    print_differences(settings, find_target(settings), before, after, as_json=as_json)
    return 0


def print_differences(
    settings: Settings, target: Target, before: float, after: float | None, *, as_json: bool
) -> None:
    """Print what is otherwise between two moments; `after` None: now."""
    from ...report.differences_text import differences_document, differences_text

    found = compare(target, before, after)
    if as_json:
        put_json(differences_document(found))
    else:
        put(differences_text(found, paint=painter(settings), ascii_only=ascii_only(), width=columns()))
