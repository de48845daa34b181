"""A result is bound to the content it was measured on: an edit makes it stale, committing that content does not."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from locust_tui.criteria.inputs import InputState, bound, input_digest, is_stale
from locust_tui.criteria.reading import MeasureError
from locust_tui.criteria.work_tree import WorkTree, work_tree
from locust_tui.domain.criterion import (
    Command,
    Criterion,
    CriterionResult,
    Evidence,
    Limit,
    Probe,
    ProbeKind,
)
from locust_tui.domain.states import CriterionState


def shell(text: str) -> Command:
    return Command(("/bin/sh", "-c", text), text, shell=True)


TESTS = Criterion("unit", "Unit tests", (Probe(ProbeKind.RUN, shell("./test.sh")),))


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "init.defaultBranch=main")
    allowed = ("-c", "protocol.file.allow=always")
    ended = subprocess.run(
        ["git", *identity, *allowed, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return ended.stdout.strip()


def in_shell(folder: Path, script: str) -> None:
    subprocess.run(["/bin/sh", "-c", script], cwd=folder, check=True)


def commit_all(folder: Path) -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "change")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    git(folder, "init", "-q")
    (folder / "src" / "a.py").write_text("a = 1\n")
    (folder / "test.sh").write_text("exit 0\n")
    (folder / ".gitignore").write_text("target/\n")
    commit_all(folder)
    return folder


async def tree_of(folder: Path) -> WorkTree:
    tree = await work_tree(folder)
    assert tree is not None
    return tree


class TestWorkTree:
    async def test_a_clean_tree_is_its_commit(self, repository: Path) -> None:
        tree = await tree_of(repository)
        assert tree.digest == git(repository, "rev-parse", "HEAD^{tree}")
        assert (tree.commit, tree.dirty) == (git(repository, "rev-parse", "HEAD"), False)

    @pytest.mark.parametrize(
        "change",
        [
            "echo b >> src/a.py",
            "echo b > src/new.py",
            "rm src/a.py",
            "mv src/a.py src/b.py",
            "chmod +x test.sh",
            "rm test.sh && ln -s src/a.py test.sh",
            "echo b >> src/a.py && git add -A",
            "rm -r src && echo b > src",
            "echo b > 'src/a b\tc\"é.py'",
            "git mv src/a.py src/b.py",
            "echo c > src/c.py && git add -N src/c.py",
        ],
    )
    async def test_every_change_shows_and_committing_it_changes_nothing(
        self, repository: Path, change: str
    ) -> None:
        before = await tree_of(repository)
        in_shell(repository, change)
        changed = await tree_of(repository)
        assert changed.digest != before.digest
        assert changed.dirty
        commit_all(repository)
        assert (
            (await tree_of(repository)).digest
            == changed.digest
            == git(repository, "rev-parse", "HEAD^{tree}")
        )

    async def test_undoing_a_change_restores_the_digest(self, repository: Path) -> None:
        before = await tree_of(repository)
        (repository / "src" / "a.py").write_text("a = 2\n")
        assert (await tree_of(repository)).digest != before.digest
        (repository / "src" / "a.py").write_text("a = 1\n")
        assert (await tree_of(repository)).digest == before.digest

    async def test_quick_edits_of_the_same_size_all_show(self, repository: Path) -> None:
        seen = set()
        for digit in range(8):
            (repository / "src" / "a.py").write_text(f"a = {digit}\n")
            seen.add((await tree_of(repository)).digest)
        assert len(seen) == 8

    async def test_ignored_files_and_the_state_folder_are_left_out(self, repository: Path) -> None:
        before = await tree_of(repository)
        for name in ("target/out", ".locust-tui/state.db", "src/.locust-tui/x"):
            (repository / name).parent.mkdir(exist_ok=True)
            (repository / name).write_text(str(time.time()))
        assert await tree_of(repository) == before

    async def test_the_repository_is_left_as_it_was(self, repository: Path) -> None:
        (repository / "src" / "new.py").write_text("b")
        (repository / "src" / "a.py").write_text("a = 3\n")

        def inside() -> dict[str, tuple[int, int]]:
            files = (path for path in (repository / ".git").rglob("*") if path.is_file())
            return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in files}

        before = inside()
        await tree_of(repository)
        assert inside() == before

    async def test_a_held_index_lock_does_not_matter(self, repository: Path) -> None:
        (repository / ".git" / "index.lock").touch()
        (repository / "src" / "new.py").write_text("b")
        assert (await tree_of(repository)).dirty

    async def test_a_repository_without_a_commit(self, tmp_path: Path) -> None:
        git(tmp_path, "init", "-q")
        empty = await tree_of(tmp_path)
        assert (empty.commit, empty.dirty) == (None, False)
        (tmp_path / "a").write_text("a")
        full = await tree_of(tmp_path)
        commit_all(tmp_path)
        assert (await tree_of(tmp_path)).digest == full.digest != empty.digest

    async def test_a_conflict_has_a_digest(self, repository: Path) -> None:
        git(repository, "checkout", "-qb", "other")
        (repository / "src" / "a.py").write_text("a = 'other'\n")
        commit_all(repository)
        git(repository, "checkout", "-q", "main")
        (repository / "src" / "a.py").write_text("a = 'main'\n")
        commit_all(repository)
        with pytest.raises(subprocess.CalledProcessError):
            git(repository, "merge", "-q", "other")
        conflicted = await tree_of(repository)
        assert conflicted.dirty
        (repository / "src" / "a.py").write_text("a = 'both'\n")
        assert (await tree_of(repository)).digest != conflicted.digest

    async def test_a_linked_worktree_has_its_own_content(self, repository: Path, tmp_path: Path) -> None:
        linked = tmp_path / "linked"
        git(repository, "worktree", "add", "-q", "-b", "ws", str(linked))
        assert (await tree_of(linked)).digest == (await tree_of(repository)).digest
        (linked / "src" / "a.py").write_text("a = 2\n")
        assert (await tree_of(linked)).digest != (await tree_of(repository)).digest

    async def test_changes_inside_a_submodule_and_a_nested_repository_show(
        self, repository: Path, tmp_path: Path
    ) -> None:
        library = tmp_path / "library"
        library.mkdir()
        git(library, "init", "-q")
        (library / "l.py").write_text("l = 1\n")
        commit_all(library)
        git(repository, "submodule", "add", "-q", str(library), "sub")
        commit_all(repository)
        git(repository, "clone", "-q", str(library), "nested")
        digests = {(await tree_of(repository)).digest}
        for name in ("sub", "nested"):
            (repository / name / "l.py").write_text("l = 2\n")
            digests.add((await tree_of(repository)).digest)
        assert len(digests) == 3

    async def test_a_subfolder_sees_the_whole_repository(self, repository: Path) -> None:
        before = await tree_of(repository / "src")
        (repository / "test.sh").write_text("exit 1\n")
        assert (await tree_of(repository / "src")).digest != before.digest

    async def test_a_change_in_the_tick_of_the_commit_is_seen(self, repository: Path) -> None:
        git(repository, "config", "core.trustctime", "false")
        script, index = repository / "test.sh", repository / ".git" / "index"
        written = script.stat().st_mtime_ns - 10**9
        os.utime(script, ns=(written, written))
        git(repository, "update-index", "--refresh")
        before = await tree_of(repository)
        script.write_text("exit 1\n")
        for path in (script, index):
            os.utime(path, ns=(written, written))
        assert (await tree_of(repository)).digest != before.digest

    async def test_the_callers_git_environment_leads_nowhere(
        self, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        expected = await tree_of(repository)
        monkeypatch.setenv("GIT_DIR", str(tmp_path / "none"))
        monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "none"))
        assert await tree_of(repository) == expected

    async def test_outside_git_there_is_none(self, tmp_path: Path) -> None:
        assert await work_tree(tmp_path) is None

    async def test_without_git_there_is_none(self, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "/nowhere")
        assert await work_tree(repository) is None

    async def test_an_ignored_folder_is_outside(self, repository: Path) -> None:
        (repository / "target" / "demo").mkdir(parents=True)
        assert await work_tree(repository / "target" / "demo") is None

    async def test_a_broken_repository_is_an_error(self, repository: Path) -> None:
        (repository / ".git" / "index").write_bytes(b"no index")
        with pytest.raises(MeasureError, match="git status failed"):
            await work_tree(repository)


class TestDigest:
    async def test_one_reading_serves_many_criteria(self, repository: Path) -> None:
        tree = await work_tree(repository)
        other = replace(TESTS, limit=Limit(expect="ok"))
        first, second = [await input_digest(repository, c, tree=tree) for c in (TESTS, other)]
        assert first == await input_digest(repository, TESTS)
        assert first.digest != second.digest

    async def test_the_commit_says_whether_there_was_more(self, repository: Path) -> None:
        head = git(repository, "rev-parse", "HEAD")
        assert (await input_digest(repository, TESTS)).evidence_commit == head
        (repository / "new").write_text("x")
        assert (await input_digest(repository, TESTS)).evidence_commit == f"{head}+dirty"

    async def test_a_report_that_git_ignores_still_counts(self, repository: Path) -> None:
        subject = Criterion("c", "C", (Probe(ProbeKind.COVERAGE, patterns=("target/lcov.info",)),))
        digests = [(await input_digest(repository, subject)).digest]
        (repository / "target").mkdir()
        for content in ("one", "two"):
            (repository / "target" / "lcov.info").write_text(content)
            digests.append((await input_digest(repository, subject)).digest)
        assert len(set(digests)) == 3

    async def test_a_web_address_and_a_person_do_not_depend_on_files(self, repository: Path) -> None:
        published = Criterion("p", "P", (Probe(ProbeKind.HTTP, url="https://example.invalid"),))
        signed = Criterion("s", "S", (Probe(ProbeKind.MANUAL, text="ok?"),))
        before = [(await input_digest(repository, c)).digest for c in (published, signed)]
        (repository / "src" / "a.py").write_text("a = 2\n")
        assert [(await input_digest(repository, c)).digest for c in (published, signed)] == before

    @pytest.mark.parametrize("name", ["test.sh", "data/in.txt", "result.json", "notes [1].txt"])
    async def test_outside_git_the_named_files_count(self, tmp_path: Path, name: str) -> None:
        subject = Criterion(
            "c",
            "C",
            (
                Probe(ProbeKind.RUN, shell("sh ./test.sh <'notes [1].txt'>/dev/null")),
                Probe(ProbeKind.METRIC, patterns=("result.json",)),
            ),
            inputs=("data/**",),
        )
        (tmp_path / "data").mkdir()
        (tmp_path / "unrelated").write_text("x")
        before = await input_digest(tmp_path, subject)
        (tmp_path / "unrelated").write_text("y")
        assert await input_digest(tmp_path, subject) == before
        (tmp_path / name).write_text("one")
        first = await input_digest(tmp_path, subject)
        (tmp_path / name).write_text("two")
        assert len({before.digest, first.digest, (await input_digest(tmp_path, subject)).digest}) == 3

    async def test_a_touched_file_is_not_a_changed_one(self, tmp_path: Path) -> None:
        subject = Criterion("c", "C", (Probe(ProbeKind.FILES, patterns=("a",)),))
        (tmp_path / "a").write_text("a")
        before = await input_digest(tmp_path, subject)
        os.utime(tmp_path / "a", (1, 1))
        assert await input_digest(tmp_path, subject) == before


class TestBound:
    async def test_what_the_check_itself_wrote_does_not_make_it_stale(self, repository: Path) -> None:
        before = await input_digest(repository, TESTS)
        (repository / "report.xml").write_text("made by the check")
        after = await input_digest(repository, TESTS)
        assert before.digest != after.digest
        assert bound(before, after) == after

    async def test_an_edit_during_the_check_does(self, repository: Path) -> None:
        before = await input_digest(repository, TESTS)
        (repository / "src" / "a.py").write_text("a = 2\n")
        (repository / "report.xml").write_text("made by the check")
        assert bound(before, await input_digest(repository, TESTS)) == before

    async def test_outside_git_declared_inputs_tell_an_edit_from_a_report(self, tmp_path: Path) -> None:
        subject = Criterion(
            "c", "C", (Probe(ProbeKind.METRIC, shell("bench"), patterns=("out.json",)),), inputs=("*.py",)
        )
        (tmp_path / "a.py").write_text("1")
        before = await input_digest(tmp_path, subject)
        (tmp_path / "out.json").write_text("{}")
        after = await input_digest(tmp_path, subject)
        assert bound(before, after) == after
        (tmp_path / "a.py").write_text("2")
        assert bound(before, await input_digest(tmp_path, subject)) == before


class TestStale:
    NOW = 1_000_000.0

    def result(self, inputs: InputState, state: CriterionState = CriterionState.PASS) -> CriterionResult:
        evidence = Evidence(at=self.NOW, commit=inputs.evidence_commit, input_digest=inputs.digest)
        return CriterionResult("gate:g/unit", state, evidence=evidence)

    async def test_editing_a_file_after_a_pass(self, repository: Path) -> None:
        result = self.result(await input_digest(repository, TESTS))
        assert is_stale(result, TESTS, await input_digest(repository, TESTS), self.NOW) is None
        (repository / "src" / "a.py").write_text("a = 2\n")
        assert (
            is_stale(result, TESTS, await input_digest(repository, TESTS), self.NOW)
            == "files have changed since"
        )

    async def test_committing_what_was_measured_keeps_it(self, repository: Path) -> None:
        (repository / "src" / "a.py").write_text("a = 2\n")
        result = self.result(await input_digest(repository, TESTS))
        commit_all(repository)
        assert is_stale(result, TESTS, await input_digest(repository, TESTS), self.NOW) is None

    async def test_another_commit_is_named(self, repository: Path) -> None:
        result = self.result(await input_digest(repository, TESTS))
        (repository / "src" / "a.py").write_text("a = 2\n")
        head = commit_all(repository)
        reason = is_stale(result, TESTS, await input_digest(repository, TESTS), self.NOW)
        assert reason is not None
        assert reason.endswith(f"now at {head[:9]}")

    async def test_another_limit_makes_it_stale(self, repository: Path) -> None:
        result = self.result(await input_digest(repository, TESTS))
        changed = replace(TESTS, limit=Limit(expect="ok"))
        current = await input_digest(repository, changed)
        assert is_stale(result, changed, current, self.NOW) == "the criterion itself has changed"

    async def test_another_name_does_not(self, repository: Path) -> None:
        result = self.result(await input_digest(repository, TESTS))
        renamed = replace(TESTS, name="Tests", must=False, max_age=5.0)
        assert is_stale(result, renamed, await input_digest(repository, renamed), self.NOW) is None

    @pytest.mark.parametrize(
        ("own", "default", "age", "stale"),
        [
            (None, None, 1e9, False),
            (60.0, None, 60.0, False),
            (60.0, None, 61.0, True),
            (None, 60.0, 61.0, True),
            (120.0, 60.0, 61.0, False),
            (60.0, None, -5.0, False),
        ],
    )
    def test_age(self, own: float | None, default: float | None, age: float, stale: bool) -> None:
        subject = replace(TESTS, max_age=own)
        reason = is_stale(self.result(InputState("d")), subject, None, self.NOW + age, max_age=default)
        assert (reason is not None) is stale

    def test_the_age_is_said_in_words(self) -> None:
        subject = replace(TESTS, max_age=86_400.0)
        reason = is_stale(self.result(InputState("d")), subject, None, self.NOW + 3 * 86_400)
        assert reason == "measured 3 days ago, holds for 24 h"

    def test_no_evidence_is_stale_and_never_run_is_not(self) -> None:
        assert is_stale(CriterionResult("k", CriterionState.PASS), TESTS, None, self.NOW)
        assert is_stale(CriterionResult("k", CriterionState.NOT_RUN), TESTS, None, self.NOW) is None
        assert is_stale(CriterionResult("k", CriterionState.WAIVED), TESTS, None, self.NOW) is None

    def test_stale_stays_stale_until_measured_again(self) -> None:
        inputs = InputState("d")
        assert is_stale(self.result(inputs, CriterionState.STALE), TESTS, inputs, self.NOW)
