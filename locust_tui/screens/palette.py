"""Run a command by its words, or go to any workstream, gate or run by its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual import events, on
from textual.widget import Widget

from locust_tui.widgets.cards import called
from locust_tui.widgets.entry import Entry
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import SheetLine
from locust_tui.widgets.view import View
from locust_tui.widgets.words import GATE, RUN, points

from .commands import COMMANDS
from .panel import Panel

SHOWN = 200


def rank(words: str, text: str) -> int | None:
    """How well `text` answers `words`: smaller is better, None not at all. Every letter has to occur in order."""
    text = text.casefold()
    if not words:
        return 0
    found = text.find(words)
    if found >= 0:
        return found if found == 0 or not text[found - 1].isalnum() else found + 50
    at = first = -1
    for char in words.replace(" ", ""):
        at = text.find(char, at + 1)
        if at < 0:
            return None
        first = at if first < 0 else first
    return 200 + at - first


class PaletteScreen(Panel):
    in_past = True

    def __init__(self) -> None:
        super().__init__(id="palette")
        self.entry = Entry(prompt=" : ", hint="a command, workstream, orchestrator, gate, dashboard or run")

    def parts(self) -> Iterable[Widget]:
        yield self.entry
        yield self.sheet

    def ready(self) -> None:
        super().ready()
        self.fit(20)
        self.set_focus(self.entry)

    def present(self, view: View) -> None:
        self._fill(view)

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        return (("↑↓", "choose", True), ("enter", "do it", True), ("esc", "back", True))

    def _fill(self, view: View) -> None:
        words = self.entry.value.strip().casefold()
        ranked = [
            (r, i, line)
            for i, (text, line) in enumerate(self._rows(view))
            if (r := rank(words, text)) is not None
        ]
        lines = [line for _, _, line in sorted(ranked, key=lambda entry: entry[:2])[:SHOWN]]
        self.sheet.put(
            Row("Command", "strong"),
            lines,
            empty=(Row("Nothing has that name."), Row("esc goes back.", "dim")),
        )

    def _rows(self, view: View) -> Iterator[tuple[str, SheetLine]]:
        main = self.host.main
        for command in COMMANDS:
            if command.in_palette:
                refused = main.why_not(command.id)
                row = Row().column(command.shown, 7, "key" if refused is None else "dim")
                row.add(command.words, "text" if refused is None else "dim").add(
                    f"  {refused}" if refused else "", "dim"
                )
                yield f"{command.label} {command.words}", SheetLine(row, f"run:{command.id}")
        for workstream in view.snapshot.workstreams:
            look = view.look(workstream)
            row = (
                Row(f"{look.glyph} ", look.tone)
                .add(called(workstream.id, workstream.name))
                .end(look.word, look.tone)
            )
            yield (
                f"{workstream.id} {workstream.name} {look.word}",
                SheetLine(row, f"workstream:{workstream.id}"),
            )
        for gate in view.snapshot.gates:
            look = GATE[gate.state]
            row = (
                Row(f"{look.glyph} ", look.tone)
                .add(f"gate {called(gate.id, gate.name)}")
                .end(look.word, look.tone)
            )
            yield f"gate {gate.id} {gate.name}", SheetLine(row, f"gate:{gate.id}")
        for one in view.snapshot.orchestrators:
            row = (
                Row("▼ ", "dim")
                .add(f"orchestrator {called(one.id, one.name)}")
                .end(points(one.progress), "dim")
            )
            yield (
                f"orchestrator {one.id} {one.name} {one.alias or ''}",
                SheetLine(row, f"orchestrator:{one.id}"),
            )
        for monitor in view.snapshot.monitors:
            row = Row("▃ ", "dim").add(f"dashboard {monitor.name}").end("monitor", "dim")
            yield f"dashboard monitor {monitor.name}", SheetLine(row, f"monitor:{monitor.name}")
        for run in reversed(view.snapshot.runs):
            look = RUN[run.state]
            row = (
                Row(f"{look.glyph} ", look.tone)
                .add(f"run {run.id} {run.agent_type}")
                .end(look.word, look.tone)
            )
            yield f"run {run.id} {run.agent_type}", SheetLine(row, f"log:{run.id}")

    @on(Entry.Changed)
    def _typed(self) -> None:
        view = self.host.view
        if view is not None:
            self.sheet.cursor = self.sheet.top = 0
            self.sheet.items = ()
            self._fill(view)

    @on(Entry.Left)
    def _left(self) -> None:
        self.go_back()

    @on(Entry.Submitted)
    def _chosen(self) -> None:
        kind, _, name = self.sheet.chosen.partition(":")
        if not self.go_back():
            return
        main = self.host.main
        if kind == "run":
            main.action_run(name)
        elif kind:
            main.go_to(kind, name)

    def on_key(self, event: events.Key) -> None:
        step = {"down": 1, "up": -1, "ctrl+n": 1, "ctrl+p": -1, "pagedown": 10, "pageup": -10}.get(event.key)
        if step is not None:
            event.stop()
            event.prevent_default()
            self.sheet.move(step)
