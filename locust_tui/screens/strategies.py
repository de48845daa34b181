"""What-if: strategies side by side, each with its plan diff; applying one and taking it back, in two steps."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from textual.binding import Binding

from locust_tui.client.port import LinkState
from locust_tui.client.requests import ApplyStrategy, UndoStrategy
from locust_tui.domain.applied import StrategyStatus
from locust_tui.domain.studies.strategies import Preview, StrategyStudy
from locust_tui.report.strategies_text import headline
from locust_tui.widgets.form import Field
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import Sheet, SheetLine
from locust_tui.widgets.strategies import applied_row, sheet, table
from locust_tui.widgets.view import View
from locust_tui.widgets.words import plural, since

from .asking import AskScreen
from .deciders import as_field
from .person import user_name
from .questions import Question
from .studying import FOR_EVER, Study
from .two_panes import TwoPanes

if TYPE_CHECKING:
    from locust_tui.client.wire import Reply


class StrategiesScreen(TwoPanes):
    about = (
        "What each strategy of the plan would bring, beside the plan as it is: finish by the critical path, P50 and P85 by "
        "simulation, agent-weeks and cost. Below: what it changes, what it refuses and why, and the diff of the plan file. "
        "space marks several to see them together; a applies the one under the cursor, z takes the last one back."
    )
    BINDINGS = [
        Binding("S", "close", "close"),
        Binding("space", "mark", "mark"),
        Binding("a", "apply", "apply"),
        Binding("z", "undo", "take back"),
    ]

    def __init__(self) -> None:
        self.items = Sheet(id="items", about=self.about)
        super().__init__(self.items, hint="", id="strategies-screen")
        self.study: Study[StrategyStudy] = Study(self, good_for=FOR_EVER)
        self.marked: tuple[str, ...] = ()
        self._awaited: int | None = None
        """Revision from which on what was applied or taken back is seen."""

    @property
    def current(self) -> Preview | None:
        study = self.study.value
        previews = study.previews if study is not None else ()
        return next((p for p in previews if p.id == self.items.chosen), None)

    def present(self, view: View) -> None:
        self._ask_when_due(view.snapshot.revision)
        study, title = self.study.value, Row("Strategies", "strong")
        if study is None:
            self.items.put(title, [SheetLine(self.study.waiting())])
        else:
            applied = applied_row(study, view.now)
            if applied is not None:
                title.right = applied.left
            width = self.items.inner_width if self.items.size.width else self.app.size.width - 4
            self.items.put(title, list(table(study, self.marked, width)))
        self.fit(self.app.size.width, self.app.size.height)
        preview = self.current
        if preview is None or study is None:
            self.put_detail("", Row(), ())
        else:
            lines = list(sheet(preview, study.diffs.get(preview.id, ""), self.detail_width))
            kinds = "" if preview.kinds == preview.ids else f" · {', '.join(preview.kinds)}"
            title = Row(preview.id, "strong").add(f" {preview.name}{kinds}", "dim")
            self.put_detail(preview.id, title, lines)
        self.show_footer()

    def _ask_when_due(self, revision: int) -> None:
        if self._awaited is not None and revision >= self._awaited:
            self._awaited = None
            self.study.ask_anew()
        marked = self.marked
        self.study.ask_when_due(revision, lambda: self.host.port.studies.strategies(marked), of=marked)

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        preview = self.current
        yield "a", "apply", preview is not None and not preview.reason
        yield "space", "mark", preview is not None and len(preview.ids) == 1 and not preview.reason
        study = self.study.value
        yield "z", "take back", study is not None and study.last is not None
        yield "ctrl+d", "scroll", len(self.detail.items) > self.detail.room
        yield "?", "help", True
        yield "esc", "back", True

    def action_filter(self) -> None:
        """There are too few to look for."""

    def action_mark(self) -> None:
        preview = self.current
        if preview is None or len(preview.ids) > 1 or preview.reason:
            return
        id = preview.ids[0]
        self.marked = tuple(m for m in self.marked if m != id) if id in self.marked else (*self.marked, id)
        self._present_now()

    def action_apply(self) -> None:
        preview = self.current
        if preview is None:
            return
        if preview.reason:
            self.host.say(f"{preview.id}: {preview.reason}", "you")
        elif self._can_ask():
            follows = f"{plural(len(preview.changes), 'change')}, {'written into the plan file' if preview.writes else 'on record'}"
            facts = [Row(headline(preview)), Row(f"{follows}; z takes it back.", "you")]
            if preview.risk:
                facts.insert(1, Row(preview.risk, "dim"))
            self._ask(f"Apply {preview.id}", facts, "apply", partial(self._apply, preview), required=True)

    def action_undo(self) -> None:
        study = self.study.value
        last = study.last if study is not None else None
        if last is None:
            self.host.say("no strategy is applied", "dim")
        elif self._can_ask():
            view = self.host.view
            ago = f", {since(last.at, view.now)} ago" if view is not None else ""
            facts = [
                Row(f"{last.words} · by {last.by}{ago}"),
                Row(
                    "The plan file gets the very bytes it had before; refused where it was edited since.",
                    "you",
                ),
            ]
            title = f"Take back strategy {last.id}, {' + '.join(last.strategies)}"
            self._ask(title, facts, "undo", partial(self._undo, last), required=False)

    def _can_ask(self) -> bool:
        gone = self.host.link.state is LinkState.GONE
        if gone:
            self.host.say("no worker runs; u starts it", "you")
        return not gone

    def _ask(self, title: str, facts: list[Row], word: str, then: partial[None], *, required: bool) -> None:
        by = as_field(lambda: self.host.snapshot, lambda: (), user_name())
        fields = (Field("note", "note", "why; it stands in the record", required=required), by)
        self.host.open(AskScreen(Question(title, facts, fields, word), then))

    def _apply(self, preview: Preview, values: dict[str, str]) -> None:
        def done(reply: Reply) -> str:
            return self._done(reply, f"{preview.id} is applied, recorded as {values['by']}")

        request = ApplyStrategy(preview.ids, values["note"], preview.digest, values["by"])
        self.host.ask(request, doing=f"applying {preview.id}", done=done)

    def _undo(self, last: StrategyStatus, values: dict[str, str]) -> None:
        def done(reply: Reply) -> str:
            stays = reply.data.get("stays", ())
            return self._done(reply, "; ".join([f"strategy {last.id} is taken back", *stays]))

        request = UndoStrategy(last.id, values["note"], values["by"])
        self.host.ask(request, doing=f"taking back strategy {last.id}", done=done)

    def _done(self, reply: Reply, words: str) -> str:
        """What was shown is of the plan before: look again as soon as the snapshot is there that has it."""
        self.marked = ()
        self._awaited = reply.revision
        return f"{words}, revision {reply.revision}"
