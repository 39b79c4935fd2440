"""The `paperwire` command line: all commands in one application, and how it exits."""

import contextlib
import os
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from importlib import import_module
from textwrap import fill
from typing import Annotated, Any, Final, NoReturn

import typer
from typer._click.shell_completion import CompletionItem
from typer.core import TyperCommand, TyperGroup

from embedded.errors import EmbeddedError
from services.cli.command_table import COMMANDS
from services.cli.standard_output import ReaderLeftError, drop_output, open_output, width
from shared.errors import PaperwireError
from shared.validation_sentences import plain
from shared.versions import own_version

NARROW: Final = 60
"""Columns below which the help of a command is plain: in a narrow box the names of options are cut."""


TRACEBACK: Final = "PAPERWIRE_TRACEBACK"
"""The variable that makes an unexpected error print where it was raised."""


class _NarrowHelp(typer.Context.formatter_class):  # type: ignore[misc, valid-type]  # typer has it as a value only
    """Plain help with each option on a line of its own, and its text below."""

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 4, col_spacing: int = 2) -> None:
        """Write options with their texts."""
        room = self.width - self.current_indent
        whole = [(fill(name.replace("|", " | "), room) if len(name) > room else name, text) for name, text in rows]
        super().write_dl(whole, min(col_max, 4), col_spacing)


class _NarrowContext(typer.Context):
    formatter_class = _NarrowHelp


class Commands(Mapping[str, TyperCommand | TyperGroup]):
    """The commands by name, made on first use."""

    def __getitem__(self, name: str) -> TyperCommand | TyperGroup:
        """Import and make a command."""
        module, _, attribute = COMMANDS[name].place.partition(":")
        found = getattr(import_module(module), attribute)
        application = found if isinstance(found, typer.Typer) else typer.Typer(add_completion=False)
        if application is not found:
            application.command(name)(found)
        made: Any = typer.main.get_command(application)
        made.name = name
        if width() < NARROW:
            for command in getattr(made, "commands", {"": made}).values():
                command.rich_markup_mode, command.context_class = None, _NarrowContext
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

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401  # as above
        """Read the arguments; without any, print the help and exit with status 2."""
        if not args and not ctx.resilient_parsing:
            sys.stdout.write(ctx.get_help() + "\n")
            ctx.exit(2)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  # as above
        """Run the command; say what is wrong with an argument in our words, and not in those of the validator."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = plain(error.message)
            raise

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401  # as above
        """Write the help, plain: what draws boxes takes longer to import than all else."""
        listed = copy(self)
        listed.rich_markup_mode = None
        listed.commands = _listed()  # type: ignore[assignment]  # as above
        super(LazyGroup, listed).format_help(ctx, formatter)

    def shell_complete(self, ctx: Any, incomplete: str) -> list[CompletionItem]:  # noqa: ANN401  # as above
        """Return the commands that begin so, and the options."""
        found = [command for name, command in _listed().items() if name.startswith(incomplete)]
        commands = [CompletionItem(command.name, help=command.get_short_help_str()) for command in found]
        return commands + TyperCommand.shell_complete(self, ctx, incomplete)


def _listed() -> dict[str, TyperCommand]:
    """Return the commands with their help, and nothing that can be run."""
    return {name: TyperCommand(name, help=entry.about) for name, entry in COMMANDS.items()}


app = typer.Typer(name="paperwire", cls=LazyGroup, pretty_exceptions_enable=False)


def _print_version(wanted: bool) -> None:  # noqa: FBT001  # as typer calls it
    if wanted:
        sys.stdout.write(f"paperwire {own_version()} (Python {platform.python_version()})\n")
        raise typer.Exit


@app.callback()
def paperwire(
    *,
    version: Annotated[  # its callback prints it
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """A newswire for research papers: fetch papers, search them, and get alerts about new ones."""


def main() -> None:
    """Run the command line, and exit.

    An error that the user can correct exits with status 2 and one line, a defect with status 70 and one line. A reader
    of the output that has enough of it (`| head`) is no error.
    """
    open_output()
    try:
        status = _run()
        sys.stdout.flush()
    except ReaderLeftError:
        drop_output()
        status = 0
    except OSError as error:  # the last of the output
        status = _failed(error)
    _leave(status)


def _leave(status: int | str | None) -> NoReturn:
    """Exit; a process that was an instance, or spoke to one, does not destroy what it has in memory."""
    watchdog = sys.modules.get("shared.watchdog")
    if watchdog and not isinstance(status, str):
        watchdog.leave(status or 0)
    sys.exit(status)


def _run() -> int | str | None:
    """Run the command; return its status."""
    try:
        app(args=[_decoded(argument) for argument in sys.argv[1:]], terminal_width=width())
    except SystemExit as ended:
        return ended.code
    except KeyboardInterrupt:
        return 130
    except ReaderLeftError:
        raise
    except Exception as error:  # noqa: BLE001  # the boundary of all commands
        return _failed(error)
    return 0


def _decoded(argument: str) -> str:
    """Return an argument whose UTF-8 a locale such as C has not read."""
    try:
        return os.fsencode(argument).decode()
    except UnicodeError:
        return argument.encode(errors="replace").decode()


def _failed(error: Exception) -> int:
    """Print what there is, and one line about an error; return the status."""
    with contextlib.suppress(OSError, ReaderLeftError):
        sys.stdout.flush()
    drop_output()
    from shared.outages import POSSIBLE_OUTAGES, outage  # noqa: PLC0415  # slow to import, as it knows errors of Redis

    if isinstance(error, PaperwireError | EmbeddedError):
        reason = str(error)
    elif isinstance(error, POSSIBLE_OUTAGES) and (what := outage(error)):
        reason = f"{what[0].upper()}{what[1:]}. Try again when this has passed."
    elif os.environ.get(TRACEBACK):
        raise error
    else:
        told = " ".join(f"{type(error).__name__}: {error}".split())[:500]
        sys.stderr.write(f"paperwire: This is a defect of Paperwire: {told}. {TRACEBACK}=1 shows where.\n")
        return os.EX_SOFTWARE
    sys.stderr.write(f"paperwire: {reason}\n")
    return 2
