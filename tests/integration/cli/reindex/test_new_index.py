"""A new index while Qdrant goes away, and while papers change."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import pytest

from services.cli.reindex import reindex_command
from services.cli.reindex.new_index import NewIndex
from services.cli.reindex.reindex_command import Shown
from shared.errors import TransientError
from shared.papers.streams import INDEXED
from shared.qdrant import PAPERS, SUBSCRIPTIONS, open_qdrant
from shared.settings import Settings
from tests.integration.indexer.reconciling.test_healing import instance, take_in
from tests.integration.indexer.support import CountingEmbedder, Line, point

T = TypeVar("T")
COUNT = 150
PLACES = {PAPERS: "papers-2", SUBSCRIPTIONS: "subscriptions-2"}


class OtherEmbedder(CountingEmbedder):
    model = "test/other"


class CutOnce(Shown):
    """Cuts the line to Qdrant once 64 papers are in the index, and restores it after the first outage."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line
        self._cut = False
        self.outages = 0

    async def patiently(self, step: Callable[[], Awaitable[T]]) -> T:
        async def counted() -> T:
            if self._cut and not self.outages:
                await self._line.cut()
            try:
                return await step()
            except TransientError:
                self.outages += 1
                await self._line.join()
                raise

        return await super().patiently(counted)

    def show(self, done: int, total: int) -> None:
        super().show(done, total)
        self._cut |= done >= 64


@pytest.fixture
async def line(qdrant_url: str) -> AsyncIterator[Line]:
    opened = Line(qdrant_url)
    await opened.join()
    yield opened
    await opened.cut()


@pytest.fixture
def reaching(settings: Settings, qdrant_url: str) -> Settings:
    return settings.model_copy(update={"qdrant_url": qdrant_url, "reclaim_idle": 60.0})


async def test_an_outage_of_qdrant_is_waited_for_and_said_once(
    reaching: Settings, line: Line, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reindex_command, "OUTAGE_S", 0.01)
    embedder, progress = OtherEmbedder(), CutOnce(line)
    client = open_qdrant(reaching.model_copy(update={"qdrant_url": line.url}), PLACES)
    async with instance(reaching, CountingEmbedder()) as runtime:
        await take_in(runtime, range(1, COUNT + 1))
        assert await NewIndex(client, embedder, runtime.bus, progress).fill() == (COUNT, 0)
    assert progress.outages
    assert len(embedder.seen) <= COUNT + 64, "at most the part that was being written is embedded again"
    assert capsys.readouterr().err.count("reindexing: waiting, since Qdrant does not answer") == 1
    await client.close()


async def test_a_complete_index_is_brought_up_to_date_and_nobody_hears_of_it(reaching: Settings) -> None:
    embedder, client = OtherEmbedder(), open_qdrant(reaching, PLACES)
    async with instance(reaching, CountingEmbedder()) as runtime:
        await take_in(runtime, range(1, 4))
        published = await runtime.redis.xlen(INDEXED.name)
        new = NewIndex(client, embedder, runtime.bus, Shown())
        assert await new.fill() == (3, 0)
        assert await runtime.redis.xlen(INDEXED.name) == published
        await take_in(runtime, range(4, 5))
        await take_in(runtime, range(1, 2), title="A title that was changed since")
        assert await new.fill() == (4, 0)
    assert len(embedder.seen) == 5
    assert (await point(client, "arXiv:2401.00001"))["payload"]["paper"]["title"] == "A title that was changed since"
    await client.close()
