"""What a run is doing right now: the end of its output, followed until somebody scrolls away."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.cells import cell_len

from locust_tui.client.run_files import speaks_a_protocol
from locust_tui.domain.snapshot import RunView
from locust_tui.domain.states import RunState
from locust_tui.report.run_words import grounds, used_words
from locust_tui.safe_text import masked_so_far

from .log_file import LogFile
from .log_lines import amount_of, line_parts
from .pane import Pane
from .row import Part, Row, crop, shown
from .tones import Tone
from .words import look_of_run, outcome, since

WRAPPED_LINES = 2_000
"""Wrapping lays out no more lines than these, from the end."""


def _file_of(path: Path) -> LogFile:
    """The window onto a run's log: its lines, or its transcript where the run speaks a protocol."""
    if speaks_a_protocol(path.parent):
        from .log_talk import talk_file

        if (talk := talk_file(path)) is not None:
            return talk
    return LogFile(path)


class LogPane(Pane[str | list[Part]]):
    about = (
        "What the selected run writes. It follows the end; scrolling up stops that and f follows again. "
        "/ shows only the lines with a word, n and N go from hit to hit, W wraps, w says why it stands, L fills the screen with it."
    )

    def __init__(self, *, id: str | None = None, more: str = "earlier lines: L") -> None:
        """`more` says how to see what stands before the lines in view."""
        super().__init__(id=id)
        self.run: RunView | None = None
        self.file: LogFile | None = None
        self.follow = True
        self.wrap = False
        self.filter = ""
        self._now = 0.0
        self._limit = ""
        self._subject = ""
        self._dropped = 0
        self._hit = -1
        self.more = more

    # what it shows

    def show(self, subject: str, run: RunView | None, path: Path | None, now: float, limit: str = "") -> None:
        """Show this run's log; another run's begins at its end again. `limit` says when a limited run goes on."""
        self._limit = limit
        told = self._errors
        changed = (run.id if run else None) != (self.run.id if self.run else None)
        self._subject, self.run, self._now = subject, run, now
        if path is None:
            if self.file is not None or changed:
                self.file = None
                self._restart()
        elif changed or self.file is None or self.file.path != path:
            self.file = _file_of(path)
            self._restart()
        elif self._errors != told:
            self._lay_out()
        self.repaint()

    def poll(self) -> bool:
        """Look for new output; called by the screen's clock while the pane can be seen. Whether any came."""
        if self.file is None or not self.file.poll():
            return False
        self._lay_out()
        return True

    @property
    def settled(self) -> bool:
        """Whether nothing new can come: the run has ended."""
        return self.run is None or self.run.ended is not None

    @property
    def _errors(self) -> list[str]:
        """What it wrote to stderr, where that is all there is, or may say why the run did not end well."""
        if self.file is None or not self.file.attached:
            return []
        bad = self.run is not None and self.run.ended is not None and self.run.state is not RunState.EXITED
        return self.file.errors if bad or not (self.file.lines or self.file.unfinished) else []

    def _restart(self) -> None:
        self.items, self.top, self.follow, self._dropped, self._hit = (), 0, True, 0, -1
        if self.file is not None:
            self.file.poll()
        self._lay_out()

    def _lay_out(self) -> None:
        file = self.file
        if file is None:
            self.items = ()
        elif self.filter or self.wrap or file.unfinished or self._errors:
            lines = [*file.lines, masked_so_far(file.unfinished)] if file.unfinished else list(file.lines)
            lines += self._errors
            if self.filter:
                wanted = self.filter.casefold()
                lines = [line for line in lines if wanted in line.casefold()]
            self.items = self._wrapped(lines[-WRAPPED_LINES:]) if self.wrap else lines
        else:
            self.items = file.lines
        if file is not None and not self.follow and not self.filter:
            self.top -= file.dropped - self._dropped
        self._dropped = file.dropped if file else 0
        if self.follow:
            self.top = len(self.items)
        self._clamp()
        self.repaint()

    def _parts(self, line: str) -> list[Part]:
        return line_parts(line) if self.file is None else self.file.parts(line)

    def _wrapped(self, lines: list[str]) -> list[str | list[Part]]:
        width = self.inner_width
        rows: list[str | list[Part]] = []
        for line in lines:
            row: list[Part] = []
            room = width
            for text, tone in self._parts(line):
                for char in text:
                    size = cell_len(char)
                    if size > room:
                        rows.append(row)
                        row, room = [], width
                    if row and row[-1][1] is tone:
                        row[-1] = (row[-1][0] + char, tone)
                    else:
                        row.append((char, tone))
                    room -= size
            rows.append(row)
        return rows

    # what the person does

    def move(self, delta: int) -> None:
        file = self.file
        if file is not None and not self.filter and not self.wrap:
            if delta < 0 and self.top + delta < 0:
                self.top += file.earlier()
                self._lay_out_keeping()
            elif delta > 0 and self.top + delta + self.room > len(self.items) and file.later():
                self._lay_out_keeping()
        self.scroll_lines(delta)

    def page(self, fraction: float) -> None:
        self.move(round(fraction * self.room))

    def scroll_lines(self, lines: int) -> None:
        self.top += lines
        self._clamp()
        at_end = self.top + self.room >= len(self.items) and (self.file is None or self.file.attached)
        self.follow = at_end and lines >= 0
        self.repaint()

    def to_start(self) -> None:
        """Show the first lines of the file that are left, wherever the window was."""
        self.follow = False
        if self.file is not None and self.file.has_earlier:
            self.file.to_start()
            self._lay_out_keeping()
        self.top = 0
        self.repaint()

    def set_follow(self, follow: bool) -> None:
        self.follow = follow
        if follow and self.file is not None:
            self.file.to_end()
        self._lay_out()

    def set_wrap(self, wrap: bool) -> None:
        self.wrap = wrap
        self._lay_out()

    def set_filter(self, words: str) -> None:
        self.filter, self._hit = words, -1
        self._lay_out()

    def _lay_out_keeping(self) -> None:
        follow, self.follow = self.follow, False
        self._lay_out()
        self.follow = follow

    # drawing

    def key(self, item: str | list[Part]) -> str:
        return ""

    def selectable(self, item: str | list[Part]) -> bool:
        return False

    def title(self) -> Row:
        strong: Tone = "strong" if self.has_focus else "text"
        run = self.run
        if run is None:
            return Row("Log", strong).add(f" · {self._subject}" if self._subject else "", "dim")
        look = look_of_run(run.state, run.reason)
        row = Row("Log", strong).add(
            f" · {run.subject} · attempt {run.attempt} · {crop(shown(run.agent_type), 24)} · "
        )
        row.add(f"{look.glyph} {outcome(run)}", look.tone)
        moment = run.ended if run.ended is not None else run.started
        row.add(f" ({grounds(run, self._now)})", "dim")
        if self._limit:
            row.add(f" · {self._limit}", "dim")
        if moment is not None:
            row.add(
                f" · {'for' if run.ended is None else 'ended'} {since(moment, self._now)}{'' if run.ended is None else ' ago'}",
                "dim",
            )
        if used := used_words(run):
            row.add(f" · {used}", "dim")
        if self.file is not None and self.file.trimmed:
            row.add(f" · first {amount_of(self.file.trimmed)} not kept", "dim")
        if self.filter:
            row.add(f" · only “{self.filter}”", "strong").add(" · esc clears", "dim")
        if self.file is not None and (trouble := self.file.problem or self.file.loss):
            row.end(trouble.partition(":")[0], "bad")
        elif not self.follow:
            row.end("paused: f follows", "strong")
        elif self.file is not None and (self.file.has_earlier or len(self.items) > self.room):
            row.end(self.more, "dim")
        return row

    def hint(self) -> str:
        """Which lines are in view, and which part of a long file they are taken from."""
        file = self.file
        if file is None or (file.attached and not file.has_earlier):
            return super().hint()
        held = f"{len(file.lines):,} lines of {amount_of(file.size)}"
        if file.attached:
            return f"last {held}"
        return f"{held} from the middle" if file.has_earlier else f"first {held}"

    def empty(self) -> Sequence[Row]:
        if self.file is not None and self.file.problem:
            return (Row(self.file.problem, "bad"),)
        if self.run is None:
            if not self._subject:
                return (Row("Nothing has run yet."), Row("? helps, q leaves.", "dim"))
            return (
                Row(f"{self._subject} has not run yet."),
                Row("s starts a workstream that has the cursor, or says what it waits for.", "dim"),
            )
        if self.filter:
            return (Row("no match"), Row("esc clears the filter", "dim"))
        return (Row("It has written nothing yet."), Row("L fills the screen with the log.", "dim"))

    def facts(self, item: str | list[Part]) -> object:
        return item

    def rows(self, item: str | list[Part], width: int) -> Sequence[Row]:
        row = Row()
        row.left = list(item) if isinstance(item, list) else self._parts(item)
        return (row,)

    def resized(self) -> None:
        if self.wrap or self.follow:
            self._lay_out()
        self._clamp()
        self.redraw()
