"""The bundled sample papers."""

from importlib.resources import files
from itertools import islice
from pathlib import Path

import orjson

from services.enricher.text.gist import gist
from shared.papers.paper import Author, Links, Paper


def sample_file() -> Path | None:
    """Return the file of the bundled sample papers, in the installed package or in the source tree."""
    package = Path(str(files("services")))
    places = (package / "examples" / "papers.jsonl", package.parent / "examples" / "papers.jsonl")
    return next((place for place in places if place.is_file()), None)


def sample_papers(most: int) -> list[Paper]:
    """Return the first of the bundled sample papers; none if they are not installed."""
    path = sample_file()
    if path is None:
        return []
    with path.open("rb") as file:
        return [_paper(orjson.loads(line)) for line in islice(file, most)]


def _paper(row: dict[str, object]) -> Paper:
    people = row.get("authors")
    authors = [Author(name=str(name)) for name in people] if isinstance(people, list) else []
    said = gist(str(row["title"]), str(row["abstract"]))
    return Paper.model_validate(row | {"authors": authors, "links": Links(abs=str(row["url"])), "gist": said})
