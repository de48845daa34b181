"""What the files of the git repository around a plan say of its branches, without starting git."""

from __future__ import annotations

from pathlib import Path

_REF = "ref: "
HEADS = "refs/heads/"


def repository_around(folder: Path) -> Path | None:
    """The repository's shared folder, `.git` in most; None: there is none."""
    top = folder.resolve()
    for above in (top, *top.parents):
        found = above / ".git"
        if found.is_file():
            return _shared(found)
        if (found / "HEAD").is_file():
            return found
    return None


def has_branch(repository: Path, branch: str) -> bool:
    """Whether it has the branch; True too where that cannot be seen from its files."""
    return _has(repository, f"{HEADS}{branch}")


def has_commit(repository: Path, folder: Path) -> bool:
    """Whether what is checked out around `folder` has a commit; True too where that cannot be seen from its files."""
    own = _own(folder)
    head = _text((own or repository) / "HEAD").strip()
    return not head.startswith(_REF) or _has(repository, head.removeprefix(_REF))


def _has(repository: Path, ref: str) -> bool:
    if (repository / ref).is_file() or (repository / "reftable").exists():
        return True
    return any(line.endswith(f" {ref}") for line in _text(repository / "packed-refs").splitlines())


def _own(folder: Path) -> Path | None:
    """The folder that a linked worktree's `.git` file leads to."""
    top = folder.resolve()
    link = next((up / ".git" for up in (top, *top.parents) if (up / ".git").exists()), None)
    return _led_to(link) if link is not None and link.is_file() else None


def _led_to(link: Path) -> Path:
    return (link.parent / _text(link).strip().removeprefix("gitdir: ")).resolve()


def _shared(link: Path) -> Path:
    own = _led_to(link)
    common = _text(own / "commondir").strip()
    return (own / common).resolve() if common else own


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="surrogateescape")
    except OSError:
        return ""
