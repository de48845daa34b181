"""Broken YAML in words of the person who wrote it; what can be read past a mistake is read."""

from __future__ import annotations

from .findings import Findings
from .tree import Tree, TreeError, build_tree


def read_tree(text: str, findings: Findings) -> Tree | None:
    """The tree of `text`; what is wrong with it goes to `findings`."""
    import yaml

    try:
        tree = build_tree(text)
    except TreeError as error:
        findings.error(error.code, error.message, error.help, span=error.span)
        return None
    except yaml.YAMLError as error:
        findings.error("syntax", str(error))
        return None
    for complaint in tree.complaints:
        findings.error(complaint.code, complaint.message, complaint.help, span=complaint.span)
    return tree
