"""Nothing is read from, or written through, what others put among the files of a state folder or above it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from locust_tui.state.errors import FolderError
from locust_tui.state.folder import StateFolder

VICTIM = "what must not change\n"
FILES = (
    "ballast", "decisions.jsonl", "masks.jsonl", "plan", "samples.db", "socket", "store.db", "store.db-shm", "store.db-wal",
    "store.db.lock", "tools.key", "worker.lock", "worker.log",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> StateFolder:
    place = tmp_path / "project"
    place.mkdir()
    plan = place / "locust-plan.yaml"
    plan.write_text("project: {name: Demo}\nworkstreams: {a: {run: 'true'}}\n")
    made = StateFolder(plan)
    made.prepare()
    return made


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    path = tmp_path / "victim"
    path.write_text(VICTIM)
    return path


def link(path: Path, victim: Path) -> None:
    path.symlink_to(victim)


def hard_link(path: Path, victim: Path) -> None:
    path.hardlink_to(victim)


def of_another_user(path: Path, victim: Path) -> None:
    if os.geteuid():
        pytest.skip("needs root: only it can give a file away")
    path.write_text(VICTIM)
    os.chown(path, 65534, 65534)


def contents(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(p.relative_to(folder)): (p.lstat().st_ino, p.lstat().st_mtime_ns) for p in folder.rglob("*")}


@pytest.mark.fault(
    40, "each file of the state folder is a link, a second name of another's file, or another user's"
)
@pytest.mark.parametrize("plant", [link, hard_link, of_another_user])
@pytest.mark.parametrize("name", FILES)
def test_a_planted_file_is_refused_and_nothing_is_written(
    folder: StateFolder, victim: Path, name: str, plant: Callable[[Path, Path], None]
) -> None:
    path = folder.root / name
    path.unlink(missing_ok=True)
    plant(path, victim)
    before = contents(folder.root)
    with pytest.raises(FolderError) as caught:
        StateFolder(folder.plan_path).prepare()
    assert str(path) in caught.value.message
    assert caught.value.help
    assert contents(folder.root) == before
    assert victim.read_text() == VICTIM


@pytest.mark.fault(40, "a folder within the state folder is a link")
@pytest.mark.parametrize("name", ["backups", "instructions", "reports", "runs"])
def test_a_planted_folder_is_refused(folder: StateFolder, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    if name == "runs":
        folder.runs.rmdir()
    (folder.root / name).symlink_to(elsewhere)
    with pytest.raises(FolderError, match="symbolic link"):
        StateFolder(folder.plan_path).check()


def above_of_another_user(above: Path) -> None:
    if os.geteuid():
        pytest.skip("needs root: only it can give a folder away")
    os.chown(above, 65534, 65534)


def above_open_to_all(above: Path) -> None:
    above.chmod(0o777)


@pytest.mark.fault(40, "a folder far above a chosen state folder is another user's, or everybody's")
@pytest.mark.parametrize("spoil", [above_of_another_user, above_open_to_all])
def test_a_chosen_place_that_others_may_replace_is_refused(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    above = tmp_path / "above"
    chosen = above / "mine" / "state"
    chosen.parent.mkdir(parents=True, mode=0o700)
    spoil(above)
    with pytest.raises(FolderError, match="may be replaced by others") as caught:
        StateFolder(tmp_path / "locust-plan.yaml", chosen).prepare()
    assert str(above) in caught.value.message
    assert not chosen.exists()


FAR = "/tmp/" + "/".join(["far"] * 40)
_SQUAT = """
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /tmp
chmod 1777 /tmp
mkdir -p "$1/project"
setpriv --reuid 65534 --regid 65534 --clear-groups mkdir -m 777 /tmp/locust-tui-0
"$2" -c '
from pathlib import Path
from locust_tui.state.errors import FolderError
from locust_tui.state.folder import StateFolder
import sys
try:
    StateFolder(Path(sys.argv[1]) / "locust-plan.yaml").prepare()
except FolderError as error:
    print(error.message)
' "$1/project"
"""


@pytest.mark.fault(40, "another user has taken the place of the socket in /tmp")
def test_a_squatted_place_of_the_socket_is_refused() -> None:
    if os.geteuid():
        pytest.skip("needs root: a /tmp of its own and another user in it")
    if Path(sys.executable).is_relative_to("/tmp"):
        pytest.skip("this Python lies in /tmp, which another one is laid over")
    command = ["unshare", "-m", "sh", "-c", _SQUAT, "sh", FAR, sys.executable]
    environment = {name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip(f"no mounts of its own can be had: {done.stderr.strip()}")
    assert "/tmp/locust-tui-0 belongs to uid 65534" in done.stdout, done.stderr
