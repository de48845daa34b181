"""Who may decide what: approvers and reviewers are roles, filled by names the plan maps to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from locust_tui.domain.plan import Plan
from locust_tui.errors import RefusedError


def roles_of(plan: Plan, name: str, roles: Sequence[str]) -> tuple[str, ...]:
    """Those of `roles` that `name` fills: the role of that very name, or one that `people` maps to it."""
    return tuple(role for role in roles if role == name or name in plan.people.get(role, ()))


def role_for(plan: Plan, name: str, roles: Sequence[str], taken: Collection[str], what: str) -> str:
    """The role in which `name` acts on `what`, one not yet taken if there is such. Without `roles` any name will do.

    Raises RefusedError for a name that fills none of them.
    """
    if not roles:
        return name
    mine = roles_of(plan, name, roles)
    if not mine:
        raise RefusedError(
            f"{name} may not decide on {what}; its approvers are {', '.join(roles)}",
            help=f"decide as {roles[0]}, where that is you (--by {roles[0]}, or in the field for your name), "
            f"or let the plan say who you are: people: {{{roles[0]}: [{name}]}}",
        )
    return next((role for role in mine if role not in taken), mine[0])
