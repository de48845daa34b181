"""What a pull request would propose: which branch to which, under which title, with which text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import RefusedError
from ..safe_text import safe

if TYPE_CHECKING:
    from ..git.pull_requests import Proposal
    from .target import State, Target


async def propose_branch(
    target: Target, state: State, workstream: str | None, title: str | None, auto_review: bool
) -> tuple[Proposal, Path]:
    """What would be proposed, and the top of the work tree it is done in. Raises RefusedError, NotFoundError, GitError."""
    from ..git.pull_requests import Proposal, remotes
    from ..git.repository import repository_of

    repository = await repository_of(target.path.parent)
    if repository is None:
        raise RefusedError(f"{target.path.parent} is in no git repository", help="git init, and a remote")
    known = await remotes(repository.top)
    if not known:
        raise RefusedError("the repository has no remote to push to", help="git remote add origin ADDRESS")
    repo = state.plan.project.repo
    remote = next((n for n, slug in known.items() if repo and slug.casefold() == repo.casefold()), None)
    remote = remote or ("origin" if "origin" in known else next(iter(known)))
    branch, base, said, body = await _branch_of(target, state, workstream, repository.branch)
    if branch == base:
        raise RefusedError(
            f"{branch} is where pull requests go",
            help="git switch to the branch to propose, or --workstream WS",
        )
    if auto_review:
        body += _verified(state, workstream)
    return Proposal(branch, base, _one_line(title or said), body, remote, repo or ""), repository.top


async def _branch_of(
    target: Target, state: State, workstream: str | None, checked_out: str | None
) -> tuple[str, str, str, str]:
    """(branch, base, title, body)."""
    from ..git.calling import git
    from ..git.looking import changes
    from ..git.workspace import open_workspace
    from .lookup import find_workstream

    settings, top = state.plan.git, target.path.parent
    if workstream is None:
        base = settings.base or "main"
        if checked_out is None:
            raise RefusedError("no branch is checked out here (HEAD is detached)", help="git switch BRANCH")
        commits = await git(top, "log", "--max-count=50", "--format=%s", f"{base}..HEAD", allowed=(0, 128))
        subjects = commits.text.splitlines() if commits.code == 0 else []
        if commits.code == 0 and not subjects and checked_out != base:
            raise RefusedError(f"{checked_out} has no commit that {base} lacks")
        body = "".join(f"- {_one_line(s)}\n" for s in subjects) or f"Branch {checked_out}.\n"
        return checked_out, base, subjects[0] if subjects else checked_out, body
    found = find_workstream(state.snapshot(forecast=False), workstream)
    space = await open_workspace(top, target.folder.root / "worktrees", prefix=settings.prefix, base=settings.base, look_only=True)  # fmt: skip
    done = await changes(space, found.id)
    if done is None or not done.commit_count:
        raise RefusedError(
            f"{found.id} has no commit to open a pull request for", help=f"locust-tui why {found.id}"
        )
    if done.uncommitted:
        raise RefusedError(f"{found.id} has files that are not committed", help=f"look in {done.path}")
    status = state.world.workstream(found.id)
    body = f"Attempt {status.attempt}, {found.state.value}.\n\n" + "".join(
        f"- {_one_line(c.subject)}\n" for c in done.commits
    )
    return done.branch, space.integration, f"{found.id}: {found.name}", body


def _verified(state: State, workstream: str | None) -> str:
    """What this program itself has checked, as a list for the text of the pull request."""
    from .lookup import find_workstream

    snapshot = state.snapshot(forecast=False)
    works = (
        [find_workstream(snapshot, workstream)]
        if workstream
        else [w for w in snapshot.workstreams if w.state == "accepted"]
    )
    lines = ["", "Verified by locust-tui:", ""]
    for w in works:
        lines.append(
            f"- [{'x' if w.state == 'accepted' else ' '}] {w.id} {w.name}: {w.state.value}, {w.verified:.0f} % verified"
        )
        lines += [f"  - [{'x' if d.verified else ' '}] {d.name}" for d in w.deliverables]
        lines += [
            f"  - [{'x' if c.state == 'pass' else ' '}] {c.name}: {c.state.value} {c.value_text}".rstrip()
            for c in w.checks
        ]
    if not works:
        lines.append("nothing yet")
    return "\n".join(safe(line, oneline=True) if line.strip() else line for line in lines) + "\n"


def _one_line(text: Any) -> str:
    return safe(str(text), limit=200, oneline=True)
