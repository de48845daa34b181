"""Recording what a person found of a success check, or of what is looked at after the release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from locust_tui.client.port import LinkState
from locust_tui.client.requests import RecordSuccess
from locust_tui.widgets.row import Row

from .asking import AskScreen
from .deciders import as_field
from .person import user_name
from .person_form import FormField, Offer
from .questions import Question

if TYPE_CHECKING:
    from .host import Host


def record_success(host: Host, name: str, question: str) -> None:
    """Open the form; what it sends is recorded under the name that stands in it."""
    if host.link.state is LinkState.GONE:
        host.say("no worker runs; u starts it", "you")
        return
    facts = [Row(question)] if question != name else []
    facts.append(Row("It is kept in the record with your name, and counts from now on.", "dim"))
    fields = (
        FormField("met", "met", value="met", options=(Offer("met", "met"), Offer("not-met", "not met"))),
        FormField("value", "found", "a number, names, links"),
        FormField("note", "note", "whatever else should stand there"),
        as_field(lambda: host.snapshot, lambda: (), user_name()),
    )

    def send(values: dict[str, str]) -> None:
        met = values["met"] == "met"
        host.ask(
            RecordSuccess(name, met, values["value"], values["note"], values["by"]),
            doing=f"{name}: {values['met']}",
            done=lambda reply: f"{name} is {'met' if met else 'not met'}, revision {reply.revision}",
        )

    host.open(AskScreen(Question(name, facts, fields, "record"), send))
