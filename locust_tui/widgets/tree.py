"""Who is working: the meta-orchestrator, its orchestrators and their workstreams, with progress and agents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.snapshot import OrchestratorView, WorkstreamView
from locust_tui.domain.states import WorkstreamState
from locust_tui.report.run_words import spend_short

from .cards import figures, named
from .pane import Pane
from .row import Row, crop, shown
from .tabs import filter_words
from .view import View
from .words import points

ROOMY = 64
"""Cells from which the figures stand in columns of their own."""
_UNDER_WAY = frozenset({WorkstreamState.RUNNING, WorkstreamState.REWORK, WorkstreamState.NEEDS_INPUT})


@dataclass(frozen=True, slots=True)
class Node:
    """A branch of the tree: the meta-orchestrator or an orchestrator. Leaves are the workstreams themselves."""

    id: str
    name: str
    depth: int
    folded: bool = False
    progress: float | None = None
    agents: int = 0
    quota: int | None = None
    spent: str = ""
    """What its agents cost so far: "$12.40 of 20"."""


class OrchestratorTree(Pane[Node | WorkstreamView]):
    about = (
        "Who is working: every orchestrator with the progress of its workstreams, its agents and its quota. "
        "← folds a branch, → unfolds it, enter opens what is under the cursor."
    )

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._folded: set[str] = set()
        self._under_orchestrators: set[str] = set()
        self._view: View | None = None
        self._longest_says = 0

    def show(self, view: View) -> None:
        self._view = view
        self._longest_says = max(
            (len(says) + 1 for w in view.snapshot.workstreams if (says := figures(w)[1])), default=0
        )
        self.show_items(list(self._walk(view)))

    def key(self, item: Node | WorkstreamView) -> str:
        return item.id

    def title(self) -> Row:
        view = self._view
        if view is not None and view.filter:
            found = self._matches(view)
            return filter_words(view.filter, self._wide - len(found) - 6).end(found, "dim")
        return Row("Orchestrators", "strong" if self.has_focus else "text")

    @staticmethod
    def _matches(view: View) -> str:
        found = sum(1 for w in view.snapshot.workstreams if view.matches(w))
        return f"{found} of {len(view.snapshot.workstreams)}"

    def empty(self) -> Sequence[Row]:
        if self._view is not None and self._view.filter:
            return (Row("no match"), Row("esc clears the filter", "dim"))
        return (
            Row("The plan has no workstreams yet."),
            Row("Add one to the plan file; y shows changes.", "dim"),
        )

    def facts(self, item: Node | WorkstreamView) -> object:
        look = self._view.look(item) if self._view and isinstance(item, WorkstreamView) else None
        return item, look, self._depth(item), self._longest_says

    def rows(self, item: Node | WorkstreamView, width: int) -> Sequence[Row]:
        if isinstance(item, WorkstreamView):
            return (self._leaf_row(item, width),)
        row = Row("  " * item.depth).add("▶ " if item.folded else "▼ ", "dim").add(item.id, "strong")
        room = width - 2 * item.depth - len(item.id) - 17
        forms = (item.spent, item.spent.partition(" of ")[0])
        spent = next((form for form in forms if form and len(form) + 2 <= room), "")
        room -= len(spent) + 2 if spent else 0
        if cell_len(item.name) <= room and named(item.id, item.name):
            row.add("  ").add(item.name, "dim")
        if spent:
            row.end(f"{spent}  ", "dim")
        if item.agents or item.quota:
            count = f"{item.agents}/{item.quota}" if item.quota else str(item.agents)
            row.end("● " if item.agents else "○ ", "run" if item.agents else "wait")
            row.end(f"{count:>4} ")
        return (row.end(f"{points(item.progress):>4}{' ' * self._says(width)}"),)

    def _says(self, width: int) -> int:
        """Cells kept for what agents say beside what is verified, so that percentages stay in one column."""
        return self._longest_says if width >= ROOMY else 0

    def _leaf_row(self, item: WorkstreamView, width: int) -> Row:
        """Sign, id, name (or what blocks it), word, figures; the name gives way first, then the word."""
        assert self._view is not None
        look = self._view.look(item)
        row = Row("  " * self._depth(item)).add(f"{look.glyph} ", look.tone).add(item.id)
        verified, says = figures(item)
        shows = item.state in _UNDER_WAY or bool(says)
        said = f" {says}" if says else ""
        number = (
            f"{verified:>4}{said:<{self._says(width)}}"
            if shows
            else " " * (self._says(width) and 4 + self._says(width))
        )
        room = width - cell_len(row.text) - len(number) - 1
        word = look.word if len(look.word) + 1 <= room else ""
        room -= len(word) + 1 if word else 0
        if item.blocker and room >= 6:
            row.add(" ").column(f"⚠ {item.blocker}", room - 1, "you")
        elif item.blocker:
            row.add(" ⚠", "you")
        elif named(item.id, item.name) and room >= 5:
            row.add(" ").add(crop(shown(item.name), room - 1), "dim")
        if word:
            row.end(word, look.tone)
        return row.end(f" {number}" if word else number) if number else row

    def _depth(self, item: Node | WorkstreamView) -> int:
        if isinstance(item, Node):
            return item.depth
        top = 1 if self._view is not None and self._view.snapshot.meta_id is not None else 0
        return top + (item.id in self._under_orchestrators)

    def fold(self) -> None:
        """Fold the branch under the cursor, or go to the branch of the workstream under it."""
        node = self.current
        if node is None:
            return
        if isinstance(node, WorkstreamView) or node.id in self._folded:
            self._to_parent(node)
        else:
            self._folded.add(node.id)
            self._again()

    def unfold(self) -> bool:
        """Unfold the branch under the cursor; False when there is nothing to unfold."""
        node = self.current
        if node is None or node.id not in self._folded:
            return False
        self._folded.discard(node.id)
        self._again()
        return True

    def unfold_to(self, subject: str) -> None:
        """Make a workstream's line visible."""
        if self._view is None or self.index_of(subject) is not None:
            return
        workstream = self._view.workstreams.get(subject)
        if workstream is not None:
            self._folded.discard(workstream.orchestrator or "")
            self._folded.discard(self._view.snapshot.meta_id or "")
            self._again()

    def _to_parent(self, node: Node | WorkstreamView) -> None:
        for index in range(self.cursor - 1, -1, -1):
            if self._depth(self.items[index]) < self._depth(node):
                self.move(index - self.cursor)
                return

    def _again(self) -> None:
        if self._view is not None:
            self.show(self._view)

    def _walk(self, view: View) -> Iterator[Node | WorkstreamView]:
        snapshot = view.snapshot
        depth = 0
        self._under_orchestrators = {i for o in snapshot.orchestrators for i in o.workstreams}
        if snapshot.meta_id is not None:
            folded = snapshot.meta_id in self._folded and not view.filter
            name, agents = snapshot.meta_name, snapshot.agents_running
            spent = spend_short(snapshot.spend) if snapshot.spend is not None else ""
            yield Node(snapshot.meta_id, name, 0, folded, snapshot.progress, agents, snapshot.cap, spent)
            if folded:
                return
            depth = 1
        for orchestrator in snapshot.orchestrators:
            yield from self._branch(view, orchestrator, depth)
        for workstream in snapshot.workstreams:
            if workstream.id not in self._under_orchestrators and view.matches(workstream):
                yield workstream

    def _branch(self, view: View, item: OrchestratorView, depth: int) -> Iterator[Node | WorkstreamView]:
        members = [view.workstreams[i] for i in item.workstreams if i in view.workstreams]
        if view.filter:
            members = [w for w in members if view.matches(w)]
            if not members:
                return
        folded = item.id in self._folded and not view.filter
        spent = spend_short(item.spend) if item.spend is not None else ""
        yield Node(item.id, item.name, depth, folded, item.progress, item.agents_running, item.quota, spent)
        if not folded:
            yield from members
