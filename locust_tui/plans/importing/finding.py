"""What an importer has to say about a document, each with the line it is about."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from locust_tui.domain.dataclass import dataclass

from ...errors import UsageError
from ...safe_text import safe


class Level(StrEnum):
    NOTE = "note"
    WARNING = "warning"


NOT_UNDERSTOOD = "not-understood"
"""Code of whatever the document says and the plan does not."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a person should know. `line` is 1-based; None: the document as a whole."""

    level: Level
    code: str
    """Stable word for scripts: "gate-before-phase", "velocity", "not-understood"."""
    message: str
    line: int | None = None
    help: str | None = None


class Notes:
    """Collects findings; the same words about the same line are said once."""

    MOST = 500
    """Behind so many the rest is only counted."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: dict[tuple[int | None, str], Finding] = {}
        self._over = 0

    def note(self, code: str, message: str, line: int | None = None, help: str | None = None) -> None:
        """What was decided for the document, or left out of the plan."""
        self._add(Finding(Level.NOTE, code, message, line, help))

    def warn(self, code: str, message: str, line: int | None = None, help: str | None = None) -> None:
        """What contradicts itself, or will not work as written."""
        self._add(Finding(Level.WARNING, code, message, line, help))

    def _add(self, finding: Finding) -> None:
        if len(self._found) >= self.MOST:
            self._over += 1
            return
        self._found.setdefault((finding.line, finding.message), finding)

    def sorted(self) -> tuple[Finding, ...]:
        """By line; what concerns the whole document comes first."""
        found = sorted(self._found.values(), key=lambda f: (f.line or 0, f.level is Level.NOTE))
        if self._over:
            found.append(Finding(Level.NOTE, "more", f"and {self._over} more findings"))
        return tuple(found)


class DocumentError(UsageError):
    """The document cannot become a plan. The message begins with its name and, where there is one, the line."""

    def __init__(self, file: str, message: str, *, line: int | None = None, help: str | None = None) -> None:
        place = f"{file}:{line}" if line else file
        super().__init__(f"{place}: {message}", help=help)
        self.line = line


def render_findings(file: str, findings: tuple[Finding, ...]) -> str:
    """`FILE:LINE: note|warning: what`, each with its help below; safe to print."""
    lines: list[str] = []
    for finding in findings:
        place = f"{file}:{finding.line}" if finding.line else file
        lines.append(f"{safe(place, oneline=True)}: {finding.level}: {safe(finding.message, oneline=True)}")
        if finding.help:
            lines.append(f"  help: {safe(finding.help, oneline=True)}")
    return "".join(f"{line}\n" for line in lines)


def findings_json(findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    """The findings as plain values."""
    return [
        {"severity": f.level.value, "code": f.code, "line": f.line, "message": f.message, "help": f.help}
        for f in findings
    ]
