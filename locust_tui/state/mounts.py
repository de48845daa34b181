"""Which kind of file system a path is on. SQLite's WAL, flock and unix sockets need a local one."""

from __future__ import annotations

from pathlib import Path

from .errors import FolderError

_NETWORK = frozenset(
    {
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "glusterfs",
        "gpfs",
        "lustre",
        "nfs",
        "nfs4",
        "ocfs2",
        "orangefs",
        "smb3",
        "smbfs",
    }
)
_LOCAL_FUSE = frozenset({"fuse.fuse-overlayfs", "fuse.lxcfs"})

MOUNTINFO = Path("/proc/self/mountinfo")


def file_system(path: Path, mountinfo: Path = MOUNTINFO) -> str | None:
    """Type of the file system that holds `path` (which need not exist yet), or None where nobody says."""
    try:
        lines = mountinfo.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return None
    wanted = path.resolve()
    found: tuple[int, str] | None = None
    for line in lines:
        left, _, right = line.partition(" - ")
        mount = Path(_unescape(left.split()[4]))
        if wanted.is_relative_to(mount) and (found is None or len(mount.parts) >= found[0]):
            found = len(mount.parts), right.split()[0]
    return found[1] if found else None


def check_local(path: Path, mountinfo: Path = MOUNTINFO) -> None:
    """Raise FolderError where `path` is on a network file system."""
    kind = file_system(path, mountinfo)
    if kind is None or kind in _LOCAL_FUSE:
        return
    if kind in _NETWORK or kind.startswith("fuse."):
        raise FolderError(
            f"{path} is on a network file system ({kind}), where locks and shared memory cannot be trusted",
            help="set LOCUST_TUI_STATE_DIR (or --state-dir) to a folder on a local disk",
        )


def _unescape(mount: str) -> str:
    for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        mount = mount.replace(code, char)
    return mount
