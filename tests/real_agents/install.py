"""Fetches the agent programs that tests/real_agents runs: `python tests/real_agents/install.py [FOLDER]`.

`pinned/package.json` names them with their versions. The files lie in the user's cache, so that a second clone
finds them there; FOLDER (default `.agents`) gets a starter for each and `installed.json`. What cannot be had is named there with
the reason, and is no failure: the tests of that program are skipped, the others go on.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).resolve().parent
PINS = HERE / "pinned" / "package.json"
LOCK = HERE / "pinned" / "package-lock.json"
PATIENCE_S = 600
NPM_PROGRAMS = {
    "codex": "@openai/codex",
    "claude-agent-acp": "@agentclientprotocol/claude-agent-acp",
    "mcp-inspector": "@modelcontextprotocol/inspector",
    "conformance": "@modelcontextprotocol/conformance",
}


class NotInstalled(Exception):  # noqa: N818
    """A program cannot be had here; the text says why in one line."""


def cache_folder() -> Path:
    """Where the files lie, outside of any clone."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "locust-tui" / "agents"


def run(command: list[str], cwd: Path) -> None:
    """Raises NotInstalled with the last line the command wrote."""
    env = {**os.environ, "UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=env,
            timeout=PATIENCE_S,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotInstalled(f"{command[0]} took longer than {PATIENCE_S} s") from None
    if done.returncode:
        said = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        telling = (
            [line for line in said if "error" in line.lower()] + said[-1:] + [f"exit code {done.returncode}"]
        )
        raise NotInstalled(f"{Path(command[0]).name} {command[1]} failed: {telling[0][:200]}")


def program(name: str, *beside: Path) -> str:
    """The path of a command. Raises NotInstalled."""
    for folder in beside:
        if (folder / name).exists():
            return str(folder / name)
    if found := shutil.which(name):
        return found
    raise NotInstalled(f"{name} is not on PATH")


def fetch_claude(into: Path) -> None:
    """The binary inside of the wheel; nothing else of it is kept."""
    version = json.loads(PINS.read_text())["pypiDependencies"]["claude-agent-sdk"]
    uv = program("uv", Path(sys.executable).parent)
    wheel = [f"claude-agent-sdk=={version}", "--no-deps", "--only-binary", ":all:", "--target", "wheel"]
    run([uv, "pip", "install", "--quiet", "--python", sys.executable, *wheel], into)
    binary = into / "wheel" / "claude_agent_sdk" / "_bundled" / "claude"
    if not binary.exists():
        raise NotInstalled(f"claude-agent-sdk {version} holds no claude for {platform.machine()}")
    binary.replace(into / "claude")
    shutil.rmtree(into / "wheel")


def fetch_npm(into: Path) -> None:
    """Everything from npm, as the lock file has it, with a Node of its own."""
    npm = program("npm")
    for pinned in (PINS, LOCK):
        shutil.copy(pinned, into)
    quiet = ["--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=1", "--fetch-timeout=60000"]
    run([npm, "ci", *quiet], into)


@contextmanager
def locked(cache: Path) -> Iterator[None]:
    """One installation at a time, whichever clone it comes from."""
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def cached(cache: Path, name: str, fetch: Callable[[Path], None]) -> Path:
    """`cache/NAME-KEY`, whole or not there; the key changes with the pins and the machine."""
    key = hashlib.sha256(PINS.read_bytes() + LOCK.read_bytes() + platform.machine().encode()).hexdigest()[:12]
    kept = cache / f"{name}-{key}"
    if kept.exists():
        return kept
    began = time.monotonic()
    print(f"{name}: fetching to {kept}", file=sys.stderr, flush=True)
    with TemporaryDirectory(dir=cache, prefix=f".{name}-") as scratch:
        fetch(Path(scratch))
        Path(scratch).chmod(0o700)
        Path(scratch).rename(kept)
        Path(scratch).mkdir()  # for the context manager to remove
    print(f"{name}: fetched in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return kept


def install(folder: Path) -> dict[str, dict[str, list[str]] | dict[str, str]]:
    """Fill `folder`. {"programs": {name: argv}, "missing": {name: reason}}, as in its `installed.json`."""
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.mkdir(parents=True, exist_ok=True)
    programs: dict[str, list[str]] = {}
    missing: dict[str, str] = {}
    with locked(cache):
        try:
            programs["claude"] = [str(cached(cache, "claude", fetch_claude) / "claude")]
        except NotInstalled as why:
            missing["claude"] = str(why)
        try:
            modules = cached(cache, "npm", fetch_npm) / "node_modules"
            programs |= npm_programs(modules)
        except NotInstalled as why:
            missing |= dict.fromkeys(NPM_PROGRAMS, str(why))
    for name, argv in programs.items():
        starter = folder / name
        starter.unlink(missing_ok=True)
        starter.write_text(f'#!/bin/sh\nexec {shlex.join(argv)} "$@"\n')
        starter.chmod(0o755)
    found: dict[str, dict[str, list[str]] | dict[str, str]] = {"programs": programs, "missing": missing}
    (folder / "installed.json").write_text(json.dumps(found, indent=2) + "\n")
    return found


def npm_programs(modules: Path) -> dict[str, list[str]]:
    """How each program is started: Codex's own binary, the others by the Node that was fetched."""
    node = modules / "node" / "bin" / "node"
    started = {}
    for name, package in NPM_PROGRAMS.items():
        entry = json.loads((modules / package / "package.json").read_text())["bin"]
        script = modules / package / (entry if isinstance(entry, str) else entry[name])
        started[name] = [str(node), str(script)]
    natives = sorted(modules.glob("@openai/codex-*/vendor/*/bin/codex"))
    if natives:
        started["codex"] = [str(natives[0])]
    return started


def main() -> None:
    parser = argparse.ArgumentParser(description="Fetch the agent programs the tests run.")
    parser.add_argument("folder", nargs="?", type=Path, default=HERE.parents[1] / ".agents")
    found = install(parser.parse_args().folder)
    for name, reason in found["missing"].items():
        print(f"NOT INSTALLED: {name}: {reason}", file=sys.stderr)


if __name__ == "__main__":
    main()
