"""One thing has many names; a name means at most one thing."""

from __future__ import annotations

import pytest

from locust_tui.analysis.addresses import address, below, may_command, may_message, superior
from locust_tui.domain.plan import Meta, Orchestrator, Plan, Project, Workstream

PLAN = Plan(
    Project("P", "P"),
    {
        "WS-01": Workstream("WS-01", "Core", orchestrator="core"),
        "WS-11": Workstream("WS-11", "Keys", orchestrator="plugins"),
        "odd": Workstream("odd", "Odd"),
    },
    meta=Meta("locust-meta", "Meta"),
    orchestrators={
        "core": Orchestrator("core", "Core", alias="locust-core-orchestrator"),
        "plugins": Orchestrator("plugins", "Plugins"),
    },
    people={"tech-review": ("ana",)},
    aliases={"locust-core-framework": "core"},
)


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("WS-01", "WS-01"),
        ("ws-01-core-types", "WS-01"),
        ("ws01-core-types", "WS-01"),
        ("WS-1", "WS-01"),
        ("ws-111", None),
        ("locust-core-orchestrator", "core"),
        ("locust-core-framework", "core"),
        ("LOCUST-META", "locust-meta"),
        ("ana", "ana"),
        ("tech-review", "tech-review"),
        ("operator", "operator"),
        ("locust-nobody", None),
        ("", None),
    ],
)
def test_a_name_is_found_however_it_is_written(name: str, id: str | None) -> None:
    assert address(PLAN, {}, name) == id


def test_the_tree_says_who_is_above_whom() -> None:
    assert [superior(PLAN, id) for id in ("WS-01", "core", "odd", "locust-meta")] == [
        "core", "locust-meta", "locust-meta", None,
    ]  # fmt: skip
    assert below(PLAN, "locust-meta") == ("core", "plugins", "odd")
    assert may_command(PLAN, "locust-meta", "WS-01")
    assert not may_command(PLAN, "core", "WS-11")


@pytest.mark.parametrize(
    ("who", "whom", "allowed"),
    [
        ("WS-01", "core", True),
        ("WS-01", "locust-meta", False),
        ("WS-01", "WS-11", False),
        ("core", "plugins", True),
        ("core", "locust-meta", True),
        ("core", "WS-11", False),
        ("locust-meta", "WS-11", True),
    ],
)
def test_messages_go_up_one_step_down_any_and_sideways(who: str, whom: str, allowed: bool) -> None:
    assert may_message(PLAN, who, whom) is allowed
