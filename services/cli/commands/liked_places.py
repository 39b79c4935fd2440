"""The options that name a place of liked papers, and what is printed about following it."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.markup import escape

from services.cli.instance.api import Api
from services.cli.output import console
from shared.errors import ConfigurationError

MAX_KEY: Final = 1_000
"""Characters that are read of the file of a key."""
FIRST_VISIT_S: Final = 60.0
"""Seconds that the command waits for the first visit to a place."""
_LOOK_S: Final = 0.5
_PANEL: Final = "Liked papers from elsewhere"

Zotero = Annotated[
    str | None,
    typer.Option(
        help="A library, users/NUMBER or groups/NUMBER: its papers are liked.",
        show_default=False,
        rich_help_panel=_PANEL,
    ),
]
ZoteroKeyFile = Annotated[
    Path | None,
    typer.Option(
        help="The file with an API key of Zotero that may read the library.", show_default=False, rich_help_panel=_PANEL
    ),
]
Collection = Annotated[
    str | None,
    typer.Option(
        help="Only this collection of the library: its key or address.", show_default=False, rich_help_panel=_PANEL
    ),
]
Tag = Annotated[
    str | None,
    typer.Option(help="Only items of the library with this tag.", show_default=False, rich_help_panel=_PANEL),
]
Orcid = Annotated[
    str | None,
    typer.Option(help="An ORCID iD: its public works are liked.", show_default=False, rich_help_panel=_PANEL),
]
SemanticScholar = Annotated[
    str | None,
    typer.Option(
        help="The number or the address of an author: the author's papers are liked.",
        show_default=False,
        rich_help_panel=_PANEL,
    ),
]
ReadingList = Annotated[
    bool,
    typer.Option(
        "--reading-list",
        help="The papers that you save or like in your reading list are liked.",
        rich_help_panel=_PANEL,
    ),
]


def place_fields(  # noqa: PLR0913  # one per option
    zotero: str | None,
    key_file: Path | None,
    collection: str | None,
    tag: str | None,
    orcid: str | None,
    semantic_scholar: str | None,
    *,
    reading_list: bool = False,
) -> dict[str, Any]:
    """Return the field of a subscription that the options set.

    Raises:
        ConfigurationError: they name several places, or none that they narrow; or a key cannot be read.

    """
    if sum(map(bool, (zotero, orcid, semantic_scholar, reading_list))) > 1:
        raise ConfigurationError("Give one of --zotero, --orcid, --semantic-scholar and --reading-list.")
    if zotero is None and (key_file or collection or tag):
        raise ConfigurationError("--zotero-key-file, --collection and --tag need --zotero.")
    place: dict[str, str | None] = {"type": "reading-list"} if reading_list else {}
    if zotero is not None:
        key = _key(key_file) if key_file else None
        place = {"type": "zotero", "library": zotero, "collection": collection, "tag": tag, "key": key}
    if orcid is not None:
        place = {"type": "orcid", "id": orcid}
    if semantic_scholar is not None:
        place = {"type": "semantic-scholar", "author": semantic_scholar}
    return {"likes_from": {name: value for name, value in place.items() if value}} if place else {}


def _key(file: Path) -> str:
    try:
        with file.open(encoding="utf-8") as opened:
            return opened.read(MAX_KEY).strip()
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"--zotero-key-file: {file} cannot be read ({error}).") from error


async def after_first_visit(api: Api, made: dict[str, Any]) -> dict[str, Any]:
    """Return a new subscription after the first visit to its place; raise TimeoutError after `FIRST_VISIT_S`."""
    sys.stderr.write(f"Subscribed. Waiting up to {FIRST_VISIT_S:.0f} seconds for the first visit …\n")
    async with asyncio.timeout(FIRST_VISIT_S):
        while made["following"] is None:
            await asyncio.sleep(_LOOK_S)
            made = {**made, **await api.call(f"/v1/subscriptions/{made['id']}")}
    return made


def print_following(one: dict[str, Any]) -> None:
    """Print what is known of the place of a subscription's liked papers."""
    if one["likes_from"] is None:
        return
    place = named(one["likes_from"])
    following = one["following"]
    if following is None:
        console.print(f"Liked papers: {place}, which is not read yet; an instance that is not offline reads it soon.")
        return
    if following["read_at"]:
        noun = "paper" if following["items"] == 1 else "papers"
        console.print(
            f"Liked papers: {place}: {following['items']} {noun}, {following['known']} of them in this index, "
            f"{following['used']} liked. Read at {following['read_at']}."
        )
    if following["error"]:
        console.print(f"{place} was not read: {escape(following['error'])} Next visit: {following['next_at']}.")


def named(place: dict[str, Any]) -> str:
    """Return a place in words."""
    where = {
        "reading-list": "your reading list",
        "zotero": "Zotero library {library}",
        "orcid": "ORCID record {id}",
        "semantic-scholar": "Semantic Scholar author {author}",
    }
    parts = [where[place["type"]].format(**place)]
    parts += [f"{name} {place[name]}" for name in ("collection", "tag") if place.get(name)]
    return escape(", ".join(parts))
