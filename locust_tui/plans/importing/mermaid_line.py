"""One statement of a Mermaid graph, read from left to right: nodes, their labels, and the arrows between them."""

from __future__ import annotations

from dataclasses import dataclass, field

from .marks import plain

MAX_NODES = 2_000


MAX_EDGES = 5_000


_CLOSERS = {"[": "]", "(": ")", "{": "}", ">": "]"}


_LINK = "-=.~"


class TooLargeError(ValueError):
    """The graph has more nodes or arrows than a plan can have; `line` is where the limit was passed."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(slots=True)
class Node:
    id: str
    label: str
    line: int
    subgraph: str | None = None


@dataclass(slots=True)
class Edge:
    source: str
    target: str
    label: str
    line: int


@dataclass(slots=True)
class Subgraph:
    id: str
    title: str
    line: int
    parent: str | None = None


@dataclass(slots=True)
class Graph:
    """One drawing. `unread` are the lines that were not understood."""

    line: int
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    subgraphs: dict[str, Subgraph] = field(default_factory=dict)
    unread: list[tuple[int, str]] = field(default_factory=list)

    def after(self, id: str) -> list[str]:
        """Ids at the heads of the arrows from `id`."""
        return [e.target for e in self.edges if e.source == id]


class Statement:
    """Reads one statement from left to right."""

    def __init__(self, text: str, line: int) -> None:
        self.text = text
        self.line = line
        self.at = 0

    def chain(self, graph: Graph, subgraph: str | None) -> bool:
        """`A & B --> C -->|label| D`; False where something else is found. What was read before it stays."""
        sources = self._group(graph, subgraph)
        if not sources:
            return False
        while self._skip():
            link = self._link()
            if link is None:
                return False
            self._skip()
            targets = self._group(graph, subgraph)
            if not targets:
                return False
            if len(graph.edges) + len(sources) * len(targets) > MAX_EDGES:
                raise TooLargeError(f"the graph has more than {MAX_EDGES:,} arrows", self.line)
            turned = link[1]
            for source in sources:
                for target in targets:
                    a, b = (target, source) if turned else (source, target)
                    graph.edges.append(Edge(a, b, link[0], self.line))
            sources = targets
        return True

    def _skip(self) -> bool:
        """Past white space; whether anything follows."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.at < len(self.text)

    def _group(self, graph: Graph, subgraph: str | None) -> list[str]:
        found: list[str] = []
        while True:
            self._skip()
            id = self._node(graph, subgraph)
            if id is None:
                return found if not found else []
            found.append(id)
            self._skip()
            if self.text[self.at : self.at + 1] != "&":
                return found
            self.at += 1

    def _node(self, graph: Graph, subgraph: str | None) -> str | None:
        start, text = self.at, self.text
        while self.at < len(text) and self._in_id(self.at):
            self.at += 1
        id = text[start : self.at]
        if not id:
            return None
        label = self._label()
        if text.startswith(":::", self.at):
            while self.at < len(text) and not text[self.at].isspace():
                self.at += 1
        if id in graph.subgraphs and label is None:
            return id
        known = graph.nodes.get(id)
        if known is None:
            if len(graph.nodes) >= MAX_NODES:
                raise TooLargeError(f"the graph has more than {MAX_NODES:,} nodes", self.line)
            graph.nodes[id] = Node(id, label or id, self.line, subgraph)
        else:
            known.label = label or known.label
            known.subgraph = known.subgraph or subgraph
        return id

    def _in_id(self, at: int) -> bool:
        char = self.text[at]
        if char.isalnum() or char == "_":
            return True
        following = self.text[at + 1 : at + 2]
        return char in "-." and at > 0 and following.isalnum() and self.text[at - 1] not in "-.="

    def _label(self) -> str | None:
        opener = self.text[self.at : self.at + 1]
        if opener not in _CLOSERS or not opener:
            return None
        start, depth, quoted = self.at, 0, False
        closer = _CLOSERS[opener]
        for at in range(start, len(self.text)):
            char = self.text[at]
            if char == '"':
                quoted = not quoted
            elif quoted:
                continue
            elif char == opener:
                depth += 1
            elif char == closer:
                depth -= 1
                if not depth:
                    self.at = at + 1
                    return _unwrapped(self.text[start + 1 : at])
        return None

    def _link(self) -> tuple[str, bool] | None:
        """(label, whether it points to the left only) of the arrow here, and past it."""
        left = self.text[self.at : self.at + 1] == "<"
        self.at += left
        run = self._run()
        if len(run) < 2:
            return None
        label, head = "", self._head()
        if not head and len(run) == 2:
            label = self._between()
            head = self._head()
        self._skip()
        if self.text[self.at : self.at + 1] == "|":
            end = self.text.find("|", self.at + 1)
            if end < 0:
                return None
            label, self.at = self.text[self.at + 1 : end], end + 1
        return plain(label.strip().strip('"')), left and not head

    def _run(self) -> str:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] in _LINK:
            self.at += 1
        return self.text[start : self.at]

    def _head(self) -> bool:
        char, following = self.text[self.at : self.at + 1], self.text[self.at + 1 : self.at + 2]
        if char == ">" or (char in ("o", "x") and char and following.isspace()):
            self.at += 1
            return True
        return False

    def _between(self) -> str:
        """The words of `-- words -->`, and past the second half of the arrow; "" where there is none."""
        start = self.at
        for mark in ("--", "==", ".-"):
            end = self.text.find(mark, start)
            if end > start:
                self.at = end
                self._run()
                return self.text[start:end]
        return ""


def _unwrapped(label: str) -> str:
    """A label without its inner brackets, slashes and quotes."""
    label = label.strip()
    while len(label) >= 2 and (
        (label[0] in "[({" and label[-1] == _CLOSERS[label[0]]) or (label[0] in "/\\" and label[-1] in "/\\")
    ):
        label = label[1:-1].strip()
    return plain(label.strip('"'))
