"""As whom a decision is recorded, and whether that name may: the roles asked for, and who fills them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from locust_tui.domain.snapshot import CriterionView, GateView, Snapshot

from .person_form import FormField, Remark

ANY_APPROVER = "an approver"
Roles = Sequence[str]


def fills(snapshot: Snapshot, name: str, roles: Roles) -> tuple[str, ...]:
    """Those of `roles` that `name` may act in: one of that very name, or one the plan gives to it."""
    people = dict(snapshot.people)
    return tuple(role for role in roles if role == name or name in people.get(role, ()))


def names(snapshot: Snapshot, roles: Roles) -> tuple[str, ...]:
    """Who may act in `roles`; a role nobody is named for is a name itself."""
    people = dict(snapshot.people)
    return tuple(dict.fromkeys(name for role in roles for name in people.get(role) or (role,)))


def signers(gate: GateView, criterion: CriterionView) -> tuple[str, ...]:
    """Roles that may answer a criterion that waits for a person."""
    named = criterion.waits_for not in ("", ANY_APPROVER)
    return (criterion.waits_for,) if named else gate.approvers


def first_name(snapshot: Snapshot, roles: Roles, user: str) -> str:
    """What stands in the field at first: the user where it may decide, else nothing. Never another's name: nobody
    signs for somebody else by pressing enter."""
    return user if not roles or fills(snapshot, user, roles) else ""


def refusal(snapshot: Snapshot, roles: Roles, name: str, user: str, what: str) -> str:
    """ "root is no approver; write demo", or "" where the name may."""
    if not roles or (name and fills(snapshot, name, roles)):
        return ""
    known = names(snapshot, roles)
    return f"{name or user} is no {what}; write {' or '.join(known[:4])}"


def as_field(
    look: Callable[[], Snapshot | None],
    roles: Callable[[], Roles],
    user: str,
    *,
    what: str = "approver",
) -> FormField:
    """The field `as`: it says at once whether the name in it may decide. `look` gives the newest snapshot."""

    def problem(name: str) -> str:
        snapshot = look()
        return refusal(snapshot, roles(), name, user, what) if snapshot is not None else ""

    def remark(name: str) -> Remark:
        snapshot = look()
        if snapshot is None or not roles():
            return "", "dim"
        mine = fills(snapshot, name, roles())
        if not mine:
            return refusal(snapshot, roles(), name, user, what), "you"
        role = f" as {mine[0]}" if mine[0] != name else ""
        return f"✓ may decide{role}", "done"

    snapshot = look()
    value = first_name(snapshot, roles(), user) if snapshot is not None else user
    return FormField("by", "as", "your name", value, required=True, problem=problem, remark=remark)
