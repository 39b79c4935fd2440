"""Rotation of the secret key: every secret at rest is encrypted again with the first of `PAPERWIRE_SECRET_KEY`."""

from typing import Final

import structlog
from redis.asyncio import Redis

from services.notifier.secrets.vault import Vault
from services.notifier.subscription.model import Subscription
from services.notifier.subscription.store import InterestVector, Store, Update

_SCAN_COUNT: Final = 500
log = structlog.get_logger("notifier")


async def rekey(redis: Redis, store: Store, vault: Vault) -> int:
    """Encrypt all secrets again; return of how many subscriptions. It is safe to repeat, and while others work.

    Answers kept for idempotency are not encrypted again: they expire in a day, and until then need the previous key.
    """
    count = 0
    async for key in redis.scan_iter("subscription:*", count=_SCAN_COUNT):
        id_ = key.decode().partition(":")[2]
        await vault.reseal(id_)
        (row,) = await store.several([id_])
        if row and (row.subscription.channel.secrets() or row.subscription.likes_from):
            await store.change(id_, _resealed(vault))
        count += 1
    await vault.reseal_proof()
    log.info("secrets rekeyed", subscriptions=count, advice="remove the previous keys in a day")
    return count


def _resealed(vault: Vault) -> Update:
    async def update(present: Subscription) -> tuple[Subscription, InterestVector | None]:
        channel, place = vault.seal(vault.open(present.channel)), present.likes_from
        place = place and vault.seal(vault.open(place))
        return present.model_copy(update={"channel": channel, "likes_from": place}), None

    return update
