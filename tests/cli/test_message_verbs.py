"""`message` and `hooks notify` as people and agents type them, with the shapes that documents use."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Tui = Callable[..., CompletedProcess[str]]

PLAN = """\
project: Post
meta: {id: locust-meta}
orchestrators:
  locust-core: {id: locust-core-orchestrator, name: Core}
  locust-plugins: {id: locust-plugin-orchestrator, name: Plugins}
aliases: {locust-core-framework: locust-core, locust-plugin-development: locust-plugins}
channels: {dev: [WS-01, ana]}
people: {lead: [ana]}
workstreams:
  WS-01: {orchestrator: locust-core, run: exec sleep 600}
  WS-02: {orchestrator: locust-plugins, run: "true"}
"""


@pytest.fixture
def post(tmp_path: Path, tui: Tui) -> Iterator[Tui]:
    (tmp_path / "locust-plan.yaml").write_text(PLAN)
    assert tui("trust", "--yes").returncode == 0
    yield tui
    tui("down", "--stop-agents")


def listed(tui: Tui, *args: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(tui("message", "ls", "--json", *args).stdout)
    return found


@pytest.mark.parametrize(
    ("args", "to", "text"),
    [
        (("--message", "API final", "--target", "locust-plugin-orchestrator"), "locust-plugins", "API final"),
        (("--target", "locust-core-framework", "--message", "x"), "locust-core", "x"),
        (("--to", "ws-01-core-types", "--from", "locust-meta", "--subject", "S", "--body", '{"a": 1}'), "WS-01", '{"a": 1}'),
        (("--to", "lead", "--subject", "Week 4", "--metrics", '{"progress": 40}'), "lead", "progress: 40"),
        (("--to", "lead", "--subject", "only this"), "lead", "only this"),
    ],
    ids=["target", "alias", "from", "metrics", "subject"],
)  # fmt: skip
def test_every_shape_of_notify_reaches_whom_it_names(
    post: Tui, args: tuple[str, ...], to: str, text: str
) -> None:
    done = post("hooks", "notify", *args)
    assert (done.returncode, done.stdout.startswith(f"m1 sent to {to}, revision ")) == (0, True), done
    (one,) = listed(post)
    assert (one["to"], one["text"], one["dead"]) == (to, text, None)


def test_an_unknown_name_is_a_dead_letter_and_the_others_get_theirs(post: Tui) -> None:
    done = post(
        "hooks", "notify", "--to", "locust-plugins,locust-cora", "--channel", "dev", "--message", "hello"
    )
    assert done.returncode == 3
    assert [line.split(", ")[0] for line in done.stdout.splitlines()] == [
        "m1 sent to locust-plugins",
        "m3 sent to WS-01",
        "m4 sent to ana",
    ]
    assert 'nobody is called "locust-cora", kept as dead letter m2' in done.stderr
    assert "did you mean locust-core" in done.stderr
    assert [(m["id"], m["state"], m["to"]) for m in listed(post, "--dead")] == [("m2", "dead", "locust-cora")]
    assert [m["id"] for m in listed(post, "--channel", "dev")] == ["m3", "m4"]
    assert post("message", "show", "m2").stdout.splitlines()[1] == '  dead: nobody is called "locust-cora"'


@pytest.mark.parametrize(
    "args",
    [
        ("hooks", "notify", "--message", "x"),
        ("hooks", "notify", "--to", "lead"),
        ("hooks", "notify", "--to", "lead", "--metrics", "{no"),
        ("hooks", "notify", "--to", "lead", "--mesage", "x"),
        ("hooks", "notify", "--to", "lead", "--message", "x", "--priority", "huge"),
        ("message", "send", "lead"),
        ("message", "send"),
        ("message", "show"),
        ("message", "sned", "lead", "x"),
    ],
)
def test_what_makes_no_sense_is_refused_and_sends_nothing(post: Tui, args: tuple[str, ...]) -> None:
    done = post(*args)
    assert done.returncode == 2, done
    assert listed(post) == []


def test_a_message_goes_from_unread_to_acknowledged(post: Tui) -> None:
    assert (
        post(
            "message", "send", "lead", "-", "--subject", "Hm", input="from a pipe\nline 2\n", stdin=None
        ).returncode
        == 0
    )
    assert post("message", "send", "WS-01", "to an agent", "--priority", "low").returncode == 0
    assert [m["id"] for m in listed(post, "--unread")] == ["m1", "m2"]
    shown = post("message", "show", "--unread").stdout
    assert "  subject: Hm\n  | from a pipe\n  | line 2\n" in shown
    assert "to an agent" not in shown
    assert post("message", "show", "m2").returncode == 0
    assert [m["id"] for m in listed(post, "--unread")] == ["m2"], "what an agent is to read stays unread"
    assert post("message", "send", "the answer", "--reply-to", "m1").stdout.startswith("m3 sent to operator")
    done = post("message", "ack", "m1", "--by", "ana")
    assert done.stdout.startswith("m1 is acknowledged by ana, revision ")
    table = post("message", "ls", "--to", "Lead").stdout.splitlines()
    assert table[1].split()[:2] == ["m1", "acknowledged"]
    assert post("message", "ls", "--to", "laed").returncode == 3
    assert post("message", "ack", "m99").returncode == 3


def test_listing_starts_nothing(post: Tui, tmp_path: Path) -> None:
    assert listed(post) == []
    assert post("message", "show", "m1").returncode == 3
    assert not (tmp_path / ".locust-tui" / "worker.lock").exists()
    assert post("ps", "--json").returncode == 0


def test_nothing_of_a_message_steers_the_terminal(post: Tui) -> None:
    assert post("message", "send", "lead", "a\x1b]0;owned\x07b", "--subject", "x\x1b[2J").returncode == 0
    for args in (("ls",), ("show", "m1"), ("ls", "--json")):
        assert "\x1b" not in post("message", *args).stdout
    assert "\x1b" not in post("events").stdout


def test_inside_a_run_it_knows_whose_messages_these_are(post: Tui, tmp_path: Path) -> None:
    script = tmp_path / "agent"
    script.write_text(
        "#!/bin/sh\nuntil [ -e go ]; do sleep 0.05; done\n"
        "locust-tui message ls --unread --json > mine\nlocust-tui message show --unread > shown\n"
        "locust-tui message send locust-plugins no 2> refused; echo $? > code\n"
        "locust-tui message send boss-of-nobody no; echo $? >> code\n"
        "locust-tui message send --reply-to m1 'to you'; echo $? >> code\n"
        "mv code codes\nexec sleep 600\n"
    )
    script.chmod(0o755)
    (tmp_path / "locust-plan.yaml").write_text(PLAN.replace("run: exec sleep 600", "run: ./agent"))
    assert post("trust", "--yes").returncode == 0
    assert post("message", "send", "WS-01", "for you", "--from", "locust-meta").returncode == 0
    assert post("message", "send", "lead", "for others").returncode == 0
    (tmp_path / "go").touch()
    end = time.monotonic() + 30
    while not (tmp_path / "codes").exists():
        assert time.monotonic() < end, (tmp_path / "refused").read_text()
        time.sleep(0.05)
    assert [m["id"] for m in json.loads((tmp_path / "mine").read_text())] == ["m1"]
    assert "  | for you\n" in (tmp_path / "shown").read_text()
    assert (tmp_path / "codes").read_text().split() == ["4", "3", "0"]
    assert "write to locust-core, which passes it on" in (tmp_path / "refused").read_text()
    states = {m["id"]: (m["from"], m["to"], m["state"]) for m in listed(post)}
    assert states["m1"] == ("locust-meta", "WS-01", "read")
    assert states["m2"][2] == "delivered"
    assert states["m4"] == ("WS-01", "locust-meta", "delivered")
