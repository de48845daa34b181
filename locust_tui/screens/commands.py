"""Every command of the main screen, once: its keys, its words, its group. Bindings, footer, help and palette read it."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    id: str
    keys: str
    """Textual key names, comma separated; the first is the one shown."""
    shown: str
    """The first key as it stands on a keyboard."""
    label: str
    """One word for the footer."""
    words: str
    group: str
    panes: frozenset[str] = frozenset()
    """Panes whose footer shows it; empty: none."""
    in_palette: bool = True


_ALL = frozenset({"tree", "board", "gate", "kpis", "log"})
_WORK = frozenset({"tree", "board"})

COMMANDS = (
    Command("open", "enter", "enter", "open", "Open what is under the cursor", "Look", _ALL - {"log"}),
    Command("log", "L", "L", "log", "Fill the screen with the log of the selected run", "Look", _WORK | {"log"}),
    Command("review", "D", "D", "diff", "The commits, files and diff of the workstream's worktree", "Look"),
    Command("attach", "t", "t", "terminal", "The agent's own terminal, or its output and a line to it", "Look", frozenset({"log"})),
    Command("waiting", "exclamation_mark", "!", "inbox", "What waits for me", "Look", _ALL),
    Command("overview", "o", "o", "plan", "Phases, forecast, risks and milestones of the plan", "Look", _ALL),
    Command("forecast", "F", "F", "forecast", "When the plan will probably end, what moves it and what it rests on", "Look", _ALL),
    Command("timeline", "T", "T", "timeline", "The plan in time: planned, as it went, as it is expected, and what drives the end", "Look", _ALL),
    Command("figures", "e", "e", "figures", "Earned value, flow, KPIs and success: what the numbers come to, and what they rest on", "Look", _ALL),
    Command("messages", "m", "m", "messages", "Messages of people and agents: read, answer, write", "Look", _ALL),
    Command("alerts", "b", "b", "alerts", "Alerts: what fires, on which figures, and acknowledging it", "Look", _ALL),
    Command("monitors", "d", "d", "dashboards", "Monitors: their figures now and how they went", "Look", _ALL),
    Command("memory", "M", "M", "memory", "The shared memory: every key, its value, what stood there before", "Look", _ALL),
    Command("risks", "r", "r", "risks", "The risks: where they stand on the map, their watches, and moving them", "Look", _ALL),
    Command("baseline", "B", "B", "baseline", "What was agreed, and every change of the plan since", "Look", _ALL),
    Command("strategies", "S", "S", "what-if", "What-if: strategies side by side, applied in two steps, taken back", "Look", _ALL),
    Command("why", "w", "w", "why", "Why the workstream or its run is in its state", "Look", _WORK | {"log"}),
    Command("filter", "slash", "/", "filter", "Filter tree and board, or the lines of the log", "Look", _ALL - {"gate", "kpis"}),
    Command("next", "n", "n", "next hit", "To the next match", "Look"),
    Command("previous", "N", "N", "last hit", "To the match before", "Look"),
    Command("plan", "y", "y", "change", "The change of the plan that waits, or its problems", "Look"),
    Command("report", "P", "P", "report", "The weekly report as it reads now, and as any week before stood", "Look", _ALL),
    Command("history", "H", "H", "history", "Time travel: the whole cockpit as it was at any moment", "Look", _ALL),
    Command("palette", "colon,ctrl+p", ":", "command", "Run a command, or go to a workstream, orchestrator, gate, dashboard or run", "Look", _ALL, in_palette=False),
    Command("help", "question_mark,f1", "?", "help", "Help for this pane, and every key", "Look", _ALL),
    Command("start", "s", "s", "start", "Start the workstream", "Workstream", _WORK),
    Command("pause", "p", "p", "pause", "Pause the workstream, or let it go on", "Workstream", _WORK),
    Command("retry", "R", "R", "retry", "Try the workstream again", "Workstream", _WORK),
    Command("cancel", "x", "x", "cancel", "Cancel the workstream (asks first)", "Workstream", _WORK),
    Command("reopen", "O", "O", "reopen", "Open accepted, cancelled or deferred work again", "Workstream", _WORK),
    Command("accept", "A", "A", "accept", "Accept a workstream in review", "Workstream", _WORK),
    Command("reject", "X", "X", "reject", "Send a workstream in review back, with a note", "Workstream", _WORK),
    Command("verify", "v", "v", "verify", "Verify a deliverable of the workstream as a person", "Workstream"),
    Command("decide", "a", "a", "decide", "Look at the gate's evidence and decide it", "Gate", _ALL - {"log", "kpis"}),
    Command("check", "c", "c", "check", "Measure the gate's criteria now", "Gate", frozenset({"gate"})),
    Command("follow", "f", "f", "follow", "Follow the end of the log, or stop following", "Log", frozenset({"log"})),
    Command("wrap", "W", "W", "wrap", "Wrap long lines of the log, or cut them", "Log", frozenset({"log"})),
    Command("next_pane", "tab", "tab", "pane", "To the next pane", "Move", frozenset({"kpis"}), in_palette=False),
    Command("previous_pane", "shift+tab", "shift+tab", "", "To the pane before", "Move", in_palette=False),
    Command("pane_tree", "1", "1", "", "To the tree", "Move"),
    Command("pane_board", "2", "2", "", "To the board", "Move"),
    Command("pane_gate", "3", "3", "", "To the gate", "Move"),
    Command("pane_kpis", "4", "4", "", "To the key figures", "Move"),
    Command("pane_log", "5", "5", "the log", "To the log", "Move"),
    Command("down", "down,j", "↓ j", "", "Down", "Move", in_palette=False),
    Command("up", "up,k", "↑ k", "", "Up", "Move", in_palette=False),
    Command("left", "left,h", "← h", "", "Column, gate or branch to the left", "Move", in_palette=False),
    Command("right", "right,l", "→ l", "", "Column, gate or branch to the right; on a leaf: its log", "Move", in_palette=False),
    Command("page_down", "ctrl+d,pagedown", "ctrl+d", "", "Half a page down", "Move", in_palette=False),
    Command("page_up", "ctrl+u,pageup", "ctrl+u", "", "Half a page up", "Move", in_palette=False),
    Command("top", "g,home", "g", "", "To the top", "Move", in_palette=False),
    Command("bottom", "G,end", "G", "", "To the bottom", "Move", in_palette=False),
    Command("back", "escape", "esc", "", "Back one level: clear the filter, close the screen", "Move", in_palette=False),
    Command("up_worker", "u", "u", "up", "Start the worker where it has stopped", "Worker"),
    Command("quit", "q,ctrl+q", "q", "leave running", "Leave; the worker and every agent go on", "Worker", _ALL),
    Command("interrupt", "ctrl+c", "ctrl+c", "", "Says how to leave", "Worker", in_palette=False),
)  # fmt: skip

BY_ID = {command.id: command for command in COMMANDS}
FOOTER = (
    "open", "waiting", "overview", "help", "accept", "reject", "pause", "start", "retry", "reopen",
    "cancel", "decide", "check", "follow", "wrap", "log",
    "attach", "why", "filter", "palette", "next_pane", "messages", "alerts", "monitors", "forecast", "figures", "report", "history", "memory", "quit",
)  # fmt: skip
"""Ids in the order of the footer: where room is scarce, the later ones go first. What steers work stands there only while it can be done."""
GROUPS = ("Look", "Workstream", "Gate", "Log", "Move", "Worker")

INBOX = (
    ("a", "Allow a permission once; grant a request; say that you deal with an escalation"),
    ("A", "Allow it always for this workstream; the rule's words are shown first"),
    ("d", "Deny, with a message"),
    ("1-9", "Choose an option of a question or an escalation; grant so many of a request"),
    ("t", "Answer a question, or decide an escalation, in words of your own"),
    ("y", "The second step of every answer; under a message it is enter"),
    ("enter", "To where it is decided: the gate, the review, the workstream; else its log"),
    ("space", "Mark, to answer several of a kind together"),
    ("h", "What was answered, by whom and why"),
    ("/ w L", "Filter; why it stands so; its run's log"),
)
"""(keys, words) of the inbox, which has its own."""

MESSAGES = (
    ("1-4", "All, unread by people, dead letters, sent by agents"),
    ("a", "Acknowledge it: read, and dealt with"),
    ("r n", "Answer it; write a new one"),
    ("enter", "To the work of whom it is from or to"),
    ("/ ctrl+d", "Filter; scroll the text"),
)
MEMORY = (
    ("h", "What stood under the key before"),
    ("/ ctrl+d", "Filter keys; scroll the value"),
)
ALERTS = (
    ("a", "Say that you know of a firing alert; it stays until its condition clears"),
    ("enter", "To the gate that it names, or the plan as a whole"),
    ("/ ctrl+d", "Filter; scroll"),
)
FIGURES = (
    ("1-4 ← →", "Earned value, flow, KPIs, success"),
    ("enter", "What a figure rests on; of a workstream, its screen"),
    ("r", "Record what a person found of a success check, or after the release"),
)
ORCHESTRATOR = (
    ("enter", "Open the workstream under the cursor"),
    ("n", "Write a message to it"),
    ("L w", "The log of its agent; why that stands so"),
)
HISTORY = (
    ("← →", "The event before, the next one"),
    ("[ ] { }", "A day, a week; where plan weeks are shorter, a seventh of one and one"),
    ("n N", "The next thing that stands out, the one before"),
    ("home end t", "The first event, the last; a moment you type"),
    ("space d", "Mark this moment; what is otherwise between the mark, or now, and here"),
    ("p + -", "Play, faster, slower"),
    ("esc H q", "Back to now"),
)
REPORT = (
    ("← →", "The week before, the week after; the latest is the present one"),
    ("e s", "Keep it as Markdown; as a page for browsers and mail"),
)
TIMELINE = (
    ("← → h l", "Earlier, later"),
    ("+ - 0", "Zoom in, out; everything"),
    ("t", "Now in the middle"),
    ("c", "The critical path alone, or everything"),
    ("s v", "In which order; by orchestrator, by phase or as one list"),
    ("x", "Whether shut phase gates count in dates and floats"),
    ("enter", "Open the workstream or gate under the cursor"),
    ("/ ctrl+d", "Filter; scroll what is told of it"),
)
STRATEGIES = (
    ("space", "Mark several: they are shown together, each made on what the one before leaves"),
    ("a", "Apply the one under the cursor to the plan file, with a note"),
    ("z", "Take the last one back: the plan file gets the bytes it had"),
    ("ctrl+d", "Scroll changes, refusals and the diff of the plan file"),
)
FORECAST = (
    ("enter", "Open the gate or workstream under the cursor"),
    ("tab", "To the charts beside the tables, and back"),
)
RISKS = (
    ("t c o", "Trigger, close, reopen the risk under the cursor: with a note, and a word to type"),
    ("/ ctrl+d", "Filter; scroll the detail"),
)
BASELINE = (
    ("n", "Say why the plan changed; it stands with all that change brought"),
    ("=", "Agree to the plan in force: later ones are compared with it"),
    ("tab", "To what was agreed, and back to its changes"),
    ("enter", "To the gate or workstream that the change is about"),
    ("/ ctrl+d", "Filter; scroll the detail"),
)
PLACES = (
    ("Inbox", INBOX),
    ("Messages", MESSAGES),
    ("Memory", MEMORY),
    ("Alerts", ALERTS),
    ("Figures", FIGURES),
    ("Orchestrator", ORCHESTRATOR),
    ("Timeline", TIMELINE),
    ("Forecast", FORECAST),
    ("Strategies", STRATEGIES),
    ("Report", REPORT),
    ("History", HISTORY),
    ("Risks", RISKS),
    ("Baseline", BASELINE),
)
"""Screens with keys of their own → (keys, words)."""

STEERING = {
    "start": "start",
    "pause": "pause",
    "retry": "retry",
    "cancel": "cancel",
    "reopen": "reopen",
    "accept": "accept",
    "reject": "reject",
    "verify": "verify",
}
"""Command → the action it needs among the workstream's; pause also takes resume."""
