"""The Redis that a process starts on, and the version of the data in it and in Qdrant."""

import pytest
from qdrant_client import models

from shared.errors import ConfigurationError
from shared.qdrant import PAPERS, check_papers, ensure_papers, ensure_subscriptions, open_qdrant
from shared.runtime import open_runtime
from shared.settings import Settings
from shared.versions import DATA_VERSION, FIELD, KEY


async def test_a_start_notes_the_version_of_the_data_and_refuses_a_later_one(settings: Settings) -> None:
    """INVARIANT: an older program never touches data that it would misread."""
    async with open_runtime(settings) as runtime:
        assert await runtime.redis.get(KEY) == str(DATA_VERSION).encode()
        await runtime.redis.set(KEY, DATA_VERSION + 1)
        await runtime.redis.delete("papers.fetched.v1")
        with pytest.raises(ConfigurationError, match=r"The Redis at .* version '2', .* reads versions up to 1"):
            async with open_runtime(settings):
                pass
        assert not await runtime.redis.exists("papers.fetched.v1"), "it writes nothing either"


async def test_a_collection_of_a_later_version_is_refused(settings: Settings, qdrant_url: str) -> None:
    client = open_qdrant(settings.model_copy(update={"qdrant_url": qdrant_url}))
    await ensure_papers(client, "model", 4)
    assert ((await client.get_collection(PAPERS)).config.metadata or {})[FIELD] == DATA_VERSION
    for name, ensure in ((PAPERS, ensure_papers), ("subscriptions", ensure_subscriptions)):
        await client.delete_collection(name)
        vectors = models.VectorParams(size=4, distance=models.Distance.DOT)
        await client.create_collection(name, vectors_config=vectors, metadata={"embedding_model": "model", FIELD: 2})
        with pytest.raises(ConfigurationError, match=f"The collection '{name}' holds data of version '2'"):
            await ensure(client, "model", 4)
    with pytest.raises(ConfigurationError, match="version '2'"):
        await check_papers(client, "model")
    await client.close()
