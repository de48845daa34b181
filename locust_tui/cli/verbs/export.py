"""`export`: the graph of the plan."""

from __future__ import annotations

from pathlib import Path

import click

from ...errors import UsageError
from ..command import Settings, verb
from ..output import json_text, narrate, put, write_whole
from ..target import find_target, read_state


@verb("export")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--mermaid", "form", flag_value="mermaid", help="A Mermaid graph.")
@click.option("--dot", "form", flag_value="dot", help="A graph for Graphviz.")
@click.option("--json", "form", flag_value="json", help="Nodes and edges.")
@click.option("--out", type=click.Path(path_type=Path), help="Write to this file.")
def command(settings: Settings, plan: Path | None, form: str | None, out: Path | None) -> int:
    """Print who manages whom and who needs what, as --mermaid, --dot or --json. Also of a plan that never ran."""
    if form is None:
        raise UsageError("name a format", help="--mermaid, --dot or --json")
    from ...report.graph import dot, graph_document, mermaid, plan_graph

    graph = plan_graph(read_state(find_target(settings, plan), prefer_file=True).plan)
    if form == "json":
        text = json_text(graph_document(graph)) + "\n"
    else:
        text = mermaid(graph) if form == "mermaid" else dot(graph)
    if out is None or str(out) == "-":
        put(text)
    else:
        write_whole(out, text)
        narrate(f"wrote {out}")
    return 0
