"""A plan from an orchestration document: Markdown with a Mermaid tree, sections, checklists, YAML blocks and commands."""
