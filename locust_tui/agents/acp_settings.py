"""A new session's model and mode by the Agent Client Protocol: the plan's, and a mode in which a person is asked. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .jsonrpc import Lines, member, members, text
from .vocabulary import Failed, Job, Outgoing, Trouble

_Chosen = tuple[tuple[Failed, ...], tuple[Outgoing, ...]]

_DECIDES_ALONE = frozenset({"auto", "bypassPermissions", "dontAsk", "yolo", "full-access"})
_ASKS = ("default", "manual", "ask")
"""Agents name their modes as they like; these are what those in use call the one that asks before it changes things."""


def current_model(opened: dict[str, Any]) -> str:
    """The model that a new session says it has; empty: it does not say."""
    option = _option(opened, "model")
    return text(option.get("currentValue")) or text(member(opened.get("models")).get("currentModelId"))


def settings(opened: dict[str, Any], job: Job, session: str, lines: Lines) -> _Chosen:
    """What to send before the prompt, and what the session will not take."""
    model, mode = _model(opened, job.model, session, lines), _mode(opened, job.mode, session, lines)
    return (*model[0], *mode[0]), (*model[1], *mode[1])


def _model(opened: dict[str, Any], model: str, session: str, lines: Lines) -> _Chosen:
    if not model or model == current_model(opened):
        return (), ()
    option, listed = _option(opened, "model"), members(member(opened.get("models")).get("availableModels"))
    offered = tuple(_values(option)) or tuple(filter(None, (text(one.get("modelId")) for one in listed)))
    if model not in offered:
        return (_lacking("model", model, offered),), ()
    if option:
        params = {"sessionId": session, "configId": text(option.get("id")), "value": model}
        return (), (lines.request("session/set_config_option", params, "model"),)
    return (), (lines.request("session/set_model", {"sessionId": session, "modelId": model}),)


def _mode(opened: dict[str, Any], mode: str, session: str, lines: Lines) -> _Chosen:
    modes = member(opened.get("modes"))
    current = text(modes.get("currentModeId"))
    offered = tuple(filter(None, (text(one.get("id")) for one in members(modes.get("availableModes")))))
    if not mode and current in _DECIDES_ALONE:
        mode = next((one for one in _ASKS if one in offered), "")
    if not mode or mode == current:
        return (), ()
    if mode not in offered:
        return (_lacking("mode", mode, offered),), ()
    return (), (lines.request("session/set_mode", {"sessionId": session, "modeId": mode}),)


def _lacking(what: str, wanted: str, offered: tuple[str, ...]) -> Failed:
    choice = f"it offers {', '.join(offered)}" if offered else "it offers no choice"
    trouble = Trouble.MODEL if what == "model" else Trouble.PROTOCOL
    return Failed(trouble, f"the agent does not take {what} {wanted}: {choice}")


def _option(opened: dict[str, Any], category: str) -> dict[str, Any]:
    options = members(opened.get("configOptions"))
    return next((one for one in options if category in (text(one.get("category")), text(one.get("id")))), {})


def _values(option: dict[str, Any]) -> Iterator[str]:
    """Values of a select option; some are in groups."""
    for one in members(option.get("options")):
        if value := text(one.get("value")):
            yield value
        yield from (text(inner.get("value")) for inner in members(one.get("options")))
