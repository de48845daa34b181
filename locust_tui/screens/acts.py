"""Steering from the keyboard: what may be asked for the selected workstream and the shown gate, and asking it."""

from __future__ import annotations

import asyncio
import time

from locust_tui.client.port import LinkState
from locust_tui.client.requests import EvaluateGate, SteerWorkstream, WorkstreamAction
from locust_tui.domain.snapshot import WorkstreamView
from locust_tui.domain.states import WorkstreamState
from locust_tui.signs import stands
from locust_tui.widgets.words import WORKSTREAM, plural

from .commands import STEERING, Command
from .opening import Opening
from .past import LOOKING, PAST

SETTLES_S, LOOK_S = 3.0, 0.05
"""So long it is waited for what a reviewer's yes comes to, and so often it is looked at."""
_DONE = {
    WorkstreamAction.START: "{} starts",
    WorkstreamAction.PAUSE: "{} is paused",
    WorkstreamAction.RESUME: "{} goes on",
    WorkstreamAction.RETRY: "{} is tried again",
    WorkstreamAction.CANCEL: "{} is cancelled",
    WorkstreamAction.ACCEPT: "your yes to {} is recorded",
    WorkstreamAction.REJECT: "{} goes back to rework",
    WorkstreamAction.VERIFY: "{} is verified",
    WorkstreamAction.REOPEN: "{} is open again",
}


def _nothing_under(filter_words: str, selected: str) -> str:
    if filter_words and not selected:
        return "the filter leaves nothing; esc clears it"
    return "put the cursor on a workstream"


class Acts(Opening):
    """Commands that ask the worker for something."""

    @property
    def workstream(self) -> WorkstreamView | None:
        """The selected workstream, or None while an orchestrator is selected."""
        view = self.host.view
        return view.workstreams.get(self.selected) if view else None

    def why_not(self, command: str) -> str | None:
        """Why a command cannot be run now, or None when it can."""
        if self.host.past is not None and command not in LOOKING:
            return PAST
        asks = command in STEERING or command in ("decide", "check")
        if asks and self.host.link.state is LinkState.GONE:
            return "no worker runs; u starts it"
        if command in STEERING:
            return self._why_not_steer(command)
        if command in ("decide", "check") and self.gate.gate is None and not self._in_review(command):
            return "the plan has no gates"
        if command in ("log", "attach") and self.log_pane.run is None:
            return f"{self.selected or 'nothing'} has not run yet"
        if command == "why" and self.workstream is None and self.log_pane.run is None:
            return f"{self.selected or 'nothing'} has not run yet"
        if command == "review" and (self.workstream is None or not self.workstream.branch):
            return f"{self.selected or 'nothing'} has no worktree"
        if command == "open" and self.at != "kpis" and self.focused_pane.current is None:
            return "there is nothing under the cursor"
        return None

    def _in_review(self, command: str) -> bool:
        workstream = self.workstream
        return command == "decide" and workstream is not None and workstream.state is WorkstreamState.REVIEW

    def _why_not_steer(self, command: str) -> str | None:
        workstream = self.workstream
        if workstream is None:
            return _nothing_under(self.host.filter_words, self.selected)
        wanted = {STEERING[command]} | ({"resume"} if command == "pause" else set())
        if wanted & set(workstream.actions):
            return None
        if (
            command == "verify"
            and workstream.deliverables
            and all(d.verified for d in workstream.deliverables)
        ):
            return f"every deliverable of {workstream.id} is verified"
        state, why = WORKSTREAM[workstream.state].word, workstream.why or ""
        words = f"{workstream.id}: {why}" if why.startswith(state) else f"{workstream.id} is {state}"
        if why and not why.startswith(state):
            words += f" · {why}"
        return f"{words} · press O to reopen it" if "reopen" in workstream.actions else words

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
        workstream, view = self.workstream, self.host.view
        run = view.latest_run(workstream.id) if workstream is not None and view is not None else None
        if run is not None and run.ended is None:
            self._ask_first(WorkstreamAction.RETRY)  # it would end
        else:
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

    def do_reopen(self) -> None:
        workstream = self.workstream
        if workstream is not None and workstream.state is WorkstreamState.ACCEPTED:
            self._ask_first(WorkstreamAction.REOPEN)
        else:
            self._steer(WorkstreamAction.REOPEN)

    def do_cancel(self) -> None:
        self._ask_first(WorkstreamAction.CANCEL)

    def do_accept(self) -> None:
        self._ask_first(WorkstreamAction.ACCEPT)

    def do_reject(self) -> None:
        self._ask_first(WorkstreamAction.REJECT)

    def do_verify(self) -> None:
        self._ask_first(WorkstreamAction.VERIFY)

    def do_decide(self) -> None:
        if self.at != "gate" and self._in_review("decide"):
            self.do_accept()
        elif self.gate.gate is not None:
            self.open_gate(self.gate.gate.id)

    def _ask_first(self, action: WorkstreamAction) -> None:
        workstream = self.workstream
        if workstream is None:
            return
        from .asking import AskScreen
        from .questions import question

        def send(values: dict[str, str]) -> None:
            request = SteerWorkstream(
                workstream.id, action, values["note"], values["by"], values.get("deliverable")
            )
            done = _DONE[action].format(workstream.id)
            if action is WorkstreamAction.ACCEPT:
                self.host.ask(
                    request,
                    doing=f"{action} {workstream.id}",
                    done=f"{workstream.id}: your yes stands",
                    then=lambda: self.host.spawn(self._tell_accepted(workstream.id, workstream.state)),
                )
            else:
                self.host.ask(request, doing=f"{action} {workstream.id}", done=done)

        view = self.host.view
        if view is not None:
            asked = question(action, workstream, view, lambda: self.host.snapshot)
            self.host.open(AskScreen(asked, send))

    async def _tell_accepted(self, id: str, before: WorkstreamState) -> None:
        """What came of a reviewer's yes: the worker merges what is in a worktree first, and that may fail."""
        until = time.monotonic() + SETTLES_S
        while True:
            view = self.host.view
            workstream = view.workstreams.get(id) if view is not None else None
            if workstream is None:
                return
            if workstream.state not in (WorkstreamState.REVIEW, before) or time.monotonic() > until:
                break
            await asyncio.sleep(LOOK_S)
        why = f" · {workstream.why}" if workstream.why else ""
        if workstream.state is WorkstreamState.ACCEPTED:
            self.host.say(f"{id} is accepted", "done")
        elif workstream.state is WorkstreamState.REVIEW:
            self.host.say(f"{id} is not accepted yet{why}", "you")
        else:
            word = WORKSTREAM[workstream.state].word
            state = word if word.startswith("needs") else f"is {stands(workstream.state)}"
            self.host.say(f"{id} is not accepted: it {state}{why}", "bad")
