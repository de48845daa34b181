"""What an agent waits for: a permission, an answer, a file that it reads or writes through us."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from .states import AskKind


@dataclass(frozen=True, slots=True)
class Wants:
    """The agent asks, and waits. `id` is the protocol's own; `choices` are of this product's vocabulary.

    A permission's choices are allow, always, deny, less what the protocol cannot express; a question's are its options,
    or empty where any text answers it.
    """

    id: str
    kind: AskKind
    tool: str
    what: str
    """One line: "Bash: npm test"."""
    detail: str = ""
    """Everything that would be done, in full."""
    choices: tuple[str, ...] = ("allow", "always", "deny")
    rule: str = ""
    """What "always" would let pass: "Bash(npm test)", "Edit(src/a.py)"."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WantsNoMore:
    """The agent took a request back, or it was answered elsewhere."""

    id: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Granted:
    """A permission that was asked for and given at once, because of a rule; nobody needs to answer it."""

    id: str
    tool: str
    what: str
    """One line: "Bash: npm test"."""
    rule: str
    """The rule that let it pass: "Bash(npm test)"."""


@dataclass(frozen=True, slots=True)
class FileWanted:
    """The agent reads through us: `line` (from 1) and `limit` cut the file to some lines; None: all of it.

    `path` is below the job's folder by its words; where its links lead is for whoever reads to look at. The answer
    goes back by `file_done`; its key is "answer:" and this id: where that was sent, it is done.
    """

    id: str
    path: str
    line: int | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class FileOffered:
    """The agent writes through us: this becomes the whole file. For the rest as `FileWanted`."""

    id: str
    path: str
    content: str
