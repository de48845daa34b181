"""Workstreams: from Mermaid nodes, tables, headings and lists, and who needs whom where the document says so."""

from __future__ import annotations

from .document import Document, Fence, Item, Section, Table
from .draft import Draft, Package
from .finding import DocumentError
from .marks import labelled, plain
from .mermaid import read_graph
from .mermaid_line import Graph, TooLargeError
from .package_fields import COLUMNS, columns_of, once, rename, say
from .package_sections import read_heading
from .words import (
    clean_id,
    folded,
    id_and_name,
    keywords,
    phases_in,
    references,
    slug,
    weeks_in,
    without_weeks,
)

MOST = 1_000
_WORK = {"workstream", "package", "task", "stream", "job"}


def read_graphs(document: Document) -> list[Graph]:
    """The Mermaid graphs of the document. Raises DocumentError for one that is too large."""
    graphs: list[Graph] = []
    for _, block in document.blocks():
        if isinstance(block, Fence) and block.language == "mermaid":
            try:
                graph = read_graph(block.text, block.line)
            except TooLargeError as error:
                raise DocumentError(
                    document.file, str(error), line=error.line, help="draw less, or split the plan"
                ) from None
            if graph is not None:
                document.take(block)
                graphs.append(graph)
    return graphs


def read_packages(draft: Draft, graphs: list[Graph]) -> None:
    """Fill `draft.packages`, in the document's order; needs last, when every id is known."""
    waiting: list[tuple[Package, str, int]] = []
    for graph in graphs:
        for node in graph.nodes.values():
            title = graph.subgraphs[node.subgraph].title if node.subgraph in graph.subgraphs else ""
            found = id_and_name(node.label) or ((node.id, node.label) if keywords(title) & _WORK else None)
            if found is not None:
                package = _node(draft, *found, node.line)
                phases = phases_in(title)
                if len(phases) == 1:
                    package.phase = phases[0]
    for section in draft.document.sections():
        for block in section.blocks:
            if isinstance(block, Table) and _is_of_work(section, block):
                draft.document.take(block)
                _read_table(draft, block, waiting)
        found = id_and_name(section.title, apart=True)
        if found is not None and clean_id(found[0]):
            name = found[1].partition("(")[0].strip() or found[1]
            package = _package(draft, found[0], name, section.line)
            rename(package, name)
            read_heading(draft, package, section, waiting)
    for section in draft.document.sections():
        if keywords(section.title) & _WORK and section.level and not id_and_name(section.title):
            _read_list(draft, section, waiting)
    if not draft.packages:
        _from_ids_of_nodes(draft, graphs)
    if not draft.packages:
        _from_commands(draft)
    _join(draft, waiting)
    for graph in graphs:
        _join_graph(draft, graph)


def _node(draft: Draft, id: str, label: str, line: int) -> Package:
    """A workstream that is drawn; other places know its name better."""
    weeks = weeks_in(label)
    name = without_weeks(label) if weeks else label
    package = _package(draft, id, name or label, line)
    package.drawn = package.drawn or package.line == line
    if weeks is not None and package.weeks is None:
        package.weeks, package.lines["weeks"] = weeks, line
    return package


def _from_ids_of_nodes(draft: Draft, graphs: list[Graph]) -> None:
    """Where nothing else names workstreams: nodes whose own ids are like theirs, as in `L1[Schema]`."""
    for graph in graphs:
        for node in graph.nodes.values():
            if id_and_name(f"{node.id}: x") is not None:
                _package(draft, node.id, node.label, node.line)


def _from_commands(draft: Draft) -> None:
    """The last resort: ids in the lists of commands that bring orchestrators up."""
    for command in draft.commands:
        said = command.config().get("workstreams")
        for id in said if isinstance(said, list) else ():
            if isinstance(id, str) and clean_id(id):
                _package(draft, id, id, command.line)
    if draft.packages:
        first = next(iter(draft.packages.values()))
        draft.notes.warn(
            "names", "only commands name the workstreams; nothing but their ids is known", first.line
        )


def _package(draft: Draft, id: str, name: str, line: int) -> Package:
    clean = clean_id(plain(id))
    known = draft.known()
    there = draft.packages.get(known.get(folded(clean), ""))
    if there is not None:
        return there
    if len(draft.packages) >= MOST:
        raise DocumentError(draft.document.file, f"there are more than {MOST:,} workstreams", line=line)
    package = Package(clean, plain(name) or clean, line)
    draft.packages[clean] = package
    return package


