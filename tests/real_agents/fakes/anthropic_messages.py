"""Anthropic's Messages API (streaming): `python -m tests.real_agents.fakes.anthropic_messages --port 0`."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from .answer import Answer, Block, Call, Failure, Header, Text, Thought
from .handler import Json
from .model_server import FakeModel, serve
from .script import GO_ON, Script, read_script

WINDOWS = {"five_hour": "5h", "seven_day": "7d", "seven_day_opus": "7d_opus", "seven_day_sonnet": "7d_sonnet"}
STOPS = {"done": "end_turn", "max_tokens": "max_tokens", "refusal": "refusal"}


def typed_text(message: Json) -> str:
    """What a person typed in a user message: neither tool results nor the agent's own reminders."""
    content: str | list[Any] = message.get("content") or []
    blocks = [content] if isinstance(content, str) else [block.get("text", "") for block in content]
    return "\n".join(text for text in blocks if text and not text.lstrip().startswith("<system-reminder>"))


class AnthropicMessages(FakeModel):
    """The Messages API of Anthropic, as Claude Code uses it."""

    answers = "/v1/messages"
    models = {"data": [{"type": "model", "id": "claude-fake-1", "display_name": "Fake"}], "has_more": False}

    def script(self, question: Json) -> tuple[Script, int]:
        messages = question.get("messages", [])
        for index in range(len(messages) - 1, -1, -1):
            message = messages[index]
            if message.get("role") != "user" or not (text := typed_text(message)).strip():
                continue
            script = read_script(text)
            holds_results = not isinstance(message["content"], str) and any(
                block.get("type") == "tool_result" for block in message["content"]
            )
            if not script.turns and (holds_results or text.strip().endswith(GO_ON)):
                continue  # the script is the prompt before
            if not question.get("tools"):  # titles, summaries: no part of the conversation
                return Script(text, ()), 0
            return script, sum(later.get("role") == "assistant" for later in messages[index + 1 :])
        return Script("", ()), 0

    def shell(self, command: str) -> Call:
        return Call("Bash", json.dumps({"command": command}))

    def window(self, resets_at: int, used: float, name: str, *, reached: bool) -> list[Header]:
        status = "rejected" if reached else "allowed_warning"
        prefix, short = "anthropic-ratelimit-unified-", WINDOWS[name]
        headers = [
            (f"{prefix}status", status),
            (f"{prefix}reset", str(resets_at)),
            (f"{prefix}representative-claim", name),
            (f"{prefix}fallback", "unavailable"),
            (f"{prefix}{short}-status", status),
            (f"{prefix}{short}-reset", str(resets_at)),
            (f"{prefix}{short}-utilization", str(used)),
            (f"{prefix}{short}-surpassed-threshold", "0.9"),
        ]
        if reached:
            wait = max(1, resets_at - int(time.time()))
            headers += [("retry-after", str(wait)), ("x-should-retry", "false")]
        return headers

    def failure(self, failure: Failure) -> Json:
        kind = "rate_limit_error" if failure.resets_at else failure.kind
        return {"type": "error", "error": {"type": kind, "message": failure.message}}

    def events(self, question: Json, answer: Answer) -> Iterable[tuple[str, Json]]:
        usage = {
            "input_tokens": max(1, len(json.dumps(question)) // 4),
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": 1,
        }
        message = {
            "id": f"msg_{uuid.uuid4().hex[:22]}",
            "type": "message",
            "role": "assistant",
            "model": question.get("model", "claude-fake-1"),
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": usage,
        }
        yield "message_start", {"message": message}
        for index, block in enumerate(answer.blocks):
            start, deltas = _parts(block)
            yield "content_block_start", {"index": index, "content_block": start}
            for delta in deltas:
                yield "content_block_delta", {"index": index, "delta": delta}
                self.pause(answer.pause_s)
            if index == len(answer.blocks) - 1:
                self.pause(answer.silence_s)
                if answer.ending == "drop":
                    return
                if answer.ending == "error":
                    kind, text = answer.error
                    yield "error", {"error": {"type": kind, "message": text}}
                    return
            yield "content_block_stop", {"index": index}
        stop = "tool_use" if answer.calls else STOPS[answer.ending]
        spent = {"output_tokens": sum(1 + len(str(block)) // 4 for block in answer.blocks)}
        yield "message_delta", {"delta": {"stop_reason": stop, "stop_sequence": None}, "usage": spent}
        yield "message_stop", {}


def _parts(block: Block) -> tuple[Json, Iterator[Json]]:
    """The start of a content block and its deltas."""
    match block:
        case Text(text):
            words = text.split(" ")
            pieces = [*(f"{word} " for word in words[:-1]), words[-1]]
            return {"type": "text", "text": ""}, ({"type": "text_delta", "text": piece} for piece in pieces)
        case Thought(text):
            deltas = (
                {"type": "thinking_delta", "thinking": text},
                {"type": "signature_delta", "signature": "ZmFrZQ=="},
            )
            return {"type": "thinking", "thinking": "", "signature": ""}, iter(deltas)
        case Call(name, arguments):
            start = {"type": "tool_use", "id": f"toolu_{uuid.uuid4().hex[:22]}", "name": name, "input": {}}
            return start, iter([{"type": "input_json_delta", "partial_json": arguments}])


if __name__ == "__main__":
    serve(AnthropicMessages)
