"""An ssh server of the test's own on a port of this machine, with keys that are thrown away."""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from locust_tui.domain.dataclass import dataclass
from project import is_running, until

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
USER = pwd.getpwuid(os.getuid()).pw_name
_CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile none
AuthorizedKeysFile {folder}/key.pub
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
PermitUserRC no
PrintMotd no
PrintLastLog no
UseDNS no
LoginGraceTime 20
TCPKeepAlive no
ClientAliveInterval 1
ClientAliveCountMax 2
LogLevel VERBOSE
SetEnv {environ}
"""


@dataclass(frozen=True, slots=True)
class Session:
    """`argv` logs in on a terminal and becomes the program; `pid_file` names its process once it runs there."""

    argv: list[str]
    pid_file: Path

    def pid(self) -> int:
        """Of the program at the other end."""
        text = until(lambda: self.pid_file.exists() and self.pid_file.read_text().strip(), what="the login")
        return int(text)


class Sshd:
    """Listens from `start` to `end`. Sessions that are left then are ended too."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        self.folder = folder
        self.port = 0
        self._log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Skips the test where there can be no server, or none that lets us in."""
        if SSHD is None or shutil.which("ssh") is None:
            pytest.skip("needs OpenSSH's sshd and ssh: apt-get install openssh-server")
        if os.getuid() == 0:
            with suppress(FileExistsError):
                os.mkdir("/run/sshd", 0o755)
        for name in ("host", "key"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / name)]
            subprocess.run(command, check=True)
        until(self._listens, what="the server")
        (self.folder / "known").write_text(
            f"[127.0.0.1]:{self.port} {(self.folder / 'host.pub').read_text()}"
        )
        first = subprocess.run([*self._ssh("-T"), "true"], capture_output=True, timeout=30)
        if first.returncode and ("account is locked" in self._log.read_text() or os.getuid() != 0):
            pytest.skip(f"{USER} cannot log in at a server without PAM: {self._log.read_text()[-300:]}")
        assert first.returncode == 0, (first.stderr, self._log.read_text())

    def session(self, name: str, program: list[str], folder: Path, *, before: str = "") -> Session:
        """Log in and become `program` in `folder`, after the shell's commands `before`."""
        pid_file = self.folder / f"{name}.pid"
        line = f"cd {shlex.quote(str(folder))} && echo $$ >{shlex.quote(str(pid_file))} && {before}exec {shlex.join(program)}"
        return Session([*self._ssh("-tt"), line], pid_file)

    def server_side(self, pid: int) -> int:
        """The server's process of the session in which `pid` runs."""
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])

    def end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        sessions = [int(pid) for pid in children.read_text().split()] if children.exists() else []
        process.terminate()
        process.wait(10)
        for pid in sessions:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            until(lambda pid=pid: not is_running(pid), what="the session's end")  # type: ignore[misc]

    def _ssh(self, terminal: str) -> list[str]:
        options = {
            "IdentitiesOnly": "yes", "IdentityAgent": "none", "BatchMode": "yes", "StrictHostKeyChecking": "yes",
            "UserKnownHostsFile": self.folder / "known", "GlobalKnownHostsFile": "/dev/null",
            "ControlMaster": "no", "ControlPath": "none", "LogLevel": "ERROR",
        }  # fmt: skip
        words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        return ["ssh", "-F", "none", terminal, "-e", "none", "-p", str(self.port), "-i",
                str(self.folder / "key"), *words, f"{USER}@127.0.0.1"]  # fmt: skip

    def _listens(self) -> bool:
        """Whether the server answers; it is started, on another port where somebody took the last one."""
        if self._process is None or self._process.poll() is not None:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
            self._write_config()
            with self._log.open("ab") as log:
                command = [str(SSHD), "-D", "-e", "-f", str(self.folder / "config")]
                self._process = subprocess.Popen(command, stderr=log, stdin=subprocess.DEVNULL)
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5) as caller:
            return caller.recv(8).startswith(b"SSH-2.0")
        return False

    def _write_config(self) -> None:
        names = ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "TEXTUAL_ANIMATIONS")
        environ = {name: os.environ[name] for name in names}
        environ |= {"LANG": "C.UTF-8", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        words = " ".join(f'"{name}={value}"' for name, value in environ.items())
        (self.folder / "config").write_text(_CONFIG.format(port=self.port, folder=self.folder, environ=words))
