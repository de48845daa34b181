"""When live runs last gave a sign of life: the newest of the files that they write."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from ..domain.snapshot import RunView, Snapshot

_WRITTEN = ("log", "events.jsonl")


class SignsOfLife:
    """One per viewer. Costs two stats a live run and look; a run that said nothing new keeps its very view."""

    def __init__(self, runs: Path) -> None:
        self._runs = runs
        self._views: dict[str, tuple[RunView, RunView]] = {}

    def on(self, snapshot: Snapshot) -> Snapshot:
        """`snapshot` with `last_seen` of every run that has not ended."""
        before, self._views = self._views, {}
        runs = tuple(r if r.ended is not None else self._seen(r, before.get(r.id)) for r in snapshot.runs)
        return replace(snapshot, runs=runs) if self._views else snapshot

    def _seen(self, run: RunView, before: tuple[RunView, RunView] | None) -> RunView:
        at = self._last(run.id)
        if before is not None and before[0] is run and before[1].last_seen == at:
            view = before[1]
        else:
            view = replace(run, last_seen=at)
        self._views[run.id] = run, view
        return view

    def _last(self, run: str) -> float | None:
        moments = []
        for name in _WRITTEN:
            try:
                found = os.stat(self._runs / run / name, follow_symlinks=False)
            except OSError:
                continue
            if found.st_size:  # an empty one is as old as its run
                moments.append(found.st_mtime)
        return max(moments, default=None)
