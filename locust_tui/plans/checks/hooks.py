"""Hooks that could never run, and reports that could not be written."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from ...analysis.hook_events import check_event
from ...analysis.hook_scripts import parse
from ...analysis.hook_times import check_cron
from ...domain.plan import Hook, Plan
from ...errors import LocustTuiError, did_you_mean
from ..findings import Findings
from ..tree import Tree, Where
from .places import item_place, raw

_NAME = re.compile(r"\w[\w.-]{0,63}")
_REPORT_NAME = re.compile(r"\w[\w .-]{0,63}")
"""Part of a file's name: no separator, no hidden file, nothing that steers a terminal."""
_BRACED = re.compile(r"\{([^{}]*)\}")
OUT = ("week", "name")
"""Placeholders of a report's file."""
KINDS = (".md", ".html", ".txt", ".json")


def check_hooks(plan: Plan, tree: Tree, findings: Findings) -> None:
    """Cron lines, events and scripts of hooks; the names and files of reports."""
    for hook in plan.hooks.values():
        for key, error in _wrong(hook):
            where: Where = ("hooks", hook.name, key) if key else ("hooks", hook.name)
            findings.error("hook", f"hook {hook.name}: {error.message}", error.help, at=where, key=not key)
    for report in plan.reports:
        place = item_place(tree, "reports", report.name, "name")
        if not _REPORT_NAME.fullmatch(report.name):
            written = raw(tree, (*place, "name")) is not None
            findings.error(
                "report",
                f'"{report.name}" is no name for a report: its files are called that',
                "letters, digits, spaces, dots and dashes, at most 64",
                at=(*place, "name") if written else place,
                key=not written,
            )
        for file in report.files:
            if (wrong := _wrong_file(file)) is not None:
                message = f"report {report.name}: {wrong.message}"
                findings.error("report", message, wrong.help, at=(*place, "out"))


def _wrong_file(out: str) -> LocustTuiError | None:
    """A report is a file of its own below the plan's folder: no command, no setting and no hidden file is ever replaced."""
    for name in _BRACED.findall(out):
        if name not in OUT:
            near = did_you_mean(name, OUT, cutoff=0.6) or f"known are {', '.join(f'{{{n}}}' for n in OUT)}"
            return LocustTuiError(f"nothing is known to fill in for {{{name}}}", help=near)
    path = PurePosixPath(out)
    if path.is_absolute() or any(part.startswith((".", "~")) for part in path.parts):
        return LocustTuiError(
            f"{out} leads out of the plan's folder, or to a hidden place", help="reports/week-{week}.md"
        )
    if path.suffix not in KINDS:
        return LocustTuiError(f"{out} is no kind of report", help=f"a name that ends in {', '.join(KINDS)}")
    return None


def _wrong(hook: Hook) -> list[tuple[str, LocustTuiError]]:
    """(key of the hook, what is wrong there)"""
    found: list[tuple[str, LocustTuiError]] = []
    if not _NAME.fullmatch(hook.name):
        error = LocustTuiError("that is no name for a hook", help="letters, digits, dots and dashes")
        found.append(("", error))
    if hook.cron and hook.event:
        error = LocustTuiError("it has both cron and event", help="make two hooks of it")
        found.append(("event", error))
    for key, check, value in (("cron", check_cron, hook.cron), ("event", check_event, hook.event)):
        if value:
            try:
                check(value)
            except LocustTuiError as error:
                found.append((key, error))
    if not hook.shell:
        try:
            parse(hook.script)
        except LocustTuiError as error:
            found.append(("do", error))
    elif not hook.script.strip():
        found.append(("do", LocustTuiError("it does nothing", help="do: lines of a shell")))
    return found
