"""What a result is bound to: the criterion as it is written and the content it was measured on."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterable
from enum import Enum
from hashlib import sha256
from pathlib import Path

import anyio.to_thread

from locust_tui.domain.criterion import Criterion, CriterionResult, ProbeKind
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.states import CriterionState

from .globs import find_files
from .reading import MeasureError, folder_of
from .work_tree import WorkTree, file_stamp, is_settled, work_tree

_READING = (ProbeKind.COVERAGE, ProbeKind.METRIC, ProbeKind.FILES)
_BLOCK = 1024 * 1024
_MOST_REMEMBERED = 4096

_remembered: dict[tuple[object, ...], str] = {}


@dataclass(frozen=True, slots=True)
class InputState:
    """The content that a measurement sees."""

    digest: str
    """Criterion and content; another one makes a result stale."""
    commit: str | None = None
    """HEAD, outside git None."""
    dirty: bool = False
    source: str = ""
    """Digest of what a check does not write itself: tracked files, or those that `inputs:` names."""

    @property
    def evidence_commit(self) -> str | None:
        """As `Evidence.commit` holds it."""
        return f"{self.commit}+dirty" if self.commit and self.dirty else self.commit


def fingerprint(criterion: Criterion) -> str:
    """Of all that decides a result: another limit or command makes an old result worthless."""
    limit = criterion.limit
    limits = (
        (limit.above, limit.below, limit.minimum, limit.maximum, limit.unit, limit.expect) if limit else ()
    )
    meaning = (criterion.probes, limits, criterion.cwd, sorted(criterion.env.items()), criterion.inputs)
    return sha256(repr(meaning).encode("utf-8", "surrogateescape")).hexdigest()[:16]


class Unread(Enum):
    """Nobody has looked for a work tree yet; None says that there is none."""

    UNREAD = "unread"


UNREAD = Unread.UNREAD


async def input_digest(
    root: Path, criterion: Criterion, *, tree: WorkTree | Unread | None = UNREAD
) -> InputState:
    """The present inputs of `criterion`, whose plan lies in `root`.

    In a git work tree: all that is not ignored, and the files the criterion names even if ignored. Elsewhere:
    the files it names (patterns, words of its commands) and its `inputs:`. A criterion that reads no file is
    bound to its own wording only. `tree`: what `work_tree(root)` has just said, to judge many criteria by it.
    Raises MeasureError when git fails or a file cannot be read.
    """
    own = fingerprint(criterion)
    if all(probe.kind is ProbeKind.HTTP for probe in criterion.machine):
        return InputState(f"{own} -", source=own)
    if tree is UNREAD:
        tree = await work_tree(root)
    base = folder_of(root, criterion)
    named = await anyio.to_thread.run_sync(_hash_of, base, _named(criterion, outside_git=tree is None))
    if tree is not None:
        digest = f"{own} git {tree.digest} {named}"
        return InputState(digest, tree.commit, tree.dirty, tree.source)
    declared = await anyio.to_thread.run_sync(_hash_of, base, criterion.inputs)
    return InputState(f"{own} files {declared} {named}", source=declared)


def bound(before: InputState, after: InputState) -> InputState:
    """Which of the states around a measurement its result is bound to.

    A check may write untracked files itself (reports, caches): that alone does not make its result stale, so it
    is bound to the state after it. Whoever edited a tracked or declared file meanwhile did: then it is bound to
    the state before, and is stale at once.
    """
    return after if before.source == after.source else before


def is_stale(
    result: CriterionResult,
    criterion: Criterion,
    current: InputState | None,
    now: float,
    *,
    max_age: float | None = None,
) -> str | None:
    """Why `result` no longer holds, in words; None while it does, and for one never measured or waived.

    `current` None: the inputs are not known at the moment, only the age counts. `max_age` (seconds) is for a
    criterion that sets none.
    """
    if result.state in (CriterionState.NOT_RUN, CriterionState.WAIVED):
        return None
    evidence = result.evidence
    if evidence is None:
        return "there is no evidence for it"
    oldest = criterion.max_age if criterion.max_age is not None else max_age
    if oldest is not None and now - evidence.at > oldest:
        return f"measured {_ago(now - evidence.at)} ago, holds for {_ago(oldest)}"
    if current is not None and evidence.input_digest != current.digest:
        return _difference(evidence.input_digest, evidence.commit, current)
    return "not measured again since it went stale" if result.state is CriterionState.STALE else None


def _difference(measured: str | None, commit: str | None, current: InputState) -> str:
    if not measured:
        return "what it was measured on is not recorded"
    if measured.split(" ", 1)[0] != current.digest.split(" ", 1)[0]:
        return "the criterion itself has changed"
    if commit and current.commit and commit.removesuffix("+dirty") != current.commit:
        return (
            f"measured at {commit[:9]}, now at {current.commit[:9]}{' with changes' if current.dirty else ''}"
        )
    return "files have changed since"


def _ago(seconds: float) -> str:
    for unit, size in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _named(criterion: Criterion, *, outside_git: bool) -> tuple[str, ...]:
    names: list[str] = []
    for probe in criterion.machine:
        if probe.kind in _READING:
            names += probe.patterns
        if outside_git:
            for command in (probe.command, probe.baseline):
                names += _words(command.text if command.shell else command.argv) if command else ()
    return tuple(dict.fromkeys(names))


def _words(command: str | tuple[str, ...]) -> list[str]:
    """Words of a command that may name a file; escaped, so that none is read as a glob."""
    if isinstance(command, str):
        lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
        lexer.commenters = ""
        try:
            words = list(lexer)
        except ValueError:  # an open quote: the shell will say so
            words = command.split()
    else:
        words = list(command)
    return [
        "".join(f"\\{c}" if c in "*?[{},\\" else c for c in word)
        for word in words
        if not word.startswith("-")
    ]


def _hash_of(base: Path, patterns: Iterable[str]) -> str:
    """Hash over the path and content of every file that `patterns` name; "-" when they name none."""
    files: set[Path] = set()
    for pattern in patterns:
        files.update(find_files(base, pattern))
    if not files:
        return "-"
    total = sha256()
    for path in sorted(files):
        total.update(
            f"{os.path.relpath(path, base)}\0{_content_hash(path)}\0".encode("utf-8", "surrogateescape")
        )
    return total.hexdigest()[:40]


def _content_hash(path: Path) -> str:
    """Of the content and the right to execute it; read again only when the file's stamp differs."""
    try:
        now = time.time_ns()
        stamp = file_stamp(os.path.realpath(path))
        key = (os.fspath(path), stamp)
        if known := _remembered.get(key):
            return known
        content = sha256(b"x" if os.access(path, os.X_OK) else b"-")
        with open(path, "rb") as file:
            while block := file.read(_BLOCK):
                content.update(block)
    except FileNotFoundError:  # removed since the glob saw it
        return "gone"
    except OSError as error:
        raise MeasureError(f"cannot read {path}: {error.strerror}") from error
    if is_settled((stamp,), now):
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
        _remembered[key] = content.hexdigest()
    return content.hexdigest()
