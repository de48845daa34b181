"""Workstreams: from Mermaid nodes, tables, headings and lists, and who needs whom where the document says so."""

from __future__ import annotations

from collections.abc import Iterable

from .document import Document, Fence, Item, Section, Table, labelled, plain
from .draft import Draft, Package
from .finding import DocumentError
from .mermaid import Graph, TooLargeError, read_graph
from .words import clean_id, id_and_name, keywords, phases_in, references, slug, weeks_in, weeks_of

MOST = 1_000
_WORK = {"workstream", "package", "task", "stream", "job"}
_COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("id", "ws", "#", "key", "no", "nr", "no."),
    "name": ("workstream", "name", "work package", "package", "task", "title", "stream", "what", "job"),
    "needs": (
        "depends on",
        "dependencies",
        "needs",
        "after",
        "requires",
        "blocked by",
        "predecessors",
        "dependency",
    ),
    "weeks": ("weeks", "week", "timeline", "when", "schedule", "duration"),
    "phase": ("phase", "stage"),
    "owner": ("orchestrator", "owner", "lead", "team", "domain", "squad", "led by"),
    "agent": ("agent", "agent type", "type"),
    "priority": ("priority",),
    "weight": ("weight", "effort", "points", "complexity", "size"),
    "instructions": ("instructions", "description", "goal", "objective", "scope", "focus", "summary"),
    "deliverables": ("deliverables", "key deliverables", "outputs", "delivers"),
}
_PRIORITIES = ("critical", "high", "medium", "low")


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
                package = _package(draft, *found, node.line)
                phases = phases_in(title)
                if len(phases) == 1:
                    package.phase = phases[0]
    for section in draft.document.sections():
        for block in section.blocks:
            if isinstance(block, Table) and _is_of_work(section, block):
                draft.document.take(block)
                _read_table(draft, block, waiting)
        _read_heading(draft, section, waiting)
    for section in draft.document.sections():
        if keywords(section.title) & _WORK and section.level and not id_and_name(section.title):
            _read_list(draft, section, waiting)
    if not draft.packages:
        _from_ids_of_nodes(draft, graphs)
    _join(draft, waiting)
    for graph in graphs:
        _join_graph(draft, graph)


def _from_ids_of_nodes(draft: Draft, graphs: list[Graph]) -> None:
    """Where nothing else names workstreams: nodes whose own ids are like theirs, as in `L1[Schema]`."""
    for graph in graphs:
        for node in graph.nodes.values():
            if id_and_name(f"{node.id}: x") is not None:
                _package(draft, node.id, node.label, node.line)


def _once(draft: Draft, package: Package, source: str, line: int) -> None:
    """Say where one kind of place names a workstream twice."""
    first = package.lines.setdefault(source, line)
    if first != line:
        draft.notes.warn(
            "duplicate",
            f"{package.id} is written twice (first on line {first}); what the first says stands",
            line,
        )


def _package(draft: Draft, id: str, name: str, line: int) -> Package:
    clean = clean_id(plain(id))
    known = draft.known()
    from .words import folded

    there = draft.packages.get(known.get(folded(clean), ""))
    if there is not None:
        return there
    if len(draft.packages) >= MOST:
        raise DocumentError(draft.document.file, f"there are more than {MOST:,} workstreams", line=line)
    package = Package(clean, plain(name) or clean, line)
    draft.packages[clean] = package
    return package


def _columns(table: Table) -> dict[str, int]:
    """Meaning → column."""
    found: dict[str, int] = {}
    for meaning, names in _COLUMNS.items():
        for name in names:
            if meaning not in found:
                places = [
                    n
                    for n, head in enumerate(table.head)
                    if head.casefold() == name and n not in found.values()
                ]
                if places:
                    found[meaning] = places[0]
    return found


def _is_of_work(section: Section, table: Table) -> bool:
    columns = _columns(table)
    if "name" not in columns and "id" not in columns:
        return False
    heads = set().union(*(keywords(head) for head in table.head))
    titled = keywords(section.title) & _WORK or heads & _WORK or "ws" in {h.casefold() for h in table.head}
    return bool(titled) and bool({"needs", "weeks", "phase", "owner", "agent", "instructions"} & set(columns))


def _read_table(draft: Draft, table: Table, waiting: list[tuple[Package, str, int]]) -> None:
    columns = _columns(table)
    for row in table.rows:
        cells = {m: plain(row.cells[n]) for m, n in columns.items() if n < len(row.cells)}
        title = cells.get("name") or cells.get("id") or ""
        found = (cells["id"], title) if cells.get("id") else id_and_name(title) or (slug(title), title)
        if clean_id(found[0]):
            package = _package(draft, *found, row.line)
            _once(draft, package, "row", row.line)
            if package.name == package.id and title:
                package.name = title
            _say(draft, package, cells, row.line, waiting)


