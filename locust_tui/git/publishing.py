"""A pull request in place of a merge, through `gh`: the only thing here that ever pushes, and only when the plan says so."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from .calling import GitError
from .joining import plain
from .looking import changes
from .pull_requests import Proposal, propose, push, require_gh
from .status import some
from .workspace import Workspace, alone, note_pull_request


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

    Raises RefusedError without `gh`, UnreachableError without the network, GitError with uncommitted work, and with
    what push or `gh` said.
    """
    require_gh()
    async with alone(space):
        found = await changes(space, workstream)
        if found is None or not found.commit_count:
            raise GitError(f"{workstream} has no commit to open a pull request for")
        if found.uncommitted:
            raise GitError(
                f"not committed in {found.path}: {some(found.uncommitted)}", help="commit it, or reject it"
            )
        top = space.repository.top
        proposal = Proposal(found.branch, space.integration, plain(title) or workstream, body, remote)
        if found.pull_request is not None:
            await push(top, proposal)
            return PullRequest(found.pull_request, found.branch, found.head, opened=False)
        url, opened = await propose(top, proposal)
        note_pull_request(space, workstream, url)
        return PullRequest(url, found.branch, found.head, opened=opened)
