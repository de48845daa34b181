"""One pull request: the two commands that make it, shown or run. Never by force; whatever asks for it decides that it may."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from pathlib import Path

from locust_tui.domain.dataclass import dataclass
from locust_tui.errors import RefusedError, UnreachableError

from .calling import GitError, clean_environment, execute, git, one_line

_NETWORK_S = 300.0
_URL = re.compile(r"https://\S+")
_OFFLINE = re.compile(
    r"could not resolve|couldn't resolve|network is unreachable|no route to host|connection (refused|timed out|reset)"
    r"|could not read from remote|error connecting to|timed? ?out|unable to access",
    re.IGNORECASE,
)
_REMOTE = re.compile(
    r"(?:[a-z+]+://(?:[^/@]+@)?|(?:[^/@]+@))?[^/:]+[/:](?:\d+/)?(.+?)(?:\.git)?/?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A branch to be pushed and proposed to `base`. `repo` is owner/name; empty: what gh takes for the remote's."""

    branch: str
    base: str
    title: str
    body: str
    remote: str = "origin"
    repo: str = ""

    @property
    def push(self) -> tuple[str, ...]:
        ref = f"refs/heads/{self.branch}:refs/heads/{self.branch}"
        return ("push", "--quiet", "--set-upstream", self.remote, ref)

    @property
    def create(self) -> tuple[str, ...]:
        """Of gh; the body goes to its standard input."""
        where = ("--repo", self.repo) if self.repo else ()
        about = ("--head", self.branch, "--base", self.base, "--title", self.title)
        return ("pr", "create", *where, *about, "--body-file", "-")

    @property
    def lines(self) -> tuple[str, ...]:
        """Both commands as a person would type them."""
        return (shlex.join(("git", *self.push)), shlex.join(("gh", *self.create)))


def find_gh() -> str | None:
    return shutil.which("gh")


async def propose(top: Path, proposal: Proposal) -> tuple[str, bool]:
    """Push the branch and open the pull request: (its address, whether it was opened now and not before).

    Raises RefusedError without gh, UnreachableError where the network does not answer, GitError with what git or gh
    said otherwise.
    """
    gh = require_gh()
    await push(top, proposal)
    return await _create(top, proposal, gh)


async def push(top: Path, proposal: Proposal) -> None:
    """Push the branch. Raises UnreachableError, GitError."""
    try:
        await git(top, *proposal.push, within=_NETWORK_S, hooks=True)
    except GitError as error:
        raise _offline(error.message) or error from None


def require_gh() -> str:
    """The path of gh. RefusedError where there is none."""
    gh = find_gh()
    if gh is None:
        raise RefusedError("a pull request needs the program gh", help="install gh and log in: gh auth login")
    return gh


async def _create(top: Path, proposal: Proposal, gh: str) -> tuple[str, bool]:
    env = clean_environment() | {"GH_PROMPT_DISABLED": "1", "NO_COLOR": "1", "PAGER": "cat"}
    body = proposal.body.encode("utf-8", "replace")
    try:
        answer = await execute((gh, *proposal.create), top, env, body, within=_NETWORK_S)
    except TimeoutError:
        raise UnreachableError(f"gh pr create took more than {_NETWORK_S:g} s") from None
    said = os.fsdecode(answer.out)
    there = _URL.search(said if answer.code == 0 else answer.error)
    if there is None or (answer.code and "already exists" not in answer.error):
        words = one_line(answer.error or said) or f"exit {answer.code}"
        raise _offline(words) or GitError(f"gh pr create failed: {words}", help="gh auth status")
    return there.group(), answer.code == 0


def _offline(words: str) -> UnreachableError | None:
    return (
        UnreachableError(words, help="try again when the network is there")
        if _OFFLINE.search(words)
        else None
    )


async def remotes(folder: Path) -> dict[str, str]:
    """Remote → owner/name as its address has it; empty outside git. Raises GitError."""
    answer = await git(folder, "config", "--get-regexp", r"^remote\..*\.url$", allowed=(0, 1, 128))
    found: dict[str, str] = {}
    for line in answer.text.splitlines() if answer.code == 0 else ():
        key, _, url = line.partition(" ")
        found.setdefault(key.removeprefix("remote.").removesuffix(".url"), slug_of(url))
    return found


def slug_of(url: str) -> str:
    """ "owner/name" of an address of a repository; of a path, the path."""
    match = _REMOTE.fullmatch(url.strip())
    return match.group(1) if match and not url.startswith(("/", ".")) else url.strip()
