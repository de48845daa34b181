"""What every test stands on: a machine of its own, and one async backend."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import fault_catalogue

# A shell that starts us in its background lets us, and every program that we start, ignore interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

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


@pytest.fixture(autouse=True)
def own_machine(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own and none of the caller's settings: a nested suite never reaches an outer plan."""
    for name in list(os.environ):
        if name.startswith(("LOCUST_TUI_", "TEXTUAL_", "XDG_")) or name in {
            "NO_COLOR",
            "COLORTERM",
            "COLUMNS",
            "LINES",
        }:
            monkeypatch.delenv(name, raising=False)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    return home
