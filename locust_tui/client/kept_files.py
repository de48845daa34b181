"""Files that a viewer leaves beside the record."""

from __future__ import annotations

from pathlib import Path

from locust_tui import whole_file


def keep(path: Path, text: str) -> Path:
    """Put `text` in the file in one step, for its owner alone. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    whole_file.put(path, text)
    return path
