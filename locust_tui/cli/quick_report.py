"""`agent report` as agents call it all day: one line for the run's event file, a deliverable looked up by one query."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_FACTS = ("progress", "note", "blocker", "next")
_DELIVERS = """SELECT 1 FROM plans p, project_status s, json_each(p.body, '$.workstreams."' || ?1 || '".deliverables') d
    WHERE p.digest = s.plan_digest AND json_extract(d.value, '$.id') = ?2"""


def report(argv: Sequence[str]) -> int | None:
    """Write what was said; None for everything else, errors too."""
    from .run_events import LONGEST, append, lines_of

    events = os.environ.get("LOCUST_TUI_EVENTS")
    options = _options(argv)
    if not events or not options:
        return None
    if "deliverable" in options and not _is_delivered(options["deliverable"]):
        return None
    said: dict[str, object] = {name: options[name] for name in (*_FACTS, "deliverable") if name in options}
    try:
        if "progress" in options:
            said["progress"] = float(options["progress"])
            if not 0 <= float(options["progress"]) <= 100:
                return None
        lines = lines_of([said])
        if len(lines) > LONGEST:
            return None
        append(events, lines)
    except (ValueError, OSError):
        return None
    return 0


def _options(argv: Sequence[str]) -> dict[str, str] | None:
    """What `--name value` and `--name=value` say, and `done` behind a deliverable; None where there is anything else."""
    import getopt

    known = (*_FACTS, "deliverable")
    named = [word[2:].partition("=")[0] for word in argv if word.startswith("-")]
    if len(set(named)) != len(named) or not set(named) <= set(known):
        return None
    try:
        found, rest = getopt.gnu_getopt(list(argv), "", [f"{name}=" for name in known])
    except getopt.GetoptError:
        return None
    said = {name[2:]: value for name, value in found}
    if any(value.startswith("-") for value in said.values()) or rest not in ([], ["done"]):
        return None
    return None if rest and "deliverable" not in said else said


def _is_delivered(name: str) -> bool:
    """Whether the plan in force says that the run's workstream delivers it, or there is no workstream to look it up for."""
    subject = os.environ.get("LOCUST_TUI_WORKSTREAM")
    if not subject:
        return True
    from .quick_memory import root_of_plan

    root = root_of_plan() if os.environ.get("LOCUST_TUI_PLAN") else None
    if root is None or '"' in subject or "\\" in subject or not os.path.exists(f"{root}/store.db"):
        return False
    import _sqlite3

    try:
        connection = _sqlite3.connect(f"file:{root}/store.db?mode=ro", uri=True, isolation_level=None)
        try:
            return connection.execute(_DELIVERS, (subject, name)).fetchone() is not None
        finally:
            connection.close()
    except _sqlite3.Error:
        return False
