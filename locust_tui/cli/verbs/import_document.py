"""`import`: a plan from an orchestration document."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...errors import OutputError, RefusedError, UsageError
from ...safe_text import safe
from ...state.folder import StateFolder
from ..agent_scope import refuse_agents
from ..command import Settings, verb
from ..importing import read_document_file
from ..output import narrate, put, put_json, write_whole

if TYPE_CHECKING:
    from ...plans.importing.importing import Imported


@verb("import")
@click.argument("document")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help='Where the plan goes; "-" prints it. Default: locust-plan.yaml.',
)
@click.option("--force", is_flag=True, help="Replace a plan that is there.")
@click.option("--dry-run", is_flag=True, help="Say what was understood, and write nothing.")
@click.option(
    "--json", "as_json", is_flag=True, help="What was understood, every finding and command as JSON."
)
def command(
    settings: Settings, document: str, out: Path | None, force: bool, dry_run: bool, as_json: bool
) -> int:
    """Write a plan from a Markdown document: its Mermaid tree, orchestrators, gates, KPIs, risks and commands.

    Prints what was understood, and each finding with the document's line. Nothing of the document is run.
    """
    from ...plans.find import DEFAULT_NAME
    from ...plans.importing.importing import import_document

    target = out or settings.plan_file or Path(DEFAULT_NAME)
    target = target / DEFAULT_NAME if target.is_dir() else target
    printed = str(target) == "-"
    if printed and as_json:
        raise UsageError("-o - and --json exclude each other")
    data = read_document_file(document)
    if not printed and not dry_run:
        refuse_agents(StateFolder(target, settings.state_dir), "writing a plan")
        if target.exists() and not force:
            raise RefusedError(
                f"{target} exists already; nothing was written",
                help="--force replaces it, -o OTHER.plan.yaml writes another, --dry-run only looks",
            )
    found = import_document(data, document, Path(DEFAULT_NAME) if printed else target)
    if printed:
        put(found.text)
    elif not dry_run:
        _write(target, found.text, force)
    _tell(found, None if dry_run or printed else target, as_json=as_json, narrated=printed)
    return 0


def _write(target: Path, text: str, force: bool) -> None:
    if force:
        write_whole(target, text)
        return
    try:
        with target.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise RefusedError(
            f"{target} exists already; nothing was written", help="--force replaces it"
        ) from None
    except OSError as error:
        raise OutputError(f"{target}: could not be written: {error.strerror}") from None


def _tell(found: Imported, written: Path | None, *, as_json: bool, narrated: bool) -> None:
    from ...plans.importing.carrying import command_json
    from ...plans.importing.finding import findings_json, render_findings
    from ...report.figures import count

    if as_json:
        put_json(
            {
                "document": found.file,
                "plan": str(written) if written else None,
                "understood": {noun.replace(" ", "_"): n for noun, n in found.counts().items()},
                "findings": findings_json(found.findings),
                "commands": [command_json(c) for c in found.commands],
            }
        )
        return
    say = _narrate_lines if narrated else lambda text: put(f"{text}\n")
    said = render_findings(found.file, found.findings) + _commands(found)
    say(f"{said}{_understood(found)}")
    warnings = sum(f.level == "warning" for f in found.findings)
    notes = len(found.findings) - warnings
    say(f"{count(warnings, 'warning')}, {count(notes, 'note')}")
    if written is not None:
        say(
            f"wrote {safe(str(written), oneline=True)}: {count(found.text.count(chr(10)), 'line')}, no errors"
        )
        narrate(f"next: locust-tui check {written}, and give each agent type a command")
    elif not narrated:
        say("nothing was written")


def _narrate_lines(text: str) -> None:
    for line in text.splitlines():
        narrate(line)


def _commands(found: Imported) -> str:
    """What became of each command of the document that has an equivalent."""
    lines = []
    for c in found.commands:
        if c.verb is not None:
            became = c.became or c.why
            lines.append(f"{found.file}:{c.line}: command: {' '.join(c.verb)} → {became}")
    return "".join(f"{safe(line, oneline=True)}\n" for line in lines)


def _understood(found: Imported) -> str:
    parts = [f"{n} {_noun(noun, n)}" for noun, n in found.counts().items() if n]
    meta = "1 meta-orchestrator, " if found.plan.meta is not None else ""
    return f"understood: {meta}{', '.join(parts)}"


_SINGULAR = {
    "criteria": "criterion",
    "success criteria": "success criterion",
    "kpis": "KPI",
    "strategies": "strategy",
}
_PLURAL = {"kpis": "KPIs", "after release": "after-release checks"}


def _noun(noun: str, n: int) -> str:
    if n != 1:
        return _PLURAL.get(noun, noun)
    return _SINGULAR.get(noun, "after-release check" if noun == "after release" else noun.removesuffix("s"))
