"""Who else than this user may write a file, or put another in its place."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path


def folder_flaws(folder: Path) -> Iterator[str]:
    """Why others may replace what lies in `folder`, which is a real path: whose it is, or a folder above it, and its mode."""
    for part in (folder, *folder.parents):
        yield from writers(str(part), os.stat(part), f"the folder {part}")


def writers(path: str, facts: os.stat_result, what: str) -> Iterator[str]:
    """Who besides this user and root may write the file or folder at `path`."""
    uid = os.geteuid()
    if facts.st_uid not in (uid, 0):
        yield f"{what} belongs to {user_name(facts.st_uid)}, not to you"
    if stat.S_ISDIR(facts.st_mode) and facts.st_mode & stat.S_ISVTX:
        return
    if facts.st_mode & stat.S_IWOTH:
        yield f"everybody may write {what}"
    elif facts.st_mode & stat.S_IWGRP and not _own_group(facts.st_gid):
        yield f"the group {_group(facts.st_gid)} may write {what}"


def _own_group(gid: int) -> bool:
    """Whether a group is this user's private one: their primary group, named like them, without other members."""
    import grp
    import pwd

    try:
        user, group = pwd.getpwuid(os.geteuid()), grp.getgrgid(gid)
    except KeyError:
        return False
    return user.pw_gid == gid and group.gr_name == user.pw_name and not set(group.gr_mem) - {user.pw_name}


def user_name(uid: int) -> str:
    """Its name, "user 1000" where it has none."""
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _group(gid: int) -> str:
    import grp

    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
