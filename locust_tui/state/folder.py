"""The state folder of one plan: where it is, what is in it, and that it is ours alone."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from locust_tui import whole_file
from locust_tui.ownership import folder_flaws

from .errors import FolderError
from .mounts import check_local

NAME = ".locust-tui"
ENVIRONMENT = "LOCUST_TUI_STATE_DIR"
DEFAULT_PLAN = "locust-plan.yaml"
_FILES = (
    "ballast", "decisions.jsonl", "masks.jsonl", "plan", "plan-approved.json", "samples.db", "socket", "store.db",
    "store.db-shm", "store.db-wal", "store.db.lock", "tools.json", "tools.key", "tools.lock", "tools.log", "worker.lock",
    "worker.log",
)  # fmt: skip
"""What is written under these names, or read as our own word, is a file that no other name leads to."""
_FOLDERS = ("backups", "instructions", "reports")
_SOCKET_BYTES = 100
"""Linux allows 107 bytes, macOS 103."""
_OWN_NAMES = frozenset(
    {
        "runs",
        "reports",
        "backups",
        "instructions",
        "plan",
        "ballast",
        "socket",
        "store",
        "worker",
        "decisions",
        "worktrees",
        "setup",
        "tools",
        "masks",
        "notify",
        "samples",
    }
)


class StateFolder:
    """Paths of a plan's state. Nothing is touched before `prepare` or `check`.

    `locust-plan.yaml` keeps its state in `.locust-tui/` beside it, `x.plan.yaml` in `.locust-tui/x/`; `state_dir`,
    else LOCUST_TUI_STATE_DIR, names another folder.
    """

    def __init__(self, plan_path: Path, state_dir: Path | None = None) -> None:
        self.plan_path = Path(os.path.abspath(plan_path))
        chosen = state_dir or os.environ.get(ENVIRONMENT)
        self.top = Path(chosen).resolve() if chosen else self.plan_path.parent.resolve() / NAME
        """The folder that holds the .gitignore: `root`, or what several plans' roots share."""
        self._chosen = bool(chosen)
        self.root = self.top if chosen else _root(self.top, self.plan_path.name)
        self.store = self.root / "store.db"
        self.lock = self.root / "worker.lock"
        self.worker_log = self.root / "worker.log"
        self.runs = self.root / "runs"
        self.masks = self.root / "masks.jsonl"
        """Fingerprints of the secrets that its agents were given."""
        self.samples = self.root / "samples.db"
        """Measurements over time; nothing rests on them."""
        self._plan_note = self.root / "plan"
        self._socket_note = self.root / "socket"

    @property
    def socket(self) -> Path:
        """The worker's socket: in the folder, or where `prepare` chose a shorter path for it."""
        direct = self.root / "worker.sock"
        if len(os.fsencode(direct)) <= _SOCKET_BYTES:
            return direct
        noted = _noted(self._socket_note)
        path = Path(noted) if noted else _short_socket(self.root)
        if path.parent.exists():
            _check_own(path.parent)
        return path

    def prepare(self) -> None:
        """Make the folder where it is missing, and check it.

        FolderError on a network file system, where something in its place is not ours alone, and where it belongs to
        another plan; nothing is written then.
        """
        check_local(self.top)
        self.check()
        if self._chosen:  # what lies above a plan is looked at where the plan is trusted
            for flaw in folder_flaws(_nearest(self.top.parent)):
                raise FolderError(
                    f"{self.top} may be replaced by others: {flaw}",
                    help="name a folder of your own with --state-dir",
                )
        for folder in (self.top, self.root, self.runs):
            if not folder.exists():
                folder.mkdir(mode=0o700, parents=folder is self.top, exist_ok=True)
                _check_own(folder)
        ignore = self.top / ".gitignore"
        if not ignore.exists():
            whole_file.put(ignore, "*\n")
        if self.recorded_plan() != self.plan_path:
            whole_file.put(self._plan_note, f"{self.plan_path}\n", sync=True)
        socket = self.socket
        if socket.parent != self.root:
            socket.parent.mkdir(mode=0o700, exist_ok=True)
            _check_own(socket.parent)
            if _noted(self._socket_note) != str(socket):
                whole_file.put(self._socket_note, f"{socket}\n")

    def remove_drafts(self, runs: Iterable[str]) -> None:
        """Take away what writers that were killed had begun, in the folder and in those of these runs."""
        for folder in (self.top, self.root, *(self.runs / run for run in runs)):
            whole_file.remove_drafts(folder)

    def check(self) -> None:
        """FolderError unless what exists of the folder is ours alone and of this plan. Writes nothing."""
        parent = self.top.parent
        if parent.exists():
            mode = parent.stat().st_mode
            if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
                raise FolderError(
                    f"everybody may replace {self.top}, because {parent} is writable by all",
                    help=f"chmod o-w {parent}",
                )
        for folder in (self.top, self.root, self.runs):
            if os.path.lexists(folder):
                _check_own(folder)
        for name in (*_FILES, *_FOLDERS):
            _check_part(self.root / name, folder=name in _FOLDERS)
        recorded = self.recorded_plan()
        if recorded is not None and recorded != self.plan_path and _is_another(recorded, self.plan_path):
            raise FolderError(
                f"{self.root} holds the state of {recorded}, not of {self.plan_path}",
                help=f"set {ENVIRONMENT} (or --state-dir) to a folder of its own",
            )

    def recorded_plan(self) -> Path | None:
        """The plan whose state this is, or None where the folder is new."""
        noted = _noted(self._plan_note)
        return Path(noted) if noted else None


