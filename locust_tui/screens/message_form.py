"""Writing a message: to whom, about what, how urgent, the words, and the word that sends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from locust_tui.client.requests import SendMessage
from locust_tui.domain.coordination import MessageStatus
from locust_tui.errors import LocustTuiError
from locust_tui.report.messages_text import headline
from locust_tui.widgets.inbox import quoted
from locust_tui.widgets.row import Row
from locust_tui.widgets.view import View

from .asking import AskScreen
from .person_form import FormField, Offer, Remark
from .questions import Question

if TYPE_CHECKING:
    from .host import Host

PRIORITIES = ("normal", "low", "high", "urgent")
NOBODY = "worker"
"""Sends what nobody wrote."""
MOST_QUOTED = 4
MOST_SUBJECT = 200


def write_message(host: Host, to: str = "", reply_to: MessageStatus | None = None) -> None:
    """Open the form; what it sends is sent as the user of this process."""
    view = host.view
    if view is None:
        return
    facts = [Row("It is kept in the record with your name; agents read it at their next turn.", "dim")]
    subject = ""
    if reply_to is not None:
        to = reply_to.sender
        said = headline(reply_to)
        subject = said if said.casefold().startswith("re: ") else f"re: {said}"
        facts = [line.row for line in quoted(reply_to.text, max(20, host.size.width - 8))[:MOST_QUOTED]]

    def about(value: str) -> Remark:
        return _who(value, view)

    fields = (
        FormField("to", "to", "a name, several with commas, or a #channel", to, required=True, remark=about),
        FormField("subject", "subject", "one line; may be empty", subject[:MOST_SUBJECT], problem=_too_long),
        FormField("priority", "priority", value="normal", options=tuple(Offer(p, p) for p in PRIORITIES)),
        FormField("text", "text", "what you want to say", required=True),
    )
    title = f"Answer {reply_to.id}" if reply_to is not None else "A new message"

    def send(values: dict[str, str]) -> None:
        host.say(f"a message to {values['to']}", "dim")
        host.spawn(_send(host, values, reply_to.id if reply_to is not None else ""))

    host.open(AskScreen(Question(title, facts, fields, "send"), send))


def _too_long(subject: str) -> str:
    over = len(subject) - MOST_SUBJECT
    return f"{over} characters too long: the text has room for them" if over > 0 else ""


def _who(names: str, view: View) -> Remark:
    """What the plan calls so, as far as the screen knows."""
    known = []
    for name in filter(None, (n.strip() for n in names.split(","))):
        if name in view.workstreams:
            known.append(f"workstream, agent {view.workstreams[name].agent or 'none'}")
        elif name in view.leaders:
            known.append("orchestrator" if name != view.snapshot.meta_id else "meta-orchestrator")
        elif name in view.runs:
            known.append("a run")
        elif name == "operator" or any(
            name == role or name in people for role, people in view.snapshot.people
        ):
            known.append("a person")
    return ", ".join(dict.fromkeys(known)), "dim"


async def _send(host: Host, values: dict[str, str], reply_to: str) -> None:
    request = SendMessage(
        values["to"], values["text"], reply_to, subject=values["subject"], priority=values["priority"]
    )
    try:
        reply = await host.port.ask(request)
    except LocustTuiError as error:
        host.say_error(error)
        return
    dead = reply.data.get("dead") or []
    sent = ", ".join(f"{one['id']} to {one['to']}" for one in reply.data.get("sent") or [])
    if dead:
        why = "; ".join(f"{one['why']}{' · ' + one['help'] if one.get('help') else ''}" for one in dead)
        host.say(f"kept as a dead letter: {why}" + (f" · sent: {sent}" if sent else ""), "bad")
    else:
        host.say(f"sent: {sent or values['to']}, revision {reply.revision}", "done")
