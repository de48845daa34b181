"""Messages go out by the ways that the plan names, at most once each unless it failed, whatever is killed in between."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from locust_tui.analysis.routes import MOST_TRIES, missing, owed, pause_after, ways_of
from locust_tui.client.requests import ReadMessages, SendMessage
from locust_tui.domain.coordination import MessageStatus, MessageTry
from locust_tui.domain.criterion import Command
from locust_tui.domain.events import MessageDelivered
from locust_tui.domain.plan import NotifyRoute, Plan, Project, Workstream
from locust_tui.domain.world import World
from project import Project as Folder
from project import is_running, until


class Posts:
    """A web server that keeps what is posted and answers as it is told."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[int] = []
        posts = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                posts.got.append((self.path, json.loads(body)))
                status = posts.answers.pop(0) if posts.answers else 204
                self.send_response(status)
                self.send_header("Location", "file:///etc/passwd")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def posts() -> Iterator[Posts]:
    made = Posts()
    yield made
    made.server.shutdown()
    made.server.server_close()


def up(project: Folder, *channels: str) -> None:
    project.write(
        f"project: P\nworkstreams: {{a: {{run: exec sleep 1000}}}}\nnotify: {{ops: [{', '.join(channels)}]}}\n"
    )
    project.up()


def message(project: Folder, id: str = "m1") -> MessageStatus:
    return project.world().messages[id]


def reaches(project: Folder, *ways: str, id: str = "m1") -> MessageStatus:
    world = project.reaches(lambda w: id in w.messages and set(ways) <= set(w.messages[id].delivered))
    return world.messages[id]


def test_a_webhook_gets_the_message_as_json(project: Folder, posts: Posts) -> None:
    up(project, "inbox", f'{{webhook: "{posts.url}/hook?key=s3cret"}}')
    project.ask(SendMessage("ops", "It works", subject="Week 3", priority="high"))
    got = reaches(project, "inbox", "webhook:127.0.0.1")
    assert got.state == "delivered"
    ((path, body),) = posts.got
    assert path == "/hook?key=s3cret"
    assert {k: body[k] for k in ("id", "to", "from", "subject", "text", "priority", "project")} == {
        "id": "m1", "to": "ops", "from": "operator", "subject": "Week 3", "text": "It works", "priority": "high",
        "project": "P",
    }  # fmt: skip
    assert not any("s3cret" in repr(event) for event in project.all_events())


def test_a_failed_way_is_tried_again_and_the_others_are_not(project: Folder, posts: Posts) -> None:
    posts.answers = [503]
    up(project, f'{{webhook: "{posts.url}"}}', "{command: [tee, -a, got]}")
    project.ask(SendMessage("ops", "once"))
    done = reaches(project, "webhook:127.0.0.1", "command")
    assert done.failed == ()
    assert len(posts.got) == 2
    assert (project.path / "got").read_text() == "once\n"
    errors = [e.error for e in project.events(MessageDelivered) if e.error]
    assert errors == ["it answered 503"]


def test_no_redirect_is_followed(project: Folder, posts: Posts) -> None:
    posts.answers = [302, 302, 302]
    up(project, f'{{webhook: "{posts.url}"}}')
    project.ask(SendMessage("ops", "x"))
    world = project.reaches(lambda w: w.messages["m1"].failed)
    assert world.messages["m1"].failed == ("webhook:127.0.0.1: it answered 302",)


def test_a_command_gets_the_subject_as_one_argument_and_the_text_on_its_input(project: Folder) -> None:
    project.script("mail", '#!/bin/sh\nprintf "%s\\n" "$#" "$1" "$2" > args; cat > text; env > env\n')
    up(project, '{command: [./mail, -s, "{subject}"]}')
    project.ask(SendMessage("ops", "line 1\nline 2", subject='$(touch owned) "; touch owned \x1b[31m'))
    reaches(project, "command")
    said = (project.path / "args").read_text().splitlines()
    assert said[:2] == ["2", "-s"]
    assert said[2].startswith('$(touch owned) "; touch owned')
    assert "\x1b" not in said[2]
    assert (project.path / "text").read_text() == "line 1\nline 2\n"
    assert not (project.path / "owned").exists()
    assert "LOCUST_TUI_" not in (project.path / "env").read_text()


def test_what_a_command_says_when_it_fails_is_told(project: Folder) -> None:
    project.script("mail", "#!/bin/sh\necho no such user >&2\nexit 67\n")
    up(project, "{command: [./mail]}")
    project.ask(SendMessage("ops", "x"))
    world = project.reaches(lambda w: w.messages["m1"].failed)
    assert world.messages["m1"].failed == ("command: exit code 67: no such user",)
    assert world.messages["m1"].state == "queued"


