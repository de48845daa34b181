"""What `codex app-server` asks of a person, shown whole, and what their word is in its protocol. Pure."""

from __future__ import annotations

from typing import Any

from locust_tui.domain.dataclass import dataclass

from . import rules
from .codex_items import diff_of, mcp_name, named, only_writes, script_of, tool_of
from .jsonrpc import Id, as_json, brief, member, members, reference, text
from .vocabulary import AskKind, Job, Wants

COMMAND = "item/commandExecution/requestApproval"
FILES = "item/fileChange/requestApproval"
PERMISSIONS = "item/permissions/requestApproval"
ELICITATION = "mcpServer/elicitation/request"
QUESTION = "item/tool/requestUserInput"
KNOWN = frozenset({COMMAND, FILES, PERMISSIONS, ELICITATION, QUESTION})


@dataclass(frozen=True, slots=True)
class Request:
    """One request of theirs. `calls`: the parameters that rules are held against, one for each file; none: no rule covers it."""

    id: Id
    method: str
    params: dict[str, Any]
    wants: Wants
    calls: tuple[dict[str, object], ...] = ()

    def granted_by(self, allow: tuple[str, ...], root: str, resolve: rules.Resolve) -> str:
        """The rules that let all of it pass; empty: not all of it, or none."""
        return rules_that_grant(allow, self.wants.tool, self.calls, root, resolve)


def rules_that_grant(
    allow: tuple[str, ...], tool: str, calls: tuple[dict[str, object], ...], root: str, resolve: rules.Resolve
) -> str:
    """The rules that a person set by which every one of `calls` passes; empty: there is one that does not, or none at all."""
    found = [rules.granted(allow, tool, call, root, resolve) for call in calls]
    return "" if None in found else ", ".join(dict.fromkeys(filter(None, found)))


def read(
    id: Id, method: str, params: dict[str, Any], item: dict[str, Any], job: Job, resolve: rules.Resolve
) -> Request:
    """The request; `item` is what Codex said of the tool call that it is about."""
    made = {COMMAND: _command, FILES: _files, PERMISSIONS: _permissions, ELICITATION: _elicitation}.get(
        method
    )
    if made is None:
        return Request(id, method, params, _question(reference(id), params))
    tool, what, detail, calls = made(params, item, job)
    found = {rules.rule_for(tool, call, job.cwd, resolve) for call in calls}
    rule = found.pop() if len(found) == 1 else ""
    choices: tuple[str, ...] = ("allow", "always", "deny") if rule else ("allow", "deny")
    kind = AskKind.PERMISSION
    if method == ELICITATION and member(member(params.get("requestedSchema")).get("properties")):
        kind, choices = AskKind.QUESTION, _options(params)
    what = brief(f"{tool}: {what}" if what else tool)
    wants = Wants(reference(id), kind, tool, what, detail, choices, rule, text(params.get("reason")))
    return Request(id, method, params, wants, calls)


def is_ours(request: Request, job: Job) -> bool:
    """Whether a tool server of ours asks: it was handed over to be used."""
    server = text(request.params.get("serverName"))
    return request.method == ELICITATION and any(server == one.name for one in job.tools)


def reply(request: Request, choice: str, note: str) -> dict[str, Any]:
    """The result that says a person's word."""
    yes = choice in ("allow", "always")
    if request.method in (COMMAND, FILES):
        return {"decision": "accept" if yes else "decline"}
    if request.method == PERMISSIONS:
        return {"permissions": member(request.params.get("permissions")) if yes else {}, "scope": "turn"}
    if request.method == QUESTION:
        return {"answers": _answers(request.params, choice, note)}
    if request.wants.kind is AskKind.QUESTION and choice != "deny":
        return _filled_in(request.params, note or choice)
    return {"action": "accept", "content": {}} if yes else {"action": "decline"}


_Made = tuple[str, str, str, tuple[dict[str, object], ...]]


