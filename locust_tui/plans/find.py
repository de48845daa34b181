"""Which plan is meant when a folder, or nothing, is named."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

from ..errors import NotFoundError, UsageError

DEFAULT_NAME = "locust-plan.yaml"
_SUFFIX = ".plan.yaml"


def find_plan(folder: str | os.PathLike[str] = ".") -> Path:
    """`locust-plan.yaml` in `folder`, else its only `*.plan.yaml`.

    Raises NotFoundError when there is none, UsageError when there are several to choose from.
    """
    base = Path(folder)
    default = base / DEFAULT_NAME
    if default.exists():
        return default
    plans = sorted(_names(base, _SUFFIX))
    if len(plans) == 1:
        return base / plans[0]
    if plans:
        raise UsageError(
            f"{base}: several plans here: {', '.join(plans)}", help=f"name one: locust-tui open {plans[0]}"
        )
    raise NotFoundError(
        f"{base}: no {DEFAULT_NAME} here",
        help="name a plan, write a first one: locust-tui new, or begin without: locust-tui swarm init",
    )


def _names(folder: Path, *suffixes: str) -> list[str]:
    try:
        return [name for name in os.listdir(folder) if name.endswith(suffixes)]
    except OSError:
        return []


def near_plans(path: str | os.PathLike[str]) -> str:
    """One thing to do about a plan that is not there: a near name, or `new`."""
    wanted = Path(path)
    names = _names(wanted.parent, ".yaml", ".yml")
    near = difflib.get_close_matches(wanted.name, names, n=3, cutoff=0.5) or sorted(
        n for n in names if n.endswith(_SUFFIX) or n == DEFAULT_NAME
    )
    if near:
        return f"did you mean {' or '.join(str(wanted.parent / name) if wanted.parent != Path('.') else name for name in near[:3])}?"
    return "locust-tui new writes a first plan"