def test_apprise_takes_an_address_from_a_secret_that_is_told_nowhere(
    project: Folder, posts: Posts, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"json://user:hunter22@127.0.0.1:{posts.server.server_port}/chat"
    monkeypatch.setenv("CHAT_ADDRESS", address)
    up(project, "{apprise: {secret: env:CHAT_ADDRESS}}")
    project.ask(SendMessage("ops", "hello chat", subject="S"))
    reaches(project, "apprise:env:CHAT_ADDRESS")
    ((path, body),) = posts.got
    assert (path, body["title"], body["message"]) == ("/chat", "S", "hello chat")
    assert "hunter22" not in "".join(repr(e) for e in project.all_events()) + project.log()
    for process in (project.pid(), *project.agents()):
        with open(f"/proc/{process}/cmdline", "rb") as file:
            assert b"hunter22" not in file.read()


def test_a_secret_that_is_not_there_is_a_failure_in_words(project: Folder) -> None:
    up(project, "{webhook: {secret: env:NOT_SET_ANYWHERE}}")
    project.ask(SendMessage("ops", "x"))
    world = project.reaches(lambda w: w.messages["m1"].failed)
    assert "NOT_SET_ANYWHERE" in world.messages["m1"].failed[0]


def test_a_worker_killed_in_the_middle_sends_nothing_twice(project: Folder) -> None:
    project.script("mail", "#!/bin/sh\necho x >> sent\necho $$ > pid\nexec sleep 1000\n")
    up(project, "inbox", "{command: [./mail]}")
    project.ask(SendMessage("ops", "x"))
    until((project.path / "pid").exists, what="the command")
    pid = int(until(lambda: (project.path / "pid").read_text().strip()))
    project.kill()
    os.kill(pid, 9)
    until(lambda: not is_running(pid))
    project.up()
    world = project.reaches(lambda w: w.messages["m1"].failed)
    assert "not known whether it went" in world.messages["m1"].failed[0]
    project.ask(SendMessage("a", "y"))
    assert (project.path / "sent").read_text() == "x\n"
    assert project.world().messages["m1"].delivered == ("inbox",)
    project.assert_sound()


def test_what_waited_for_its_next_try_is_tried_by_the_next_worker(project: Folder, posts: Posts) -> None:
    posts.answers = [500, 500]
    up(project, f'{{webhook: "{posts.url}"}}')
    project.ask(SendMessage("ops", "x"))
    failed = [True, True]  # four seconds are left until the next
    until(lambda: [bool(e.error) for e in project.events(MessageDelivered) if not e.begun][:2] == failed)
    project.kill()
    project.up()
    reaches(project, "webhook:127.0.0.1")
    assert len(posts.got) == 3
    project.assert_sound()


def test_an_agents_inbox_takes_it_once_it_runs(project: Folder) -> None:
    project.write(
        "project: P\nresources: {max_agents: 1}\nagents: {s: {command: ./wait}}\nworkstreams:\n"
        "  a: {agent: s, instructions: x}\n  b: {agent: s, instructions: x, needs: [a]}\n",
        trust=False,
    )
    project.script(
        "wait",
        "#!/bin/sh\nuntil [ -e go ]; do sleep 0.05; done\n[ $LOCUST_TUI_WORKSTREAM = a ] || exec sleep 1000\n",
    )
    project.trust()
    project.up()
    project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid)
    project.ask(SendMessage("b", "when you begin"))
    assert message(project).state == "queued"
    (project.path / "go").touch()
    reaches(project, "inbox")
    assert project.ask(ReadMessages()).data["messages"] == []


def test_a_thousand_messages_are_delivered_and_asked_for_quickly(project: Folder) -> None:
    import time

    up(project, "inbox")
    for n in range(200):
        project.ask(SendMessage("ops,operator,a", f"message {n}" * 20))
    for n in range(200):
        project.ask(SendMessage("operator,ops", f"message {n}", sender="ops")) if n < 190 else None
    assert len(project.world().messages) > 900
    began = time.perf_counter()
    project.ask(ReadMessages())
    assert time.perf_counter() - began < 20
    began = time.perf_counter()
    world = project.world()
    assert time.perf_counter() - began < 20
    assert sum(m.state == "read" for m in world.messages.values()) == 200


PLAN = Plan(
    Project("P", "P"),
    {"a": Workstream("a", "A", agent="c", instructions="x")},
    notify={
        "ops": NotifyRoute(
            "ops",
            (
                "bell",
                "webhook:https://h/1",
                "webhook:https://h/2",
                "webhook:https://h/1",
                "apprise:mailtos://u:p@x",
            ),
            (Command(("mail",), "mail"), Command(("mail", "2"), "mail 2")),
        ),
        "default": NotifyRoute("default", ("desktop",)),
    },
)


def test_ways_are_told_apart_by_names_without_addresses() -> None:
    names = [way.name for way in ways_of(PLAN, "ops")]
    assert names == ["bell", "webhook:h", "webhook:h#2", "apprise:mailtos", "command", "command#2"]
    assert [way.name for way in ways_of(PLAN, "somebody")] == ["desktop"]
    assert [way.name for way in ways_of(Plan(Project("P", "P"), {}), "x")] == ["inbox"]


def test_the_pauses_grow_and_end() -> None:
    pauses = [pause_after(n) for n in range(1, MOST_TRIES + 1)]
    assert pauses == [1.0, 4.0, 16.0, 64.0, None]


def test_what_was_read_needs_no_bell_any_more_but_its_mail_still_goes() -> None:
    unread = MessageStatus("m1", "ops", "x", "y", 1.0, ways=("inbox", "bell", "command"))
    assert missing(PLAN, World(), unread) == ("inbox", "bell", "command")
    read = MessageStatus("m1", "ops", "x", "y", 1.0, ways=("inbox", "bell", "command"), read=2.0)
    assert missing(PLAN, World(), read) == ("command",)
    tried = MessageStatus(
        "m1", "ops", "x", "y", 1.0, ways=("command",), tries=(MessageTry("command", MOST_TRIES, 2.0),)
    )
    assert missing(PLAN, World(), tried) == ()
    pressing = MessageStatus("m1", "a", "x", "y", 1.0, priority="urgent", ways=("inbox",))
    assert owed(PLAN, World(), pressing) == ("inbox", "conversation")
    assert owed(PLAN, World(), MessageStatus("m1", "z", "x", "y", 1.0, dead="nobody")) == ()
