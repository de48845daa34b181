"""Our side of the Agent Client Protocol with a real program on the other: pipes, requests both ways, deaths."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from locust_tui.agents.acp import AcpAdapter
from locust_tui.agents.vocabulary import (
    AgentEvent,
    Failed,
    FileOffered,
    FileWanted,
    Job,
    Reaction,
    Said,
    SessionStarted,
    ToolEnded,
    ToolServer,
    ToolStarted,
    Trouble,
    TurnEnded,
    Wants,
)

AGENT = Path(__file__).with_name("scripted_acp_agent.py")
LOCUST = ToolServer("locust", url="http://127.0.0.1:9/mcp", token_variable="T", token="s3cret")


class Talk:
    """A run of the scripted agent: does what is offered, answers `word` to whatever is wanted, ends with the turn."""

    def __init__(
        self, prompt: str, cwd: Path, word: str = "allow", resume: str = "", interrupts: str = ""
    ) -> None:
        job = Job("WS-01.1", prompt, str(cwd), (sys.executable, str(AGENT)), resume=resume, tools=(LOCUST,))
        self.adapter, self.cwd, self.word, self.interrupts = AcpAdapter(job), cwd, word, interrupts
        self.events: list[AgentEvent] = []
        with subprocess.Popen(
            self.adapter.launch().argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as self.process:
            self.take(self.adapter.begin())
            assert self.process.stdout is not None
            assert self.process.stderr is not None
            for line in self.process.stdout:
                self.take(self.adapter.feed(line.rstrip(b"\n")))
            stderr = self.process.stderr.read().decode()
        self.ok, self.why = self.adapter.verdict(self.process.returncode, None, stderr)

    def take(self, reaction: Reaction) -> None:
        pipe = self.process.stdin
        assert pipe is not None
        for message in reaction.send:
            pipe.write(message.line)
            pipe.flush()
        for event in reaction.events:
            self.events.append(event)
            if isinstance(event, Wants):
                self.take(self.adapter.answer(event.id, self.word))
            elif isinstance(event, FileOffered):
                (self.cwd / event.path).write_text(event.content)
                self.take(self.adapter.file_done(event.id))
            elif isinstance(event, FileWanted):
                self.take(self.adapter.file_done(event.id, (self.cwd / event.path).read_text()))
            elif isinstance(event, Said) and event.text == self.interrupts:
                self.take(self.adapter.interrupt())
            elif isinstance(event, TurnEnded):
                self.take(self.adapter.finish())
                pipe.close()

    def of(self, kind: type[AgentEvent]) -> Iterator[AgentEvent]:
        return (event for event in self.events if isinstance(event, kind))

    @property
    def said(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Said)]


def test_a_permission_is_answered_by_what_an_option_is_not_by_its_name_or_place(tmp_path: Path) -> None:
    for word, ok, chosen in (("allow", True, "x3"), ("always", True, "x3"), ("deny", False, "x1")):
        talk = Talk("hello ask", tmp_path, word)
        (ended,) = talk.of(ToolEnded)
        assert isinstance(ended, ToolEnded)
        assert (ended.ok, ended.summary, ended.denied) == (ok, chosen, not ok)
        assert [event.name for event in talk.of(ToolStarted) if isinstance(event, ToolStarted)] == ["Bash"]
        assert talk.ok


def test_files_go_through_us_and_stay_in_the_folder(tmp_path: Path) -> None:
    talk = Talk("write read climb", tmp_path)
    assert (tmp_path / "made.txt").read_text() == "made\n"
    assert "made\n" in "".join(talk.said)
    assert "refused" in "".join(talk.said)
    assert "outside" in "".join(talk.said)
    assert (talk.ok, talk.why) == (True, "")


def test_lines_that_are_no_messages_are_passed_over(tmp_path: Path) -> None:
    talk = Talk("noise hello", tmp_path)
    assert talk.said == ["hello"]
    assert talk.ok


def test_the_past_is_not_told_again_as_news(tmp_path: Path) -> None:
    talk = Talk("hello", tmp_path, resume="s0")
    assert talk.said == ["hello"]
    started = next(talk.of(SessionStarted))
    assert isinstance(started, SessionStarted)
    assert started.session == talk.adapter.resumable == "s0"
    assert talk.ok


def test_an_interruption_ends_the_turn_and_it_is_not_done(tmp_path: Path) -> None:
    talk = Talk("hello wait", tmp_path, interrupts="hello")
    (over,) = talk.of(TurnEnded)
    assert isinstance(over, TurnEnded)
    assert over.trouble is Trouble.INTERRUPTED
    assert not talk.ok


def test_a_failed_turn_is_told_with_its_kind(tmp_path: Path) -> None:
    talk = Talk("hello fail", tmp_path)
    (over,) = talk.of(TurnEnded)
    assert isinstance(over, TurnEnded)
    assert (over.ok, over.trouble, over.text) == (False, Trouble.OVERLOADED, "too busy")
    assert (talk.ok, talk.why) == (False, "too busy")


def test_a_program_that_dies_in_its_turn_is_told_with_its_last_words(tmp_path: Path) -> None:
    talk = Talk("hello die", tmp_path)
    assert not list(talk.of(TurnEnded))
    assert not list(talk.of(Failed))
    assert not talk.ok
    assert talk.why.endswith("ended with exit code 3 in the middle of a turn: boom")


@pytest.mark.parametrize(
    "module", ["locust_tui.agents.acp", "locust_tui.agents.kinds", "locust_tui.agents.transcript"]
)
def test_the_protocols_own_models_are_not_loaded_before_somebody_speaks(module: str) -> None:
    listen = (
        f"import sys, {module}; from locust_tui.agents.kinds import adapter_for; "
        "from locust_tui.agents.vocabulary import Job; a = adapter_for('acp', Job('r', 'p', '/w', ('x',)), listens=True); "
        'a.launch(); a.begin(); a.feed(b\'{"id":"initialize","result":{"protocolVersion":1}}\'); '
        "sys.exit('acp' in sys.modules or 'pydantic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", listen], check=False).returncode == 0
