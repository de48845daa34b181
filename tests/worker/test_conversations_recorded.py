"""What real agents said goes on record, and goes on record once, however often and in what pieces it is read."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from locust_tui.agents.kinds import adapter_for
from locust_tui.agents.vocabulary import Activity, ActivityChanged, Job, Trouble, TurnEnded, Used
from locust_tui.domain import events as e
from locust_tui.domain.fold import apply
from locust_tui.domain.people import WORKER
from locust_tui.domain.states import AccountState, RunState
from locust_tui.domain.world import World
from locust_tui.plans.reading import load_plan
from locust_tui.worker.conversing.conversation import Conversation
from locust_tui.worker.conversing.record import PROTOCOL, Recorder, Standing, state_of
from locust_tui.worker.conversing.standing import around, standing

sys.path.append(str(Path(__file__).parents[1] / "agents"))
from captured import CAPTURES, conversation, files

NOW = 1_000_000.0
STANDING = Standing("claude")


class Record:
    """A world with one run, and everything put on record of it."""

    def __init__(self) -> None:
        self.world, self.bodies = World(), list[e.EventBody]()
        self.happened(e.RunCreated("a.1", "a", 1, "dev", (), "/"), e.RunStarted("a.1", 5))

    def happened(self, *bodies: e.EventBody) -> None:
        for body in bodies:
            apply(self.world, e.Event(self.world.revision + 1, NOW, WORKER, body))
            self.bodies.append(body)

    def take(self, talk: Conversation, recorder: Recorder) -> list[e.EventBody]:
        """What the record lacks of the conversation now, put there."""
        run, adapter = self.world.runs["a.1"], talk.adapter
        found = recorder.events(talk.heard, run, self.world, STANDING, adapter.resumable, talk.offset, NOW)
        self.happened(*found)
        return found


def said(name: Path) -> bytes:
    return b"".join(line.line.encode() + b"\n" for line in conversation(name) if line.dir == "out")


def opened(folder: Path, kind: str, recorded: int = 0) -> Conversation:
    job = Job(run="a.1", prompt="do it", cwd="/home/dev/work", command=(), folder=str(folder))
    return Conversation("a.1", folder, adapter_for(kind, job), recorded, lambda: NOW)


def read(talk: Conversation) -> None:
    while talk.grown() and talk.read(1.0):
        pass


def test_use_of_nothing_is_no_news(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"")
    talk, record = opened(tmp_path, "claude"), Record()
    talk.heard.hear(Used(0, 0, 0, 0.0, context_size=1_000_000))
    recorder = Recorder()
    recorder.at_once()
    assert not any(isinstance(body, e.RunUsed) for body in record.take(talk, recorder))
    talk.heard.hear(Used(5, 0, 0, 0.0))
    recorder.at_once()
    assert any(isinstance(body, e.RunUsed) for body in record.take(talk, recorder))


@pytest.mark.parametrize("name", files("claude"), ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_reading_again_puts_nothing_on_record_twice(tmp_path: Path, name: Path) -> None:
    output, record = said(name), Record()
    log = tmp_path / "log"
    log.write_bytes(b"")
    talk, recorder = opened(tmp_path, "claude"), Recorder()
    for at in range(0, len(output), 5000):
        with log.open("ab") as file:
            file.write(output[at : at + 5000])
        read(talk)
        record.take(talk, recorder)
    recorder.at_once()
    record.take(talk, recorder)
    before = list(record.bodies)
    talk.ledger.close()
    again = opened(tmp_path, "claude", record.world.runs["a.1"].log_read)
    read(again)
    assert again.news == [news for news in again.news if news.offset > record.world.runs["a.1"].log_read]
    recorder = Recorder()
    recorder.at_once()
    assert record.take(again, recorder) == []
    assert record.bodies == before
    assert (again.offset, again.heard.denied, again.heard.used) == (
        talk.offset,
        talk.heard.denied,
        talk.heard.used,
    )


def test_a_permission_of_the_real_program_is_on_record_with_all_it_would_do(tmp_path: Path) -> None:
    record = Record()
    output = said(CAPTURES / "claude/2.1.330/control-permission.jsonl")
    asking = output.index(b'"type":"control_request"')
    (tmp_path / "log").write_bytes(output[: output.index(b"\n", asking) + 1])
    talk, recorder = opened(tmp_path, "claude"), Recorder()
    read(talk)
    record.take(talk, recorder)
    assert record.world.runs["a.1"].state is RunState.WAITING
    asks = [b for b in record.bodies if isinstance(b, e.Asked)]
    assert [a.item for a in asks] == ["permission:a.1:1"]
    assert "made.txt" in asks[0].what
    assert "hello" in asks[0].detail
    assert record.world.runs["a.1"].session
    assert record.world.runs["a.1"].version


def test_a_state_says_what_it_rests_on_and_a_persons_wish_to_stop_is_kept(tmp_path: Path) -> None:
    record = Record()
    (tmp_path / "log").write_bytes(said(CAPTURES / "claude/2.1.330/control-permission.jsonl"))
    talk, recorder = opened(tmp_path, "claude"), Recorder()
    read(talk)
    record.happened(e.RunChanged("a.1", RunState.RUNNING, "process", "stopping: stopped by ana"))
    assert not any(isinstance(b, e.RunChanged) for b in record.take(talk, recorder))
    assert record.world.runs["a.1"].reason == "stopping: stopped by ana"


def test_stalled_ends_by_itself_when_it_goes_on(tmp_path: Path) -> None:
    record = Record()
    lines = said(CAPTURES / "claude/2.1.330/control-permission.jsonl").splitlines(keepends=True)
    (tmp_path / "log").write_bytes(b"".join(lines[:2]))
    talk, recorder = opened(tmp_path, "claude"), Recorder()
    read(talk)
    run = record.world.runs["a.1"]
    stalled = replace(STANDING, stalled="not a byte for 10 m")
    record.happened(*recorder.events(talk.heard, run, record.world, stalled, "", talk.offset, NOW))
    run = record.world.runs["a.1"]
    assert (run.state, run.source) == (RunState.STALLED, "silence")
    record.take(talk, recorder)
    assert record.world.runs["a.1"].state is RunState.RUNNING


@pytest.mark.parametrize("kind", ["claude", "codex", "acp"])
def test_what_any_agent_says_is_understood_or_passed_over_by_every_adapter(tmp_path: Path, kind: str) -> None:
    for i, name in enumerate([*files("claude"), *files("codex"), *files("acp")]):
        folder, record = tmp_path / str(i), Record()
        folder.mkdir()
        (folder / "log").write_bytes(said(name))
        talk = opened(folder, kind)
        read(talk)
        record.take(talk, Recorder())
        assert talk.offset == len(said(name))
        talk.ledger.close()


def test_a_log_that_lost_its_beginning_still_tells_who_speaks(tmp_path: Path) -> None:
    output = said(CAPTURES / "claude/2.1.330/control-permission.jsonl")
    asking = output.index(b'"type":"control_request"')
    begun, asked = (
        output[: output.rindex(b"\n", 0, asking) + 1],
        output[output.rindex(b"\n", 0, asking) + 1 :],
    )
    asked = asked[: asked.index(b"\n") + 1]
    noise = b'{"type":"keep_alive"}\n' * 100_000
    log = tmp_path / "log"
    log.write_bytes(begun + noise)
    talk = opened(tmp_path, "claude")
    read(talk)
    session, offset = talk.adapter.resumable, talk.offset
    assert session
    talk.ledger.close()
    with log.open("ab") as file:
        file.write(asked)
    cut = len(begun) + len(noise) // 2 + 7
    with log.open("r+b") as file:
        file.write(b"\0" * cut)
    (tmp_path / "trim.json").write_text(f'{{"trimmed": {cut}}}')
    again = opened(tmp_path, "claude", offset)
    read(again)
    assert again.adapter.resumable == session
    assert [w.tool for w in again.heard.waiting] == ["Write"]
    assert again.passed_over == 0


@pytest.mark.fault(27, "the log of a conversation is emptied, or cut short, while its agent speaks")
@pytest.mark.parametrize("left", [0, 100])
def test_what_is_said_after_a_log_was_cut_short_is_heard(tmp_path: Path, left: int) -> None:
    output = said(CAPTURES / "claude/2.1.330/control-permission.jsonl")
    asking = output.rindex(b"\n", 0, output.index(b'"type":"control_request"')) + 1
    log = tmp_path / "log"
    log.write_bytes(output[:asking])
    talk = opened(tmp_path, "claude")
    read(talk)
    session = talk.adapter.resumable
    assert session
    assert not talk.heard.waiting
    with log.open("r+b") as file:
        file.truncate(left)
    read(talk)
    with log.open("ab") as file:
        file.write(b"\n" + output[asking : output.index(b"\n", asking) + 1])
    read(talk)
    assert talk.adapter.resumable == session
    assert [w.tool for w in talk.heard.waiting] == ["Write"]
    talk.ledger.close()


@pytest.mark.parametrize("trouble", [Trouble.USAGE_LIMIT, Trouble.OVERLOADED, Trouble.SERVER])
def test_a_run_whose_turn_failed_waits_for_a_person_once_its_account_is_refused(
    tmp_path: Path, trouble: Trouble
) -> None:
    """Its own trouble would pass, but nothing of the account goes on before a person has mended it."""
    (tmp_path / "plan.yaml").write_text("project: p\nworkstreams: {a: {run: 'true'}}\n")
    plan, record, talk = load_plan(tmp_path / "plan.yaml"), Record(), opened(tmp_path, "claude")
    for heard in (
        ActivityChanged(Activity.WORKING),
        TurnEnded(False, "no", trouble),
        ActivityChanged(Activity.IDLE),
    ):
        talk.heard.hear(heard)
    record.happened(e.AccountChanged("claude", AccountState.REFUSED, "its login was refused", "a.1"))
    run = record.world.runs["a.1"]
    surroundings = around(talk, "claude", plan, run, record.world, NOW + 1, NOW)
    found = standing(talk, "claude", plan, run, record.world, surroundings)
    assert state_of(talk.heard, run, "", found) == (
        RunState.WAITING,
        "account claude was refused: its login was refused",
        PROTOCOL,
    )
