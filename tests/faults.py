"""Deaths on demand: the places of the source where a process can be made to die, and the proof that it did."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import locust_tui

VARIABLE = "LOCUST_TUI_FAULT"
_SOURCES = [path.read_text() for path in sorted(Path(locust_tui.__file__).parent.rglob("*.py"))]
POINTS = sorted(
    {
        *(name for text in _SOURCES for name in re.findall(r'(?<!def )\bpoint\("([\w.-]+)"', text)),
        *(f"{name}.tmp" for text in _SOURCES for name in re.findall(r'\bwrite_record\("([\w.-]+)"', text)),
    }
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A death that was asked for."""

    point: str
    mark: Path

    def assert_happened(self) -> None:
        """Some process died at the point: the last thing it did was to leave its mark."""
        assert self.mark.exists(), f"nothing died at {self.point}"


def die_at(monkeypatch: pytest.MonkeyPatch, folder: Path, point: str, nth: int) -> Fault:
    """Whatever reaches `point` as the `nth` dies there, of all processes started from now on; the mark goes to `folder`."""
    assert point in POINTS, f"no process passes {point}; there are {', '.join(POINTS)}"
    mark = folder / f"died-at-{point}"
    monkeypatch.setenv(VARIABLE, f"{point}:{nth}:{mark}")
    return Fault(point, mark)


def die_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
