"""What has been understood of a document so far, in its own terms and with the line of each thing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...domain.plan import Weeks
from .document import Document
from .finding import Notes
from .shell import ShellCommand
from .words import folded, keywords

GENERIC = frozenset({"orchestrator", "domain", "team", "lead", "agent", "meta", "squad", "track"})
"""Words of an orchestrator's names that tell none from another."""


@dataclass(slots=True)
class Package:
    """A workstream. `needs`: id → (condition, line)."""

    id: str
    name: str
    line: int
    phase: str | None = None
    owner: str | None = None
    weeks: Weeks | None = None
    duration: float | None = None
    """In weeks, where the document does not say which weeks."""
    agent: str | None = None
    priority: str | None = None
    weight: float | None = None
    instructions: str | None = None
    deliverables: list[str] = field(default_factory=list)
    needs: dict[str, tuple[str, int]] = field(default_factory=dict)
    done_when: list[str] = field(default_factory=list)
    """What makes it done, in words."""
    drawn: bool = False
    """Its name is a node's label, which other places know better."""
    lines: dict[str, int] = field(default_factory=dict)
    """Key of the plan → where the document says it, when that is not `line`."""


@dataclass(slots=True)
class Leader:
    """An orchestrator. `names`: every name the document has for it → line."""

    name: str
    line: int
    key: str = ""
    names: dict[str, int] = field(default_factory=dict)
    node: str | None = None
    """What the drawing calls it."""
    agent: str | None = None
    role: str | None = None
    instructions: str | None = None
    phases: list[str] = field(default_factory=list)
    weeks: Weeks | None = None
    focus: str | None = None
    deliverables: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    quota: int | None = None
    lines: dict[str, int] = field(default_factory=dict)

    def words(self, common: frozenset[str] = GENERIC) -> set[str]:
        return set().union(*(keywords(name, common) for name in (self.name, *self.names)))


@dataclass(slots=True)
class Stage:
    """A phase."""

    id: str
    name: str
    line: int
    weeks: Weeks | None = None
    guessed: str = ""
    """How the weeks were come by, where the document does not say them."""


@dataclass(slots=True)
class Barrier:
    """A gate. `criteria`: text and line."""

    id: str
    name: str
    line: int
    closes: str | None = None
    last: bool = False
    week: int | None = None
    criteria: list[tuple[str, int]] = field(default_factory=list)
    approvers: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Top:
    """The meta-orchestrator."""

    id: str
    line: int
    name: str = ""
    names: dict[str, int] = field(default_factory=dict)
    agent: str | None = None
    role: str | None = None
    instructions: str | None = None


@dataclass(slots=True)
class Draft:
    """The document in pieces. `values` and `lines` hold what went straight to a place of the plan."""

    document: Document
    notes: Notes
    commands: list[ShellCommand] = field(default_factory=list)
    packages: dict[str, Package] = field(default_factory=dict)
    leaders: list[Leader] = field(default_factory=list)
    stages: dict[str, Stage] = field(default_factory=dict)
    barriers: list[Barrier] = field(default_factory=list)
    top: Top | None = None
    agents: dict[str, int] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[tuple[str | int, ...], int] = field(default_factory=dict)
    said_path: tuple[list[str], int] | None = None
    """The critical path as the document has it."""
    targets: list[tuple[str, int]] = field(default_factory=list)
    """Names that commands address → line."""

    def known(self) -> dict[str, str]:
        """Name, as `folded` has it → id, of every workstream."""
        found: dict[str, str] = {}
        for package in self.packages.values():
            found.setdefault(folded(package.id), package.id)
        for package in self.packages.values():
            found.setdefault(folded(package.name), package.id)
        return found

    def leader(self, name: str, members: list[str] | None = None) -> Leader | None:
        """The orchestrator that is meant: the one with most of these members, else with this name, else its words."""
        if members:
            best = max(self.leaders, key=lambda x: len(set(x.members) & set(members)), default=None)
            if best is not None and set(best.members) & set(members):
                return best
        wanted = name.casefold()
        for leader in self.leaders:
            if wanted in (
                leader.name.casefold(),
                leader.key.casefold(),
                *(n.casefold() for n in leader.names),
            ):
                return leader
        words = keywords(name, GENERIC | self.common_words())
        near = [x for x in self.leaders if words and words & x.words(GENERIC | self.common_words())]
        return near[0] if len(near) == 1 else None

    def common_words(self) -> frozenset[str]:
        """Words in the names of half of the orchestrators or more, like the project's own."""
        if len(self.leaders) < 2:
            return frozenset()
        counts: dict[str, int] = {}
        for leader in self.leaders:
            for word in leader.words():
                counts[word] = counts.get(word, 0) + 1
        return frozenset(word for word, n in counts.items() if n * 2 > len(self.leaders))

    def put(self, section: str, value: Any, line: int, key: str | None = None) -> None:
        """A value of the plan as it stands: one more of a list, or under `key` of a block."""
        if key is None:
            items = self.values.setdefault(section, [])
            self.lines[section, len(items)] = line
            items.append(value)
        else:
            self.values.setdefault(section, {})[key] = value
            self.lines[section, key] = line
