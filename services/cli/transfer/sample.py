"""The bundled sample papers, and how they leave an instance."""

import secrets
from datetime import UTC, datetime
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson

from services.enricher.removal import Removed, remove_samples
from services.enricher.text.gist import gist
from services.notifier.subscription.store import Store
from shared.bus import Bus
from shared.bus.import_progress import IMPORT
from shared.papers.paper import SAMPLE, Author, Links, Paper
from shared.qdrant import PAPERS, open_qdrant, read_or
from shared.qdrant.client_library import models
from shared.readers.reading_store import ReadingLists
from shared.settings import Settings

_MOST: Final = 10_000
"""Sample papers of an instance, at most; those of another version may be others."""


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


async def sample_ids(settings: Settings) -> list[str]:
    """Return the ids of the sample papers in the index, also of those that a source has shown since.

    Raises:
        TransientError: Qdrant does not answer.

    """
    client = open_qdrant(settings)
    shown = models.FieldCondition(key="source_names", match=models.MatchValue(value=SAMPLE))
    try:
        reading = client.scroll(PAPERS, models.Filter(must=[shown]), limit=_MOST, with_payload=["paper.id"])
        records, _ = await read_or(reading, ([], None))
    finally:
        await client.close()
    return [str((record.payload or {})["paper"]["id"]) for record in records]


async def leave(settings: Settings, redis: Any) -> tuple[Removed, str]:  # noqa: ANN401  # a Redis client
    """Remove the sample papers that nobody keeps; return them, and the name under which the progress is counted.

    Raises:
        TransientError: Qdrant does not answer.

    """
    correlation = f"{IMPORT}sample-{secrets.token_hex(6)}"
    works, keep = await sample_ids(settings), await _kept(redis)
    bus = Bus(settings, redis)
    try:
        await bus.broker.connect()
        return await remove_samples(bus, works, keep, datetime.now(UTC), correlation), correlation
    finally:
        await bus.broker.stop()


async def _kept(redis: Any) -> set[str]:  # noqa: ANN401  # a Redis client
    """Return the ids of papers on reading lists, and of those that subscriptions like or follow."""
    kept = await ReadingLists(redis).everyones()
    store = Store(redis)
    async for ids in store.ids():
        for row in await store.several(ids):
            if row:
                kept.update(row.subscription.like, row.subscription.unlike, row.subscription.papers)
    return kept
