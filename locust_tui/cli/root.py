"""The tree of verbs. A verb's module is imported when the verb is used, and not before."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import click
from click.shell_completion import CompletionItem

from ..errors import did_you_mean
from .command import NEAR_VERB, Settings, common_options


class Verb(NamedTuple):
    module: str
    help: str


VERBS: dict[str, Verb] = {
    "open": Verb("open", "The cockpit of a plan; leaving it leaves the agents running."),
    "demo": Verb("demo", "Copy a demo plan to a folder of its own and open it, or run it (--headless)."),
    "up": Verb("up", "Start the worker, detached from this terminal."),
    "down": Verb("down", "Stop the worker; agents go on unless told otherwise."),
    "run": Verb("run", "Run the plan to its end without a screen, one line per event."),
    "report": Verb("report", "The weekly status report (also: locust-tui --report)."),
    "status": Verb("status", "The state of the plan."),
    "ps": Verb("ps", "The agents' processes."),
    "check": Verb("check", "Every error and warning of a plan file; nothing runs."),
    "schema": Verb("schema", "JSON Schema of the plan file."),
    "fmt": Verb("fmt", "Tidy a plan file, keeping its comments."),
    "new": Verb("new", "Write a first plan."),
    "import": Verb("import_document", "Write a plan from an orchestration document in Markdown."),
    "trust": Verb("trust", "Allow a plan's commands to run, list what is allowed, take it back."),
    "gate": Verb("gate", "Gates: ls show check sign approve hold recycle kill waive."),
    "ws": Verb(
        "ws", "Workstreams: ls show start pause resume retry cancel defer reopen verify accept reject diff."
    ),
    "logs": Verb("logs", "An agent's output."),
    "attach": Verb("attach", "An agent's terminal, or its live output; leaving it harms nothing."),
    "send": Verb("send", "A line to a running agent."),
    "kill": Verb("kill", "End an agent and everything it started."),
    "events": Verb("events", "The event log."),
    "replay": Verb("replay", "The plan as it was at a moment."),
    "diff": Verb("diff", "What changed between two moments, or since one."),
    "deps": Verb("deps", "Every dependency with its state."),
    "critical-path": Verb("critical_path", "The longest path through the plan, and everyone's float."),
    "forecast": Verb("forecast", "When the plan will probably end."),
    "earned-value": Verb("earned_value", "Planned, earned and actual value, and when it ends at this rate."),
    "evm": Verb("evm", "The same as earned-value."),
    "flow": Verb("flow", "Work in progress, cycle times, throughput, use of agents, gates passed at first."),
    "kpi": Verb("kpi", "The plan's KPIs against their targets, and what each is computed from."),
    "success": Verb("success", "The success checks: show; record what a person found."),
    "whatif": Verb("whatif", "What strategies would bring, side by side; --apply one, --undo it."),
    "land": Verb(
        "land", "What has not come home: uncommitted, unmerged, unpushed; and clean-up of what has."
    ),
    "mcp": Verb("mcp", "Tools for agents in the Model Context Protocol, on stdin and stdout."),
    "why": Verb("why", "Why a workstream or gate is in its state."),
    "monitor": Verb("monitor", "Measurements over time: create ls show rm; health: named checks."),
    "metrics": Verb("metrics", "What a time came to, from the event log: get."),
    "alert": Verb("alert", "Conditions that are watched: create ls ack test rm."),
    "features": Verb("features", "What is switched on: ls enable disable."),
    "github": Verb("github", "Names on GitHub, and pull requests: config, pr create."),
    "inbox": Verb("inbox", "Everything that waits for a person."),
    "answer": Verb("answer", "Answer one thing from the inbox."),
    "swarm": Verb("swarm", "The whole project: init begins it, with or without a plan file; status."),
    "task": Verb("task", "Work for orchestrators: orchestrate create status done."),
    "spawn": Verb("spawn", "spawn orchestrator NAME: bring an orchestrator up."),
    "escalate": Verb("escalate", "What a level cannot settle: escalate TEXT; ls show ack answer."),
    "request-agents": Verb("request_agents", "More agents at a time: [TYPE] COUNT --for WHAT; ls release."),
    "baseline": Verb(
        "baseline", "What was agreed, and every change of the plan since: show changes note set."
    ),
    "risk": Verb("risk", "The risk register: ls map show trigger close reopen."),
    "agent": Verb("agent", "Agents: spawn ls logs stop; report (for use by an agent inside a run)."),
    "hooks": Verb("hooks", "Hooks: schedule on-event ls rm run; notify sends a message."),
    "message": Verb("message", "Messages: send ls show ack."),
    "memory": Verb("memory", "Shared memory: store get ls history watch rm."),
    "exec": Verb("exec_document", "Run the command blocks of a document, after showing them."),
    "summarize": Verb("summarize", "Roll up what comes on standard input."),
    "export": Verb("export", "The graph of the plan as Mermaid, DOT or JSON."),
    "paths": Verb("paths", "Where this plan's and this user's files are."),
    "doctor": Verb("doctor", "What this machine would do to a plan: limits, logout, database, programs."),
    "keys": Verb("keys", "The cockpit's keys."),
    "completion": Verb("completion", "Shell completion for bash, zsh or fish."),
}


class LazyGroup(click.Group):
    """A group whose commands are looked up in VERBS and imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        verb = VERBS.get(cmd_name)
        if verb is None:
            return None
        module = importlib.import_module(f"locust_tui.cli.verbs.{verb.module}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            raise UnknownVerbError(args[0], ctx)
        return super().resolve_command(ctx, args)

    def make_context(self, *arguments: Any, **more: Any) -> click.Context:
        """Of `--help` too: it is printed here."""
        with _quietly():
            return super().make_context(*arguments, **more)

    def invoke(self, ctx: click.Context) -> Any:
        with _quietly():
            return super().invoke(ctx)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Verbs from the table alone, so that a press of tab imports none of them."""
        found = [
            CompletionItem(name, help=verb.help)
            for name, verb in VERBS.items()
            if name.startswith(incomplete)
        ]
        return found or click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl([(name, verb.help) for name, verb in VERBS.items()])


@contextmanager
def _quietly() -> Iterator[None]:
    """An interrupt ends a verb without click's empty lines, a reader that left without click's exit code 1."""
    try:
        yield
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:
        from .streams import drop_stdout

        drop_stdout()
        raise SystemExit(0) from None


class UnknownVerbError(click.UsageError):
    """No verb of that name; `help` names near ones, or the way to open a file."""

    def __init__(self, name: str, ctx: click.Context) -> None:
        super().__init__(f'there is no verb "{name}"', ctx)
        self.help = did_you_mean(name, VERBS, cutoff=NEAR_VERB) or "locust-tui --help lists the verbs"
        if name.endswith((".yaml", ".yml")):
            self.help = f"locust-tui open {name}"


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Alone on a terminal, locust-tui opens the cockpit on the plan found here.",
)
@click.option("--version", "-V", is_flag=True, help="Print the version.")
@common_options
@click.pass_context
def root(ctx: click.Context, version: bool) -> Any:
    """Run a plan of workstreams, gates and agents for real, and see the truth about it."""
    ctx.ensure_object(Settings)
    if version:
        from .. import __version__
        from .output import put

        put(f"locust-tui {__version__}\n")
        ctx.exit(0)
    if ctx.invoked_subcommand is None:
        from .verbs.open import open_found

        return open_found(ctx.obj)
    return None
