"""Permissions and questions over the control protocol: what is asked, what a rule answers, and a person's word on it."""

from __future__ import annotations

import os.path
from dataclasses import dataclass, field

import msgspec

from ..rules import READERS, WRITERS, Resolve, granted, is_of_server, rule_for
from ..vocabulary import (
    NO_REACTION,
    AgentEvent,
    AskKind,
    Granted,
    Job,
    Outgoing,
    Reaction,
    Wants,
    WantsNoMore,
)
from .decoding import plain
from .launch import server_tools
from .wire import Control, Request
from .words import detail, what

QUESTION = "AskUserQuestion"
PLAN = "ExitPlanMode"
DENIED = "A person said no to this."


@dataclass(slots=True)
class Pending:
    """A request that waits for a person."""

    request: Request
    parameters: dict[str, object]
    rule: str = ""
    shown: dict[str, object] = field(default_factory=dict)
    """What a person is shown instead, where that is more than the parameters."""
    questions: list[dict[str, object]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)


class Asking:
    """The requests of one conversation that are open. Files are looked at only to see through symbolic links."""

    def __init__(self, job: Job, resolve: Resolve = os.path.realpath) -> None:
        self._job = job
        self._resolve = resolve
        self._servers = tuple(server_tools(server) for server in job.tools)
        self._rules = job.allow
        self._open: dict[str, Pending] = {}
        self.refused: set[str] = set()
        """Tool calls that a person said no to."""
        self.plans: dict[str, str] = {}
        """Tool call → the plan that the model stated in it: some versions leave it out of their request."""

    @property
    def waiting(self) -> bool:
        return bool(self._open)

    def asked(self, control: Control) -> Reaction:
        """A request of the program's."""
        request = control.request
        if request is None or request.subtype != "can_use_tool" or not request.tool_name:
            return Reaction(send=(_error(control.request_id),))
        parameters = plain(request.input)
        if not isinstance(parameters, dict):
            return Reaction(send=(_error(control.request_id),))
        line = what(request.tool_name, parameters, self._job.cwd)
        if rule := self._rule_that_grants(request.tool_name, parameters):
            event = Granted(control.request_id, request.tool_name, line, rule)
            return Reaction((event,), (_allow(control.request_id, parameters),))
        pending = self._open[control.request_id] = Pending(request, parameters)
        if request.tool_name == QUESTION and (questions := _questions(parameters)):
            pending.questions = questions
            return Reaction((_question(control.request_id, pending),))
        if request.tool_name == PLAN:
            stated = self.plans.get(request.tool_use_id or "", "")
            pending.shown = {"plan": stated, **parameters}
        else:
            pending.rule = rule_for(request.tool_name, parameters, self._job.cwd, self._resolve)
        return Reaction((_permission(control.request_id, pending, line),))

    def answered(self, id: str, choice: str, note: str) -> Reaction:
        """A person's word; nothing where the request is not open any more."""
        request_id = id.partition("#")[0]
        pending = self._open.get(request_id)
        if pending is None or id != _id(request_id, pending):
            return NO_REACTION
        if pending.questions:
            return self._question_answered(request_id, pending, choice, note)
        del self._open[request_id]
        if choice not in ("allow", "always"):
            self.refused.add(pending.request.tool_use_id or "")
            return Reaction(send=(_deny(request_id, note),))
        remembered: list[object] = []
        if choice == "always" and pending.rule:
            self._rules = (*self._rules, pending.rule)
            remembered = _as_narrow(pending)
        return Reaction(send=(_allow(request_id, pending.parameters, remembered),))

    def taken_back(self, request_id: str, why: str) -> tuple[AgentEvent, ...]:
        """The program needs no answer any more."""
        pending = self._open.pop(request_id, None)
        return () if pending is None else (WantsNoMore(_id(request_id, pending), why),)

    def settled(self, tool_use_id: str) -> tuple[AgentEvent, ...]:
        """The call has a result, so whatever was asked about it was answered somewhere."""
        for request_id, pending in self._open.items():
            if pending.request.tool_use_id == tool_use_id:
                return self.taken_back(request_id, "it was answered elsewhere")
        return ()

    def all_taken_back(self, why: str) -> tuple[AgentEvent, ...]:
        return tuple(event for request_id in list(self._open) for event in self.taken_back(request_id, why))

    def _rule_that_grants(self, tool: str, parameters: dict[str, object]) -> str | None:
        for server in self._servers:
            if is_of_server(tool, server):
                return server
        if tool in (QUESTION, PLAN) or not self._rules:
            return None
        return granted(self._rules, tool, parameters, self._job.cwd, self._resolve)

    def _question_answered(self, request_id: str, pending: Pending, choice: str, note: str) -> Reaction:
        asked = pending.questions[len(pending.answers)]
        if choice == "deny" and "deny" not in _options(asked):
            del self._open[request_id]
            return Reaction(send=(_deny(request_id, note or "Nobody answers this question."),))
        pending.answers[str(asked["question"])] = choice if not note or choice in _options(asked) else note
        if len(pending.answers) < len(pending.questions):
            return Reaction((_question(request_id, pending),))
        del self._open[request_id]
        return Reaction(send=(_allow(request_id, {**pending.parameters, "answers": pending.answers}),))


