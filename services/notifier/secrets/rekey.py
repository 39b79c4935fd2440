"""Change of the key: everything at rest is sealed again with the first one of `PAPERWIRE_SECRET_KEY`."""

from typing import Final

import structlog
from redis.asyncio import Redis

from services.notifier.secrets.vault import Vault
from services.notifier.subscription.model import Subscription
from services.notifier.subscription.store import InterestVector, Store, Update

_BATCH: Final = 500
log = structlog.get_logger("notifier")


async def rekey(redis: Redis, store: Store, vault: Vault) -> int:
    """Seal all secrets again; give of how many subscriptions. Safe to repeat, and beside processes that work.

    Answers kept for idempotency are not sealed again: they are gone in a day, and until then the old key is needed.
    """
    count = 0
    async for key in redis.scan_iter("subscription:*", count=_BATCH):
        name = key.decode().partition(":")[2]
        await vault.reseal(name)
        (row,) = await store.several([name])
        if row and row.subscription.channel.secrets():
            await store.change(name, _resealed(vault))
        count += 1
    await vault.reseal_proof()
    log.info("secrets are sealed with the first key; in a day the others may go", subscriptions=count)
    return count


def _resealed(vault: Vault) -> Update:
    async def update(present: Subscription) -> tuple[Subscription, InterestVector | None]:
        channel = vault.seal(vault.open(present.channel))
        return present.model_copy(update={"channel": channel}), None

    return update
