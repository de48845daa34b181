"""The scripted models: a prompt's lines decide what they answer, and the test sees what they were asked."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from typing import Any

import pytest
from fakes.anthropic_messages import AnthropicMessages
from fakes.handler import Json
from fakes.model_server import FakeModel
from fakes.openai_responses import OpenAIResponses
from fakes.script import read_script, turns_with_calls_done

Sent = list[tuple[str, Json]]
TOOLS = [{"name": "Bash"}]


def ask(model: FakeModel, path: str, body: Json) -> Sent:
    """The SSE events of one answer."""
    request = urllib.request.Request(model.url + path, json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=20) as answer:
        lines = answer.read().decode().splitlines()
    found = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    return [(one["type"], one) for one in found]


def claude_asks(model: AnthropicMessages, prompt: str, *later: Json) -> Sent:
    messages = [{"role": "user", "content": prompt}, *later]
    return ask(model, "/v1/messages?beta=true", {"messages": messages, "tools": TOOLS, "stream": True})


def codex_asks(model: OpenAIResponses, prompt: str, *later: Json) -> Sent:
    items = [{"type": "message", "role": "user", "content": prompt}, *later]
    return ask(model, "/v1/responses", {"input": items, "stream": True})


def spoken(sent: Sent) -> str:
    """All text deltas of either API."""
    deltas: list[Any] = [data.get("delta") for _, data in sent]
    return "".join(delta if isinstance(delta, str) else (delta or {}).get("text", "") for delta in deltas)


def test_a_turn_ends_with_its_answer() -> None:
    script = read_script(
        "do this:\n@think hm\n  @run make\n@someone is no step\n@say so\n@text done\n@sleep 1"
    )
    verbs = [[step.verb for step in turn] for turn in script.turns]
    assert verbs == [["think", "run"], ["say", "text"], ["sleep"]]


def test_parallel_calls_make_one_turn() -> None:
    script = read_script("@tools A {} ;; B {}\n@run x\n@text done")
    assert [turns_with_calls_done(script, calls) for calls in range(4)] == [0, 0, 1, 2]


def test_anthropic_plays_one_turn_after_the_other(anthropic: AnthropicMessages) -> None:
    prompt = "@run make\n@text all built"
    first = claude_asks(anthropic, prompt)
    start = next(data["content_block"] for kind, data in first if kind == "content_block_start")
    assert (start["type"], start["name"]) == ("tool_use", "Bash")
    result = {
        "role": "user",
        "content": [{"type": "tool_result", "tool_use_id": start["id"], "content": "ok"}],
    }
    second = claude_asks(anthropic, prompt, {"role": "assistant", "content": [start]}, result)
    assert spoken(second) == "all built"
    assert len(anthropic.questions()) == 2


def test_openai_plays_one_turn_after_the_other(openai: OpenAIResponses) -> None:
    prompt = "@run make\n@text all built"
    first = codex_asks(openai, prompt)
    call = next(data["item"] for kind, data in first if kind == "response.output_item.done")
    assert (call["name"], call["arguments"]) == ("exec_command", '{"cmd": "make"}')
    second = codex_asks(openai, prompt, call, {"type": "function_call_output", "output": "ok"})
    assert spoken(second) == "all built"


@pytest.mark.parametrize("kind", [AnthropicMessages, OpenAIResponses])
def test_flaky_fails_as_often_as_it_says(kind: type[FakeModel]) -> None:
    with kind() as model:
        asks: Any = claude_asks if isinstance(model, AnthropicMessages) else codex_asks
        with pytest.raises(urllib.error.HTTPError, match="529"):
            asks(model, "@flaky 1 529 overloaded_error busy\n@text after all")
        assert spoken(asks(model, "@flaky 1 529 overloaded_error busy\n@text after all")) == "after all"


def test_a_held_answer_waits_for_the_test(anthropic: AnthropicMessages) -> None:
    got: list[str] = []
    asking = threading.Thread(
        target=lambda: got.append(spoken(claude_asks(anthropic, "@hold door\n@text in")))
    )
    asking.start()
    anthropic.wait_held("door")
    assert not got
    anthropic.release("door")
    asking.join(20)
    assert got == ["in"]
