"""Cut, shaken, huge and hostile documents: each becomes a plan without errors, or is refused in words."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from locust_tui.plans.importing.finding import DocumentError, render_findings
from locust_tui.plans.importing.importing import Imported, import_document
from locust_tui.plans.importing.mermaid import read_graph
from locust_tui.plans.importing.mermaid_line import MAX_EDGES, MAX_NODES
from locust_tui.plans.reading import read_data

DOCUMENTS = {p.name: p.read_bytes() for p in sorted((Path(__file__).parent / "documents").glob("*.md"))}
WORK = "## Workstreams\n- **WS-01: one**\n"


def imported_or_refused(data: bytes) -> Imported | DocumentError:
    """What comes of a document; a plan that has errors, or any other exception, fails the test."""
    refused: DocumentError | None
    try:
        found = import_document(data, "DOC.md")
    except DocumentError as error:
        refused = error
    else:
        refused = None
    if refused is not None:
        assert refused.exit_code == 2
        assert refused.message.startswith("DOC.md")
        return refused
    reading = read_data(found.text.encode(), "locust-plan.yaml", cached=False)
    assert [p.message for p in reading.problems if p.is_error] == []
    lines = data.count(b"\n") + 1
    assert all(f.line is None or 1 <= f.line <= lines for f in found.findings)
    return found


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(sorted(DOCUMENTS)), part=st.floats(0, 1))
def test_any_beginning_of_a_document(name: str, part: float) -> None:
    data = DOCUMENTS[name]
    imported_or_refused(data[: int(part * len(data))])


def test_every_line_of_the_framework_document_may_be_the_last() -> None:
    lines = DOCUMENTS["framework.md"].splitlines(keepends=True)
    whole = imported_or_refused(b"".join(lines))
    assert isinstance(whole, Imported)
    for end in range(1, len(lines), 7):
        found = imported_or_refused(b"".join(lines[:end]))
        if isinstance(found, Imported):
            assert set(found.plan.workstreams) <= set(whole.plan.workstreams)


_NOISE = st.text(alphabet=st.sampled_from("[](){}|`*#-><\"'\\:,&%@!\t‮é0 W"), max_size=4)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(sorted(DOCUMENTS)),
    changes=st.lists(
        st.tuples(st.floats(0, 0.999), st.floats(0, 0.999), st.integers(0, 3), _NOISE), max_size=20
    ),
)
def test_shaken_documents(name: str, changes: list[tuple[float, float, int, str]]) -> None:
    lines = DOCUMENTS[name].decode().split("\n")
    for where, other, kind, noise in changes:
        a, b = int(where * len(lines)), int(other * len(lines))
        if kind == 0 and len(lines) > 1:
            del lines[a]
        elif kind == 1:
            lines[a], lines[b] = lines[b], lines[a]
        elif kind == 2:
            lines.insert(a, lines[b])
        else:
            cut = int(other * len(lines[a]))
            lines[a] = lines[a][:cut] + noise + lines[a][cut + 1 :]
    imported_or_refused("\n".join(lines).encode())


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_in_a_graph(text: str) -> None:
    graph = read_graph("graph TB\n" + text, 1)
    assert graph is not None
    assert all(e.source in {*graph.nodes, *graph.subgraphs} for e in graph.edges)


MANY = "\n".join(f"A{n % 1000} --> B{n % 997}" for n in range(10_000))
BOMBS = {
    "nothing": (b"", "names no workstreams"),
    "bytes": (bytes(range(256)), "is not UTF-8"),
    "other encoding": ("# hé".encode("utf-16"), "UTF-16"),
    "too long": (b"x" * (1 << 20) + b"y", "larger than 1 MiB"),
    "endless": (b"\n" * 30_000, "more than 20,000 lines"),
    "control": (b"# \x1b[31mred\n" + WORK.encode(), "control character U+001B"),
    "many arrows": (f"```mermaid\ngraph TB\n{MANY}\n```\n".encode(), f"more than {MAX_EDGES:,} arrows"),
    "many nodes": (
        ("```mermaid\ngraph TB\n" + "\n".join(f"N{n}" for n in range(MAX_NODES + 1))).encode(),
        f"more than {MAX_NODES:,} nodes",
    ),
    "groups": (
        f"```mermaid\ngraph TB\n{' & '.join(f'A{n}' for n in range(90))} --> {' & '.join(f'B{n}' for n in range(90))}".encode(),
        "arrows",
    ),
    "many workstreams": (
        ("## Workstreams\n" + "\n".join(f"- **W-{n}: x**" for n in range(2000))).encode(),
        "more than 1,000 workstreams",
    ),
}


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_what_is_too_much_is_refused_in_words(name: str) -> None:
    data, words = BOMBS[name]
    found = imported_or_refused(data)
    assert isinstance(found, DocumentError)
    assert words in found.message
    assert not name.startswith("many") or found.line is not None


TOLERATED = {
    "brackets": "[a](" * 100_000,
    "quotes": ">" * 100_000,
    "nested lists": "\n".join("  " * n + "- a" for n in range(400)),
    "arrows on a line": "```mermaid\ngraph TB\n" + "-" * 300_000 + "\n" + "A[" * 200_000 + "\n```",
    "alias bomb": "```yaml\na: &a [1,1,1,1,1,1,1,1,1]\n"
    + "\n".join(f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]" for n in range(12))
    + "\n```",
    "deep yaml": "```yaml\nkpis: " + "[" * 5_000 + "\n```",
    "deep json": "```bash\nx task orchestrate --config '" + "[" * 100_000 + "'\n```",
    "open quote": "```bash\nx memory store --value '" + "a\n" * 15_000,
    "many commands": "```bash\n" + "x swarm init --max-agents 3\n" * 15_000,
    "many gates": "\n".join(
        f"## Gate {n}: Phase {n} → x (week {n})\n- [ ] a > {n}%" for n in range(1, 2_000)
    ),
    "weeks": "week " + "1 " * 100_000 + "phase " * 50_000,
    "html": "<div>" * 100_000,
}


@pytest.mark.parametrize("name", sorted(TOLERATED))
def test_bombs_cost_little_and_leave_the_rest(name: str) -> None:
    began = time.process_time()
    found = imported_or_refused(f"{WORK}\n{TOLERATED[name]}\n".encode())
    assert isinstance(found, Imported)
    assert "WS-01" in found.plan.workstreams
    assert time.process_time() - began < 10  # half a second on an idle machine


def test_names_become_ids_that_files_and_terminals_can_bear() -> None:
    text = "## Workstreams\n" + "\n".join(
        f"- **{name}**"
        for name in ("../../etc/passwd", "‮⁦evil", "check-7", "$(reboot)", "a b", "z" * 300, "---")
    )
    found = imported_or_refused(text.encode())
    assert isinstance(found, Imported)
    assert list(found.plan.workstreams) == ["etc-passwd", "evil", "x-check-7", "reboot", "a-b", "z" * 48]
    assert "‮" not in found.text
    assert "‮" not in render_findings("DOC.md", found.findings)


def test_nothing_of_a_document_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    text = f"{WORK}\n```bash\ntouch {mark}\n$(touch {mark})\n`touch {mark}`\n```\n## Phase 1 Completion Gate\n- [ ] `touch {mark}` passes\n"
    found = imported_or_refused(text.encode())
    assert isinstance(found, Imported)
    assert not mark.exists()
    assert [f for f in found.findings if "nothing runs before you trust the plan" in f.message]


@pytest.mark.parametrize(
    ("line", "edges"),
    [
        ("A --> B --> C", [("A", "B", ""), ("B", "C", "")]),
        ("A & B --> C", [("A", "C", ""), ("B", "C", "")]),
        ("A -->|50%| B", [("A", "B", "50%")]),
        ("A -- some words --> B", [("A", "B", "some words")]),
        ('A["x; (y)"] -.-> B{{hex}}; B ==> C(("z"))', [("A", "B", ""), ("B", "C", "")]),
        ("A --- B", [("A", "B", "")]),
        ("A <-- B", [("B", "A", "")]),
        ("ws-1[/par/]:::big --> ws-2[(db)]", [("ws-1", "ws-2", "")]),
    ],
)
def test_arrows(line: str, edges: list[tuple[str, str, str]]) -> None:
    graph = read_graph(f"flowchart LR\n  {line} \n", 1)
    assert graph is not None
    assert [(e.source, e.target, e.label) for e in graph.edges] == edges
    assert graph.unread == []


def test_labels_subgraphs_and_what_was_not_read() -> None:
    graph = read_graph(
        'graph TB\n  A[Text<br/>x]\n  subgraph one ["The first"]\n    B("x")\n    subgraph Inner part\n      C{{y}}\n'
        "    end\n  end\n  %% words\n  classDef big fill:#f00\n  D\n  ?? what\n",
        10,
    )
    assert graph is not None
    assert {n.id: (n.label, n.subgraph) for n in graph.nodes.values()} == {
        "A": ("Text x", None),
        "B": ("x", "one"),
        "C": ("y", "Inner part"),
        "D": ("D", None),
    }
    assert (graph.subgraphs["one"].title, graph.subgraphs["Inner part"].parent) == ("The first", "one")
    assert graph.unread == [(21, "?? what")]


def test_other_drawings_are_no_graphs() -> None:
    assert read_graph("sequenceDiagram\n A->>B: hi\n", 1) is None
