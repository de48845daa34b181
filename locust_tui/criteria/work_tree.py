"""The content of a git work tree as one hash, without touching its index or its objects."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

import anyio
import anyio.to_thread

from locust_tui.domain.dataclass import dataclass
from locust_tui.git.calling import READING, clean_environment, end_words

from .reading import MeasureError, one_line

_TIMEOUT_S = 120.0
_DEEPEST_NESTING = 3
_MOST_REMEMBERED = 64
_SETTLED_NS = 100_000_000
"""A file changed within this time may change again without a new time stamp."""
_STATE_FOLDER = ".locust-tui"
_GIT = (*READING, "-c", "status.relativePaths=false")


@dataclass(frozen=True, slots=True)
class WorkTree:
    """What stands in a work tree: `digest` is the tree that committing everything not ignored would give."""

    digest: str
    source: str
    """The same without untracked files, which a check may have written itself."""
    commit: str | None
    dirty: bool


@dataclass(frozen=True, slots=True)
class _Status:
    commit: str | None
    tracked: tuple[bytes, ...]
    """Paths, from the top, whose content may differ from HEAD."""
    untracked: tuple[bytes, ...]
    nested: tuple[bytes, ...]
    """Submodules and repositories inside this one with changes of their own."""


_remembered: dict[object, WorkTree] = {}


async def work_tree(folder: Path, *, nesting: int = 0) -> WorkTree | None:
    """The work tree around `folder`; None when git does not know it, or ignores the folder.

    The digest follows content alone: an edit changes it, committing that edit does not. The state folder is
    left out. Raises MeasureError when git fails.
    """
    found = await _repository(folder)
    if found is None:
        return None
    top, index, objects = found
    status = _parse(await _git(top, *_STATUS))
    head = await _git(top, "rev-parse", f"{status.commit}^{{tree}}") if status.commit else b""
    tree = head.decode().strip()
    paths = (*status.tracked, *status.untracked)
    if tree and not paths and not status.nested:
        return WorkTree(tree, tree, status.commit, dirty=False)
    started = time.time_ns()
    key = (top, tree, status, await anyio.to_thread.run_sync(_stats, top, paths))
    known = None if status.nested else _remembered.get(key)
    if known is not None:
        return known
    result = await _overlaid(top, index, objects, status, nesting)
    if not status.nested and is_settled(key[3], started):
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
        _remembered[key] = result
    return result


_STATUS = (
    "status",
    "--porcelain=v2",
    "-z",
    "--branch",
    "--no-renames",
    "--untracked-files=all",
    "--ignored=no",
)


async def _repository(folder: Path) -> tuple[Path, Path, Path] | None:
    """Top folder, index and object folder of the repository around `folder`."""
    asked = ("--show-toplevel", "--path-format=absolute", "--git-path", "index", "--git-path", "objects")
    try:
        answer = await _git(folder, "rev-parse", *asked)
    except FileNotFoundError:
        return None
    except MeasureError as error:
        if "not a git repository" in error.message or "must be run in a work tree" in error.message:
            return None
        raise
    lines = os.fsdecode(answer).splitlines()
    if len(lines) != 3:
        raise MeasureError(f"the path of the repository around {folder} has a line break in it")
    top, index, objects = map(Path, lines)
    if top.resolve() != folder.resolve() and await _is_ignored(folder):
        return None
    return top, index, objects


async def _is_ignored(folder: Path) -> bool:
    return bool(await _git(folder, "check-ignore", "--", os.fspath(folder.absolute()), allowed=(0, 1)))


async def _git(
    folder: Path,
    *arguments: str,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    allowed: Iterable[int] = (0,),
) -> bytes:
    """Standard output of one git command. Raises MeasureError, or FileNotFoundError without git or `folder`."""
    try:
        with anyio.fail_after(_TIMEOUT_S):
            ended = await anyio.run_process(
                [*_GIT, *arguments],
                input=stdin,
                cwd=folder,
                env=clean_environment(env),
                check=False,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
    except TimeoutError as error:
        raise MeasureError(f"git {arguments[0]} took more than {_TIMEOUT_S:g} s in {folder}") from error
    if ended.returncode not in allowed:
        reason = one_line(ended.stderr.decode("utf-8", "replace"), 300)
        raise MeasureError(f"git {arguments[0]} failed in {folder}: {reason or end_words(ended.returncode)}")
    return ended.stdout


def _parse(output: bytes) -> _Status:
    """Records of `git status --porcelain=v2 -z`; paths come last, after 8 fields (changed) or 10 (unmerged)."""
    commit: str | None = None
    tracked: list[bytes] = []
    untracked: list[bytes] = []
    nested: list[bytes] = []
    for record in output.split(b"\0"):
        kind, _, rest = record.partition(b" ")
        if kind == b"#" and rest.startswith(b"branch.oid "):
            oid = rest.split(b" ")[1].decode()
            commit = None if oid.startswith("(") else oid
        elif kind in (b"1", b"u"):
            fields = rest.split(b" ", 7 if kind == b"1" else 9)
            if _is_state(fields[-1]):
                continue
            tracked.append(fields[-1])
            if fields[1].startswith(b"S") and fields[1][2:] != b"..":
                nested.append(fields[-1])
        elif kind == b"?" and not _is_state(rest):
            (nested if rest.endswith(b"/") else untracked).append(rest)
    return _Status(commit, tuple(tracked), tuple(untracked), tuple(nested))


def _is_state(path: bytes) -> bool:
    return _STATE_FOLDER.encode() in path.split(b"/")


def _stats(top: Path, paths: Iterable[bytes]) -> tuple[tuple[int, ...] | None, ...]:
    return tuple(file_stamp(os.path.join(os.fsencode(top), path)) for path in paths)


def file_stamp(path: bytes | str | Path) -> tuple[int, ...] | None:
    """What changes with a file's content, as far as the file system tells; None where there is none."""
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_mode


