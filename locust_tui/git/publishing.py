"""A pull request in place of a merge, through `gh`: the only thing here that ever pushes, and only when the plan says so."""

from __future__ import annotations

import os
import re
import shutil

from locust_tui.domain.dataclass import dataclass

from .calling import GitError, clean_environment, execute, git, one_line
from .joining import plain
from .looking import changes
from .status import some
from .workspace import Workspace, alone, note_pull_request

_NETWORK_S = 300.0
_URL = re.compile(r"https://\S+")


@dataclass(frozen=True, slots=True)
class PullRequest:
    url: str
    branch: str
    head: str
    opened: bool
    """False: it was open already, and the branch was pushed to it again."""


async def open_pull_request(
    space: Workspace, workstream: str, *, title: str, body: str, remote: str = "origin"
) -> PullRequest:
    """Push the workstream's branch, never by force, and open a pull request for it against the integration branch.

    Raises GitError without `gh`, without the remote, with uncommitted work, and with what push or `gh` said.
    """
    gh = shutil.which("gh")
    if gh is None:
        raise GitError("git: {pr: true} needs the program gh", help="install gh and log in: gh auth login")
    async with alone(space):
        found = await changes(space, workstream)
        if found is None or not found.commit_count:
            raise GitError(f"{workstream} has no commit to open a pull request for")
        if found.uncommitted:
            raise GitError(
                f"not committed in {found.path}: {some(found.uncommitted)}", help="commit it, or reject it"
            )
        top = space.repository.top
        ref = f"refs/heads/{found.branch}:refs/heads/{found.branch}"
        await git(top, "push", "--quiet", "--set-upstream", remote, ref, within=_NETWORK_S, hooks=True)
        if found.pull_request is not None:
            return PullRequest(found.pull_request, found.branch, found.head, opened=False)
        about = ("--head", found.branch, "--base", space.integration, "--title", plain(title) or workstream)
        argv = (gh, "pr", "create", *about, "--body-file", "-")
        env = clean_environment() | {"GH_PROMPT_DISABLED": "1", "NO_COLOR": "1", "PAGER": "cat"}
        try:
            answer = await execute(argv, top, env, body.encode("utf-8", "replace"), within=_NETWORK_S)
        except TimeoutError:
            raise GitError(f"gh pr create took more than {_NETWORK_S:g} s") from None
        said = os.fsdecode(answer.out)
        there = _URL.search(said if answer.code == 0 else answer.error)
        if there is None or (answer.code and "already exists" not in answer.error):
            raise GitError(
                f"gh pr create failed: {one_line(answer.error or said) or f'exit {answer.code}'}",
                help="gh auth status",
            )
        note_pull_request(space, workstream, there.group())
        return PullRequest(there.group(), found.branch, found.head, opened=answer.code == 0)
