"""Load every module of the given folders (or only those named after a folder) and use what it offers; exit 1 on any fault."""

import runpy
import sys
from pathlib import Path


def modules(arguments: list[str]) -> list[Path]:
    """The modules named: whole folders, or after a folder only the stems that follow it."""
    found: list[Path] = []
    folder, only = Path(), set[str]()
    for argument in [*arguments, "."]:
        if Path(argument).is_dir():
            found += [
                p for p in sorted(folder.glob("*.py")) if folder != Path() and (not only or p.stem in only)
            ]
            folder, only = Path(argument), set()
        elif (folder / f"{argument}.py").is_file():
            only.add(argument)
        else:
            sys.exit(f"{folder / argument}.py is missing")
    return found


def exercise(path: Path) -> None:
    """Use one module as a plugin would be used; raises AssertionError with words."""
    space = runpy.run_path(str(path))
    assert space["handle"]({"key": "f"}) == (space["NAME"], "f"), f"{path} lets an event through"
    assert space["handle"]({}) is None, f"{path} consumes what it does not know"
    frame = space["render"](80, 24)
    assert len(frame) == 24, f"{path} draws {len(frame)} rows"
    assert all(len(row) == 80 for row in frame), f"{path} draws ragged rows"


if __name__ == "__main__":
    found = modules(sys.argv[1:])
    if not found:
        sys.exit(f"nothing to exercise in {' '.join(sys.argv[1:])}")
    for module in found:
        exercise(module)
        print(f"ok {module}")