def _is_of_work(section: Section, table: Table) -> bool:
    columns = columns_of(table)
    if "name" not in columns and "id" not in columns:
        return False
    heads = set().union(*(keywords(head) for head in table.head))
    titled = keywords(section.title) & _WORK or heads & _WORK or "ws" in {h.casefold() for h in table.head}
    return bool(titled) and bool({"needs", "weeks", "phase", "owner", "agent", "instructions"} & set(columns))


def _read_table(draft: Draft, table: Table, waiting: list[tuple[Package, str, int]]) -> None:
    columns = columns_of(table)
    for row in table.rows:
        cells = {m: plain(row.cells[n]) for m, n in columns.items() if n < len(row.cells)}
        title = cells.get("name") or cells.get("id") or ""
        found = (cells["id"], title) if cells.get("id") else id_and_name(title) or (slug(title), title)
        if clean_id(found[0]):
            package = _package(draft, *found, row.line)
            once(draft, package, "row", row.line)
            rename(package, title)
            say(draft, package, cells, row.line, waiting)


def _read_list(draft: Draft, section: Section, waiting: list[tuple[Package, str, int]]) -> None:
    """Items of a section called "Workstreams" or so, where they begin with an id or a name in bold."""
    for item in section.items():
        text = item.text.strip()
        found = id_and_name(plain(text))
        label, rest = labelled(text)
        if found is None and not (text.startswith("**") and label):
            continue
        for block in section.blocks:
            draft.document.take(block)
        if found is None:
            found = slug(label), label
            words = rest
        else:
            words = found[1]
            name = words
            for mark in (" (", ": ", " - ", " – ", " — ", ". "):
                name = name.partition(mark)[0]
            found = found[0], name
        if clean_id(found[0]):
            package = _package(draft, *found, item.line)
            once(draft, package, "item", item.line)
            _say_item(draft, package, item, words, waiting)


def _say_item(
    draft: Draft, package: Package, item: Item, words: str, waiting: list[tuple[Package, str, int]]
) -> None:
    told = _without_dates(words)
    cells = {"instructions": told} if told and told != package.name else {}
    if weeks_in(words):
        cells["weeks"] = words
    if len(phases_in(words)) == 1:
        cells["phase"] = phases_in(words)[0]
    low = words.casefold()
    for mark in ("depends on", "needs", "requires", "blocked by", "after"):
        at = low.find(f"{mark} ")
        if at >= 0:
            cells["needs"] = words[at + len(mark) :].partition(")")[0].partition(".")[0].partition(";")[0]
            break
    for inner in item.items:
        label, text = labelled(inner.text)
        meaning = next((m for m, names in COLUMNS.items() if label.casefold() in names), None)
        if meaning and meaning not in ("id", "name"):
            cells[meaning] = text
    say(draft, package, cells, item.line, waiting)


def _without_dates(words: str) -> str:
    """What there is to do, without a bracket that only says when, in which phase and after what."""
    head, open_, rest = words.rpartition("(")
    inside = rest.casefold()
    marks = ("week", "phase", "needs", "depends", "after", "requires", "blocked")
    if open_ and rest.endswith(")") and any(mark in inside for mark in marks):
        return head.strip()
    return words


def _join(draft: Draft, waiting: list[tuple[Package, str, int]]) -> None:
    known = draft.known()
    for package, text, line in waiting:
        found, unknown = references(text, known)
        for id, percent in found:
            if id != package.id:
                package.needs.setdefault(id, ("done" if percent is None else f"{percent:g}%", line))
            else:
                draft.notes.warn("self-need", f"{id} needs itself; left out", line)
        for name in unknown:
            draft.notes.warn(
                "unknown-need",
                f'{package.id} needs "{name}", which is no workstream of the document; left out',
                line,
            )


def _join_graph(draft: Draft, graph: Graph) -> None:
    """Arrows between workstreams are needs; a percentage on one is its condition."""
    nodes = package_nodes(draft, graph)
    for edge in graph.edges:
        source, target = nodes.get(edge.source), nodes.get(edge.target)
        if source and target and source != target:
            label = edge.label.strip().rstrip("%")
            condition = (
                f"{float(label):g}%"
                if edge.label.strip().endswith("%") and label.isdecimal() and int(label) <= 100
                else "done"
            )
            draft.packages[target].needs.setdefault(source, (condition, edge.line))


def package_nodes(draft: Draft, graph: Graph) -> dict[str, str]:
    """Node → the workstream it stands for."""
    known = draft.known()
    found: dict[str, str] = {}
    for node in graph.nodes.values():
        named = id_and_name(node.label)
        for name in (named[0] if named else "", node.id, node.label):
            if name and (id := known.get(folded(clean_id(name)))) is not None:
                found[node.id] = id
                break
    return found
