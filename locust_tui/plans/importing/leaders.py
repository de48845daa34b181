"""The meta-orchestrator and its orchestrators: one of each, however many names the document has for them."""

from __future__ import annotations

from .document import Section, Table
from .draft import Draft, Leader, Stage, Top
from .marks import plain
from .mermaid_line import Graph
from .package_fields import fields
from .packages import package_nodes
from .words import clean_id, keywords, phases_in, references, weeks_in

_WORK = ("workstreams", "work packages", "packages", "tasks", "streams", "owns")
_LEADS = ("orchestrator", "lead", "team", "squad", "track", "domain")
MOST = 200


def read_leaders(draft: Draft, graphs: list[Graph]) -> None:
    """Fill `draft.leaders` and `draft.top` from sections, tables and graphs; commands are joined later."""
    for section in draft.document.sections():
        said = fields(section)
        work = next((said[name] for name in _WORK if name in said), None)
        if work is not None and section.level:
            _from_section(draft, section, said, work)
        for block in section.blocks:
            if isinstance(block, Table):
                _from_table(draft, block)
    for graph in graphs:
        _from_graph(draft, graph)
    for package in draft.packages.values():
        if package.owner is not None:
            leader = draft.leader(package.owner)
            if leader is None and _room(draft):
                leader = Leader(_bare(package.owner), package.lines.get("owner", package.line))
                draft.leaders.append(leader)
            if leader is not None and package.id not in leader.members:
                leader.members.append(package.id)
    if not draft.leaders:
        _from_title(draft)


def _from_title(draft: Draft) -> None:
    """The one orchestrator of a document that is headed by its name, and is about nobody else: it has all the work."""
    title = next((s for s in draft.document.sections() if s.level == 1), None)
    words = title.title.casefold().replace("-", " ").split() if title is not None else []
    if title is None or len(words) < 2 or words[-1] != "orchestrator" or "meta" in words:
        return
    leader = Leader(_bare(title.title), title.line, members=list(draft.packages))
    about = [s for s in title.sections if s.title.casefold() in ("overview", "scope", "role")]
    said: _Said = {}
    for section in (*reversed(about), title):
        said |= fields(section)
    _say(leader, said)
    name_phases(draft, leader, " ".join(said[name][0] for name in said if name in _SCOPE))
    draft.leaders.append(leader)


def _room(draft: Draft) -> bool:
    return len(draft.leaders) < MOST


def _bare(name: str) -> str:
    """A name without its number and the word Orchestrator: "1. Core Framework Orchestrator" → Core Framework."""
    words = plain(name).split()
    while words and words[0].rstrip(".):").isdecimal():
        words.pop(0)
    while len(words) > 1 and words[-1].casefold().rstrip("s") in ("orchestrator", "team", "lead"):
        words.pop()
    return " ".join(words).partition("(")[0].strip(" :–—-") or plain(name)


_SCOPE = ("scope", "phase", "phases", "timeline", "weeks")
_Said = dict[str, tuple[str, int]]
"""Labels of a section, in small letters → text and line."""


def _from_section(draft: Draft, section: Section, said: _Said, work: tuple[str, int]) -> None:
    found, unknown = references(work[0], draft.known())
    members = [id for id, _ in found]
    titled = any(word in section.title.casefold() for word in _LEADS)
    if not (members or titled) or not _room(draft):
        return
    leader = Leader(_bare(section.title), section.line, members=members)
    leader.lines["workstreams"] = work[1]
    for name in unknown:
        draft.notes.warn("unknown-workstream", f'"{name}" is no workstream of the document', work[1])
    _say(leader, said)
    name_phases(draft, leader, " ".join(said[name][0] for name in said if name in _SCOPE))
    draft.document.take(section)
    for block in section.blocks:
        draft.document.take(block)
    draft.leaders.append(leader)


def _say(leader: Leader, said: _Said) -> None:
    """Scope, focus, agent type, deliverables and quota, where the section has them."""
    text = " ".join(value for name, (value, _) in said.items() if name in _SCOPE)
    leader.phases = phases_in(text) or phases_in(f"phase {_of(said, 'phase')[0]}")
    leader.weeks = weeks_in(text) or weeks_in(f"weeks {_of(said, 'weeks')[0]}")
    leader.focus = _of(said, "focus", "mission", "goal")[0] or None
    leader.agent = clean_id(_of(said, "agent type", "agent")[0]) or None
    listed = _of(said, "key deliverables", "deliverables", "outputs")[0]
    leader.deliverables = [t.strip() for t in listed.split(",") if t.strip()]
    quota = _of(said, "agents", "agent quota", "pool", "max agents")[0].split()
    if quota and quota[0].isdecimal() and len(quota[0]) < 5:
        leader.quota = int(quota[0])
    for key, names in (
        ("phases", _SCOPE),
        ("focus", ("focus", "mission", "goal")),
        ("agent", ("agent type", "agent")),
        ("deliverables", ("key deliverables", "deliverables", "outputs")),
        ("quota", ("agents", "agent quota", "pool", "max agents")),
    ):
        if line := _of(said, *names)[1]:
            leader.lines[key] = line


