"""Every module of the given folders offers the agreed interface, no more and no less; exit 1 names the difference."""

import ast
import sys
from pathlib import Path

AGREED = {"NAME", "handle", "render"}
faults = 0
for folder in sys.argv[1:]:
    for path in sorted(Path(folder).glob("*.py")):
        names: set[str] = set()
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef):
                names.add(node.name)
            elif isinstance(node, ast.Assign):
                names |= {t.id for t in node.targets if isinstance(t, ast.Name)}
        public = {n for n in names if not n.startswith("_")}
        if public != AGREED:
            faults += 1
            print(f"{path}: {sorted(public ^ AGREED)}")
print("stable" if not faults else f"{faults} modules differ")
sys.exit(bool(faults))
