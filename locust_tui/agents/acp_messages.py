"""Our side's messages of the Agent Client Protocol, made and checked by the protocol's own models.

Loading these takes half a second and 26 MiB: this module is imported where the first message is made, not before.
"""

from __future__ import annotations

from typing import Any

from acp import schema
from pydantic import BaseModel

from locust_tui import __version__

from .vocabulary import ToolServer


def initialize() -> dict[str, Any]:
    """Files go through us; terminals do not."""
    files = schema.FileSystemCapabilities(read_text_file=True, write_text_file=True)
    return _plain(
        schema.InitializeRequest(
            protocol_version=1,
            client_capabilities=schema.ClientCapabilities(fs=files, terminal=False),
            client_info=schema.Implementation(name="locust-tui", title="locust-tui", version=__version__),
        )
    )


def new_session(cwd: str, servers: tuple[ToolServer, ...], http: bool) -> dict[str, Any]:
    return _plain(schema.NewSessionRequest(cwd=cwd, mcp_servers=_servers(servers, http)))


def load_session(session: str, cwd: str, servers: tuple[ToolServer, ...], http: bool) -> dict[str, Any]:
    return _plain(schema.LoadSessionRequest(session_id=session, cwd=cwd, mcp_servers=_servers(servers, http)))


def prompt(session: str, text: str) -> dict[str, Any]:
    block = schema.TextContentBlock(type="text", text=text)
    return _plain(schema.PromptRequest(session_id=session, prompt=[block]))


def cancel(session: str) -> dict[str, Any]:
    return _plain(schema.CancelNotification(session_id=session))


def selected(option: str) -> dict[str, Any]:
    outcome = schema.AllowedOutcome(outcome="selected", option_id=option)
    return _plain(schema.RequestPermissionResponse(outcome=outcome))


def cancelled() -> dict[str, Any]:
    return _plain(schema.RequestPermissionResponse(outcome=schema.DeniedOutcome(outcome="cancelled")))


def file_read(content: str) -> dict[str, Any]:
    return _plain(schema.ReadTextFileResponse(content=content))


def _servers(servers: tuple[ToolServer, ...], http: bool) -> list[Any]:
    return [made for one in servers if (made := _server(one, http)) is not None]


def _server(server: ToolServer, http: bool) -> BaseModel | None:
    if server.url and http:
        secret = (
            [schema.HttpHeader(name="Authorization", value=f"Bearer {server.token}")] if server.token else []
        )
        return schema.HttpMcpServer(type="http", name=server.name, url=server.url, headers=secret)
    if not server.command:
        return None
    named = bool(server.token and server.token_variable)
    env = [schema.EnvVariable(name=server.token_variable, value=server.token)] if named else []
    command, *args = server.command
    return schema.McpServerStdio(name=server.name, command=command, args=args, env=env)


def _plain(message: BaseModel) -> dict[str, Any]:
    return message.model_dump(mode="json", by_alias=True, exclude_none=True)