def _permission(request_id: str, pending: Pending, line: str) -> Wants:
    request = pending.request
    reason = request.decision_reason or ""
    if request.blocked_path and request.blocked_path not in line:
        reason = f"{reason} ({request.blocked_path})".strip()
    return Wants(
        id=request_id,
        kind=AskKind.PERMISSION,
        tool=request.tool_name,
        what=line,
        detail=detail(request.tool_name, pending.shown or pending.parameters),
        choices=("allow", "always", "deny") if pending.rule else ("allow", "deny"),
        rule=pending.rule,
        reason=reason,
    )


def _question(request_id: str, pending: Pending) -> Wants:
    asked = pending.questions[len(pending.answers)]
    options = asked.get("options")
    described = [
        f"{option.get('label')}: {option.get('description')}"
        for option in (options if isinstance(options, list) else ())
        if isinstance(option, dict) and option.get("description")
    ]
    return Wants(
        id=_id(request_id, pending),
        kind=AskKind.QUESTION,
        tool=QUESTION,
        what=str(asked["question"]),
        detail="\n".join(described),
        choices=_options(asked),
    )


def _id(request_id: str, pending: Pending) -> str:
    return f"{request_id}#{len(pending.answers) + 1}" if len(pending.questions) > 1 else request_id


def _questions(parameters: dict[str, object]) -> list[dict[str, object]]:
    """Each question once: the protocol names an answer by the question's text."""
    found = parameters.get("questions")
    asked = [q for q in found if isinstance(q, dict) and q.get("question")] if isinstance(found, list) else []
    return list({str(q["question"]): q for q in asked}.values())


def _options(asked: dict[str, object]) -> tuple[str, ...]:
    options = asked.get("options")
    return tuple(
        str(option["label"])
        for option in (options if isinstance(options, list) else ())
        if isinstance(option, dict) and option.get("label")
    )


def _as_narrow(pending: Pending) -> list[object]:
    """Of the program's suggestions those that say exactly our rule, for this session alone.

    Of files it understands the same words otherwise, from other folders: those rules are ours to hold.
    """
    if pending.request.tool_name in (*WRITERS, *READERS):
        return []
    found = plain(pending.request.permission_suggestions)
    kept: list[object] = []
    for suggestion in found if isinstance(found, list) else ():
        if not isinstance(suggestion, dict) or suggestion.get("type") != "addRules":
            continue
        rules = suggestion.get("rules")
        said = [_rule_text(rule) for rule in rules] if isinstance(rules, list) else []
        if suggestion.get("behavior") == "allow" and said == [pending.rule]:
            kept.append({**suggestion, "destination": "session"})
    return kept


def _rule_text(rule: object) -> str:
    if not isinstance(rule, dict):
        return ""
    words = rule.get("ruleContent")
    return f"{rule.get('toolName')}({words})" if words is not None else str(rule.get("toolName"))


def _allow(
    request_id: str, parameters: dict[str, object], remembered: list[object] | None = None
) -> Outgoing:
    """What was read and shown is what may be done: the call is sent back as it was understood."""
    answer: dict[str, object] = {"behavior": "allow", "updatedInput": parameters}
    if remembered:
        answer["updatedPermissions"] = remembered
    return _respond(request_id, {"subtype": "success", "request_id": request_id, "response": answer})


def _deny(request_id: str, note: str) -> Outgoing:
    answer = {"behavior": "deny", "message": note or DENIED}
    return _respond(request_id, {"subtype": "success", "request_id": request_id, "response": answer})


def _error(request_id: str) -> Outgoing:
    return _respond(request_id, {"subtype": "error", "request_id": request_id, "error": "not supported"})


def _respond(request_id: str, response: dict[str, object]) -> Outgoing:
    line = msgspec.json.encode({"type": "control_response", "response": response})
    return Outgoing(f"answer:{request_id}", line + b"\n")
