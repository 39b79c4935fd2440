"""Erasure: delete all that an API key or a reader by mail owned, from Redis.

The points in Qdrant follow with the next reconciliation.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from redis.asyncio import Redis

from services.notifier.alerts.planner import (
    check_key,
    clear_gathered,
    feed_key,
    gathered_key,
    last_key,
    match_key,
    waiting_key,
)
from services.notifier.delivery.deliveries import attempts_key, body_key, key_of, lane_of, log_key
from services.notifier.secrets.vault import secret_key
from services.notifier.subscribing.consents import consents_key
from services.notifier.subscription.owners import mail_owner, operational_id
from services.notifier.subscription.store import Row, Store
from shared.readers.reading_store import ReadingLists
from shared.readers.sessions import end_sessions

_BATCH_SIZE = 500


async def erase_owner(redis: Redis, owner: str) -> int:
    """Delete the subscriptions of an owner with their secrets, matches and deliveries; return their number.

    Their reading list and their sessions on pages are deleted, too.

    A subscription is deleted last of what belongs to it, so an interrupted erasure can be repeated.
    """
    await end_sessions(redis, owner)
    await ReadingLists(redis).clear(owner)
    store = Store(redis)
    ids = await store.owned(owner)
    for id_ in (*ids, operational_id(owner)):
        row = (await store.several([id_]))[0]
        await _erase(redis, id_, row)
        if row:
            await store.remove(row)
    await redis.delete(consents_key(owner))
    async for keys in _idempotency_keys(redis, owner):
        await redis.delete(*keys)
    return len(ids)


async def erase_address(redis: Redis, address: str) -> int:
    """Delete what the reader of a mail address owns, as `erase_owner`; return the number of subscriptions.

    What API keys own that send to the address stays, and that the address wants no mail is not forgotten.
    """
    return await erase_owner(redis, mail_owner(address))


async def erase_matches(redis: Redis, subscription: str) -> None:
    """Delete the matches that are kept for a subscription: for its feed, for a digest, or until they are checked."""
    matches = await _ids(redis.zrange(gathered_key(subscription), 0, -1))
    matches += await _ids(redis.lrange(feed_key(subscription), 0, -1))
    waiting = await _ids(redis.zrange(waiting_key(subscription), 0, -1))
    await _delete(redis, [*(match_key(id_) for id_ in matches), *(check_key(id_) for id_ in waiting)])
    async with redis.pipeline(transaction=True) as pipe:
        clear_gathered(pipe, subscription)
        pipe.delete(feed_key(subscription), last_key(subscription), waiting_key(subscription))
        await pipe.execute()


async def _erase(redis: Redis, subscription: str, row: Row | None) -> None:
    deliveries = await _ids(redis.zrange(log_key(subscription), 0, -1))
    for start in range(0, len(deliveries), _BATCH_SIZE):
        await _delete(redis, [key for id_ in deliveries[start : start + _BATCH_SIZE] for key in _keys(id_)])
    await erase_matches(redis, subscription)
    async with redis.pipeline(transaction=True) as pipe:
        pipe.delete(log_key(subscription), secret_key(subscription))
        if row:
            lane = lane_of(row.owner, row.subscription.channel)
            pipe.delete(*(f"deliveries:{part}:{lane}" for part in ("due", "delays", "lane")))
            pipe.zrem(f"deliveries:lanes:{lane.partition('.')[0]}", lane)
        await pipe.execute()


def _keys(delivery: str) -> tuple[str, ...]:
    return key_of(delivery), body_key(delivery), attempts_key(delivery)


async def _ids(found: Any) -> list[str]:  # noqa: ANN401  # what redis-py returns
    return [id_.decode() for id_ in await found]


async def _delete(redis: Redis, keys: Sequence[str]) -> None:
    for start in range(0, len(keys), _BATCH_SIZE):
        await redis.delete(*keys[start : start + _BATCH_SIZE])


async def _idempotency_keys(redis: Redis, owner: str) -> AsyncIterator[list[bytes]]:
    """Yield the keys of the answers that are kept for an owner."""
    cursor = 0
    while True:
        cursor, keys = await redis.scan(cursor, match=f"idempotency:{owner}:*", count=_BATCH_SIZE)
        if keys:
            yield keys
        if not cursor:
            return