def _noted(note: Path) -> str:
    """What stands in it; "" where there is none, and where a loss of power took its content."""
    try:
        return note.read_text(errors="surrogateescape").strip()
    except FileNotFoundError:
        return ""
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        return ""  # a broken disk tells nothing; its worker may still be there to be asked


def _root(top: Path, plan_name: str) -> Path:
    if plan_name == DEFAULT_PLAN:
        return top
    stem = plan_name.removesuffix(".yaml").removesuffix(".yml").removesuffix(".plan").lstrip(".") or "plan"
    return top / (f"{stem}.plan" if stem in _OWN_NAMES or stem in _FILES else stem)


def _is_another(recorded: Path, plan: Path) -> bool:
    """A recorded plan that is gone was this one before its folder moved."""
    try:
        return not recorded.samefile(plan)
    except FileNotFoundError:
        return recorded.exists()


def _check_own(folder: Path) -> None:
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode):
        what = "a symbolic link" if stat.S_ISLNK(about.st_mode) else "not a folder"
        raise FolderError(f"{folder} is {what}", help="remove it, or name another folder with --state-dir")
    if about.st_uid != os.geteuid():
        raise FolderError(
            f"{folder} belongs to uid {about.st_uid}, not to you (uid {os.geteuid()})",
            help="act as its owner, or name another folder with --state-dir",
        )
    if about.st_mode & 0o077:
        raise FolderError(
            f"{folder} is open to others (mode {stat.S_IMODE(about.st_mode):04o})", help=f"chmod 700 {folder}"
        )


_NOTHING = os.makedev(1, 3)
"""/dev/null."""


def _check_part(path: Path, *, folder: bool) -> None:
    """FolderError where a file or folder of ours is a link, or something else, or somebody else's, or has two names."""
    try:
        about = path.lstat()
    except FileNotFoundError:
        return
    if stat.S_ISCHR(about.st_mode) and about.st_rdev == _NOTHING and not folder:
        return  # a sandbox lays this over what the agent in it shall not read
    kept = f"mv {path} {path}.planted"
    if not (stat.S_ISDIR(about.st_mode) if folder else stat.S_ISREG(about.st_mode)):
        what = (
            "a symbolic link" if stat.S_ISLNK(about.st_mode) else f"no {'folder' if folder else 'plain file'}"
        )
        raise FolderError(f"{path} is {what}: nothing is read from it or written through it", help=kept)
    if about.st_uid != os.geteuid():
        raise FolderError(f"{path} belongs to uid {about.st_uid}, not to you", help=kept)
    if not folder and about.st_nlink > 1:
        raise FolderError(
            f"{path} has another name (a hard link): what is written into it would be written there",
            help=f"cp {path} {path}.own && mv {path}.own {path}",
        )


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(part for part in (folder, *folder.parents) if part.exists())


def _short_socket(root: Path) -> Path:
    name = f"{hashlib.sha256(os.fsencode(root)).hexdigest()[:16]}.sock"
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and Path(runtime).is_dir():
        path = Path(runtime) / "locust-tui" / name
        if len(os.fsencode(path)) <= _SOCKET_BYTES:
            return path
    return Path("/tmp") / f"locust-tui-{os.geteuid()}" / name
