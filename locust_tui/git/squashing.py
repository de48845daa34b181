"""Work that came home as one commit in place of its own, as hosts squash a pull request."""

from __future__ import annotations

from collections.abc import Iterable

from .calling import git
from .joining import join_trees, write_merge
from .workspace import Workspace


async def any_squash(space: Workspace, homes: Iterable[str], head: str) -> bool:
    """Whether one of the commits `homes` has all that `head` changed, without its commits. Raises GitError."""
    for home in homes:
        if await _is_squashed(space, home, head):
            return True
    return False


async def _is_squashed(space: Workspace, home: str, head: str) -> bool:
    """Merging would change nothing; or one commit since they parted is the same patch, whatever was built on it since."""
    top = space.repository.top
    base = (await git(top, "merge-base", home, head, allowed=(0, 1))).text
    if not base:
        return False
    home_tree, head_tree, base_tree = (
        await git(top, "rev-parse", *(f"{one}^{{tree}}" for one in (home, head, base)))
    ).text.splitlines()
    if head_tree == base_tree:
        return False  # it changes nothing: there is no patch to find again
    if (await join_trees(space, home, head)).tree == home_tree:
        return True
    as_one = await write_merge(space, head_tree, (base,), "all of a branch in one commit\n")
    return (await git(top, "cherry", home, as_one, within=300.0)).text.startswith("- ")
