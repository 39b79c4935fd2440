"""What the API answered is kept when the power is cut right after."""

from pathlib import Path

from redis.asyncio import Redis

from embedded.redis import EmbeddedRedis
from services.notifier.subscription.store import Store
from tests.integration.notifier.support import notifier
from tests.power_cut import disk

BODY = {"query": "folding cranes", "channel": {"type": "feed"}}


async def test_a_subscription_that_was_answered_with_201_survives_a_power_cut(tmp_path: Path, qdrant_url: str) -> None:
    """INVARIANT: three in a row, so that the sync that Redis makes once a second cannot be what keeps them."""
    with disk(tmp_path) as device:
        async with (
            EmbeddedRedis(device.root / "redis") as server,
            notifier(server.url, qdrant_url, tmp_path) as wire,
        ):
            for _ in range(3):
                made = await wire.call("POST", "/v1/subscriptions", BODY, status=201)
                after = device.cut_power()
                async with EmbeddedRedis(after / "redis") as restarted, Redis.from_url(restarted.url) as client:
                    assert [row and row.subscription.id for row in await Store(client).several([made["id"]])] == [
                        made["id"]
                    ]
            await wire.call("DELETE", f"/v1/subscriptions/{made['id']}", status=204)
            after = device.cut_power()
            async with EmbeddedRedis(after / "redis") as restarted, Redis.from_url(restarted.url) as client:
                assert await Store(client).several([made["id"]]) == [None]
