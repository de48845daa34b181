"""The graphs of Mermaid's `graph` and `flowchart`: nodes, subgraphs and arrows, by a small tokenizer.

No parser of Mermaid is kept for Python, and its own needs a browser; this reads what plans are drawn with and says
which lines it did not.
"""

from __future__ import annotations

from .marks import plain
from .mermaid_line import Graph, Statement, Subgraph

_IGNORED = (
    "%%",
    "classdef",
    "class ",
    "style ",
    "linkstyle",
    "click ",
    "direction",
    "acctitle",
    "accdescr",
    "---",
)


def read_graph(text: str, line: int) -> Graph | None:
    """The graph in `text`, whose first line is `line` of the document; None where it is another kind of drawing.

    Raises TooLargeError.
    """
    lines = [(line + n, words.strip()) for n, words in enumerate(text.splitlines())]
    lines = [(n, words) for n, words in lines if words and not words.startswith("%%")]
    if lines and lines[0][1] == "---":
        end = next((k for k, (_, words) in enumerate(lines[1:], 1) if words == "---"), 0)
        lines = lines[end + 1 :]
    if not lines or lines[0][1].split()[0].casefold() not in ("graph", "flowchart"):
        return None
    graph = Graph(line)
    open_: list[str] = []
    for number, words in lines[1:]:
        for statement in _statements(words):
            _statement(graph, statement, number, open_)
    return graph


def _statements(line: str) -> list[str]:
    """A line at its semicolons, outside of quotes and brackets."""
    if ";" not in line:
        return [line]
    parts, start, quoted, depth = [], 0, False, 0
    for at, char in enumerate(line):
        if char == '"':
            quoted = not quoted
        elif not quoted and char in "[({":
            depth += 1
        elif not quoted and char in "])}":
            depth = max(0, depth - 1)
        elif char == ";" and not quoted and not depth:
            parts.append(line[start:at])
            start = at + 1
    return [part.strip() for part in (*parts, line[start:]) if part.strip()]


def _statement(graph: Graph, words: str, line: int, open_: list[str]) -> None:
    low = words.casefold()
    if low == "end":
        if open_:
            open_.pop()
    elif low == "subgraph" or low.startswith("subgraph "):
        _subgraph(graph, words[8:].strip(), line, open_)
    elif not low.startswith(_IGNORED):
        scan = Statement(words, line)
        if not scan.chain(graph, open_[-1] if open_ else None):
            graph.unread.append((line, words))


def _subgraph(graph: Graph, words: str, line: int, open_: list[str]) -> None:
    id, title = words.strip('"'), words.strip('"')
    if "[" in words and words.endswith("]"):
        id, _, title = words[:-1].partition("[")
    id = id.strip() or f"subgraph {line}"
    graph.subgraphs[id] = Subgraph(id, plain(title.strip().strip('"')), line, open_[-1] if open_ else None)
    open_.append(id)
