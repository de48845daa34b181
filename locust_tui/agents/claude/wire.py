"""Lines of Claude Code's stream-json as partial structs: what we need of each, decoded in place; all else is passed over."""

from __future__ import annotations

import msgspec
from msgspec import Raw, Struct

SPOKEN = frozenset(
    {
        "system",
        "assistant",
        "user",
        "result",
        "stream_event",
        "rate_limit_event",
        "control_request",
        "control_response",
        "control_cancel_request",
        "keep_alive",
        "tool_progress",
        "command_lifecycle",
        "auth_status",
    }
)
"""Types of lines by which a program is known to speak this protocol."""


class Head(Struct):
    type: str = ""
    subtype: str | None = None


class Block(Struct):
    type: str = ""
    text: str | None = None
    thinking: str | None = None
    id: str = ""
    name: str = ""
    input: Raw = Raw(b"{}")
    tool_use_id: str = ""
    content: Raw = Raw(b"null")
    is_error: bool | None = None


class Tokens(Struct):
    input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None


class Message(Struct):
    id: str = ""
    model: str | None = None
    content: str | list[Block] = ""
    usage: Tokens | None = None


class Decision(Struct):
    decision: str | None = None


class ResultMeta(Struct):
    id: str = ""
    permission_decision: Decision | None = None


class LimitInfo(Struct):
    status: str = ""
    resets_at: float | None = msgspec.field(default=None, name="resetsAt")
    window: str | None = msgspec.field(default=None, name="rateLimitType")
    utilization: float | None = None
    overage: bool | None = msgspec.field(default=None, name="isUsingOverage")


class ApiErrorParams(Struct):
    limit: LimitInfo | None = msgspec.field(default=None, name="rate_limit_info")


class Spoken(Struct):
    """An `assistant` or `user` line: one content block of a message, or the results of tools."""

    message: Message = msgspec.field(default_factory=Message)
    parent_tool_use_id: str | None = None
    error: str | None = None
    api_error: str | None = None
    api_error_status: int | None = None
    api_error_params: ApiErrorParams | None = None
    timestamp: str | None = None
    is_synthetic: bool | None = msgspec.field(default=None, name="isSynthetic")
    tool_use_result: Raw = Raw(b"null")
    tool_result_meta: list[ResultMeta] | None = None


class Server(Struct):
    name: str = ""
    status: str = ""


class Task(Struct):
    task_id: str = ""
    task_type: str | None = None


class Patch(Struct):
    status: str | None = None


class System(Struct):
    session_id: str | None = None
    model: str | None = None
    version: str | None = msgspec.field(default=None, name="claude_code_version")
    key_source: str | None = msgspec.field(default=None, name="apiKeySource")
    mcp_servers: list[Server] | None = None
    state: str | None = None
    attempt: int | None = None
    max_retries: int | None = None
    retry_delay_ms: float | None = None
    error_status: int | None = None
    error: str | None = None
    tool_use_id: str | None = None
    task_id: str | None = None
    task_type: str | None = None
    tasks: list[Task] | None = None
    patch: Patch | None = None


class RateLimit(Struct):
    info: LimitInfo | None = msgspec.field(default=None, name="rate_limit_info")


class ModelUse(Struct):
    input_tokens: int | None = msgspec.field(default=None, name="inputTokens")
    output_tokens: int | None = msgspec.field(default=None, name="outputTokens")
    cache_read: int | None = msgspec.field(default=None, name="cacheReadInputTokens")
    cache_creation: int | None = msgspec.field(default=None, name="cacheCreationInputTokens")
    cost_usd: float | None = msgspec.field(default=None, name="costUSD")
    window: int | None = msgspec.field(default=None, name="contextWindow")


class Denial(Struct):
    tool_name: str = ""
    tool_input: Raw = Raw(b"{}")


class Result(Struct):
    subtype: str | None = None
    is_error: bool | None = None
    result: str | None = None
    errors: list[str] | None = None
    api_error_status: int | None = None
    api_error: str | None = None
    terminal_reason: str | None = None
    stop_reason: str | None = None
    session_id: str | None = None
    total_cost_usd: float | None = None
    model_usage: dict[str, ModelUse] | None = msgspec.field(default=None, name="modelUsage")
    since_last: dict[str, ModelUse] | None = msgspec.field(default=None, name="model_usage_since_last_result")
    permission_denials: list[Denial] | None = None


class Delta(Struct):
    type: str = ""
    text: str | None = None
    thinking: str | None = None


class StreamedMessage(Struct):
    id: str = ""


class Streamed(Struct):
    type: str = ""
    message: StreamedMessage | None = None
    delta: Delta | None = None


class StreamEvent(Struct):
    event: Streamed = msgspec.field(default_factory=Streamed)
    parent_tool_use_id: str | None = None


class Request(Struct):
    subtype: str = ""
    tool_name: str = ""
    input: Raw = Raw(b"{}")
    permission_suggestions: Raw = Raw(b"[]")
    blocked_path: str | None = None
    decision_reason: str | None = None
    tool_use_id: str | None = None


class Answered(Struct):
    subtype: str = ""
    request_id: str = ""
    error: str | None = None


class Control(Struct):
    request_id: str = ""
    request: Request | None = None
    response: Answered | None = None


class AuthStatus(Struct):
    error: str | None = None
