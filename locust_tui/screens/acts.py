"""Steering from the keyboard: what may be asked for the selected workstream and the shown gate, and asking it."""

from __future__ import annotations

from locust_tui.client.port import LinkState
from locust_tui.client.requests import EvaluateGate, SteerWorkstream, WorkstreamAction
from locust_tui.domain.snapshot import WorkstreamView
from locust_tui.domain.states import WorkstreamState
from locust_tui.widgets.form import Field
from locust_tui.widgets.row import Row
from locust_tui.widgets.words import CRITERION, WORKSTREAM, plural

from .asking import AskScreen
from .commands import STEERING, Command
from .gate import GateScreen
from .panes import Panes
from .person import user_name

_DONE = {
    WorkstreamAction.START: "{} starts",
    WorkstreamAction.PAUSE: "{} is paused",
    WorkstreamAction.RESUME: "{} goes on",
    WorkstreamAction.RETRY: "{} is tried again",
    WorkstreamAction.CANCEL: "{} is cancelled",
    WorkstreamAction.ACCEPT: "{} is accepted",
    WorkstreamAction.REJECT: "{} goes back to rework",
    WorkstreamAction.VERIFY: "{} is verified",
}


class Acts(Panes):
    """Commands that ask the worker for something."""

    @property
    def workstream(self) -> WorkstreamView | None:
        """The selected workstream, or None while an orchestrator is selected."""
        view = self.host.view
        return view.workstreams.get(self.selected) if view else None

    def why_not(self, command: str) -> str | None:
        """Why a command cannot be run now, or None when it can."""
        asks = command in STEERING or command in ("decide", "check")
        if asks and self.host.link.state is LinkState.GONE:
            return "no worker runs; u starts it"
        if command in STEERING:
            return self._why_not_steer(command)
        if command in ("decide", "check") and self.gate.gate is None and not self._in_review(command):
            return "the plan has no gates"
        if command == "log" and self.log_pane.run is None:
            return f"{self.selected or 'nothing'} has not run yet"
        if command == "open" and self.at != "kpis" and self.focused_pane.current is None:
            return "there is nothing under the cursor"
        return None

    def _in_review(self, command: str) -> bool:
        workstream = self.workstream
        return command == "decide" and workstream is not None and workstream.state is WorkstreamState.REVIEW

    def _why_not_steer(self, command: str) -> str | None:
        workstream = self.workstream
        if workstream is None:
            return "put the cursor on a workstream"
        wanted = {STEERING[command]} | ({"resume"} if command == "pause" else set())
        if wanted & set(workstream.actions):
            return None
        if (
            command == "verify"
            and workstream.deliverables
            and all(d.verified for d in workstream.deliverables)
        ):
            return f"every deliverable of {workstream.id} is verified"
        why = f" · {workstream.why}" if workstream.why else ""
        return f"{workstream.id} is {WORKSTREAM[workstream.state].word}{why}"

    def label(self, command: Command) -> str:
        """The footer's word: pause or resume, whichever it would do."""
        workstream = self.workstream
        if command.id == "pause" and workstream is not None and "resume" in workstream.actions:
            return "resume"
        return command.label

    # asked at once: each can be taken back with another key

    def do_start(self) -> None:
        self._steer(WorkstreamAction.START)

    def do_pause(self) -> None:
        workstream = self.workstream
        resumes = workstream is not None and "resume" in workstream.actions
        self._steer(WorkstreamAction.RESUME if resumes else WorkstreamAction.PAUSE)

    def do_retry(self) -> None:
        self._steer(WorkstreamAction.RETRY)

    def do_check(self) -> None:
        gate = self.gate.gate
        if gate is None:
            return
        count = plural(len(gate.criteria), "criterion").replace("criterions", "criteria")
        self.host.ask(
            EvaluateGate(gate.id), doing=f"{gate.id}: measuring {count}", done=f"{gate.id} is measured"
        )

    def _steer(self, action: WorkstreamAction) -> None:
        workstream = self.workstream
        if workstream is not None:
            self.host.ask(
                SteerWorkstream(workstream.id, action),
                doing=f"{action} {workstream.id}",
                done=_DONE[action].format(workstream.id),
            )

    # asked first: a note, and a word typed

    def do_cancel(self) -> None:
        workstream = self.workstream
        if workstream is None:
            return
        run = self.log_pane.run
        facts = [Row(f"{workstream.id} {workstream.name} is {WORKSTREAM[workstream.state].word}.")]
        if run is not None and run.ended is None:
            facts.append(Row(f"Its agent {run.agent_type} (pid {run.pid}) is stopped.", "you"))
        facts.append(Row("What needs it is blocked until it is opened again.", "dim"))
        self._ask_first(WorkstreamAction.CANCEL, f"Cancel {workstream.id}", facts, note_required=False)

    def do_accept(self) -> None:
        workstream = self.workstream
        if workstream is None:
            return
        self._ask_first(
            WorkstreamAction.ACCEPT, f"Accept {workstream.id}", _review_facts(workstream), note_required=False
        )

    def do_reject(self) -> None:
        workstream = self.workstream
        if workstream is None:
            return
        facts = [*_review_facts(workstream), Row("The note goes to its agent with the next attempt.", "dim")]
        self._ask_first(WorkstreamAction.REJECT, f"Reject {workstream.id}", facts, note_required=True)

    def do_verify(self) -> None:
        workstream = self.workstream
        if workstream is None:
            return
        left = [d for d in workstream.deliverables if not d.verified]
        facts = [Row("You say that you have looked and it is there.", "dim")]
        facts += [
            Row("○ ", "wait").add(d.id).add("  has a check of its own" if d.checkable else "", "dim")
            for d in left[:6]
        ]
        first = next((d for d in left if not d.checkable), left[0] if left else None)
        which = Field("deliverable", "deliverable", "its id", first.id if first else "", required=True)
        self._ask_first(
            WorkstreamAction.VERIFY,
            f"Verify a deliverable of {workstream.id}",
            facts,
            note_required=False,
            more=(which,),
        )

    def do_decide(self) -> None:
        if self.at != "gate" and self._in_review("decide"):
            self.do_accept()
            return
        gate = self.gate.gate
        if gate is not None:
            self.app.push_screen(GateScreen(gate.id))

    def _ask_first(
        self,
        action: WorkstreamAction,
        title: str,
        facts: list[Row],
        *,
        note_required: bool,
        more: tuple[Field, ...] = (),
    ) -> None:
        subject = self.selected
        note = Field("note", "note", "why; it stands in the record", required=note_required)
        by = Field("by", "as", "your name, as it is recorded", user_name(), required=True)

        def send(values: dict[str, str]) -> None:
            request = SteerWorkstream(
                subject, action, values["note"], values["by"], values.get("deliverable")
            )
            self.host.ask(request, doing=f"{action} {subject}", done=_DONE[action].format(subject))

        self.app.push_screen(AskScreen(title, facts, (*more, note, by), subject, send))


def _review_facts(workstream: WorkstreamView) -> list[Row]:
    facts = [
        Row(
            f"{workstream.id} {workstream.name}: {workstream.verified:.0f}% verified, attempt {workstream.attempt}."
        )
    ]
    for check in workstream.checks[:8]:
        look = CRITERION[check.state]
        facts.append(Row(f"{look.glyph} ", look.tone).add(check.name).add(f"  {look.word}", "dim"))
    if not workstream.checks:
        facts.append(Row("It has no checks: your word alone accepts it.", "you"))
    return facts
