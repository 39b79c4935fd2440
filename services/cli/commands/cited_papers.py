"""The option that names a reader's own papers, and what is printed about who cites them."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.markup import escape

from services.cli.output import console
from services.notifier.fields.likes_from import cites_place
from shared.errors import ConfigurationError

Cites = Annotated[
    list[str] | None,
    typer.Option(
        help="Alerts of papers that cite yours: your ORCID iD, the number or address of your author page at Semantic "
        "Scholar, or DOIs and arXiv ids of your papers. May be repeated for papers.",
        show_default=False,
        rich_help_panel="Papers that cite yours",
    ),
]


def cites_fields(named: Sequence[str]) -> dict[str, Any]:
    """Return the field of a subscription that the option sets.

    Raises:
        ConfigurationError: it names an author and something else.

    """
    try:
        return {"cites": cites_place([one.strip() for one in named])} if named else {}
    except ValueError as error:
        raise ConfigurationError(f"--cites {error}.") from error


def print_citations(one: dict[str, Any]) -> None:
    """Print what is known of who cites the papers that a subscription names."""
    if one["cites"] is None:
        return
    read = one["citations"]
    if read is None:
        console.print(
            "It is not known yet who cites your papers. A running instance asks within minutes, then once a day. The "
            "first visit only remembers who cites them already; later citations are alerts."
        )
        return
    if read["read_at"]:
        console.print(
            f"Papers of yours: {read['papers']}, cited {read['citations']:,} times. Found since the first visit and "
            f"not in this index yet: {read['awaited']}. Asked at {read['read_at']}."
        )
    if read["error"]:
        console.print(f"The last visit failed: {escape(read['error'])} Next visit: {read['next_at']}.")
