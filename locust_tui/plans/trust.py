"""Which plans may run: a person has seen what a plan would execute, and the plan still says the same.

Trust is bound to the file's real path, its reader and everything it would execute; it is kept per user,
never in a repository. Whoever can write the file without being its reader makes it untrustable.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from locust_tui.domain.dataclass import dataclass

from ..domain.plan import Plan
from ..errors import RefusedError
from ..ownership import folder_flaws, user_name, writers
from .cache import user_state_folder
from .source import MAX_BYTES
from .surface import Executable, executable_surface, surface_digest


@dataclass(frozen=True, slots=True)
class SurfaceDiff:
    """What a plan would execute more and less than when it was last trusted."""

    added: tuple[Executable, ...] = ()
    removed: tuple[Executable, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


@dataclass(frozen=True, slots=True)
class TrustState:
    """Whether a plan may run, and what to show a person who decides."""

    trusted: bool
    reasons: tuple[str, ...]
    """Why not; empty when trusted."""
    commands: tuple[Executable, ...]
    """Everything the plan would execute."""
    diff_to_last_trusted: SurfaceDiff | None
    """None when this plan was never trusted."""
    refused: bool = False
    """The file itself forbids trust: who may write it, what kind of file it is."""


@dataclass(frozen=True, slots=True)
class TrustRecord:
    """One trusted plan as the store has it."""

    path: str
    uid: int
    key: str
    at: float
    """When it was given, seconds since the epoch."""
    surface: tuple[Executable, ...] = ()


def trust_store() -> Path:
    """`$XDG_STATE_HOME/locust-tui/trust`."""
    return user_state_folder() / "trust"


def trust_state(path: str | os.PathLike[str], plan: Plan) -> TrustState:
    """Whether the plan read from `path` may run. Reads the store and the file's owner and mode, nothing else."""
    commands = executable_surface(plan)
    flaws = tuple(file_flaws(path))
    record = _recall(path)
    diff = None
    if record is not None:
        old, new = set(record.surface), set(commands)
        diff = SurfaceDiff(
            tuple(e for e in commands if e not in old), tuple(e for e in record.surface if e not in new)
        )
    if flaws:
        return TrustState(False, flaws, commands, diff, refused=True)
    if record is not None and record.key == _key(path, commands):
        return TrustState(True, (), commands, diff)
    reason = (
        "what it would execute has changed since it was trusted" if record else "nobody has trusted it yet"
    )
    return TrustState(False, (reason,), commands, diff)


def grant(path: str | os.PathLike[str], plan: Plan) -> TrustRecord:
    """Trust what `plan`, read from `path`, would execute. Raises RefusedError where the file forbids it."""
    flaws = list(file_flaws(path))
    if flaws:
        raise RefusedError(f"{path} cannot be trusted: {flaws[0]}", help=_remedy(flaws[0], path))
    commands = executable_surface(plan)
    record = TrustRecord(os.path.realpath(path), os.geteuid(), _key(path, commands), time.time(), commands)
    _write(record)
    return record


def revoke(path: str | os.PathLike[str]) -> bool:
    """Take the trust in a plan back; False when there was none."""
    try:
        _record_file(path).unlink()
    except FileNotFoundError:
        return False
    return True


def trusted_plans() -> tuple[TrustRecord, ...]:
    """Every trusted plan of this user, by path."""
    try:
        names = sorted(os.listdir(trust_store()))
    except FileNotFoundError:
        return ()
    records = (_read(trust_store() / name) for name in names if name.endswith(".json"))
    return tuple(sorted((r for r in records if r is not None), key=lambda r: r.path))


def trust_given(path: str | os.PathLike[str]) -> tuple[str, float] | None:
    """(who trusted the plan at `path` last, when); None where this user's store holds no trust in it."""
    record = _recall(path)
    return None if record is None else (user_name(record.uid), record.at)


def _key(path: str | os.PathLike[str], surface: tuple[Executable, ...]) -> str:
    text = f"{os.path.realpath(path)}\0{os.geteuid()}\0{surface_digest(surface)}"
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _record_file(path: str | os.PathLike[str]) -> Path:
    name = hashlib.sha256(os.path.realpath(path).encode("utf-8", "surrogateescape")).hexdigest()
    return trust_store() / f"{name[:40]}.json"


def _recall(path: str | os.PathLike[str]) -> TrustRecord | None:
    record = _read(_record_file(path))
    matches = record is not None and record.path == os.path.realpath(path) and record.uid == os.geteuid()
    return record if matches else None


def _read(file: Path) -> TrustRecord | None:
    """One record; None when there is none, or when somebody else may have written it."""
    try:
        fd = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    with open(fd, "rb") as stream:
        facts = os.fstat(fd)
        if not stat.S_ISREG(facts.st_mode) or facts.st_uid != os.geteuid() or facts.st_mode & 0o022:
            return None
        try:
            value = json.loads(stream.read())
            surface = tuple(
                Executable(
                    e["owner"],
                    e["use"],
                    tuple(e["argv"]),
                    e["cwd"],
                    tuple((k, v) for k, v in e["env"]),
                    tuple((k, v) for k, v in e["settings"]),
                )
                for e in value["surface"]
            )
            return TrustRecord(value["path"], value["uid"], value["key"], value["at"], surface)
        except (ValueError, KeyError, TypeError):
            return None


def _write(record: TrustRecord) -> None:
    store = trust_store()
    store.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = os.lstat(store)
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
        raise RefusedError(f"{store} is not a folder of yours", help="move it away; it is made anew")
    os.chmod(store, 0o700)
    surface = [asdict(e) for e in record.surface]
    value = {"path": record.path, "uid": record.uid, "key": record.key, "at": record.at, "surface": surface}
    with tempfile.NamedTemporaryFile(
        "w", dir=store, prefix=".new-", delete=False, encoding="utf-8", errors="surrogateescape"
    ) as stream:
        json.dump(value, stream, ensure_ascii=False, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(stream.name, _record_file(record.path))


def file_flaws(path: str | os.PathLike[str]) -> Iterator[str]:
    """Why the file at `path` can never be trusted: its kind, its owner, or who else may write it."""
    given, real = Path(os.path.abspath(path)), Path(os.path.realpath(path))
    project = Path(os.path.realpath(given.parent))
    if given.is_symlink() and project not in real.parents:
        yield f"it is a link that leaves its folder, to {real}"
    try:
        facts = os.stat(real)
    except OSError as error:
        yield f"it cannot be looked at: {(error.strerror or 'unknown error').lower()}"
        return
    if not stat.S_ISREG(facts.st_mode):
        yield "it is not a regular file"
        return
    if facts.st_size > MAX_BYTES:
        yield "it is larger than 1 MiB"
    yield from writers(str(real), facts, "the file")
    yield from folder_flaws(real.parent)


def _remedy(flaw: str, path: str | os.PathLike[str]) -> str:
    if "may write the file" in flaw:
        return f"chmod go-w {path}"
    if "may write the folder" in flaw:
        return f"chmod go-w {flaw.rsplit('folder ', 1)[1]}"
    if "belongs to" in flaw:
        return "copy the plan to a folder of your own, and read it there"
    return "use a plain file inside the project"
