"""Files that are written in one step: whoever reads one, dies writing it or loses power then, never has a part."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def put(path: Path, content: bytes | str, *, mode: int = 0o600, sync: bool = True) -> None:
    """Make `content` the file at `path`, in place of what was there; text in UTF-8, surrogates as the bytes they stand for.

    Without `sync` a loss of power may leave a file without content. OSError leaves everything as it was.
    """
    data = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    # a name that nobody has used: what a writer left that was killed bars no other, and says whose it was
    draft = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(6).hex()}.new")
    fd = os.open(draft, _NEW, mode)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def remove_drafts(folder: Path) -> None:
    """Take away what writers left in `folder` that were killed; what cannot be looked at or taken away stays."""
    with suppress(OSError):
        if folder.is_symlink() or not folder.is_dir():
            return
        for path in folder.iterdir():
            writer = _writer(path.name)
            if writer and not Path(f"/proc/{writer}").exists():
                with suppress(OSError):
                    path.unlink()


def _writer(name: str) -> str:
    """The pid in the name of a draft; "" for any other name."""
    pid, dash, _ = name.removesuffix(".new").rpartition(".")[2].partition("-")
    return pid if name.startswith(".") and name.endswith(".new") and dash and pid.isdecimal() else ""
