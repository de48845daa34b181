"""A document's bytes → the plan it makes, with everything that was found on the way; nothing is run."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path
from typing import Any

from locust_tui.domain.dataclass import dataclass

from ...domain.plan import Plan
from .assembling import assemble
from .carrying import carry
from .document import read_document
from .draft import Draft
from .examining import examine
from .finding import NOT_UNDERSTOOD, DocumentError, Finding, Notes
from .gates import read_gates
from .governance import read_governance
from .leaders import read_leaders
from .leftovers import not_understood
from .measures import read_measures
from .packages import read_graphs, read_packages
from .phasing import read_stages, settle_phases
from .sentences import read_words
from .settling import settle
from .shell import ShellCommand, read_commands


@dataclass(frozen=True, slots=True)
class Imported:
    """What a document came to. `text` is the plan file, which reads as `plan` without errors."""

    file: str
    text: str
    plan: Plan
    findings: tuple[Finding, ...]
    commands: tuple[ShellCommand, ...]
    values: dict[str, Any] = field(default_factory=dict)
    """The plan file's values."""

    def counts(self) -> dict[str, int]:
        """What was understood: noun → how many."""
        plan = self.plan
        return {
            "workstreams": len(plan.workstreams),
            "orchestrators": len(plan.orchestrators),
            "phases": len(plan.phases),
            "gates": len(plan.gates),
            "criteria": sum(len(g.criteria) for g in plan.gates.values()),
            "kpis": len(plan.kpis),
            "risks": len(plan.risks),
            "strategies": len(plan.strategies),
            "success criteria": len(plan.success),
            "after release": len(plan.after_release),
            "commands": len(self.commands),
        }


def import_document(data: bytes, file: str, plan: Path | str = "locust-plan.yaml") -> Imported:
    """The plan that the document in `data` makes; `file` is its name in messages, `plan` where the plan will stand.

    Raises DocumentError (exit 2) for what is no text, is too large, or holds no workstreams.
    """
    document = read_document(data, file)
    draft = Draft(document, Notes(file))
    graphs = read_graphs(document)
    draft.commands = read_commands(document)
    read_packages(draft, graphs)
    if not draft.packages:
        raise DocumentError(
            file, "the document names no workstreams",
            help="a Mermaid graph, a table or a list under a heading \"Workstreams\" names them: WS-01: Core Types",
        )  # fmt: skip
    for graph in graphs:
        for line, words in graph.unread:
            draft.notes.note(NOT_UNDERSTOOD, f"not understood in this graph: {words[:80]}", line)
    read_leaders(draft, graphs)
    read_gates(draft)
    read_stages(draft)
    read_measures(draft)
    read_words(draft)
    carry(draft)
    read_governance(draft)
    settle_phases(draft)
    made = assemble(draft)
    settled = settle(draft, made, Path(plan))
    examine(draft, settled.plan)
    not_understood(draft)
    return Imported(
        file, settled.text, settled.plan, draft.notes.sorted(), tuple(draft.commands), made.values
    )
