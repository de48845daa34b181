"""An agent type with a sandbox writes where its work is, and nowhere else."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import locust_tui
from locust_tui.errors import LocustTuiError
from locust_tui.execution.sandbox import Place, fenced


def works() -> bool:
    if shutil.which("bwrap") is None:
        return False
    return subprocess.run(["bwrap", "--ro-bind", "/", "/", "true"], capture_output=True).returncode == 0


needs_bwrap = pytest.mark.skipif(
    not works(), reason="bubblewrap is not installed, or may not make namespaces"
)


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def run(script: str, kind: str, cwd: Path, home: Path, *places: Place) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "HOME": str(home)}
    argv = fenced(("/bin/sh", "-c", script), kind, cwd, env, places)
    return subprocess.run(argv, capture_output=True, text=True, env=env, timeout=30)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


@needs_bwrap
@pytest.mark.parametrize("kind", ["bwrap", "bwrap-offline"])
def test_it_writes_in_its_work_folder_and_nowhere_else(kind: str, work: Path, home: Path) -> None:
    outside = work.parent / "outside"
    done = run(f"echo hi > made; echo no > {outside}; pwd", kind, work, home)
    assert done.stdout.strip() == str(work)
    assert (work / "made").read_text() == "hi\n"
    assert not outside.exists()


@needs_bwrap
def test_its_program_keeps_its_sessions(work: Path, home: Path) -> None:
    (home / ".claude").mkdir()
    run("echo s > $HOME/.claude/session; echo x > $HOME/.profile", "bwrap", work, home)
    assert (home / ".claude/session").exists()
    assert not (home / ".profile").exists()


@needs_bwrap
def test_offline_has_no_network(work: Path, home: Path) -> None:
    done = run("cat /proc/net/route | wc -l; cat /sys/class/net/lo/operstate", "bwrap-offline", work, home)
    assert done.stdout.split()[0] == "1"


@needs_bwrap
def test_places_named_besides_are_writable(work: Path, home: Path) -> None:
    other = work.parent / "repo.git"
    other.mkdir()
    run(f"echo o > {other}/object", "bwrap", work, home, Place(other, True))
    assert (other / "object").exists()


@needs_bwrap
def test_a_program_may_fence_its_own_commands_in_it(work: Path, home: Path) -> None:
    inner = "bwrap --unshare-user --ro-bind / / --dev /dev -- sh -c 'echo inside'"
    done = run(inner, "bwrap", work, home)
    assert done.stdout == "inside\n", done.stderr


@needs_bwrap
def test_what_it_may_not_write_it_cannot_mount_over(work: Path, home: Path) -> None:
    outside = work.parent / "outside"
    done = run(
        f"unshare -Urm sh -c 'mount -o remount,rw /; echo x > {outside}'; echo x > {outside}",
        "bwrap",
        work,
        home,
    )
    assert not outside.exists(), done.stderr


def test_without_bubblewrap_nothing_runs_unfenced(work: Path) -> None:
    with pytest.raises(LocustTuiError, match="not installed"):
        fenced(("true",), "bwrap", work, {"PATH": str(work)})


def test_an_unknown_fence_is_refused(work: Path) -> None:
    with pytest.raises(LocustTuiError, match="not known"):
        fenced(("true",), "firejail", work, {})


@needs_bwrap
def test_temporary_files_have_a_place_wherever_they_lay_outside(
    work: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert run('echo $TMPDIR; : > "$(mktemp)" && echo made', "bwrap", work, home).stdout.split() == [
        "/tmp",
        "made",
    ]
    monkeypatch.setenv("TMPDIR", str(work))
    assert run("echo $TMPDIR", "bwrap", work, home).stdout.strip() == str(work)


def test_no_sandbox_changes_nothing(work: Path) -> None:
    assert fenced(("true", "x"), "none", work, {}) == ("true", "x")


@needs_bwrap
def test_work_on_this_program_itself_is_writable(home: Path) -> None:
    """Where this program is stays visible below the fence, and never read-only over the work."""
    package = Path(locust_tui.__file__).parents[1]
    argv = fenced(("true",), "bwrap", package, {**os.environ, "HOME": str(home)}, ())
    over = [
        argv[i - 1] for i, word in enumerate(argv) if word == str(package) and argv[i - 1].startswith("--")
    ]
    assert over == ["--ro-bind-try", "--bind-try", "--chdir"]
