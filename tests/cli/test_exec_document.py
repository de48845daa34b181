"""`exec`: the commands of a document, shown first, run in order, each with its outcome."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from locust_tui.cli.document_commands import read

Tui = Callable[..., subprocess.CompletedProcess[str]]

DOCUMENT = """\
# How to set it up

Some words, and `code` in them.

```bash
# first the names
npx claude-flow@alpha paths --json   # where things are
locust-tui keys \\
  --json

npx claude-flow@alpha memory store --key "a/{n}" --value '{
  "text": "two # words",
  "n": 4
}'
```

```python
import this
```

```console
$ locust-tui paths
plan   /somewhere
```
"""


def test_commands_are_read_as_they_are_meant() -> None:
    assert [(c.line, c.argvs) for c in read(DOCUMENT)] == [
        (7, (("paths", "--json"),)),
        (8, (("keys", "--json"),)),
        (11, (("memory", "store", "--key", "a/{n}", "--value", '{\n  "text": "two # words",\n  "n": 4\n}'),)),
        (22, (("paths",),)),
    ]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("npm install", '"npm" is another program'),
        ("npx tsc", '"npx" is another program'),
        ("locust-tui ps && locust-tui keys", 'only a shell knows "&&"'),
        ("locust-tui ps > file", 'only a shell knows ">"'),
        ("npx claude-flow@alpha memory store --key week-$(date +%U) --value 1", "only a shell replaces"),
        ('locust-tui memory store --key k --value "$HOME"', "only a shell replaces"),
        ("locust-tui ps | grep x", '"grep" is another program'),
        ("locust-tui memory store 'k", "its quotes are never closed"),
        ("locust-tui exec other.md --yes", "it runs another document"),
    ],
)
def test_what_is_not_this_programs_alone_is_told(line: str, why: str) -> None:
    (found,) = read(f"```bash\n{line}\n```\n")
    assert found.argvs == ()
    assert why in found.why


def test_a_dollar_in_single_quotes_is_no_variable_and_pipes_join_verbs() -> None:
    (found,) = read("```sh\nnpx claude-flow task status --pattern 'WS-*$' | summarize\n```\n")
    assert found.argvs == (("task", "status", "--pattern", "WS-*$"), ("summarize",))


def test_a_dry_run_shows_exactly_what_would_run(tui: Tui, tmp_path: Path) -> None:
    (tmp_path / "doc.md").write_text(DOCUMENT)
    done = tui("exec", "doc.md", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[1]["argv"] == [["locust-tui", "keys", "--json"]]
    assert "locust-tui keys --json\n" in tui("exec", "doc.md", "--dry-run").stdout
    (tmp_path / "other.md").write_text("```bash\nmake\n```\n")
    assert tui("exec", "other.md", "--dry-run").returncode == 4


def test_without_a_terminal_and_without_yes_nothing_runs(tui: Tui, tmp_path: Path) -> None:
    (tmp_path / "doc.md").write_text("```bash\nlocust-tui keys\n```\n")
    done = tui("exec", "doc.md")
    assert (done.returncode, done.stdout) == (4, "")
    assert "locust-tui keys" in done.stderr


def test_it_stops_at_the_first_failure_unless_told_to_go_on(tui: Tui, tmp_path: Path, harbour: Path) -> None:
    lines = ("locust-tui keys --json", "locust-tui ws show nobody", "locust-tui paths --json")
    (tmp_path / "doc.md").write_text("```bash\n" + "\n".join(lines) + "\n```\n")
    done = tui("exec", "doc.md", "--yes")
    assert done.returncode == 1
    assert done.stdout.endswith(
        "1 of 3 commands done; line 3 failed with exit code 3; 1 not run (--keep-going goes on)\n"
    )
    went_on = tui("exec", "doc.md", "--yes", "--keep-going", "--json")
    assert went_on.returncode == 1
    assert [d["exit_code"] for d in json.loads(went_on.stdout)] == [0, 3, 0]


def test_other_programs_are_refused_before_anything_runs(tui: Tui, tmp_path: Path) -> None:
    (tmp_path / "doc.md").write_text("```bash\nlocust-tui new\ntouch made\n```\n")
    done = tui("exec", "doc.md", "--yes")
    assert (done.returncode, '"touch" is another program' in done.stderr) == (4, True)
    assert not (tmp_path / "locust-plan.yaml").exists()
    done = tui("exec", "doc.md", "--yes", "--shell")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "made").exists()
    assert (tmp_path / "locust-plan.yaml").exists()


def test_a_document_runs_no_document_that_was_not_shown(tui: Tui, tmp_path: Path) -> None:
    (tmp_path / "outer.md").write_text("```bash\nlocust-tui --no-color exec inner.md --yes\n```\n")
    (tmp_path / "inner.md").write_text("```bash\nlocust-tui new\n```\n")
    for more in ([], ["--shell"]):
        done = tui("exec", "outer.md", "--yes", *more)
        assert (done.returncode, "was not shown" in done.stderr) == (1, True), done.stderr
    assert not (tmp_path / "locust-plan.yaml").exists()


def test_a_shell_finds_this_program_under_its_other_names(tui: Tui, tmp_path: Path) -> None:
    (tmp_path / "doc.md").write_text(
        "```bash\nnpx claude-flow@alpha keys --json > keys.json && test -s keys.json\n```\n"
    )
    assert tui("exec", "doc.md", "--yes", "--shell").returncode == 0
    assert json.loads((tmp_path / "keys.json").read_text())


def test_agents_may_not(tui: Tui, tmp_path: Path) -> None:
    (tmp_path / "doc.md").write_text("```bash\nlocust-tui keys\n```\n")
    done = tui("exec", "doc.md", "--yes", env={**os.environ, "LOCUST_TUI_RUN": "WS-01.1"})
    assert (done.returncode, "is for people" in done.stderr) == (4, True)


def test_a_document_without_commands_and_one_that_is_not_there(tui: Tui, tmp_path: Path) -> None:
    (tmp_path / "doc.md").write_text("# Nothing\n")
    assert tui("exec", "doc.md", "--yes").returncode == 2
    assert tui("exec", "none.md", "--yes").returncode == 3
