"""A verb that takes words of its own, and has verbs below it: `escalate "no database"`, `escalate ls`."""

from __future__ import annotations

import click

from .command import NEAR_VERB, NearGroup

_COMMON = ("-h", "--help", "--plan", "--state-dir", "--no-color")


class SaidGroup(NearGroup):
    """What is none of its verbs goes to the verb `said_by`, which the help does not list."""

    said_by = ""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and not args[0].startswith(_COMMON) and args[0] != "--":
            self._refuse_near(args, ctx)
            args = [self.said_by, *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            self._refuse_near(args, ctx)
            args = [self.said_by, *args]
        return super().resolve_command(ctx, args)

    def _refuse_near(self, args: list[str], ctx: click.Context) -> None:
        """One word alone that is nearly a verb was meant to be it."""
        from ..errors import did_you_mean

        shown = [name for name, command in self.commands.items() if not command.hidden]
        near = (
            did_you_mean(args[0], shown, cutoff=NEAR_VERB) if len(args) == 1 and args[0].isalpha() else None
        )
        if near:
            error = click.UsageError(f'there is no verb "{ctx.info_name} {args[0]}"', ctx)
            error.help = near  # type: ignore[attr-defined]
            raise error


def said_group(name: str, said_by: str, help: str, usage: str) -> SaidGroup:
    """The group; `usage` is shown after its name."""
    from .command import CONTEXT, common_options

    @click.group(name, cls=SaidGroup, context_settings=CONTEXT, help=help, subcommand_metavar=usage)
    @common_options
    def group() -> None:
        pass

    assert isinstance(group, SaidGroup)
    group.said_by = said_by
    return group