def _of(said: _Said, *names: str) -> tuple[str, int]:
    """Text and line of the first of these labels; ("", 0) where there is none."""
    return next((said[name] for name in names if name in said), ("", 0))


def name_phases(draft: Draft, leader: Leader, text: str) -> None:
    """Names of phases from `Phase 2-3 (Omnibar & Overlay Ecosystem)`: as many parts as phases, else the whole."""
    _, open_, rest = text.partition("(")
    whole = rest.partition(")")[0].strip() if open_ else ""
    parts = [p.strip() for p in whole.split("&")]
    line = leader.lines.get("phases", leader.line)
    for n, phase in enumerate(leader.phases):
        name = whole if len(leader.phases) == 1 else parts[n] if len(parts) == len(leader.phases) else ""
        stage = draft.stages.setdefault(phase, Stage(phase, "", line))
        stage.name = stage.name or name
        if len(leader.phases) == 1 and stage.weeks is None:
            stage.weeks = leader.weeks


def _from_table(draft: Draft, table: Table) -> None:
    """A table with a column of orchestrators and one of their workstreams."""
    heads = [head.casefold() for head in table.head]
    who = next((n for n, h in enumerate(heads) if h in (*_LEADS, "name") or h.rstrip("s") in _LEADS), None)
    work = next((n for n, h in enumerate(heads) if h in _WORK), None)
    if who is None or work is None:
        return
    draft.document.take(table)
    for row in table.rows:
        if max(who, work) >= len(row.cells) or not _room(draft):
            continue
        members = [id for id, _ in references(plain(row.cells[work]), draft.known())[0]]
        leader = Leader(_bare(row.cells[who]), row.line, members=members)
        text = plain(" ".join(row.cells))
        leader.phases, leader.weeks = phases_in(text), weeks_in(text)
        for n, head in enumerate(heads[: len(row.cells)]):
            cell = plain(row.cells[n])
            if head in ("phase", "phases"):
                leader.phases = phases_in(f"phase {cell}") or leader.phases
            elif head in ("focus", "mission", "goal"):
                leader.focus = cell
            elif head in ("agent", "agent type"):
                leader.agent = clean_id(cell) or None
            elif head in ("agents", "quota", "max agents", "pool") and cell.isdecimal() and len(cell) < 5:
                leader.quota = int(cell)
            elif head in ("weeks", "timeline"):
                leader.weeks = weeks_in(f"weeks {cell}") or weeks_in(cell)
        name_phases(draft, leader, "")
        draft.leaders.append(leader)


def _from_graph(draft: Draft, graph: Graph) -> None:
    works = package_nodes(draft, graph)
    after: dict[str, list[str]] = {}
    for edge in graph.edges:
        after.setdefault(edge.source, []).append(edge.target)
    bosses: dict[str, Leader] = {}
    for node in graph.nodes.values():
        if node.id in works:
            continue
        members = [works[t] for t in after.get(node.id, ()) if t in works]
        title = graph.subgraphs[node.subgraph].title if node.subgraph in graph.subgraphs else ""
        if not members and not keywords(title) & {"orchestrator", "team", "lead", "squad"}:
            continue
        leader = draft.leader(_bare(node.label), members)
        if leader is None:
            if not _room(draft):
                continue
            leader = Leader(_bare(node.label), node.line)
            draft.leaders.append(leader)
        leader.node = leader.node or node.id
        _also_called(leader, node.id, node.label, node.line)
        _compare(draft, leader, members, node.line)
        leader.members += [m for m in members if not any(m in other.members for other in draft.leaders)]
        bosses[node.id] = leader
    for node in graph.nodes.values():
        if (
            node.id not in works
            and node.id not in bosses
            and set(after.get(node.id, ())) & (set(bosses) or set(works))
        ):
            _above(draft, node.id, node.label, node.line)


def _also_called(leader: Leader, id: str, label: str, line: int) -> None:
    for name in (id, _bare(label)):
        if name.casefold() != leader.name.casefold():
            leader.names.setdefault(name, line)


def _compare(draft: Draft, leader: Leader, members: list[str], line: int) -> None:
    """Say where the drawing and the section give an orchestrator different workstreams."""
    for id in members:
        other = next((x for x in draft.leaders if id in x.members and x is not leader), None)
        if other is not None:
            draft.notes.warn(
                "membership",
                f"{id} is drawn below {leader.name}, but line {other.lines.get('workstreams', other.line)} gives it to {other.name}",
                line,
                f"it stays with {other.name}; a workstream belongs to one orchestrator",
            )


def _above(draft: Draft, id: str, label: str, line: int) -> None:
    if draft.top is None:
        draft.top = Top("", line, label)
    draft.top.names.setdefault(id, line)
    if label != draft.top.name:
        draft.top.names.setdefault(label, line)
