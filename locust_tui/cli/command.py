"""What every verb shares: the global options, accepted before and after the verb, and the shape of a command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

NEAR_VERB = 0.75
"""How alike a mistyped verb and a verb must be to be offered: another word misleads more than none."""


@dataclass(slots=True)
class Settings:
    """The global options of one call; None where nothing was said."""

    state_dir: Path | None = None
    plan_file: Path | None = None
    no_color: bool = False


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    settings = ctx.ensure_object(Settings)
    if value and param.name is not None:
        setattr(settings, param.name, value)


def common_options(function: F) -> F:
    """The options that every verb understands; they end in `Settings`."""
    path = click.Path(path_type=Path)
    for option in (
        click.option(
            "--plan",
            "plan_file",
            type=path,
            envvar="LOCUST_TUI_PLAN",
            expose_value=False,
            callback=_keep,
            metavar="PLAN",
            help="The plan file, where the verb takes none.",
        ),
        click.option(
            "--state-dir",
            type=path,
            envvar="LOCUST_TUI_STATE_DIR",
            expose_value=False,
            callback=_keep,
            metavar="DIR",
            help="Where the plan's state is kept (default: .locust-tui beside the plan).",
        ),
        click.option(
            "--no-color",
            is_flag=True,
            expose_value=False,
            callback=_keep,
            help="No colours, also on a terminal.",
        ),
    ):
        function = option(function)
    return function


CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


def verb(
    name: str, cls: type[click.Command] = click.Command
) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a function the click command `name`, with the global options and `Settings` as first argument."""

    def make(function: Callable[..., Any]) -> click.Command:
        made = click.command(name, cls, context_settings=CONTEXT)(common_options(click.pass_obj(function)))
        for option in made.params:
            if option.name == "by":
                option.callback = _named
        return made

    return make


def _named(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """A name that was given has to be one: an empty variable of a script is nobody's decision."""
    if value is not None and not value.strip():
        raise click.BadParameter("a name is missing behind it", ctx, param)
    return value


def verb_group(name: str) -> Callable[[Callable[..., Any]], click.Group]:
    """Make a function the group of verbs `name`; it only carries the help text."""

    def make(function: Callable[..., Any]) -> click.Group:
        return click.group(name, cls=NearGroup, context_settings=CONTEXT)(common_options(function))

    return make


class NearGroup(click.Group):
    """A group that names near verbs when one is unknown."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            from ..errors import did_you_mean

            near = did_you_mean(args[0], self.commands, cutoff=NEAR_VERB)
            error = click.UsageError(f'there is no verb "{ctx.info_name} {args[0]}"', ctx)
            error.help = near or f"it has {', '.join(self.commands)}"  # type: ignore[attr-defined]
            raise error
        return super().resolve_command(ctx, args)


class ShowByItself(NearGroup):
    """Without a verb it shows; options alone are those of `show`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        verb_or_help = any(word in ("-h", "--help", *self.commands) for word in args)
        if not verb_or_help and (not args or args[0].startswith("-")):
            args = ["show", *args]
        return super().parse_args(ctx, args)


def sub_verb(
    group: click.Group, name: str, cls: type[click.Command] = click.Command
) -> Callable[[Callable[..., Any]], click.Command]:
    """Like `verb`, as a member of `group`."""

    def make(function: Callable[..., Any]) -> click.Command:
        command = verb(name, cls)(function)
        group.add_command(command)
        return command

    return make
