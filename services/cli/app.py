"""The `paperwire` command line: all commands in one application, and how it exits."""

import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from embedded.errors import EmbeddedError
from shared.errors import PaperwireError
from shared.outages import POSSIBLE_OUTAGES, outage

COMMANDS: Final = {
    "up": "services.cli.up.commands:up",
    "run": "services.cli.up.commands:run",
    "import": "services.cli.commands.import_papers:import_command",
    "search": "services.cli.commands.queries:search",
    "trending": "services.cli.commands.queries:trending",
    "subscribe": "services.cli.commands.subscribe:subscribe",
    "status": "services.cli.commands.queries:status",
    "mcp": "services.cli.commands.mcp:mcp",
    "backfill": "services.cli.commands.backfill:backfill",
    "doctor": "services.cli.commands.doctor:doctor",
    "sources": "services.cli.commands.sources:app",
    "subscriptions": "services.cli.commands.subscriptions:app",
    "dead": "services.cli.commands.dead_letters:app",
    "keys": "services.cli.commands.api_keys:app",
}
"""Each command, and the function or the group that it is: a module is imported when its command is used."""


class Commands(Mapping[str, TyperCommand | TyperGroup]):
    """The commands by name, made on first use."""

    def __getitem__(self, name: str) -> TyperCommand | TyperGroup:
        """Import and make a command."""
        module, _, attribute = COMMANDS[name].partition(":")
        found = getattr(import_module(module), attribute)
        application = found if isinstance(found, typer.Typer) else typer.Typer(add_completion=False)
        if application is not found:
            application.command(name)(found)
        made: Any = typer.main.get_command(application)
        made.name = name
        return made  # type: ignore[no-any-return]  # typer declares the class of click, which it replaces

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names, in the order of the help."""
        return iter(COMMANDS)

    def __len__(self) -> int:
        """Return the number of commands."""
        return len(COMMANDS)


class LazyGroup(TyperGroup):
    """A group that imports a command when it is used."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  # those of typer
        """Take the options of a group; the commands are those of the table."""
        super().__init__(**options)
        self.commands = Commands()  # type: ignore[assignment]  # it is only read

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002  # as typer declares it
        """Return the names, in the order of the help."""
        return list(COMMANDS)


app = typer.Typer(
    name="paperwire", cls=LazyGroup, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


@app.callback()
def paperwire() -> None:
    """A newswire for research papers: fetch papers, search them, and get alerts about new ones."""


def main() -> None:
    """Run the command line; an error that the user can correct exits with status 2 and one line."""
    try:
        app()
    except (PaperwireError, EmbeddedError) as error:
        sys.stderr.write(f"paperwire: {error}\n")
        sys.exit(2)
    except POSSIBLE_OUTAGES as error:
        if (what := outage(error)) is None:
            raise
        sys.stderr.write(f"paperwire: {what[0].upper()}{what[1:]}. Try again when this has passed.\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
