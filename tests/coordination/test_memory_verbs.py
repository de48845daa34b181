"""`memory` as a person and a script use it: values come back as they went in, and every no has its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from locust_tui.cli import quick_memory
from locust_tui.client.requests import MemoryHistory
from project import Project

PLAN = """\
project: {name: Harbour "Ferry", short: Harbour}
workstreams:
  WS-01: {name: Core, run: "true", needs: never}
  WS-02: {name: Shop, run: "true", needs: {WS-01: done}}
gates: {never: {approvers: [nobody]}}
"""
PROBE = """
import sys
before = set(sys.modules)
sys.argv = ["locust-tui", *{words}]
from locust_tui.__main__ import main
try:
    main()
except SystemExit as end:
    assert not end.code
print(*(set(sys.modules) - before), file=sys.stderr)
"""
Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def memory(project: Project) -> Call:
    """Run `locust-tui memory ARGS` in the project's folder."""
    project.write(PLAN)

    def run(*args: str, **more: object) -> subprocess.CompletedProcess[str]:
        options: dict[str, object] = {"cwd": project.path, "timeout": 60, **more}
        if "input" not in options:
            options["stdin"] = subprocess.DEVNULL
        command = [sys.executable, "-m", "locust_tui", "memory", *args]
        return subprocess.run(command, capture_output=True, text=True, **options)  # type: ignore[call-overload,no-any-return]

    return run


CONFIG = '{\n  "project": "Locust",\n  "phases": 4, "x": [1.0, 1, null, "ü{}"]\n}'


def test_what_is_stored_comes_back_as_it_was(memory: Call) -> None:
    stored = memory("store", "--key", "locust/meta/config", "--value", CONFIG)
    assert stored.stdout.startswith("locust/meta/config: version 1 stored, revision "), stored.stderr
    assert memory("get", "locust/meta/config").stdout == CONFIG + "\n"
    assert memory("get", "--key=locust/meta/config").stdout == CONFIG + "\n"
    found = json.loads(memory("get", "locust/meta/config", "--json").stdout)
    assert (found["value"], found["version"]) == (json.loads(CONFIG), 1)


def test_texts_and_standard_input(memory: Call) -> None:
    assert "it is no JSON, so it is a text" in memory("store", "a", "--value", "two\nlines").stdout
    assert memory("get", "a").stdout == "two\nlines\n"
    piped = memory("store", "b", input='{"from": "a pipe", "braces": "{nobody}"}\n')
    assert piped.returncode == 0, piped.stderr
    assert json.loads(memory("get", "b").stdout) == {"from": "a pipe", "braces": "{nobody}"}
    assert memory("store", "c", "--value", "").returncode == 0
    assert memory("get", "c").stdout == "\n"


@pytest.mark.parametrize(
    "words",
    [
        ("d/e", "[1, 2]"),
        ("--key", "d/e", "[1, 2]"),
        ("d/e", "--value", "[1, 2]"),
        ("d/e", "--key", "d/e", "[1, 2]"),
    ],
)
def test_a_key_and_a_value_may_stand_as_words(memory: Call, words: tuple[str, ...]) -> None:
    assert memory("store", *words).returncode == 0
    assert json.loads(memory("get", "d/e").stdout) == [1, 2]


@pytest.mark.parametrize(
    "words", [("d", "1", "2"), ("d", "1", "--value", "2"), ("d", "e", "--key", "f", "--value", "1")]
)
def test_a_word_too_many_stores_nothing(memory: Call, words: tuple[str, ...]) -> None:
    refused = memory("store", *words)
    assert (refused.returncode, "one word too many" in refused.stderr) == (2, True)


def test_placeholders_are_filled_in_and_unknown_ones_refused(memory: Call) -> None:
    stored = memory("store", "--key", "locust/status/week-{n}", "--value", "{status_json}")
    assert stored.returncode == 0, stored.stderr
    status = json.loads(memory("get", "locust/status/week-1").stdout)
    assert (status["plan"]["name"], len(status["workstreams"])) == ('Harbour "Ferry"', 2)
    assert (
        memory("store", "x/{date}", "--value", '{"at": "{ts}", "week": {week}, "by": "{name}"}').returncode
        == 0
    )
    found = json.loads(memory("get", "--pattern", "x/*", "--json").stdout)
    assert (found[0]["value"]["week"], len(found[0]["key"])) == (1, 12)
    refused = memory("store", "y", "--value", "hello {XX}")
    assert (refused.returncode, "inside a run only" in refused.stderr) == (2, True)
    assert memory("store", "y/{nothing}", "--value", "1").returncode == 2
    assert memory("store", "y", "--value", "hello {XX}", "--literal").returncode == 0
    assert memory("get", "y").stdout == "hello {XX}\n"


