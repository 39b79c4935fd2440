"""Where secrets rest: what seals and opens those of subscriptions and of their channels."""

import contextlib
from collections.abc import Callable, Sequence
from functools import lru_cache

from cryptography.fernet import InvalidToken
from redis.asyncio import Redis
from redis.exceptions import WatchError

from services.notifier.channels.registry import AnyChannel
from services.notifier.fields.secret import Secret
from services.notifier.secrets.cipher import Cipher
from services.notifier.secrets.webhook_signature import new_secret
from shared.errors import ConfigurationError
from shared.papers.paper import Model

OVERLAP = 86_400.0
"""Seconds that the secret before the last rotation stays valid."""
_PROOF = "vault:proof"


class Secrets(Model):
    """The secret of a subscription, and the one before until its time is up (Unix seconds)."""

    current: str
    previous: str | None = None
    previous_until: float = 0.0

    def valid(self, now: float) -> tuple[str, ...]:
        """Give the secrets to sign with, newest first."""
        return (self.current, self.previous) if self.previous and now < self.previous_until else (self.current,)


class Vault:
    """Keep the signing secrets of subscriptions, and seal what other secrets their channels hold."""

    def __init__(self, redis: Redis, clock: Callable[[], float], cipher: Cipher) -> None:
        """`clock` gives Unix seconds."""
        self._redis = redis
        self._clock = clock
        self._cipher = cipher
        self._decoded = lru_cache(maxsize=4_096)(lambda row: Secrets.model_validate_json(cipher.open(row.decode())))

    async def prove(self) -> None:
        """Find out whether this process can open what others sealed.

        Raises:
            ConfigurationError: it cannot.

        """
        await self._redis.set(_PROOF, self._cipher.seal("open"), nx=True)
        try:
            self._cipher.open((await self._redis.get(_PROOF)).decode())
        except InvalidToken as error:
            message = "The secrets in Redis were sealed with another key: give that one in PAPERWIRE_SECRET_KEY."
            raise ConfigurationError(message) from error

    async def reseal_proof(self) -> None:
        """Let the proof be opened with the first key alone."""
        await self._redis.set(_PROOF, self._cipher.seal("open"))

    async def reseal(self, subscription: str) -> None:
        """Seal the secrets of a subscription with the first key, unless they are changed at this moment."""
        async with self._redis.pipeline(transaction=True) as pipe:
            await pipe.watch(_key(subscription))
            row = await pipe.get(_key(subscription))
            if row is None:
                return
            pipe.multi()
            pipe.set(_key(subscription), self._cipher.seal(self._cipher.open(row.decode())), keepttl=True)
            with contextlib.suppress(WatchError):  # whoever changed them sealed them with the first key
                await pipe.execute()

    async def create(self, subscription: str, ttl: int | None = None) -> str:
        """Make a first secret and give it; with `ttl`, for so many seconds."""
        return await self._keep(subscription, Secrets(current=new_secret()), ttl)

    async def rotate(self, subscription: str) -> str:
        """Make a new secret and give it; the present one stays valid for `OVERLAP`."""
        present = (await self.several([subscription]))[0]
        until = self._clock() + OVERLAP
        secrets = Secrets(current=new_secret(), previous=present.current if present else None, previous_until=until)
        return await self._keep(subscription, secrets)

    async def _keep(self, subscription: str, secrets: Secrets, ttl: int | None = None) -> str:
        await self._redis.set(_key(subscription), self._cipher.seal(secrets.model_dump_json()), ex=ttl)
        return secrets.current

    async def several(self, subscriptions: Sequence[str]) -> list[Secrets | None]:
        """Give the secrets of some subscriptions, in their order."""
        rows = await self._redis.mget([_key(name) for name in subscriptions]) if subscriptions else []
        return [self._decoded(row) if row else None for row in rows]

    async def forget(self, subscription: str) -> None:
        """Drop the secrets of a subscription."""
        await self._redis.delete(_key(subscription))

    def seal(self, channel: AnyChannel) -> AnyChannel:
        """Seal the secrets of a channel, for the time that it is stored."""
        return channel.replace_secrets(self._sealed)

    def open(self, channel: AnyChannel) -> AnyChannel:
        """Open the secrets of a channel, for an attempt."""
        return channel.replace_secrets(
            lambda secret: Secret(self._cipher.open(secret.value), secret.hint, mark=secret.mark)
        )

    def _sealed(self, secret: Secret) -> Secret:
        if secret.sealed:
            return secret
        return Secret(self._cipher.seal(secret.value), secret.hint, sealed=True, mark=self._cipher.mark(secret.value))


def _key(subscription: str) -> str:
    return f"secret:{subscription}"