def is_settled(stamps: Iterable[tuple[int, ...] | None], now_ns: int) -> bool:
    """Whether a change after `now_ns` cannot hide behind the same stamp."""
    return all(stamp is None or max(stamp[:2]) < now_ns - _SETTLED_NS for stamp in stamps)


async def _overlaid(top: Path, index: Path, objects: Path, status: _Status, nesting: int) -> WorkTree:
    """HEAD's tree with the work tree's content laid over it, made in a copy of the index."""
    with tempfile.TemporaryDirectory(prefix="locust-tui-tree-") as scratch:
        copy = Path(scratch, "index")
        if index.exists():
            await anyio.to_thread.run_sync(shutil.copy2, index, copy)  # its time tells git what may be racy
        env = {
            "GIT_INDEX_FILE": os.fspath(copy),
            "GIT_OBJECT_DIRECTORY": scratch,
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{objects}"' if ":" in str(objects) else str(objects),
        }
        source = await _tree_with(top, status.tracked, env)
        digest = await _tree_with(top, status.untracked, env) if status.untracked else source
    inside = [await _nested(top / os.fsdecode(path.rstrip(b"/")), nesting) for path in sorted(status.nested)]
    if inside:
        digest = sha256("\0".join((digest, *(tree for tree, _ in inside))).encode()).hexdigest()
        source = sha256("\0".join((source, *(tracked for _, tracked in inside))).encode()).hexdigest()
    return WorkTree(digest, source, status.commit, bool(status.tracked or status.untracked or status.nested))


async def _tree_with(top: Path, paths: tuple[bytes, ...], env: Mapping[str, str]) -> str:
    if paths:
        options = ("--add", "--remove", "--replace", "--info-only", "-z", "--stdin")
        await _git(top, "update-index", *options, stdin=b"\0".join((*paths, b"")), env=env)
    return (await _git(top, "write-tree", "--missing-ok", env=env)).decode().strip()


async def _nested(folder: Path, nesting: int) -> tuple[str, str]:
    if nesting >= _DEEPEST_NESTING:
        raise MeasureError(f"repositories are nested deeper than {_DEEPEST_NESTING} at {folder}")
    inside = await work_tree(folder, nesting=nesting + 1) if folder.is_dir() else None
    return (inside.digest, inside.source) if inside else ("", "")