def test_a_status_within_json_keeps_it_json(memory: Call) -> None:
    assert memory("store", "s", "--value", '{"said": "{status_json}"}').returncode == 0
    assert json.loads(json.loads(memory("get", "s").stdout)["said"])["schema"] == 1


def test_every_no_has_its_code(memory: Call) -> None:
    assert memory("store", "schema", "--value", "1").returncode == 0
    missing = memory("get", "schemb")
    assert (missing.returncode, "did you mean schema" in missing.stderr) == (3, True)
    nothing = memory("get", "--pattern", "schemb*")
    assert (nothing.returncode, "did you mean schema" in nothing.stderr) == (1, True)
    assert memory("get").returncode == 2
    assert memory("get", "a", "--pattern", "b").returncode == 2
    assert memory("store", "locust/status/current", "--value", "1").returncode == 4
    assert memory("store", "schema", "--value", "2", "--if-version", "7").returncode == 4
    assert memory("store", "no key", "--value", "2").returncode == 2
    assert memory("rm", "none").returncode == 3
    assert memory("history", "none").returncode == 3
    bad = memory("store", "locust/ws01/status", "--value", '{"progress": "soon"}')
    assert (bad.returncode, "nothing was stored" in bad.stderr) == (2, True)
    assert json.loads(memory("ls", "--json").stdout) != []


def test_history_and_removal(memory: Call) -> None:
    for value in ("1", '"two"', "3"):
        assert memory("store", "k", "--value", value).returncode == 0
    assert memory("rm", "k", "--by", "ana").returncode == 0
    found = json.loads(memory("history", "k", "--json").stdout)
    assert [(v["version"], v["value"], v["removed"]) for v in found] == [
        (1, 1, False), (2, "two", False), (3, 3, False), (None, None, True),
    ]  # fmt: skip
    assert found[-1]["by"] == "ana"
    assert memory("get", "k").returncode == 3
    assert len(memory("history", "k", "--last", "2").stdout.splitlines()) == 2


def test_agents_are_told_earlier_versions(memory: Call, project: Project) -> None:
    for value in ("1", '"two"'):
        assert memory("store", "k", "--value", value).returncode == 0
    told = project.ask(MemoryHistory("k")).data["versions"]
    assert [(v["version"], v["value"]) for v in told] == [(1, 1), (2, "two")]
    assert len(project.ask(MemoryHistory("k", 1)).data["versions"]) == 1
    assert "did you mean k?" in str(project.refused(MemoryHistory("kk")).help)


def test_dependencies_and_states_can_be_read_before_anything_ran(memory: Call, project: Project) -> None:
    found = json.loads(memory("get", "--pattern", "locust/dependencies/*", "--json").stdout)
    edge = next(e["value"] for e in found if e["key"] == "locust/dependencies/WS-01-WS-02")
    assert (edge["condition"], edge["state"], edge["delay_weeks"]) == ("done", "open", 0.0)
    assert json.loads(memory("get", "locust/dependencies/ready").stdout)["count"] == 0
    assert not project.folder.store.exists()
    assert (
        memory("store", "locust/ws01/status", "--value", '{"progress": 75, "next": "tests"}').returncode == 0
    )
    assert json.loads(memory("get", "locust/status/WS-01").stdout)["reported"] == 75


def test_writers_at_once_lose_nothing(memory: Call, project: Project) -> None:
    project.up()
    done: list[int] = []

    def write(n: int) -> None:
        done.append(memory("store", "counter", "--value", str(n)).returncode)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [0] * 12
    found = json.loads(memory("history", "counter", "--json").stdout)
    assert [v["version"] for v in found] == list(range(1, 13))
    assert sorted(v["value"] for v in found) == list(range(12))


