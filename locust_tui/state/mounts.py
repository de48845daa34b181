"""Which kind of file system a path is on. SQLite's WAL, flock and unix sockets need a local one."""

from __future__ import annotations

import re
from pathlib import Path

from .errors import FolderError

_NETWORK = frozenset(
    {
        "9p of a host",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "drvfs",
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
            found = len(mount.parts), _kind(right.split())
    return found[1] if found else None


def check_local(path: Path, mountinfo: Path = MOUNTINFO) -> None:
    """Raise FolderError where `path` is on a network file system."""
    kind = file_system(path, mountinfo)
    if kind is None or kind in _LOCAL_FUSE:
        return
    if kind in _NETWORK or kind.startswith("fuse."):
        raise FolderError(
            f"{path} is on a file system of another machine ({kind}), where locks and shared memory cannot be trusted",
            help="set LOCUST_TUI_STATE_DIR (or --state-dir) to a folder on a local disk",
        )


def _kind(fields: list[str]) -> str:
    """Type, source, options: 9p is what a virtual machine sees of its host's disks, "drvfs" where that is Windows.

    A sandbox that reaches its own files by 9p over a descriptor has them to itself.
    """
    kind, options = fields[0], fields[-1].split(",")
    if kind != "9p":
        return kind
    if any(option.startswith("aname=drvfs") for option in options):
        return "drvfs"
    return "9p" if "trans=fd" in options else "9p of a host"


def _unescape(mount: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), mount)
