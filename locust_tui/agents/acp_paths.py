"""Where an agent may read and write through us: below its own folder, by the words of the path alone."""

from __future__ import annotations

import posixpath


def below(root: str, path: str) -> str | None:
    """`path` (absolute, or counted from `root`) relative to the absolute `root`; None: it does not lie below it by its words.

    A path with ".." is refused even where it would come back: between the words and the links that they pass, only
    what never climbs is plain. Where links lead, whoever opens the file looks at.
    """
    if not path or "\0" in path or not posixpath.isabs(root):
        return None
    if ".." in path.split("/") or ".." in root.split("/"):
        return None
    base = "/" + posixpath.normpath(root).lstrip("/")
    meant = "/" + posixpath.normpath(posixpath.join(base, path)).lstrip("/")
    if base != "/" and not meant.startswith(base + "/"):
        return None
    inside = posixpath.relpath(meant, base)
    return None if inside == "." else inside