@pytest.fixture
def watching(project: Project, memory: Call) -> Iterator[subprocess.Popen[str]]:
    project.up()
    command = [sys.executable, "-u", "-m", "locust_tui", "memory", "watch", "notes/*", "--json"]
    process = subprocess.Popen(command, cwd=project.path, stdout=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.wait()


def test_changes_are_told_as_they_come(watching: subprocess.Popen[str], memory: Call) -> None:
    assert watching.stdout is not None
    found: list[dict[str, object]] = []
    reader = threading.Thread(target=lambda: found.extend(json.loads(line) for line in _first(watching, 2)))
    reader.start()
    n = 0
    while reader.is_alive():  # the watcher may not listen yet when the first is written
        n += 1
        assert memory("store", "notes/a", "--value", str(n)).returncode == 0
        assert memory("store", "other", "--value", "1").returncode == 0
        reader.join(0.05)
    assert [f["key"] for f in found] == ["notes/a", "notes/a"]
    assert found[1]["version"] == int(str(found[0]["version"])) + 1


def _first(process: subprocess.Popen[str], count: int) -> list[str]:
    assert process.stdout is not None
    return [process.stdout.readline() for _ in range(count)]


class TestQuickCalls:
    """The short way of a plain call says the same as the whole verb, or leaves the call to it."""

    @pytest.fixture
    def project(self) -> Iterator[Project]:
        """In a folder of a short name: a socket's path has a length, and the short way knows no other place for it."""
        with tempfile.TemporaryDirectory(prefix="lt-") as folder:
            made = Project(Path(folder) / "p")
            yield made
            made.end()

    @pytest.fixture(autouse=True)
    def _here(self, project: Project, memory: Call, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(project.path)
        project.up()

    @pytest.mark.parametrize(
        "value", ["1", CONFIG, '"ü"', "plain", "two\nlines \U0001f41d", '{"progress": 1}', " 3 "]
    )
    def test_store_and_get_are_the_verbs(
        self, value: str, memory: Call, project: Project, capfd: pytest.CaptureFixture[str]
    ) -> None:
        assert (
            quick_memory.store(
                ["--key", "locust/ws01/status" if "progress" in value else "q", "--value", value]
            )
            == 0
        )
        key = "locust/ws01/status" if "progress" in value else "q"
        said = capfd.readouterr().out
        whole = memory("store", key, "--value", value, "--json")
        assert json.loads(whole.stdout)["version"] == 2
        assert said.startswith(f"{key}: version 1 stored, revision ")
        quickly = quick_memory.get([key])
        said = capfd.readouterr().out
        slowly = json.loads(memory("get", key, "--json").stdout)["value"]
        if quickly == 0:
            assert (json.loads(said) if not isinstance(slowly, str) else said[:-1]) == slowly
        else:
            assert "\n" in value  # an escape in a string is the verb's

    @pytest.mark.parametrize(
        "words",
        [
            [],
            ["none"],
            ["--pattern", "*"],
            ["a", "b"],
            ["k*"],
            ["locust/status/current"],
            ["a", "--json"],
            ["--key"],
            ["-x"],
        ],
    )
    def test_whatever_is_unusual_is_the_verbs(self, words: list[str]) -> None:
        assert quick_memory.get(words) is None

    @pytest.mark.parametrize(
        "words",
        [[], ["a", "--value", "{name}"], ["a{n}", "--value", "1"], ["a", "--value"], ["a", "--literal"]],
    )
    def test_placeholders_and_mistakes_are_the_verbs(self, words: list[str]) -> None:
        assert quick_memory.store(words) is None

    def test_plain_calls_load_next_to_nothing(self, project: Project) -> None:
        """Neither the command line's library nor Python's own larger ones."""
        for words in (["store", "a", "--value", '{"b": 1}'], ["get", "a"]):
            program = PROBE.format(words=["memory", *words])
            told = subprocess.run(
                [sys.executable, "-c", program], cwd=project.path, capture_output=True, text=True
            )
            assert told.returncode == 0, told.stderr
            loaded = set(told.stderr.split())
            assert not loaded & {
                "click",
                "json",
                "re",
                "sqlite3",
                "socket",
                "msgspec",
                "typing",
                "pathlib",
                "asyncio",
            }

    def test_a_refusal_is_said_in_the_workers_words(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert quick_memory.store(["locust/status/current", "--value", "1"]) == 4
        assert "computed from the plan" in capfd.readouterr().err

    def test_without_a_worker_or_with_a_strangers_folder_it_is_the_verbs(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert quick_memory.store(["a", "--value", "1"]) == 0
        os.chmod(project.folder.root, 0o755)
        assert quick_memory.get(["a"]) is None
        os.chmod(project.folder.root, 0o700)
        project.kill()
        assert quick_memory.store(["a", "--value", "1"]) is None

    def test_a_value_older_than_a_secret_is_masked_by_the_verb(self, project: Project) -> None:
        assert quick_memory.store(["a", "--value", "1"]) == 0
        assert quick_memory.get(["a"]) == 0
        (project.folder.root / "masks.jsonl").touch()
        assert quick_memory.get(["a"]) is None


def test_the_state_folder_may_be_named(project: Project, memory: Call, tmp_path: Path) -> None:
    named = {**os.environ, "LOCUST_TUI_STATE_DIR": str(tmp_path / "state")}
    try:
        stored = memory("store", "a", "--value", "1", env=named)
        assert stored.returncode == 0, stored.stderr
        assert memory("get", "a", env=named).stdout == "1\n"
        assert memory("get", "a").returncode == 3
    finally:
        down = [sys.executable, "-m", "locust_tui", "down"]
        subprocess.run(down, cwd=project.path, env=named, capture_output=True, check=True)
