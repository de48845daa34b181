"""Whether a run left anything in its working folder since a moment: a file, a commit. Bounded, for a thread."""

from __future__ import annotations

import os
from pathlib import Path

MOST_ENTRIES = 20_000
_PASSED_OVER = frozenset({".git", ".locust-tui", "node_modules", ".venv", "__pycache__"})


def changed_since(folder: Path, moment: float) -> str | None:
    """What is younger than `moment` (seconds since the epoch), in words; None: nothing that was looked at.

    Commits are seen by git's own log of HEAD. After MOST_ENTRIES entries it gives up: then only commits count.
    """
    commit = _commit_since(folder, moment)
    if commit:
        return commit
    seen, waiting = 0, [folder]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError:
            continue
        seen += len(entries)
        if seen > MOST_ENTRIES:
            return None
        for entry in entries:
            if entry.name in _PASSED_OVER:
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(Path(entry.path))
                elif entry.stat(follow_symlinks=False).st_mtime > moment:
                    return os.path.relpath(entry.path, folder)
            except OSError:
                continue
    return None


def _commit_since(folder: Path, moment: float) -> str | None:
    for place in (folder, *folder.parents):
        git = place / ".git"
        try:
            if git.is_file():  # a worktree: the file names its own folder
                git = place / git.read_text().removeprefix("gitdir:").strip()
            if not git.exists():
                continue
            return "a commit" if os.stat(git / "logs" / "HEAD").st_mtime > moment else None
        except (OSError, UnicodeDecodeError):
            return None
    return None
