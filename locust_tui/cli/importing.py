"""A document on the command line: its bytes, and one orchestrator of it put into the plan in force."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import NotFoundError, RefusedError, UsageError
from ..safe_text import safe
from .output import narrate, put, put_json

if TYPE_CHECKING:
    from ..plans.importing.adding import Fitted
    from .command import Settings


def read_document_file(document: str) -> bytes:
    """The document's bytes. NotFoundError with near names; UsageError for what is no file of text."""
    from ..plans.source import UnreadableError, read_bytes

    try:
        return read_bytes(document)[0]
    except FileNotFoundError:
        raise NotFoundError(f"{document}: no such document", help=_near(Path(document))) from None
    except UnreadableError as error:
        message = error.message.replace("plan file", "document")
        raise UsageError(f"{document}: {message}", help="name a Markdown file of at most 1 MiB") from None
    except OSError as error:
        raise UsageError(f"{document}: it cannot be read: {(error.strerror or '').lower()}") from None


def _near(wanted: Path) -> str:
    import difflib

    try:
        there = [p.name for p in wanted.parent.iterdir() if p.suffix.lower() in (".md", ".markdown")]
    except OSError:
        there = []
    near = difflib.get_close_matches(wanted.name, there, n=3, cutoff=0.5) or sorted(there)[:3]
    return (
        f"did you mean {' or '.join(str(wanted.parent / n) for n in near)}?"
        if near
        else "locust-tui import DOC.md"
    )


def import_orchestrator(settings: Settings, name: str, spec: Path, *, yes: bool, as_json: bool) -> int:
    """Show what the document's orchestrator `name` would add to the plan, ask, and add it: all of it or nothing.

    Raises NotFoundError (exit 3) for a name the document has not, RefusedError (4) where nobody can be asked.
    """
    from ..plans.importing.adding import fitted, orchestrator_from
    from ..plans.importing.importing import import_document
    from .agent_scope import refuse_agents
    from .asking import connect
    from .target import command_line, find_target, read_state
    from .terminal import asks, can_ask

    target = find_target(settings)
    refuse_agents(target.folder, "adding to a plan")
    document = import_document(read_document_file(str(spec)), str(spec), target.path)
    additions = orchestrator_from(document, name)
    fit = fitted(additions, read_state(target).plan)
    if not as_json:
        put(diff_text(fit))
    if not yes:
        if not can_ask():
            again = command_line(
                settings, target, "spawn", "orchestrator", name, "--spec", str(spec), "--yes"
            )
            raise RefusedError("there is no terminal to ask on; nothing was added", help=again)
        if not asks(f"Add this to {target.path.name}'s plan"):
            raise RefusedError("nothing was added")
    from ..client.requests import AddToPlan

    with connect(settings, target) as connection:
        revision = connection.ask(AddToPlan(tuple(fit.places.items()))).revision
    ids = [place.partition("/")[2] for place in fit.places if place.startswith("workstreams/")]
    owner = next(place.partition("/")[2] for place in fit.places if place.startswith("orchestrators/"))
    if as_json:
        put_json(_document(fit, owner, ids, revision))
        return 0
    put(f"added orchestrator {owner} with {', '.join(ids) or 'no workstreams'}: revision {revision}\n")
    narrate(f"next: {command_line(settings, target, 'spawn', 'orchestrator', owner)}")
    return 0


def diff_text(fit: Fitted) -> str:
    """What would be added, place by place, and what stays; commands are named apart. Safe to print."""
    from ..plans.marks import scalar

    lines = [
        f"+ {safe(place, oneline=True)}: {safe(scalar(json.loads(text)), oneline=True)}"
        for place, text in fit.places.items()
    ]
    lines += [f"  {safe(note, oneline=True)}" for note in fit.notes]
    lines += [f"! would be run: {safe(command, oneline=True)}" for command in _commands(fit)]
    return "".join(f"{line}\n" for line in lines)


def _commands(fit: Fitted) -> list[str]:
    gates = [json.loads(text) for place, text in fit.places.items() if place.startswith("gates/")]
    return [str(c["run"]) for gate in gates for c in gate.get("criteria", ()) if "run" in c]


def _document(fit: Fitted, owner: str, ids: list[str], revision: int) -> dict[str, Any]:
    return {
        "orchestrator": owner,
        "workstreams": ids,
        "added": {place: json.loads(text) for place, text in fit.places.items()},
        "notes": list(fit.notes),
        "revision": revision,
    }
