"""The folders of checks' runs: their ids, which never come again, and which of them nothing rests on any more."""

from __future__ import annotations

import logging
import os
import re
import shutil
from collections.abc import Container, Iterable
from pathlib import Path

log = logging.getLogger(__name__)

KEPT = 5
"""Runs of each criterion that stay, besides the one its current result rests on."""

_UNSAFE = re.compile(r"[^A-Za-z0-9_]+")
_PREFIX = "check-"


def is_check(run_id: str) -> bool:
    """Whether a run id is a check's. An agent's ends with a dot and its attempt; a check's has no dot."""
    return run_id.startswith(_PREFIX) and "." not in run_id


class CheckFolders:
    """Knows the checks' folders below `runs`: looked up once, counted from then on."""

    def __init__(self, runs: Path) -> None:
        self._runs = runs
        self._found: dict[str, set[int]] | None = None

    def names(self) -> list[str]:
        """Every check's run whose folder is there."""
        return [f"{stem}-{n}" for stem, numbers in self._numbers().items() for n in numbers]

    def free_id(self, key: str) -> str:
        """A run id for the criterion `key`, above all that its folders tell of: older ones may be gone."""
        stem = _PREFIX + _UNSAFE.sub("-", key)[:80].strip("-")
        numbers = self._numbers().setdefault(stem, set())
        number = max(numbers, default=0) + 1
        numbers.add(number)
        return f"{stem}-{number}"

    def superseded(self, keep: Container[str]) -> list[str]:
        """Runs that are neither among the last of their criterion nor in `keep`, oldest first."""
        return [
            name
            for stem, numbers in self._numbers().items()
            for number in sorted(numbers)[:-KEPT]
            if (name := f"{stem}-{number}") not in keep
        ]

    def forget(self, names: Iterable[str]) -> None:
        """They are being removed."""
        for name in names:
            stem, _, number = name.rpartition("-")
            self._numbers()[stem].discard(int(number))

    def remove(self, names: Iterable[str]) -> None:
        """Delete the folders; blocks. One that cannot be deleted is logged, and met again by the next worker."""
        for name in names:
            try:
                shutil.rmtree(self._runs / name)
            except FileNotFoundError:
                continue
            except OSError as error:
                log.warning("the old check run %s could not be removed: %s", name, error)

    def _numbers(self) -> dict[str, set[int]]:
        if self._found is None:
            self._found = {}
            for entry in os.scandir(self._runs):
                stem, _, number = entry.name.rpartition("-")
                if is_check(entry.name) and stem and number.isascii() and number.isdigit():
                    self._found.setdefault(stem, set()).add(int(number))
        return self._found