def _command(params: dict[str, Any], item: dict[str, Any], job: Job) -> _Made:
    command = text(params.get("command")) or text(item.get("command"))
    script, cwd = script_of(command), text(params.get("cwd"))
    call: dict[str, object] = {"command": script}
    lines = [command]
    if cwd and cwd != job.cwd:
        call["cwd"] = cwd
        lines.append(f"in {cwd}")
    for name, label in (
        ("networkApprovalContext", "network"),
        ("additionalPermissions", "further permissions"),
    ):
        if params.get(name):
            call[name] = True
            lines.append(f"{label}: {as_json(params[name])}")
    if text(params.get("kind")) not in ("", "command"):
        call["kind"] = params["kind"]
        lines.append(f"kind: {text(params['kind'])}")
    host = text(member(params.get("networkApprovalContext")).get("host"))
    return (
        "Bash",
        script or (f"network access to {host}" if host else ""),
        "\n".join(lines),
        (call,) if script else (),
    )


def _files(params: dict[str, Any], item: dict[str, Any], job: Job) -> _Made:
    tool = tool_of(item)
    files = tool.files if tool is not None else ()
    lines = [diff_of(item) or "Codex did not say which files it would change."]
    root = text(params.get("grantRoot"))
    if root:
        lines.append(f"and to write anything under {root} from then on")
    covered = files if only_writes(item) and not root else ()
    calls: tuple[dict[str, object], ...] = tuple({"file_path": path} for path in covered)
    return "Edit", named(files), "\n".join(lines), calls


def _permissions(params: dict[str, Any], item: dict[str, Any], job: Job) -> _Made:
    asked = as_json(params.get("permissions"))
    return "Permissions", asked, asked, ()


def _elicitation(params: dict[str, Any], item: dict[str, Any], job: Job) -> _Made:
    meta, server = member(params.get("_meta")), text(params.get("serverName"))
    message, called = text(params.get("message")), text(meta.get("tool_name"))
    parts = (
        message,
        as_json(meta.get("tool_params")),
        text(params.get("url")),
        as_json(params.get("requestedSchema")),
    )
    detail = "\n".join(filter(None, parts))
    is_call = text(meta.get("codex_approval_kind")) == "mcp_tool_call" and bool(called)
    return mcp_name(server, called) if is_call else server, message, detail, ({},) if is_call else ()


def _options(params: dict[str, Any]) -> tuple[str, ...]:
    fields = member(member(params.get("requestedSchema")).get("properties"))
    if len(fields) != 1:
        return ()
    field = member(next(iter(fields.values())))
    if text(field.get("type")) == "boolean":
        return ("yes", "no")
    listed = field.get("enum")
    return tuple(filter(None, map(text, listed))) if type(listed) is list else ()


def _filled_in(params: dict[str, Any], said: str) -> dict[str, Any]:
    """One field takes the answer; several take a line each, in their order."""
    fields = member(member(params.get("requestedSchema")).get("properties"))
    lines = [said] if len(fields) == 1 else said.split("\n")
    content: dict[str, Any] = {}
    for (name, field), line in zip(fields.items(), lines, strict=False):
        content[name] = _typed(text(member(field).get("type")), line)
    return {"action": "accept", "content": content}


def _typed(kind: str, word: str) -> bool | float | str:
    if kind == "boolean":
        return word.strip().lower() in ("yes", "y", "true", "allow")
    try:
        return int(word) if kind == "integer" else float(word) if kind == "number" else word
    except ValueError:
        return word


def _question(id: str, params: dict[str, Any]) -> Wants:
    questions = list(members(params.get("questions")))
    shown: list[str] = []
    choices: tuple[str, ...] = ()
    for one in questions:
        labels = tuple(filter(None, (text(o.get("label")) for o in members(one.get("options")))))
        shown.append("\n".join([text(one.get("question")), *(f"- {label}" for label in labels)]))
        choices = labels if len(questions) == 1 else ()
    what = brief(text(questions[0].get("question"))) if questions else "a question without words"
    return Wants(id, AskKind.QUESTION, "question", what, "\n\n".join(shown), choices)


def _answers(params: dict[str, Any], choice: str, note: str) -> dict[str, Any]:
    """Several questions take a line each, in their order; a single one takes the choice, or the words in its place."""
    questions = list(members(params.get("questions")))
    ids = [text(one.get("id")) for one in questions]
    labels = {text(label.get("label")) for one in questions for label in members(one.get("options"))}
    if choice == "deny" and "deny" not in labels and not note:
        return {}
    said = note if choice in ("", "other", "allow") and note else choice
    lines = [said] if len(ids) == 1 else (note or choice).split("\n")
    return {id: {"answers": [line]} for id, line in zip(ids, lines, strict=False)}
