"""The option that names a reader's own papers, and what is printed about who cites them."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Final

import typer
from rich.markup import escape

from services.cli.output import console
from shared.errors import ConfigurationError
from shared.papers.orcids import orcid

_AUTHOR: Final = re.compile(r"(?:https?://)?(?:www\.)?semanticscholar\.org/author/\S+|\d{1,15}", re.ASCII)

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
    if not named:
        return {}
    authors = [place for one in named if (place := _author(one.strip()))]
    if authors and len(named) > 1:
        raise ConfigurationError("--cites takes one author, or papers: make a subscription for each author.")
    return {"cites": authors[0] if authors else {"type": "papers", "ids": list(named)}}


def _author(text: str) -> dict[str, str] | None:
    if _AUTHOR.fullmatch(text):
        return {"type": "semantic-scholar", "author": text}
    return {"type": "orcid", "id": text} if orcid(text) else None


def print_citations(one: dict[str, Any]) -> None:
    """Print what is known of who cites the papers that a subscription names."""
    if one["cites"] is None:
        return
    read = one["citations"]
    if read is None:
        console.print(
            "Who cites your papers is asked now, and then once a day. The first visit only remembers who cites them "
            "already; later citations are alerts."
        )
        return
    if read["read_at"]:
        console.print(
            f"Papers of yours: {read['papers']}, cited {read['citations']:,} times. Found since the first visit and not "
            f"in this index yet: {read['awaited']}. Asked at {read['read_at']}."
        )
    if read["error"]:
        console.print(f"The last visit failed: {escape(read['error'])} Next visit: {read['next_at']}.")
