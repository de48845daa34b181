"""What doctor says of logging out: it rests on the unit that the worker is part of, as logind.conf(5) has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from locust_tui.cli.logout_examination import Here, ends_sessions, examine_logout, judge, unit_of

SESSION = "/user.slice/user-1000.slice/session-3.scope"
MANAGER = "/user.slice/user-1000.slice/user@1000.service/app.slice/run-r1.scope"


@pytest.mark.parametrize(
    ("unit", "lingers", "kills", "state", "help"),
    [
        (SESSION, False, False, "ok", ""),
        (
            SESSION,
            False,
            True,
            "fail",
            "loginctl enable-linger ana; then systemd-run --user --scope locust-tui up",
        ),
        (SESSION, True, True, "fail", "systemd-run --user --scope locust-tui up"),
        (SESSION, False, None, "warn", "loginctl enable-linger ana; then"),
        (MANAGER, True, True, "ok", ""),
        (MANAGER, False, False, "fail", "loginctl enable-linger ana"),
        ("/system.slice/ci.service", False, False, "warn", "start the worker outside of it"),
        ("", False, None, "warn", "loginctl enable-linger ana"),
    ],
)
def test_what_a_logout_would_end(unit: str, lingers: bool, kills: bool | None, state: str, help: str) -> None:
    found, _, advice = judge(Here(unit, "ana", lingers, kills))
    assert (found, advice.startswith(help) if help else advice == "") == (state, True)


def _logind(root: Path, name: str, text: str) -> None:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_the_last_word_of_logind_counts_and_its_comments_are_its_defaults(tmp_path: Path) -> None:
    assert ends_sessions("ana", tmp_path) is None
    _logind(tmp_path, "usr/lib/systemd/logind.conf", "[Login]\n#KillUserProcesses=no\n")
    assert ends_sessions("ana", tmp_path) is False
    _logind(tmp_path, "etc/systemd/logind.conf", "[Login]\nKillUserProcesses=yes\n")
    assert ends_sessions("ana", tmp_path) is True
    assert ends_sessions("root", tmp_path) is False, "logind spares root unless it is told otherwise"
    _logind(tmp_path, "etc/systemd/logind.conf.d/10-spared.conf", "[Login]\nKillExcludeUsers=root ana\n")
    assert ends_sessions("ana", tmp_path) is False
    assert ends_sessions("bo", tmp_path) is True
    _logind(tmp_path, "etc/systemd/logind.conf.d/20-only.conf", "[Login]\nKillOnlyUsers=eve\n")
    assert ends_sessions("bo", tmp_path) is False


def test_containers_and_machines_without_systemd(tmp_path: Path) -> None:
    assert examine_logout(None, tmp_path).state == "ok"
    (tmp_path / ".dockerenv").touch()
    found = examine_logout(None, tmp_path)
    assert (found.state, "container (docker)" in found.detail) == ("warn", True)


@pytest.mark.parametrize(
    ("lines", "unit"),
    [
        (f"0::{SESSION}\n", SESSION),
        (f"4:memory:/x\n1:name=systemd:{MANAGER}\n0::/\n", MANAGER),
    ],
)
def test_the_unit_of_a_process_under_either_version_of_control_groups(
    tmp_path: Path, lines: str, unit: str
) -> None:
    _logind(tmp_path, "proc/12/cgroup", lines)
    assert unit_of(12, tmp_path) == unit
