"""Ways of messages as a plan writes them: addresses, where secrets are, and channels of people that exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from locust_tui.plans.reading import PlanReading, read_data
from locust_tui.plans.surface import executable_surface


def read(notify: str, more: str = "") -> PlanReading:
    text = f"project: P\nworkstreams: {{WS-01: {{run: 'true'}}}}\n{notify}\n{more}\n"
    return read_data(text.encode(), Path("plan.yaml"))


def test_addresses_and_where_they_are_found_become_ways_that_trust_lists() -> None:
    found = read(
        "notify: {ops: [inbox, {webhook: 'https://example.org/x'}, {webhook: {secret: 'env:HOOK'}}, "
        "{apprise: 'mailtos://me:pw@example.org'}, {apprise: {secret: 'file:~/chat'}}, {command: [mail, '{subject}']}]}"
    )
    assert found.plan is not None, found.problems
    assert found.plan.notify["ops"].channels == (
        "inbox",
        "webhook:https://example.org/x",
        "webhook:secret:env:HOOK",
        "apprise:mailtos://me:pw@example.org",
        "apprise:secret:file:~/chat",
    )
    listed = [(e.use, e.command) for e in executable_surface(found.plan) if e.owner == "notify ops"]
    assert sorted(listed) == [
        ("apprise", "mailtos://me:pw@example.org"),
        ("apprise", "secret file:~/chat"),
        ("command", "mail '{subject}'"),
        ("webhook", "https://example.org/x"),
        ("webhook", "secret env:HOOK"),
    ]


@pytest.mark.parametrize(
    "way",
    [
        "{webhook: 'ftp://example.org'}",
        "{webhook: 'file:///etc/passwd'}",
        "{webhook: example.org}",
        "{webhook: {secret: my-token}}",
        "{apprise: chat}",
        "{apprise: {env: X}}",
        "{pigeon: x}",
        "{command: [sh, -c, 'echo {subject}']}",
    ],
)
def test_what_is_no_way_is_an_error_with_its_place(way: str) -> None:
    found = read(f"notify: {{ops: [{way}]}}")
    (error,) = [p for p in found.problems if p.severity == "error"]
    assert error.line == 3
    assert error.help


def test_members_of_a_channel_are_somebody() -> None:
    found = read("channels: {dev: [ws01, anna, lead], ops: [WS-01]}", "people: {lead: [ana]}")
    (warning,) = [p for p in found.problems if "channel" in p.message]
    assert (warning.severity, warning.line, warning.help) == ("warning", 3, "did you mean ana?")
    assert '"anna"' in warning.message
