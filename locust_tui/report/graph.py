"""The plan as a graph: who manages whom, who needs what. As Mermaid, DOT or plain values."""

from __future__ import annotations

from typing import Any

from locust_tui.domain.dataclass import dataclass

from ..domain.plan import Plan
from ..safe_text import safe


@dataclass(frozen=True, slots=True)
class Node:
    id: str
    name: str
    kind: str
    """meta, orchestrator, workstream"""


@dataclass(frozen=True, slots=True)
class Edge:
    """`kind` "tree": `source` manages `target`; "need": `target` waits for `source` until `condition`."""

    source: str
    target: str
    kind: str
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def plan_graph(plan: Plan) -> Graph:
    """One root, its orchestrators, their workstreams, and every need between workstreams."""
    root = plan.meta.id if plan.meta else plan.project.short
    nodes = [Node(root, plan.meta.name if plan.meta else plan.project.name, "meta")]
    nodes += [Node(o.id, o.name, "orchestrator") for o in plan.orchestrators.values()]
    nodes += [Node(w.id, w.name, "workstream") for w in plan.workstreams.values()]
    edges = [Edge(root, o, "tree") for o in plan.orchestrators]
    edges += [Edge(w.orchestrator or root, w.id, "tree") for w in plan.workstreams.values()]
    edges += [
        Edge(n.target, w.id, "need", n.condition)
        for w in plan.workstreams.values()
        for n in w.needs
        if n.target in plan.workstreams
    ]
    return Graph(tuple(nodes), tuple(edges))


def graph_document(graph: Graph) -> dict[str, Any]:
    """{"nodes": [{"id", "name", "kind"}], "edges": [{"from", "to", "kind", "condition"}]}."""
    return {
        "nodes": [{"id": n.id, "name": n.name, "kind": n.kind} for n in graph.nodes],
        "edges": [
            {"from": e.source, "to": e.target, "kind": e.kind, "condition": e.condition or None}
            for e in graph.edges
        ],
    }


def mermaid(graph: Graph) -> str:
    """A `graph TB` block; labels are quoted, so that no text of the plan is syntax."""
    keys = _keys(graph)
    lines = ["graph TB", *(f'    {keys[n.kind, n.id]}["{_html(_label(n))}"]' for n in graph.nodes)]
    for e in graph.edges:
        source, target = _ends(e, keys)
        if e.kind == "tree":
            lines.append(f"    {source} --> {target}")
        else:
            lines.append(f'    {source} -.->|"{_html(e.condition)}"| {target}')
    return "\n".join(lines) + "\n"


def dot(graph: Graph) -> str:
    """A digraph for Graphviz; needs are dashed and carry their condition."""
    keys = _keys(graph)
    lines = ["digraph plan {", "    node [shape=box];"]
    lines += [f"    {keys[n.kind, n.id]} [label={_quoted(_label(n))}];" for n in graph.nodes]
    for e in graph.edges:
        source, target = _ends(e, keys)
        style = "" if e.kind == "tree" else f" [style=dashed, label={_quoted(e.condition)}]"
        lines.append(f"    {source} -> {target}{style};")
    return "\n".join([*lines, "}"]) + "\n"


def _keys(graph: Graph) -> dict[tuple[str, str], str]:
    """Names that are identifiers in both languages, whatever the ids hold."""
    return {(n.kind, n.id): f"{n.kind[0]}{i}" for i, n in enumerate(graph.nodes)}


def _ends(edge: Edge, keys: dict[tuple[str, str], str]) -> tuple[str, str]:
    target = keys.get(("workstream", edge.target)) or keys["orchestrator", edge.target]
    if edge.kind == "need":
        return keys["workstream", edge.source], target
    source = keys.get(("orchestrator", edge.source)) if ("workstream", edge.target) in keys else None
    return source or keys["meta", edge.source], target


def _label(node: Node) -> str:
    text = node.id if node.name == node.id else f"{node.id}: {node.name}"
    return safe(text, limit=200, oneline=True)


def _html(text: str) -> str:
    entities = {"&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;"}
    return "".join(entities.get(c, c) for c in safe(text, oneline=True))


def _quoted(text: str) -> str:
    return '"' + safe(text, oneline=True).replace("\\", "\\\\").replace('"', '\\"') + '"'
