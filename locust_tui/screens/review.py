"""Work done in a worktree: what it must pass, its commits and files, the diff, and the keys that decide about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual import events
from textual.binding import Binding
from textual.containers import Container
from textual.widget import Widget

from locust_tui.domain.changes import Changes, FileChange
from locust_tui.domain.snapshot import WorkstreamView
from locust_tui.errors import LocustTuiError
from locust_tui.widgets.cards import named
from locust_tui.widgets.diff import DiffPane
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import Sheet, SheetLine, heading, paragraph
from locust_tui.widgets.view import View
from locust_tui.widgets.words import CRITERION, plural

from .base import Reading
from .commands import BY_ID

_STEERING = ("accept", "reject", "log")
_WIDE = 110
_ALL = "*"
"""Key of the line that stands for every file."""
_SHOWN_COMMITS = 20
_STATUS = {"added": "A", "modified": "M", "deleted": "D", "renamed": "R", "copied": "C", "retyped": "T"}


class ReviewScreen(Reading):
    """It looks at the work when it opens, and again whenever the workstream has moved."""

    about = (
        "What a workstream did in its worktree: checks, commits, files, and their diff. Enter on a file shows its part; "
        "tab goes to the diff and back. A accepts, which merges it; X sends it back with a note. Both ask first."
    )
    DEFAULT_CSS = """
    ReviewScreen #review { height: 1fr; layout: vertical; }
    ReviewScreen #work { height: 10; }
    ReviewScreen.-wide #review { layout: horizontal; }
    ReviewScreen.-wide #work { width: 44; height: 1fr; }
    """
    BINDINGS = [
        *(Binding(BY_ID[name].keys, f"steer('{name}')", BY_ID[name].words) for name in _STEERING),
        Binding("enter", "show", "show this file"),
        Binding("tab", "other_pane", "to the diff and back"),
        Binding("n,right_square_bracket", "file(1)", "to the next file of the diff"),
        Binding("N,left_square_bracket", "file(-1)", "to the file before"),
        Binding("i", "details", "everything about the workstream"),
    ]

    def __init__(self, workstream: str) -> None:
        super().__init__(id="review-screen")
        self.workstream = workstream
        self.work = Sheet(id="work")
        self.diff = DiffPane(id="diff")
        self.changes: Changes | None = None
        self.problem = ""
        self._shown: str | None = None
        self._cut = False
        self._looked_at: tuple[object, ...] = ()

    def body(self) -> Iterable[Widget]:
        yield Container(self.work, self.diff, id="review")

    def pane(self) -> Sheet | DiffPane:
        return self.diff if self.diff.has_focus else self.work

    def ready(self) -> None:
        self.set_class(self.app.size.width >= _WIDE, "-wide")
        super().ready()
        self.work.focus()

    def resized(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= _WIDE, "-wide")
        if self.host.view is not None:
            self.present(self.host.view)
        super().resized(event)

    def present(self, view: View) -> None:
        workstream = view.workstreams.get(self.workstream)
        if workstream is None:
            gone = (Row("The plan has it no more."), Row("esc goes back.", "dim"))
            self.work.put(Row(self.workstream), (), empty=gone)
            return
        now = (workstream.state, workstream.attempt, workstream.branch, workstream.why)
        if now != self._looked_at:
            self._looked_at = now
            self.host.spawn(self._look())
        width = (44 if self.has_class("-wide") else self.size.width) - 6
        look = view.look(workstream)
        title = Row(workstream.id, "strong")
        title.add(f" {workstream.name}  " if named(workstream.id, workstream.name) else "  ")
        title.add(f"{look.glyph} {look.word}", look.tone)
        self.work.put(title, list(self._lines(workstream, max(20, width))))
        self.show_footer()

    async def _look(self) -> None:
        self.diff.wait("looking at the work …")
        try:
            self.changes, self.problem = await self.host.port.changes(self.workstream), ""
        except LocustTuiError as error:
            self.changes, self.problem = None, error.message
        if not self.is_mounted:
            return
        self._present_now()
        if self.changes is None:
            self.diff.wait(self.problem or "It has no worktree, so there is no diff.", "you")
        else:
            await self._show_diff(None)

    async def _show_diff(self, path: str | None) -> None:
        try:
            diff = await self.host.port.diff(self.workstream, path)
        except LocustTuiError as error:
            self.diff.wait(error.message, "bad")
            return
        if self.is_mounted:
            self._shown, self._cut = path, diff.cut
            title = Row("Diff", "strong").add(f" {path or 'of all files'}", "dim")
            self.diff.show(title.add("  cut", "you") if diff.cut else title, diff)

    def _lines(self, workstream: WorkstreamView, width: int) -> Iterator[SheetLine]:
        if workstream.why:
            yield from paragraph(workstream.why, width, "you")
        found = self.changes
        if found is not None:
            yield from _state(found, width)
        for check in workstream.checks:
            look = CRITERION[check.state]
            row = Row(f"  {look.glyph} ", look.tone).add(check.name)
            yield SheetLine(
                row.add(f"  {check.value_text or look.word}", "dim").add(f"  {check.detail}", "dim")
            )
        if not workstream.checks:
            yield SheetLine(Row("  It has no checks: your word alone accepts it.", "you"))
        if found is not None:
            yield from _files(found)
            yield from _commits(found)

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        main = self.host.main
        yield "enter", "show", True
        yield "tab", "diff" if not self.diff.has_focus else "files", True
        for name in _STEERING:
            yield BY_ID[name].shown, BY_ID[name].label, main.why_not(name) is None
        yield "n N", "file", True
        yield "i", "facts", True
        yield "?", "help", True
        yield "esc", "back", True

    def action_steer(self, command: str) -> None:
        self.host.main.select(self.workstream)
        self.host.main.action_run(command)

    def action_show(self) -> None:
        if self.work.has_focus and self.work.chosen:
            chosen = self.work.chosen
            self.host.spawn(self._show_diff(None if chosen == _ALL else chosen))

    def action_other_pane(self) -> None:
        (self.work if self.diff.has_focus else self.diff).focus()
        self.show_footer()

    def action_file(self, step: int) -> None:
        if not self.diff.next_file(step) and (path := self._beside(step)) is not None:
            self.host.spawn(self._show_diff(path))

    def _beside(self, step: int) -> str | None:
        """The file behind or before what is shown, where that is one file or was cut; None: there is none."""
        if self.changes is None or (self._shown is None and not self._cut):
            return None
        paths = [file.path for file in self.changes.files]
        at = paths.index(self._shown) if self._shown in paths else self.diff.file_number - 1
        return paths[at + step] if 0 <= at + step < len(paths) else None

    def action_details(self) -> None:
        self.host.main.open_workstream(self.workstream)


def _state(found: Changes, width: int) -> Iterator[SheetLine]:
    row = Row("  ").add(found.branch).add(f" → {found.integration}", "dim")
    if found.merged:
        row.add("  merged", "done")
    elif found.behind:
        row.add(f"  {found.behind} behind", "dim")
    yield SheetLine(row)
    if found.pull_request:
        yield SheetLine(Row(f"  {found.pull_request}", "done"))
    if found.uncommitted:
        names = ", ".join(found.uncommitted[:3])
        words = f"{plural(len(found.uncommitted), 'file')} not committed: {names}"
        yield from paragraph(words, width, "bad")
    if found.unfinished:
        yield SheetLine(Row(f"  a {found.unfinished} is unfinished", "bad"))
    if found.stands_on:
        yield from paragraph(f"its worktree stands on {found.stands_on}", width, "bad")


def _files(found: Changes) -> Iterator[SheetLine]:
    row = Row(f"  {plural(found.file_count, 'file')}", "strong")
    row.add(f"  +{found.added}", "done").add(f" -{found.deleted}", "bad")
    yield SheetLine(row, _ALL)
    for file in found.files:
        yield SheetLine(_file(file), file.path)
    if found.file_count > len(found.files):
        yield SheetLine(Row(f"  and {found.file_count - len(found.files)} more", "dim"))


def _file(file: FileChange) -> Row:
    tone = {"added": "done", "deleted": "bad"}.get(file.status, "text")
    row = Row(f"  {_STATUS.get(file.status, '?')} ", tone)  # type: ignore[arg-type]
    row.add(f"{file.old_path} → {file.path}" if file.old_path else file.path)
    if file.added is None:
        return row.end("binary", "dim")
    return row.end(f"+{file.added} ", "done").end(f"-{file.deleted}", "bad")


def _commits(found: Changes) -> Iterator[SheetLine]:
    yield from heading(plural(found.commit_count, "commit"))
    for commit in found.commits[:_SHOWN_COMMITS]:
        yield SheetLine(
            Row(f"  {commit.id[:7]} ", "dim").add(commit.subject).add(f"  {commit.author}", "dim")
        )
    if found.commit_count > _SHOWN_COMMITS:
        yield SheetLine(Row(f"  and {found.commit_count - _SHOWN_COMMITS} more", "dim"))
