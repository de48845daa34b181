"""Permissions of the Agent Client Protocol: what is asked, and which of the offered options a person's word is. Pure."""

from __future__ import annotations

from typing import Any

from locust_tui.domain.dataclass import dataclass

from . import rules
from .acp_tools import ToolCall
from .codex_asking import rules_that_grant
from .jsonrpc import Id, brief, members, reference, text
from .vocabulary import AskKind, Job, Wants

_OPTIONS = {
    "allow": ("allow_once",),
    "always": ("allow_once", "allow_always"),
    "deny": ("reject_once", "reject_always"),
}
"""A person's word → kinds of options that say it, the narrowest first. What "always" covers is our own rule, which the
person read; what an agent would take it for is not known."""


@dataclass(frozen=True, slots=True)
class Permission:
    """A request that waits. `options`: kind → id; of two of a kind the first."""

    id: Id
    call: ToolCall
    wants: Wants
    options: dict[str, str]
    rule: str
    """The rules that grant it; empty: none does."""
    ours: bool
    """It is a tool of our own, and may be used: it was handed over for that."""

    def option(self, choice: str) -> str | None:
        """The option that says `choice`; None: there is none, which only leaves to cancel."""
        kinds = _OPTIONS.get(choice, _OPTIONS["deny"])
        return next((self.options[kind] for kind in kinds if kind in self.options), None)


def read(
    id: Id,
    params: dict[str, Any],
    call: ToolCall,
    job: Job,
    allow: tuple[str, ...],
    resolve: rules.Resolve,
) -> Permission:
    """The request about `call`, as a person is asked."""
    options: dict[str, str] = {}
    names: dict[str, str] = {}
    for one in members(params.get("options")):
        options.setdefault(text(one.get("kind")), text(one.get("optionId")))
        names.setdefault(text(one.get("kind")), text(one.get("name")))
    once, ever = "allow_once" in options, "allow_always" in options
    calls = call.calls(job.cwd) if once else ()
    found = {rules.rule_for(call.name, parameters, job.cwd, resolve) for parameters in calls}
    rule = found.pop() if len(found) == 1 else ""
    detail = call.detail()
    if ever and not once:  # then it is for good, and in the agent's own words
        detail = f"{detail}\nIt can only be allowed for good: {names['allow_always']}".strip()
    choices = tuple(
        choice
        for choice, offered in (
            ("allow", once),
            ("always", bool(rule) or (ever and not once)),
            ("deny", True),
        )
        if offered
    )
    summary = call.summary()
    what = call.name if summary in ("", call.name) else f"{call.name}: {summary}"
    wants = Wants(reference(id), AskKind.PERMISSION, call.name, brief(what), detail, choices, rule)
    granted = rules_that_grant(allow, call.name, calls, job.cwd, resolve)
    return Permission(id, call, wants, options, granted, (once or ever) and call.is_of(job.tools))
