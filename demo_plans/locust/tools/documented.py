"""Print which share of the public functions and modules below src has a docstring, in per cent; name those that have none."""

import ast
import sys
from pathlib import Path

public = documented = 0
for path in sorted(Path("src").rglob("*.py")):
    tree = ast.parse(path.read_text())
    for node in [
        tree,
        *(n for n in tree.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")),
    ]:
        public += 1
        if ast.get_docstring(node):
            documented += 1
        else:
            print(f"undocumented: {path}:{getattr(node, 'name', 'module')}", file=sys.stderr)
print(f"{100 * documented / public:.1f}" if public else "nothing to document")
sys.exit(documented < public or not public)