def _read_heading(draft: Draft, section: Section, waiting: list[tuple[Package, str, int]]) -> None:
    """`### WS-01: Core Types` with its fields below."""
    found = id_and_name(section.title, apart=True)
    if found is None or not clean_id(found[0]):
        return
    draft.document.take(section)
    for block in section.blocks:
        draft.document.take(block)
    name = found[1]
    package = _package(draft, found[0], name.partition("(")[0].strip() or name, section.line)
    said = fields(section)
    cells = {
        m: value
        for m, names in _COLUMNS.items()
        for n in names
        for v in [said.get(n)]
        if v
        for value in [v[0]]
    }
    cells.setdefault("weeks", section.title)
    _say(draft, package, {k: v for k, v in cells.items() if k not in ("id", "name")}, section.line, waiting)


def fields(section: Section) -> dict[str, tuple[str, int]]:
    """The labelled lines of a section: label in small letters → text and line; nested items are joined by commas."""
    found: dict[str, tuple[str, int]] = {}
    for block in section.blocks:
        for label, text, line in _labelled_lines(block):
            if label and text:
                found.setdefault(label.casefold(), (text, line))
    return found


def _labelled_lines(block: object) -> Iterable[tuple[str, str, int]]:
    from .document import Listing, Paragraph

    if isinstance(block, Listing):
        for item in block.items:
            label, text = labelled(item.text)
            inner = ", ".join(plain(i.text) for i in item.items)
            yield (
                label or text.rstrip(":"),
                ", ".join(t for t in (text if label else "", inner) if t),
                item.line,
            )
    elif isinstance(block, Paragraph):
        for n, line in enumerate(block.text.split("\n")):
            yield (*labelled(line), block.line + n)


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
            _once(draft, package, "item", item.line)
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
        meaning = next((m for m, names in _COLUMNS.items() if label.casefold() in names), None)
        if meaning and meaning not in ("id", "name"):
            cells[meaning] = text
    _say(draft, package, cells, item.line, waiting)


def _without_dates(words: str) -> str:
    """What there is to do, without a bracket that only says when, in which phase and after what."""
    head, open_, rest = words.rpartition("(")
    inside = rest.casefold()
    marks = ("week", "phase", "needs", "depends", "after", "requires", "blocked")
    if open_ and rest.endswith(")") and any(mark in inside for mark in marks):
        return head.strip()
    return words


def _say(
    draft: Draft, package: Package, cells: dict[str, str], line: int, waiting: list[tuple[Package, str, int]]
) -> None:
    """What a row, a heading or an item says of a workstream; what was said before stands."""
    for meaning in ("weeks", "phase", "owner", "agent", "priority", "weight", "instructions", "deliverables"):
        text = cells.get(meaning, "").strip()
        if not text or text in ("-", "–", "—", "n/a", "none"):
            continue
        package.lines.setdefault(meaning, line)
        if meaning == "weeks":
            weeks = weeks_of(text) if len(text) < 20 else weeks_in(text)
            package.weeks = package.weeks or weeks
            if weeks is None and any(c.isdecimal() for c in text) and len(text) < 20:
                draft.notes.warn(
                    "weeks", f'"{text}" are no weeks of {package.id}; left out', line, "weeks: 3-8"
                )
        elif meaning == "phase":
            phases = phases_in(text) or phases_in(f"phase {text}") or [slug(text)]
            package.phase = package.phase or (phases[0] if len(phases) == 1 else None)
        elif meaning == "owner":
            package.owner = package.owner or text
        elif meaning == "agent":
            package.agent = package.agent or clean_id(text)
        elif meaning == "priority":
            package.priority = package.priority or next(
                (p for p in _PRIORITIES if p in text.casefold()), None
            )
        elif meaning == "weight":
            package.weight = package.weight if package.weight is not None else _number(text)
        elif meaning == "instructions":
            package.instructions = package.instructions or text
        elif not package.deliverables:
            package.deliverables = [t.strip() for t in text.replace(";", ",").split(",") if t.strip()]
    if cells.get("needs"):
        waiting.append((package, cells["needs"], line))


def _number(text: str) -> float | None:
    try:
        value = float(text.split()[0])
    except (ValueError, IndexError):
        return None
    return value if 0 <= value < 1e6 else None


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
    from .words import folded

    known = draft.known()
    found: dict[str, str] = {}
    for node in graph.nodes.values():
        named = id_and_name(node.label)
        for name in (named[0] if named else "", node.id, node.label):
            if name and (id := known.get(folded(clean_id(name)))) is not None:
                found[node.id] = id
                break
    return found
