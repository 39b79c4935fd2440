"""What the embedded Qdrant acknowledged is there after a power cut."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded.qdrant import EmbeddedQdrant
from tests.integration.embedded.test_durability import connect, create, described, point
from tests.power_cut import Disk, disk


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Disk]:
    with disk(tmp_path) as made:
        yield made


@pytest.mark.parametrize("count", (300, 5_000), ids=["in the log", "partly flushed"])
async def test_acknowledged_points_survive_at_once(device: Disk, count: int) -> None:
    """INVARIANT: whatever was answered before the cut is there after it, with its configuration and indexes."""
    async with EmbeddedQdrant(device.root / "qdrant") as qdrant:
        client = connect(qdrant.url)
        await create(client)
        for start in range(0, count, 100):
            await client.upsert("papers", [point(n) for n in range(start, start + 100)])
        await client.update_collection("papers", metadata={"schema": 2})
        after = device.cut_power()
        before = await described(client)
        await client.close()
    async with EmbeddedQdrant(after / "qdrant") as qdrant:
        client = connect(qdrant.url)
        assert await described(client) == before
        assert (await client.count("papers")).count == count
        await client.close()


async def test_collections_are_created_and_deleted_for_good(device: Disk) -> None:
    async with EmbeddedQdrant(device.root / "qdrant") as qdrant:
        client = connect(qdrant.url)
        await create(client)
        created = device.cut_power()
        await client.delete_collection("papers")
        deleted = device.cut_power()
        await client.close()
    for after, there in ((created, True), (deleted, False)):
        async with EmbeddedQdrant(after / "qdrant") as qdrant:
            client = connect(qdrant.url)
            assert await client.collection_exists("papers") == there
            await client.close()
