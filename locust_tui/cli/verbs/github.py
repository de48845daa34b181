"""`github`: the names that a project has there, and pull requests through git and gh."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...errors import LocustTuiError, RefusedError, UsageError
from ...safe_text import safe
from ..command import Settings, sub_verb, verb_group
from ..output import narrate, put, put_json
from ..target import State, find_target, read_state

if TYPE_CHECKING:
    pass

_SLUG = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?/[A-Za-z0-9._-]+")
_BRANCH = re.compile(r"(?![/.-])(?!.*(?:\.\.|//|@\{|\.lock$))[^\x00-\x20~^:?*\[\\\x7f]+(?<![/.])")
FEATURE = "github-integration"


@verb_group("github")
def command() -> None:
    """Names on GitHub; pull requests."""


@sub_verb(command, "config")
@click.option("--repo", metavar="OWNER/NAME", help="The repository; an address of it will do.")
@click.option("--branch", help="The branch that work starts from and comes home to.")
@click.option("--pr-prefix", help="A workstream's branch is this and its id.")
@click.option("--by", metavar="NAME", help="Who asks (default: the OS user).")
@click.option("--json", "as_json", is_flag=True)
def config(
    settings: Settings,
    repo: str | None,
    branch: str | None,
    pr_prefix: str | None,
    by: str | None,
    as_json: bool,
) -> int:
    """Keep the names, and hold them against the repository here; without options, show them."""
    from ..adding import add

    wanted = {"repo": _slug(repo), "branch": _branch(branch), "pr_prefix": _prefix(pr_prefix)}
    values = {f"project/{key}": value for key, value in wanted.items() if value is not None}
    target = find_target(settings)
    revision = add(settings, target, values, by).revision if values else None
    state = read_state(target)
    project, git = state.plan.project, state.plan.git
    remarks = asyncio.run(_compared(target.path.parent, project.repo, git.base))
    if as_json:
        names = {"repo": project.repo, "branch": git.base, "pr_prefix": git.prefix}
        put_json({**names, "remarks": remarks, "revision": revision})
        return 0
    put(f"repository  {safe(project.repo or '-', oneline=True)}\n")
    put(f"branch      {safe(git.base or '- (the one checked out)', oneline=True)}\n")
    put(f"prefix      {safe(git.prefix, oneline=True)}\n")
    for remark in remarks:
        put(f"  {safe(remark, oneline=True)}\n")
    if revision is not None:
        put(f"kept, revision {revision}\n")
    return 0


@command.group("pr")
def pull_requests() -> None:
    """Pull requests."""


@sub_verb(pull_requests, "create")
@click.option(
    "--workstream",
    "workstream",
    metavar="WS",
    help="Of its worktree's branch; default: the branch checked out.",
)
@click.option("--title", help="Default: the workstream's id and name, or the last commit's subject.")
@click.option(
    "--auto-review", is_flag=True, help="Write into it what was verified here; it approves nothing."
)
@click.option("--dry-run", is_flag=True, help="Print exactly what would run, and run nothing.")
@click.option("--json", "as_json", is_flag=True)
def create(
    settings: Settings,
    workstream: str | None,
    title: str | None,
    auto_review: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Push a branch and open a pull request with gh, once github-integration is on."""
    from ...git.pull_requests import find_gh, propose
    from ..agent_scope import refuse_agents
    from ..proposing import propose_branch

    target = find_target(settings)
    refuse_agents(target.folder, "a pull request")
    state = read_state(target)
    proposal, top = asyncio.run(propose_branch(target, state, workstream, title, auto_review))
    if dry_run:
        lacks = _lacks(state, find_gh() is not None)
        if as_json:
            told = {
                "commands": list(proposal.lines),
                "body": proposal.body,
                "folder": str(top),
                "lacks": lacks,
            }
            put_json({"dry_run": True, **told})
            return 0
        for line in proposal.lines:
            put(safe(line, oneline=True) + "\n")
        put("\n" + safe(proposal.body) + "\n")
        for word in lacks:
            narrate(f"it could not run now: {word}")
        return 0
    if not state.plan.git.pr:
        raise RefusedError(
            "nothing is pushed before it is switched on", help=f"locust-tui features enable {FEATURE}"
        )
    url, opened = asyncio.run(propose(top, proposal))
    if as_json:
        put_json({"url": url, "opened": opened, "branch": proposal.branch, "base": proposal.base})
    else:
        put(f"{url} {'opened' if opened else 'was open already'}: {proposal.branch} to {proposal.base}\n")
    return 0


def _lacks(state: State, gh: bool) -> list[str]:
    lacks = [] if gh else ["gh is not on PATH"]
    return lacks if state.plan.git.pr else [*lacks, f"{FEATURE} is off"]


def _slug(repo: str | None) -> str | None:
    """owner/name of what was given. Raises UsageError."""
    if repo is None:
        return None
    from ...git.pull_requests import slug_of

    slug = slug_of(repo) if ":" in repo else repo.strip().removesuffix(".git")
    if not _SLUG.fullmatch(slug):
        raise UsageError(f'"{repo}" is no repository', help="--repo OWNER/NAME")
    return slug


def _branch(name: str | None) -> str | None:
    if name is not None and not _BRANCH.fullmatch(name):
        raise UsageError(f'"{name}" cannot be the name of a git branch', help="--branch main")
    return name


def _prefix(prefix: str | None) -> str | None:
    """Any beginning of a branch's name, a slash at its end included."""
    if prefix is not None and not _BRANCH.fullmatch(f"{prefix}x"):
        raise UsageError(f'"{prefix}" cannot begin the name of a git branch', help="--pr-prefix feat/")
    return prefix


async def _compared(folder: Path, repo: str | None, branch: str | None) -> list[str]:
    """What the repository around `folder` says to these names; never an error."""
    from ...git.pull_requests import remotes
    from ...git.repository import branch_head, repository_of

    try:
        found = await repository_of(folder)
        if found is None:
            return [f"{folder} is in no git repository: the names cannot be compared"]
        known = await remotes(folder)
        said = []
        if repo is not None:
            same = [name for name, slug in known.items() if slug.casefold() == repo.casefold()]
            others = ", ".join(f"{name} is {slug}" for name, slug in known.items()) or "it has no remote"
            said.append(
                f"git remote {same[0]} is {repo}" if same else f"mismatch: no git remote is {repo} ({others})"
            )
        if branch is not None and await branch_head(found.top, branch) is None:
            said.append(f'mismatch: the repository has no branch "{branch}"')
    except LocustTuiError as error:
        return [f"the names cannot be compared: {error.message}"]
    return said
