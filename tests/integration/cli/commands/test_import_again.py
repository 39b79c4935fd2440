"""`paperwire import` of papers that are known: what it says is searchable can be found."""

import json
from pathlib import Path

import pytest

from services.cli.commands.import_papers import import_files
from services.cli.instance.builders import builders
from shared.papers.streams import ENRICHED, INDEXED
from shared.qdrant import PAPERS, open_qdrant
from shared.runtime import running
from shared.settings import Settings
from tests.integration.indexer.support import CountingEmbedder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of papers."""
    path = tmp_path / "papers.jsonl"
    rows = ({"id": f"arXiv:2401.{n:05d}", "title": f"Crane number {n} folded by a robot"} for n in range(60))
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


async def test_papers_that_the_index_has_lost_are_written_again_before_they_count(
    settings: Settings, qdrant_url: str, file: Path
) -> None:
    """INVARIANT: what an import says is searchable can be found, also when its papers are known already."""
    reaching = settings.model_copy(update={"qdrant_url": qdrant_url})
    embedder = CountingEmbedder()
    async with running(builders("enricher", "indexer"), reaching, embedder=embedder) as runtime:
        first = await import_files(reaching, [file])
        assert (first.searchable, first.changed, first.dead) == (60, 60, 0)
        client = open_qdrant(reaching)
        await client.delete_collection(PAPERS)
        again = await import_files(reaching, [file])
        assert (again.read, again.searchable, again.changed, again.dead) == (60, 60, 0, 0)
        assert (await client.count(PAPERS, exact=True)).count == 60
        assert await runtime.redis.xlen(INDEXED.name) == 60, "nothing is published as changed a second time"
        assert await runtime.redis.xlen(ENRICHED.dead) == 0
        await import_files(reaching, [file])
        assert len(embedder.seen) == 120, "what the index has is not embedded again"
        await client.close()
