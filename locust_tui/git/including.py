"""`.worktreeinclude`: ignored files, such as `.env`, that a new worktree needs a copy of."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from pathlib import Path

from .calling import GitError, git
from .status import some

INCLUDE = ".worktreeinclude"
_MOST_FILES = 20_000
_MOST_BYTES = 2 * 1024**3
_STATE_FOLDER = ".locust-tui"


async def include_ignored(top: Path, worktree: Path) -> list[str]:
    """Copy the ignored files that `.worktreeinclude` in `top` names (gitignore patterns); returns their paths.

    What the worktree has already stays as it is. A symbolic link is copied as such, and only where it stays inside.
    Raises GitError for more than 20,000 files or 2 GiB, and when a file cannot be read.
    """
    patterns = top / INCLUDE
    if not patterns.is_file():
        return []
    named = await git(
        top, "ls-files", "--others", "--ignored", f"--exclude-from={patterns}", "-z", within=120.0
    )
    paths = [p for p in named.fields() if _STATE_FOLDER not in p.split("/") and not p.endswith("/")]
    if not paths:
        return []
    asked = b"\0".join(b"./" + os.fsencode(p) for p in paths)  # a name may begin with a colon
    ignored = await git(top, "check-ignore", "-z", "--stdin", stdin=asked, allowed=(0, 1), within=120.0)
    wanted = [p.removeprefix("./") for p in ignored.fields()]
    if named.cut or len(wanted) > _MOST_FILES:
        raise GitError(
            f"{INCLUDE} names more than {_MOST_FILES} files",
            help="name fewer; a setup command can install the rest",
        )
    return await asyncio.to_thread(_copy_all, top, worktree, wanted)


def _copy_all(top: Path, worktree: Path, paths: list[str]) -> list[str]:
    size = sum(os.lstat(top / p).st_size for p in paths if os.path.lexists(top / p))
    if size > _MOST_BYTES:
        raise GitError(
            f"{INCLUDE} names {size / 1024**3:.1f} GiB, the most is {_MOST_BYTES // 1024**3} GiB: {some(paths)}",
            help="name less; a setup command can install or link the rest",
        )
    copied = []
    for path in paths:
        try:
            if _copy(top, worktree, path):
                copied.append(path)
        except FileNotFoundError:
            continue  # it went while we looked
        except OSError as error:
            raise GitError(f"cannot copy {path} to {worktree}: {error.strerror}") from error
    return copied


def _copy(top: Path, worktree: Path, path: str) -> bool:
    source, target = top / path, worktree / path
    about = os.lstat(source)
    inside = worktree.resolve()
    if os.path.lexists(target) or not _within(Path(os.path.realpath(target.parent)), inside):
        return False
    if stat.S_ISLNK(about.st_mode):
        to = os.readlink(source)
        if os.path.isabs(to) or not _within(Path(os.path.normpath(target.parent / to)), inside):
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        os.symlink(to, target)
        return True
    if not stat.S_ISREG(about.st_mode):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    reading = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with open(reading, "rb") as old, open(target, "xb") as new:
        shutil.copyfileobj(old, new, 1024 * 1024)
        os.fchmod(new.fileno(), stat.S_IMODE(about.st_mode))
    return True


def _within(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents
