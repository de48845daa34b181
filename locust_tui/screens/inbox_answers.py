"""What may be answered to a thing in the inbox: by which key, what it does in our own words, and the request it makes."""

from __future__ import annotations

from collections.abc import Sequence

from locust_tui.client.requests import (
    AcknowledgeEscalation,
    AnswerAsk,
    AnswerEscalation,
    MendAccount,
    Request,
    SteerWorkstream,
    WorkstreamAction,
)
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.snapshot import WaitingView
from locust_tui.widgets.inbox import quoted
from locust_tui.widgets.row import Row
from locust_tui.widgets.words import plural

ESCALATION = "escalation"
"""Items that are answered in words of one's own, for a party of their route."""
STEERED = frozenset({"input", "failed"})
"""Items that are answered by steering their workstream."""
_OPENED = frozenset({"gate", "review", "blocked", "run", "plan"})
"""Items that are decided elsewhere: enter leads there."""


@dataclass(frozen=True, slots=True)
class Choice:
    key: str
    """The key that begins it."""
    answer: str
    """One of the item's choices; empty: words of one's own."""
    label: str
    """For the footer."""
    does: str
    """Of the line that decides: ours alone, nothing an agent wrote."""
    effect: str = ""
    """What follows, in a line; "{}" stands for the subject."""
    hint: str | None = None
    """Where something may be written: what stands there at first."""
    needs_words: bool = False


_KNOWN = {
    "allow": Choice("a", "allow", "allow once", "allows it once", "It may do this now; the next time it asks again."),
    "always": Choice("A", "always", "always", "allows it always for this workstream", "From now on {} does without asking what this rule covers:"),
    "deny": Choice("d", "deny", "deny", "denies it", "The agent is told no, with your message.", "why, or what to do instead"),
    "grant": Choice("a", "grant", "grant", "grants it", "So many more agents of it may run at a time."),
    "mended": Choice("", "mended", "mended", "says that it is mended", "Agents of the account start again."),
    "stop": Choice("", "stop", "stop", "stops the agents", "The agents that draw on it end now."),
    "go-on": Choice("", "go-on", "go on", "lets it go on", "As much again may be spent."),
    "seen": Choice("", "seen", "seen", "puts the warning away", "It is told again only when the budget is spent."),
    "acknowledge": Choice("a", "acknowledge", "acknowledge", "says that you deal with it", "Its time begins anew, once."),
    "pass-on": Choice("", "pass-on", "pass on", "passes it on", "The next of its route is asked.", "why"),
    "retry": Choice("", "retry", "retry", "tries it again", "A new attempt of {} starts.", "what its agent should know; may be empty"),
    "cancel": Choice("", "cancel", "cancel …", "", ""),
    "defer": Choice("", "defer", "defer", "defers it", "{} leaves the plan's scope until it is opened again."),
}  # fmt: skip
OWN_WORDS = Choice(
    "t", "", "in words", "sends it", "The agent gets your words as the answer.", "your answer", True
)
DECIDED = Choice(
    "t", "", "decide", "decides it", "It is recorded as the decision, and told to whom it is about.",
    "what is decided", True,
)  # fmt: skip
MOST_DIGITS = 9
MOST_QUOTED = 5
"""Lines of rules or options beside the choice; all of them stand in the detail."""


def choices_of(item: WaitingView) -> tuple[Choice, ...]:
    """What may be answered from the inbox, with a key each; empty where another screen decides it."""
    prefix = item.item.partition(":")[0]
    if prefix in _OPENED or (prefix not in STEERED and not item.digest):
        return ()
    if item.kind == "question" and prefix not in STEERED:
        return (*_options(item), OWN_WORDS)
    found = []
    for number, answer in enumerate(item.choices[:MOST_DIGITS], 1):
        known = _KNOWN.get(answer) or (_in_part(answer) if prefix == "request" else None)
        if known is not None and known.answer == "always" and not item.rule:
            continue
        if known is None:
            known = Choice(str(number), answer, f"choice {number}", f"answers with choice {number}")
        found.append(known if known.key else _with_key(known, str(number)))
    return (*found, DECIDED) if prefix == ESCALATION else tuple(found)


def _in_part(answer: str) -> Choice | None:
    """ "grant 2" of a request for three agents: by the key 2."""
    word, _, count = answer.partition(" ")
    if word != "grant" or not (count.isdecimal() and 0 < int(count) <= MOST_DIGITS):
        return None
    return Choice(
        count, answer, answer, f"grants {count} of them", "So many more agents of it may run at a time."
    )


def _with_key(known: Choice, key: str) -> Choice:
    return Choice(key, known.answer, known.label, known.does, known.effect, known.hint, known.needs_words)


def _options(item: WaitingView) -> Sequence[Choice]:
    """The options of a question are an agent's words: here they are numbers."""
    return [
        Choice(str(n), option, "", f"answers with option {n}", "The agent gets the option as the answer:")
        for n, option in enumerate(item.choices[:MOST_DIGITS], 1)
    ]


def request_of(item: WaitingView, choice: Choice, words: str) -> Request:
    """Bound to the digest of what was shown; recorded as the user of this process."""
    if item.item.partition(":")[0] in STEERED:
        return SteerWorkstream(item.subject, WorkstreamAction(choice.answer), words)
    if item.item.startswith(f"{ESCALATION}:"):
        id = item.item.partition(":")[2]
        if choice.answer == "acknowledge":
            return AcknowledgeEscalation(id)
        if choice.answer:
            return AnswerEscalation(id, "", note=words, pass_on=True, digest=item.digest)
        return AnswerEscalation(id, words, digest=item.digest)
    if item.choices == ("mended",):
        return MendAccount(item.subject)  # its question was answered, by stopping its agents
    return AnswerAsk(item.item, choice.answer, words, None, item.digest)


def together(items: Sequence[WaitingView]) -> str:
    """ "3 permissions of WS-05", "permission of WS-05"."""
    first = items[0]
    subjects = list(dict.fromkeys(i.subject for i in items))
    of = subjects[0] if len(subjects) == 1 else f"{len(subjects)} workstreams"
    return f"{first.kind if len(items) == 1 else plural(len(items), first.kind)} of {of}"


def facts_of(choice: Choice, items: Sequence[WaitingView], width: int) -> list[Row]:
    """What the answer does, and the very words of rule or option: an agent's, behind the gutter."""
    facts = [Row(choice.effect.format(items[0].subject), "dim")] if choice.effect else []
    if choice.answer == "always":
        words: Sequence[str] = list(dict.fromkeys(item.rule for item in items))
    else:
        words = [choice.answer] if items[0].kind == "question" and choice.answer else []
    lines = [line.row for text in words for line in quoted(text, width)]
    if len(lines) > MOST_QUOTED:
        more = Row(f"… and {plural(len(lines) - MOST_QUOTED, 'line')} more of it, which stand above", "you")
        lines = [*lines[:MOST_QUOTED], more]
    return facts + lines
