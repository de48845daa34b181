"""The form of each decision about a gate: its fields, what follows from it, and the request it makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from locust_tui.client.requests import DecideGate, Request, SignCriterion, WaiveCriterion
from locust_tui.domain.people import Condition
from locust_tui.domain.snapshot import CriterionView, GateView, RunView, Snapshot
from locust_tui.domain.states import DecisionKind, WorkstreamState
from locust_tui.widgets.form import Field
from locust_tui.widgets.row import Row
from locust_tui.widgets.view import View
from locust_tui.widgets.words import plural

from .choices import unmet, waiting
from .deciders import ANY_APPROVER, as_field, fills, signers
from .due import due_problem
from .person_form import FormField, Offer

_NOTE = "why; it stands in the record"


def fields(
    gate: GateView, choice: str, look: Callable[[], Snapshot | None], user: str, chosen: Callable[[], str]
) -> list[Field]:
    """What the choice needs, then the note, then as whom. `chosen` gives the criterion chosen in the form."""
    note = Field("note", "note", _NOTE, required=choice not in ("go", "sign", "conditional"))

    def roles() -> Sequence[str]:
        if choice == "sign":
            open_ = waiting(gate)
            wanted = next((c for c in open_ if c.id == chosen()), open_[0] if open_ else None)
            return signers(gate, wanted) if wanted is not None else gate.approvers
        return gate.approvers

    what = "signer" if choice == "sign" else "approver"
    return [*_own_fields(gate, choice), note, as_field(look, roles, user, what=what)]


def _own_fields(gate: GateView, choice: str) -> list[Field]:
    if choice == "conditional":
        return [
            Field("condition", "condition", "what has to come true", required=True),
            Field("owner", "owner", "who sees to it", required=True),
            FormField("due", "due", "2026-03-01, or week 6", required=True, problem=due_problem),
        ]
    if choice == "recycle":
        hint = "ids with blanks between; empty: the owners of failed criteria"
        return [Field("workstreams", "workstreams", hint)]
    if choice == "sign":
        return [_criterion(waiting(gate))]
    if choice == "waive":

        def problem(value: str) -> str:
            return due_problem(value, optional=True)

        return [
            _criterion(unmet(gate)),
            FormField("until", "until", "a date or a week; empty: for good", problem=problem),
        ]
    return []


def _criterion(criteria: Sequence[CriterionView]) -> FormField:
    options = tuple(Offer(c.id, c.name) for c in criteria)
    return FormField("criterion", "criterion", "", options[0].value, required=True, options=options)


def consequences(gate: GateView, choice: str, view: View, name: str, criterion: str = "") -> list[Row]:
    """What happens at once when `name` takes this choice, a line each."""
    if choice in ("go", "conditional"):
        return _opened(gate, view, name)
    if choice == "hold":
        held = [*gate.starts, *gate.accepts]
        waits = _fact("waits", _listed(held) or "nothing that could go on now")
        return [waits, *_taken_back(gate), *_go_on(view)]
    if choice == "recycle":
        again = Row("They start a new attempt; what was accepted of them counts no more.", "dim")
        return [again, *_taken_back(gate)]
    if choice == "kill":
        return _killed(gate, view)
    named = next((c.name for c in gate.criteria if c.id == criterion), "")
    if choice == "sign":
        return [_fact("signs", named)]
    return [_fact("sets aside", f"{named}: it stands as waived for ever")]


def _opened(gate: GateView, view: View, name: str) -> list[Row]:
    snapshot = view.snapshot
    rows = []
    signed = [c.name for c in waiting(gate) if _signs(gate, c, snapshot, name)]
    if signed:
        rows.append(_fact("signs", ", ".join(signed)))
    mine = fills(snapshot, name, gate.approvers)
    still = gate.min_approvals - len({*gate.approved_by, *mine[:1]})
    if gate.approvers and mine and still > 0:
        missing = [role for role in gate.approvers if role not in (*gate.approved_by, *mine[:1])]
        words = f"opens only with {plural(still, 'more signature')}: {' or '.join(missing)}"
        return [*rows, _fact("then", words, "you")]
    rows.append(_fact("starts", _listed(gate.starts) or "nothing at once"))
    if gate.accepts:
        rows.append(_fact("accepts", f"{_listed(gate.accepts)} (review held by this gate)"))
    return rows


def _signs(gate: GateView, criterion: CriterionView, snapshot: Snapshot, name: str) -> bool:
    if criterion.waits_for in ("", ANY_APPROVER):
        return True
    return bool(fills(snapshot, name, (criterion.waits_for,)))


def _killed(gate: GateView, view: View) -> list[Row]:
    rows = [_fact("cancels", _listed(gate.cancels) or "nothing: no later phase has work left", "you")]
    stopped = [run for work in gate.cancels if (run := _live(view, work)) is not None]
    if stopped:
        rows.append(_fact("stops", ", ".join(agent_words(run) for run in stopped), "you"))
    return [*rows, *_taken_back(gate), *_go_on(view, gate.cancels)]


def _taken_back(gate: GateView) -> list[Row]:
    """Approvals and signatures that the gate loses with every decision that keeps it shut."""
    given = [f"approval as {role}" for role in gate.approved_by]
    given += [f"{c.signed_by}'s signature on {c.name}" for c in gate.criteria if c.signed_by]
    if not given:
        return []
    return [_fact("takes back", ", ".join(given), "you"), _fact("", "they have to be given again", "you")]


def _go_on(view: View, but: Sequence[str] = ()) -> list[Row]:
    working = [
        w.id
        for w in view.snapshot.workstreams
        if w.state is WorkstreamState.RUNNING and w.id not in but and _live(view, w.id) is not None
    ]
    if not working:
        return []
    return [_fact("go on", f"the agents of {_listed(working)}")]


def _listed(ids: Sequence[str]) -> str:
    """The first few, and how many there are."""
    more = f" and {len(ids) - 6} more" if len(ids) > 6 else ""
    return ", ".join(ids[:6]) + more


def _live(view: View, work: str) -> RunView | None:
    run = view.latest_run(work)
    return run if run is not None and run.ended is None else None


def agent_words(run: RunView) -> str:
    """ "agent of WS-05.1, pid 4711"."""
    return f"agent of {run.id}" + (f", pid {run.pid}" if run.pid else "")


def _fact(name: str, value: str, tone: str = "text") -> Row:
    return Row().column(name, 12, "dim").add(value, "you" if tone == "you" else "text")


def request(gate: str, digest: str, choice: str, values: dict[str, str]) -> Request:
    """What is asked of the worker, bound to the evidence the person saw."""
    note, by = values.get("note", ""), values["by"]
    if choice == "sign":
        return SignCriterion(gate, values["criterion"], by, note)
    if choice == "waive":
        return WaiveCriterion(gate, values["criterion"], note, by, values.get("until") or None)
    conditions: tuple[Condition, ...] = ()
    if choice == "conditional":
        conditions = (Condition(values["condition"], values["owner"], values["due"]),)
    workstreams = tuple(values.get("workstreams", "").replace(",", " ").split())
    return DecideGate(gate, DecisionKind(choice), note, by, conditions, workstreams, digest)
