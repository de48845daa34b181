"""The state folder: where it is, that it is ours alone, and that it belongs to one plan."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from pathlib import Path

import pytest

from locust_tui.state.errors import FolderError
from locust_tui.state.folder import StateFolder
from locust_tui.state.mounts import check_local, file_system


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("locust-plan.yaml", "x.plan.yaml", "runs.plan.yaml"):
        (folder / name).write_text("project: {}\n")
    return folder


def everything(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_each_plan_of_a_folder_has_a_place_of_its_own(project: Path) -> None:
    top = project / ".locust-tui"
    assert StateFolder(project / "locust-plan.yaml").root == top
    assert StateFolder(project / "x.plan.yaml").root == top / "x"
    assert StateFolder(project / "runs.plan.yaml").root == top / "runs.plan"
    for name in ("locust-plan.yaml", "x.plan.yaml", "runs.plan.yaml"):
        StateFolder(project / name).prepare()
        assert StateFolder(project / name).recorded_plan() == project / name


def test_a_new_folder_is_private_ignored_by_git_and_says_whose_it_is(project: Path) -> None:
    folder = StateFolder(project / "x.plan.yaml")
    folder.prepare()
    for path in (folder.top, folder.root, folder.runs):
        assert path.stat().st_mode & 0o777 == 0o700
    assert (folder.top / ".gitignore").read_text() == "*\n"
    assert (folder.root / "plan").read_text() == f"{project}/x.plan.yaml\n"
    assert (folder.root / "plan").stat().st_mode & 0o777 == 0o600
    before = everything(project)
    folder.prepare()
    assert everything(project) == before


def test_the_paths_in_it(project: Path) -> None:
    folder = StateFolder(project / "locust-plan.yaml")
    names = [path.name for path in (folder.store, folder.lock, folder.socket, folder.worker_log, folder.runs)]
    assert names == ["store.db", "worker.lock", "worker.sock", "worker.log", "runs"]
    assert folder.plan_path == project / "locust-plan.yaml"


def test_naming_a_folder_touches_nothing(project: Path) -> None:
    before = everything(project)
    folder = StateFolder(project / "locust-plan.yaml")
    folder.check()
    assert (folder.recorded_plan(), everything(project)) == (None, before)


def test_another_folder_is_named_by_option_or_environment(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCUST_TUI_STATE_DIR", str(tmp_path / "deep" / "env"))
    folder = StateFolder(project / "x.plan.yaml")
    assert folder.root == tmp_path / "deep" / "env"
    folder.prepare()
    assert StateFolder(project / "x.plan.yaml", tmp_path / "flag").root == tmp_path / "flag"
    with pytest.raises(FolderError, match="holds the state of") as caught:
        StateFolder(project / "locust-plan.yaml").prepare()
    assert "LOCUST_TUI_STATE_DIR" in (caught.value.help or "")


def test_a_relative_plan_is_recorded_whole(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    StateFolder(Path("x.plan.yaml")).prepare()
    assert StateFolder(project / "x.plan.yaml").recorded_plan() == project / "x.plan.yaml"


def test_a_project_that_was_moved_keeps_its_state_and_a_copy_is_refused(
    project: Path, tmp_path: Path
) -> None:
    StateFolder(project / "locust-plan.yaml").prepare()
    shutil.copytree(project, tmp_path / "copy")
    with pytest.raises(FolderError, match="holds the state of"):
        StateFolder(tmp_path / "copy" / "locust-plan.yaml").prepare()
    project.rename(tmp_path / "moved")
    moved = StateFolder(tmp_path / "moved" / "locust-plan.yaml")
    moved.prepare()
    assert moved.recorded_plan() == tmp_path / "moved" / "locust-plan.yaml"


@pytest.mark.fault(
    30, "the note whose state a folder holds is empty", modelled="an older version did not sync it"
)
def test_a_note_without_content_bars_nobody_from_their_folder(project: Path) -> None:
    StateFolder(project / "x.plan.yaml").prepare()
    note = project / ".locust-tui" / "x" / "plan"
    note.write_text("")
    assert StateFolder(project / "x.plan.yaml").recorded_plan() is None
    StateFolder(project / "x.plan.yaml").prepare()
    assert note.read_text() == f"{project}/x.plan.yaml\n"


def squatted_by_link(place: Path) -> None:
    (place.parent / "elsewhere").mkdir(mode=0o700)
    place.symlink_to(place.parent / "elsewhere")


def squatted_by_file(place: Path) -> None:
    place.write_text("")


def open_to_others(place: Path) -> None:
    place.mkdir()
    place.chmod(0o755)


def of_another_user(place: Path) -> None:
    if os.geteuid():
        pytest.skip("only root can give a folder away")
    place.mkdir(mode=0o700)
    os.chown(place, 65534, 65534)


@pytest.mark.fault(
    40, "in the place of the state folder: a link, a file, a folder open to others, one of another user"
)
@pytest.mark.parametrize("squat", [squatted_by_link, squatted_by_file, open_to_others, of_another_user])
@pytest.mark.parametrize("deep", [False, True])
def test_a_place_that_is_not_ours_alone_is_refused_and_nothing_is_written(
    project: Path, squat, deep: bool
) -> None:  # type: ignore[no-untyped-def]
    place = project / ".locust-tui"
    if deep:
        place.mkdir(mode=0o700)
        place /= "x"
    squat(place)
    before = everything(project)
    with pytest.raises(FolderError) as caught:
        StateFolder(project / "x.plan.yaml").prepare()
    assert str(place) in caught.value.message
    assert caught.value.help
    assert everything(project) == before


@pytest.mark.fault(40, "the project's folder may be written by everybody")
def test_a_project_folder_that_everybody_may_write_is_refused(project: Path) -> None:
    project.chmod(0o777)
    with pytest.raises(FolderError, match="writable by all"):
        StateFolder(project / "locust-plan.yaml").prepare()
    project.chmod(0o1777)
    StateFolder(project / "locust-plan.yaml").prepare()


def test_a_long_path_gets_a_short_private_socket_that_everyone_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    project = tmp_path / ("long" * 30)
    project.mkdir()
    runtime = Path(tempfile.mkdtemp(dir="/tmp"))
    request.addfinalizer(lambda: shutil.rmtree(runtime))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    folder = StateFolder(project / "locust-plan.yaml")
    folder.prepare()
    path = folder.socket
    assert len(os.fsencode(path)) <= 100
    assert path.parent == runtime / "locust-tui"
    assert path.parent.stat().st_mode & 0o777 == 0o700
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert StateFolder(project / "locust-plan.yaml").socket == path
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
    path.parent.chmod(0o777)
    with pytest.raises(FolderError, match="open to others"):
        _ = folder.socket


MOUNTS = """\
21 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 21 0:40 / /home rw - nfs4 server:/home rw
31 30 0:41 / /home/me/local\\040disk rw - xfs /dev/vdb rw
32 21 0:42 / /mnt/ssh rw - fuse.sshfs me@host:/ rw
33 21 0:43 / /var/lib/containers rw - fuse.fuse-overlayfs fuse-overlayfs rw
34 21 0:44 / /tmp rw shared:5 - tmpfs tmpfs rw
35 21 0:45 / /mnt/c rw - 9p C:\\134 rw,dirsync,aname=drvfs;path=C:\\;uid=1000,trans=fd,rfd=5,wfd=5
36 21 0:46 / /shared rw - 9p host_share rw,trans=virtio,version=9p2000.L
37 21 0:47 / /sandbox rw - 9p none rw,trans=fd,rfdno=4,wfdno=4
38 21 0:48 / /mnt/back\\134slash\\134040 rw - cifs //server/share rw
"""


@pytest.mark.fault(
    39, "the mount table of machines with network disks", modelled="no such server can be had here"
)
@pytest.mark.parametrize(
    ("path", "kind", "refused"),
    [
        ("/work/p/.locust-tui", "ext4", False),
        ("/home/me/p/.locust-tui", "nfs4", True),
        ("/home/me/local disk/p", "xfs", False),
        ("/homeless/p", "ext4", False),
        ("/mnt/ssh/p", "fuse.sshfs", True),
        ("/var/lib/containers/p", "fuse.fuse-overlayfs", False),
        ("/tmp/p", "tmpfs", False),
        ("/mnt/c/Users/me/p", "drvfs", True),
        ("/shared/p", "9p of a host", True),
        ("/sandbox/p", "9p", False),
        ("/mnt/back\\slash\\040/p", "cifs", True),
    ],
)
def test_a_network_file_system_is_refused_with_the_fix(
    tmp_path: Path, path: str, kind: str, refused: bool
) -> None:
    mountinfo = tmp_path / "mountinfo"
    mountinfo.write_text(MOUNTS)
    assert file_system(Path(path), mountinfo) == kind
    if not refused:
        check_local(Path(path), mountinfo)
        return
    with pytest.raises(FolderError, match=kind) as caught:
        check_local(Path(path), mountinfo)
    assert path in caught.value.message
    assert "LOCUST_TUI_STATE_DIR" in (caught.value.help or "")


def test_where_nobody_tells_the_file_system_nothing_is_refused(tmp_path: Path) -> None:
    assert file_system(tmp_path, tmp_path / "none") is None
    check_local(tmp_path, tmp_path / "none")


def test_this_machine_names_the_file_system_of_a_path_to_be(tmp_path: Path) -> None:
    assert file_system(tmp_path / "not" / "yet") == file_system(tmp_path)
