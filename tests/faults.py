"""Deaths on demand: the places of the source where a process can be made to die, and the proof that it did."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from locust_tui import fault

VARIABLE, TRACE = fault.VARIABLES
_PACKAGE, TESTS = Path(fault.__file__).parent, Path(__file__).parent


def points_in(room: str = "") -> list[str]:
    """Every place of the package, or of one folder of it, where a process can be made to die."""
    found = set[str]()
    for path in (_PACKAGE / room).rglob("*.py"):
        text = path.read_text()
        found.update(re.findall(r'(?<!def )\bpoint\("([\w.-]+)"', text))
        found.update(f"{name}.tmp" for name in re.findall(r'\bwrite_record\("([\w.-]+)"', text))
    return sorted(found)


POINTS = points_in()


@dataclass(frozen=True, slots=True)
class Fault:
    """A death that was asked for."""

    point: str
    mark: Path

    def assert_happened(self) -> None:
        """Some process died at the point: the last thing it did was to leave its mark."""
        assert self.mark.exists(), f"nothing died at {self.point}"


def die_at(monkeypatch: pytest.MonkeyPatch, folder: Path, point: str, nth: int, how: str = "die") -> Fault:
    """The first to reach `point` as the `nth` dies there, of all processes started from now on; the mark goes to `folder`.

    `how`: "always" has every one die; "stop" has it stand still there until somebody continues it, so that the world can
    be looked at in between.
    """
    assert point in POINTS, f"no process passes {point}; there are {', '.join(POINTS)}"
    mark = folder / f"died-at-{point}"
    monkeypatch.setenv(VARIABLE, f"{point}:{nth}:{mark}:{how}")
    return Fault(point, mark)


def trace_into(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    """Every process started from now on adds the points that it passes to `file`, a line each."""
    monkeypatch.setenv(TRACE, str(file))


def die_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
