"""OpenAI's Responses API (streaming): `python -m tests.real_agents.fakes.openai_responses --port 0`."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable
from typing import Any

from .answer import Answer, Block, Call, Failure, Header, Text, Thought
from .handler import Json
from .model_server import FakeModel, serve
from .script import Script, read_script, turns_with_calls_done

CALL_ITEMS = frozenset({"function_call", "custom_tool_call", "local_shell_call"})
MINUTES = {"five_hour": 300, "seven_day": 10080}


def said(item: Json) -> str:
    """The text of a message item."""
    content: str | list[Any] = item.get("content") or []
    return content if isinstance(content, str) else "\n".join(part.get("text", "") for part in content)


class OpenAIResponses(FakeModel):
    """The Responses API of OpenAI, as Codex uses it."""

    answers = "/responses"
    models = {
        "object": "list",
        "data": [{"id": "fake-1", "object": "model", "owned_by": "fake"}],
        "models": [],
    }

    def script(self, question: Json) -> tuple[Script, int]:
        items = question.get("input", [])
        if isinstance(items, str):
            items = [{"role": "user", "content": items}]
        for index in range(len(items) - 1, -1, -1):
            item = items[index]
            typed = said(item) if item.get("role") == "user" else ""
            if not typed.strip() or typed.lstrip().startswith("<"):  # tags: what the agent adds itself
                continue
            script = read_script(typed)
            calls = sum(later.get("type") in CALL_ITEMS for later in items[index + 1 :])
            return script, turns_with_calls_done(script, calls)
        return Script("", ()), 0

    def shell(self, command: str) -> Call:
        return Call("exec_command", json.dumps({"cmd": command}))

    def window(self, resets_at: int, used: float, name: str, *, reached: bool) -> list[Header]:
        return [
            ("x-codex-primary-used-percent", f"{used * 100:g}"),
            ("x-codex-primary-window-minutes", str(MINUTES[name])),
            ("x-codex-primary-reset-at", str(resets_at)),
        ]

    def failure(self, failure: Failure) -> Json:
        if failure.resets_at is None:
            return {
                "error": {
                    "type": failure.kind,
                    "code": failure.kind,
                    "message": failure.message,
                    "param": None,
                }
            }
        error = {
            "type": "usage_limit_reached",
            "message": failure.message,
            "plan_type": "plus",
            "resets_at": failure.resets_at,
            "resets_in_seconds": failure.resets_at - int(time.time()),
        }
        return {"error": error}

    def events(self, question: Json, answer: Answer) -> Iterable[tuple[str, Json]]:
        for number, (kind, data) in enumerate(self._unnumbered(question, answer), 1):
            yield kind, {"sequence_number": number, **data}

    def _unnumbered(self, question: Json, answer: Answer) -> Iterable[tuple[str, Json]]:
        response: Json = {
            "id": f"resp_{uuid.uuid4().hex}",
            "object": "response",
            "created_at": int(time.time()),
            "status": "in_progress",
            "model": question.get("model"),
            "output": [],
        }
        yield "response.created", {"response": response}
        items = [_item(block) for block in answer.blocks]
        for index, (block, item) in enumerate(zip(answer.blocks, items, strict=True)):
            empty = {**item, "content": []} if isinstance(block, Text) else item
            yield "response.output_item.added", {"output_index": index, "item": empty}
            if isinstance(block, Text):
                where = {"output_index": index, "item_id": item["id"], "content_index": 0}
                for piece in _pieces(block.text):
                    yield "response.output_text.delta", {**where, "delta": piece}
                    self.pause(answer.pause_s)
            if index == len(items) - 1:
                self.pause(answer.silence_s)
                if answer.ending == "drop":
                    return
            if answer.ending != "error":
                yield "response.output_item.done", {"output_index": index, "item": item}
        if answer.ending == "error":
            code, message = answer.error
            failed = {**response, "status": "failed", "error": {"code": code, "message": message}}
            yield "response.failed", {"response": failed}
        elif answer.ending == "max_tokens":
            cut = {"reason": "max_output_tokens"}
            yield (
                "response.incomplete",
                {"response": {**response, "status": "incomplete", "incomplete_details": cut}},
            )
        else:
            spent = _usage(question, answer)
            yield (
                "response.completed",
                {"response": {**response, "status": "completed", "output": items, "usage": spent}},
            )


def _pieces(text: str) -> list[str]:
    words = text.split(" ")
    return [*(f"{word} " for word in words[:-1]), words[-1]]


def _usage(question: Json, answer: Answer) -> Json:
    asked = max(1, len(json.dumps(question)) // 4)
    given = sum(1 + len(str(block)) // 4 for block in answer.blocks)
    return {
        "input_tokens": asked,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": given,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": asked + given,
    }


def _item(block: Block) -> Json:
    """A block as an output item. A tool of an MCP server is named `namespace/tool`."""
    unique = uuid.uuid4().hex[:24]
    match block:
        case Text(text):
            content = [{"type": "output_text", "text": text, "annotations": []}]
            message = {"type": "message", "role": "assistant", "status": "completed", "content": content}
            return {"id": f"msg_{unique}", **message}
        case Thought(text):
            return {
                "type": "reasoning",
                "id": f"rs_{unique}",
                "summary": [{"type": "summary_text", "text": text}],
            }
        case Call(name, arguments, free_form):
            call = {"call_id": f"call_{unique}", "status": "completed"}
            if free_form:
                return {
                    "type": "custom_tool_call",
                    "id": f"ctc_{unique}",
                    "name": name,
                    "input": arguments,
                    **call,
                }
            namespace, _, tool = name.rpartition("/")
            where = {"namespace": namespace} if namespace else {}
            return {
                "type": "function_call",
                "id": f"fc_{unique}",
                "name": tool,
                "arguments": arguments,
                **call,
                **where,
            }


if __name__ == "__main__":
    serve(OpenAIResponses)
