"""Work that came home as one commit in place of its own, as hosts squash a pull request."""

from __future__ import annotations

from collections.abc import Iterable

from .calling import git
from .joining import join_trees, write_merge
from .repository import is_ancestor
from .workspace import Workspace


async def any_squash(space: Workspace, homes: Iterable[str], head: str, begins: str | None) -> bool:
    """Whether one of the commits `homes` has all that `head` changed, without its commits. Raises GitError.

    `begins`: commit its branch began from, which work of others may have led to; None: it is gone.
    """
    for home in homes:
        if await _is_squashed(space, home, head, begins):
            return True
    return False


async def _is_squashed(space: Workspace, home: str, head: str, begins: str | None) -> bool:
    """Merging would change nothing; or one commit since they parted is the same patch, whatever was built on it since."""
    top = space.repository.top
    parted = (await git(top, "merge-base", home, head, allowed=(0, 1))).text
    if not parted:
        return False
    own = parted
    if begins is not None and await is_ancestor(top, parted, begins) and await is_ancestor(top, begins, head):
        own = begins
    home_tree, head_tree, own_tree = (
        await git(top, "rev-parse", *(f"{one}^{{tree}}" for one in (home, head, own)))
    ).text.splitlines()
    if head_tree == own_tree:
        return False  # it changes nothing: there is no patch to find again
    if (await join_trees(space, home, head)).tree == home_tree:
        return True
    for since in dict.fromkeys((own, parted)):
        as_one = await write_merge(space, head_tree, (since,), "all of a branch in one commit\n")
        if (await git(top, "cherry", home, as_one, since, within=300.0)).text.startswith("- "):
            return True
    return False
