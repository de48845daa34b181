"""What the cockpit's source promises: no markup from strings, no heavy imports, no room it has no business in."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import locust_tui

PACKAGE = Path(locust_tui.__file__).parent
FILES = sorted(
    [
        *PACKAGE.glob("screens/*.py"),
        *PACKAGE.glob("widgets/*.py"),
        *(PACKAGE / name for name in ("app.py", "cockpit.py", "crash.py", "hangup.py")),
    ]
)
MARKUP = {
    "Static",
    "Label",
    "Button",
    "Markdown",
    "Option",
    "OptionList",
    "DataTable",
    "Tree",
    "RichLog",
    "Log",
    "Header",
}
MARKUP_CALLS = {
    "notify",
    "from_markup",
    "render_str",
    "copy_to_clipboard",
    "add_row",
    "add_column",
}
MARKUP_FIELDS = {"border_title", "border_subtitle", "tooltip", "title", "sub_title", "loading"}
ALLOWED_ROOMS = {
    "domain",
    "client",
    "signs",
    "terminal",
    "report",
    "safe_text",
    "errors",
    "widgets",
    "screens",
    "app",
    "cockpit",
    "crash",
    "hangup",
}
HEAVY = (
    "textual.widgets",
    "pydantic",
    "aiosqlite",
    "yaml",
    "ruamel",
    "watchfiles",
    "markdown_it",
    "pygments",
    "sqlite3",
)


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(), str(path)))


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_no_string_becomes_markup(path: Path) -> None:
    """Every word is drawn by `Row` or `parts_of`, which know no markup; nothing else of the toolkit takes text."""
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("textual.widgets"):
            raise AssertionError(f"{path.name}:{node.lineno}: a widget that takes markup")
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            assert name not in MARKUP | MARKUP_CALLS, f"{path.name}:{node.lineno}: {name}"
        targets = node.targets if isinstance(node, ast.Assign) else []
        for target in targets:
            if isinstance(target, ast.Attribute):
                assert target.attr not in MARKUP_FIELDS, (
                    f"{path.name}:{node.lineno}: .{target.attr} takes markup"
                )


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_segments_are_made_in_few_places(path: Path) -> None:
    """A terminal gets text through `Segment` only: the places that make one pass the safe door first."""
    makers = {"row.py", "frame.py"}
    for node in nodes(path):
        if isinstance(node, ast.Name) and node.id == "Segment":
            assert path.name in makers, f"{path.name}:{node.lineno}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_it_imports_only_from_the_rooms_below_it(path: Path) -> None:
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("locust_tui."):
            assert (node.module or "").split(".")[1] in ALLOWED_ROOMS, (
                f"{path.name}:{node.lineno}: {node.module}"
            )


def modules_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}; print(sorted(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
        cwd=PACKAGE.parent,
    )
    return set(ast.literal_eval(done.stdout))


def test_opening_it_loads_nothing_heavy_that_textual_does_not_load_itself() -> None:
    bare = modules_after("import textual.app, textual.containers")
    ours = modules_after("import locust_tui.app") - bare
    assert [name for name in ours if name.startswith(HEAVY)] == []


def test_asking_for_a_terminal_loads_no_textual() -> None:
    assert "textual" not in modules_after("import locust_tui.cockpit")
