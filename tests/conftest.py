"""What every test stands on: a machine of its own, and one async backend."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import fault_catalogue

# A shell that starts us in its background lets us, and every program that we start, ignore interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)
# Files that a whole group may write are refused where people share one.
os.umask(0o022)

# The same examples every time, so that what passed here passes there; `make soak` looks for new ones.
# How fast they are made, and how long one takes, says nothing on a machine that others work on.
settings.register_profile(
    "repeatable", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "searching", deadline=None, max_examples=1_000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fault-table", action="store_true", help="write the table of docs/reliability.md")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--fault-table") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(fault_catalogue.FaultTable(), "fault-table")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    fault_catalogue.note_faults(items)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


SETTINGS = ("LOCUST_TUI_", "TEXTUAL_", "XDG_", "LC_", "GIT_", "SSH_", "TMUX", "PYTHON")
"""How the names of variables begin that would change what the programs under test do."""
SINGLE_SETTINGS = frozenset(
    [
        "LANG",
        "LANGUAGE",
        "NO_COLOR",
        "FORCE_COLOR",
        "COLORTERM",
        "COLUMNS",
        "LINES",
        "PAGER",
        "LESS",
        "EDITOR",
        "VISUAL",
        "TERM_PROGRAM",
        "STY",
        "ENV",
        "BASH_ENV",
        "CDPATH",
    ]
)
KEPT = frozenset(("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"))
"""Where modules and their compiled form are."""


def is_setting(name: str) -> bool:
    proxy = name.lower().endswith("_proxy")
    return name not in KEPT and (proxy or name in SINGLE_SETTINGS or name.startswith(SETTINGS))


@pytest.fixture(scope="session", autouse=True)
def none_of_the_callers_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What holds for fixtures of any scope: a nested suite never reaches an outer plan."""
    with pytest.MonkeyPatch.context() as patch:
        for name in filter(is_setting, list(os.environ)):
            patch.delenv(name)
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("LANG", "C.UTF-8")
        patch.setenv("TERM", "xterm-256color")
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("TEXTUAL_ANIMATIONS", "none")
        yield


@pytest.fixture(autouse=True)
def own_machine(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for each test."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    return home
