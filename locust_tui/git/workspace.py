"""Where the worktrees of one plan stand, and the note kept of each: what has no note is not ours and is left alone."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
from collections.abc import AsyncIterator
from dataclasses import asdict, field, replace
from pathlib import Path

from locust_tui import whole_file
from locust_tui.domain.dataclass import dataclass

from .calling import GitError
from .repository import Repository, branch_head, check_version, repository_of

_LOCK_S = 300.0
_LOCK_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Workspace:
    """The repository of a plan and the folder of its worktrees."""

    repository: Repository
    worktrees: Path
    prefix: str
    integration: str
    """Branch that finished work goes to."""
    umask: int = -1
    """Of files that git writes; -1: ours."""

    def branch(self, workstream: str) -> str:
        return f"{self.prefix}{workstream}"

    def path(self, workstream: str) -> Path:
        return self.worktrees / workstream


@dataclass(frozen=True, slots=True)
class WorktreeNote:
    """What is known of one worktree; kept beside it as JSON from before it is made."""

    workstream: str
    branch: str
    path: str
    number: int
    """Smallest one free in this plan: setup commands make ports and names of databases from it."""
    base: str
    """Commit the branch began at."""
    needs: dict[str, str] = field(default_factory=dict)
    """Workstream whose unmerged branch is in the base → its head then."""
    ready: bool = False
    """Setup has passed; before that no agent ever worked here."""
    pull_request: str | None = None
    trash: str = ""
    """Ref that keeps its last state: its removal has begun."""


async def open_workspace(
    folder: Path, worktrees: Path, *, prefix: str, base: str | None, umask: int = -1, look_only: bool = False
) -> Workspace:
    """The workspace of a plan that lies in `folder`; its worktrees go to `worktrees`.

    `base` None: the branch that was checked out when this was first asked, which is written down then; `look_only`
    writes nothing. Raises GitError
    outside git, in a repository without a commit, and where there is no such branch.
    """
    repository = await repository_of(folder)
    if repository is None:
        raise GitError(
            f"{folder} is not in a git repository, so there can be no worktrees",
            help="git init && git add . && git commit, or set worktree: false",
        )
    await check_version(folder)
    if repository.head is None:
        raise GitError(f"{repository.top} has no commit yet to start from", help="make a first commit")
    note = worktrees / "integration"
    integration = base or _read_text(note) or repository.branch
    if integration is None:
        raise GitError(
            f"no branch is checked out in {repository.top} (HEAD is detached), so there is nowhere to merge to",
            help="write git: {base: BRANCH} in the plan",
        )
    if await branch_head(repository.top, integration) is None:
        raise GitError(
            f'{repository.top} has no branch "{integration}" to start from and merge to',
            help="write git: {base: BRANCH} in the plan, with a branch that exists",
        )
    if look_only:
        return Workspace(repository, worktrees, prefix, integration, umask)
    worktrees.mkdir(mode=0o700, parents=True, exist_ok=True)
    if base is None and not note.exists():
        _write_text(note, integration)
    return Workspace(repository, worktrees, prefix, integration, umask)


def read_note(space: Workspace, workstream: str) -> WorktreeNote | None:
    """What is written down about a workstream's worktree; None for none. Raises GitError for a damaged note."""
    path = _note(space, workstream)
    text = _read_text(path)
    if text is None:
        return None
    try:
        return WorktreeNote(**json.loads(text))
    except (ValueError, TypeError) as error:
        raise GitError(
            f"{path} is damaged: {error}", help="look at the worktree beside it, then remove both"
        ) from None


def notes(space: Workspace) -> list[WorktreeNote]:
    """All notes, by workstream."""
    ids = sorted(p.name.removesuffix(".json") for p in space.worktrees.glob("*.json"))
    return [note for id in ids if (note := read_note(space, id)) is not None]


def write_note(space: Workspace, note: WorktreeNote) -> WorktreeNote:
    _write_text(_note(space, note.workstream), json.dumps(asdict(note), indent=1))
    return note


def remove_note(space: Workspace, workstream: str) -> None:
    _note(space, workstream).unlink(missing_ok=True)


def note_pull_request(space: Workspace, workstream: str, url: str) -> None:
    """Write down where the pull request of a workstream is."""
    note = read_note(space, workstream)
    if note is not None:
        write_note(space, replace(note, pull_request=url))


@contextlib.asynccontextmanager
async def alone(space: Workspace) -> AsyncIterator[None]:
    """Nobody else of us, in this process or another, changes branches or worktrees of the repository meanwhile."""
    path = space.repository.common / "locust-tui.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise GitError(f"cannot write in {path.parent}: {error.strerror}") from error
    try:
        await _take(descriptor, path)
        yield
    finally:
        os.close(descriptor)


async def _take(descriptor: int, path: Path) -> None:
    try:
        async with asyncio.timeout(_LOCK_S):
            while True:
                try:
                    return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    await asyncio.sleep(_LOCK_LOOK_S)
    except TimeoutError:
        raise GitError(f"another worker has held {path} for {_LOCK_S:g} s") from None


def _note(space: Workspace, workstream: str) -> Path:
    return space.worktrees / f"{workstream}.json"


def _read_text(path: Path) -> str | None:
    try:
        return path.read_text(errors="surrogateescape").strip()
    except FileNotFoundError:
        return None


def _write_text(path: Path, text: str) -> None:
    whole_file.put(path, f"{text}\n")
