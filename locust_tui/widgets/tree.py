"""Who is working: the meta-orchestrator, its orchestrators and their workstreams, with progress and agents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from locust_tui.domain.snapshot import OrchestratorView, WorkstreamView
from locust_tui.domain.states import WorkstreamState

from .pane import Pane
from .row import Row
from .view import View
from .words import Look, points

_UNDER_WAY = frozenset({WorkstreamState.RUNNING, WorkstreamState.REWORK, WorkstreamState.NEEDS_INPUT})


@dataclass(frozen=True, slots=True)
class Node:
    """A line of the tree. `id` is what can be selected: a workstream's, an orchestrator's, the meta's."""

    kind: str
    """meta, orchestrator, workstream"""
    id: str
    name: str
    depth: int
    folded: bool = False
    progress: float | None = None
    agents: int = 0
    quota: int | None = None
    look: Look | None = None
    under_way: bool = False


class OrchestratorTree(Pane[Node]):
    about = (
        "Who is working: every orchestrator with the progress of its workstreams, its agents and its quota. "
        "← folds a branch, → unfolds it, enter opens what is under the cursor."
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._folded: set[str] = set()
        self._view: View | None = None

    def show(self, view: View) -> None:
        self._view = view
        self.show_items(list(self._walk(view)))

    def key(self, item: Node) -> str:
        return item.id

    def title(self) -> Row:
        return Row("Orchestrators", "strong" if self.has_focus else "text")

    def empty(self) -> Sequence[Row]:
        if self._view is not None and self._view.filter:
            return (Row("Nothing matches the filter."), Row("esc clears it.", "dim"))
        return (Row("The plan has no workstreams yet."), Row("Add one to the plan file; y shows changes.", "dim"))

    def rows(self, item: Node, width: int) -> Sequence[Row]:
        row = Row("  " * item.depth)
        if item.kind != "workstream":
            row.add("▶ " if item.folded else "▼ ", "dim").add(item.id, "strong")
            if item.name and item.name.casefold() != item.id.casefold():
                row.add("  ").add(item.name, "dim")
            row.end(points(item.progress))
            if item.agents or item.quota:
                count = f"{item.agents}/{item.quota}" if item.quota else str(item.agents)
                row.end("  ● " if item.agents else "  ○ ", "run" if item.agents else "wait")
                row.end(f"{count:<3}")
            else:
                row.end("       ")
            return (row,)
        assert item.look is not None
        row.add(f"{item.look.glyph} ", item.look.tone).add(item.id).add(" ").add(item.name, "dim")
        if item.under_way:
            row.end(f"{points(item.progress)} ")
        row.end(item.look.word, item.look.tone)
        return (row,)

    def fold(self) -> None:
        """Fold the branch under the cursor, or go to the branch of the workstream under it."""
        node = self.current
        if node is None:
            return
        if node.kind == "workstream" or node.id in self._folded:
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

    def _to_parent(self, node: Node) -> None:
        for index in range(self.cursor - 1, -1, -1):
            if self.items[index].depth < node.depth:
                self.move(index - self.cursor)
                return

    def _again(self) -> None:
        if self._view is not None:
            self.show(self._view)

    def _walk(self, view: View) -> Iterator[Node]:
        snapshot = view.snapshot
        depth = 0
        if snapshot.meta_id is not None:
            folded = snapshot.meta_id in self._folded and not view.filter
            yield Node(
                "meta",
                snapshot.meta_id,
                snapshot.meta_name,
                0,
                folded,
                snapshot.progress,
                snapshot.agents_running,
                snapshot.cap,
            )
            if folded:
                return
            depth = 1
        seen: set[str] = set()
        for orchestrator in snapshot.orchestrators:
            seen.update(orchestrator.workstreams)
            yield from self._branch(view, orchestrator, depth)
        for workstream in snapshot.workstreams:
            if workstream.id not in seen and view.matches(workstream):
                yield self._leaf(view, workstream, depth)

    def _branch(self, view: View, orchestrator: OrchestratorView, depth: int) -> Iterator[Node]:
        members = [view.workstreams[i] for i in orchestrator.workstreams if i in view.workstreams]
        matching = [w for w in members if view.matches(w)]
        if view.filter and not matching:
            return
        folded = orchestrator.id in self._folded and not view.filter
        yield Node(
            "orchestrator",
            orchestrator.id,
            orchestrator.name,
            depth,
            folded,
            orchestrator.progress,
            orchestrator.agents_running,
            orchestrator.quota,
        )
        if not folded:
            for workstream in matching:
                yield self._leaf(view, workstream, depth + 1)

    @staticmethod
    def _leaf(view: View, workstream: WorkstreamView, depth: int) -> Node:
        return Node(
            "workstream",
            workstream.id,
            workstream.name,
            depth,
            progress=workstream.verified,
            look=view.look(workstream),
            under_way=workstream.state in _UNDER_WAY,
        )
