"""The secrets of subscriptions, their channels and places of liked papers, encrypted at rest."""

import contextlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeVar

from cryptography.fernet import InvalidToken
from redis.asyncio import Redis
from redis.exceptions import WatchError

from services.notifier.channels.webhook import new_secret
from services.notifier.fields.sealable import Sealable
from services.notifier.fields.secret import Secret
from services.notifier.secrets.cipher import Cipher
from shared.errors import ConfigurationError
from shared.papers.paper import Model

ROTATION_OVERLAP = 86_400.0
"""Seconds that the previous secret stays valid after a rotation."""
_PROOF = "vault:proof"
S = TypeVar("S", bound=Sealable)


class Secrets(Model):
    """The secret of a subscription, and the previous one until it expires (Unix seconds)."""

    current: str
    previous: str | None = None
    previous_until: float = 0.0

    def valid(self, now: float) -> tuple[str, ...]:
        """Return the secrets to sign with, newest first."""
        return (self.current, self.previous) if self.previous and now < self.previous_until else (self.current,)


class Vault:
    """Store the signing secrets of subscriptions, and encrypt the other secrets of their settings."""

    def __init__(self, redis: Redis, clock: Callable[[], float], cipher: Cipher) -> None:
        """Take a `clock` that returns Unix seconds."""
        self._redis = redis
        self._clock = clock
        self._cipher = cipher
        self._decoded = lru_cache(maxsize=4_096)(lambda row: Secrets.model_validate_json(self._text(row)))

    async def check_key(self) -> None:
        """Check that this process can decrypt what others have encrypted.

        Raises:
            ConfigurationError: the secrets in Redis were encrypted with another key.

        """
        await self._redis.set(_PROOF, self._cipher.seal("open"), nx=True)
        try:
            self._cipher.open((await self._redis.get(_PROOF)).decode())
        except InvalidToken as error:
            message = "The secrets in Redis were encrypted with another key: set PAPERWIRE_SECRET_KEY to that key."
            raise ConfigurationError(message) from error

    async def reseal_proof(self) -> None:
        """Encrypt the proof again, so that the first key alone decrypts it."""
        await self._redis.set(_PROOF, self._cipher.seal("open"))

    async def reseal(self, subscription: str) -> None:
        """Encrypt the secrets of a subscription with the first key, unless they change meanwhile."""
        async with self._redis.pipeline(transaction=True) as pipe:
            await pipe.watch(secret_key(subscription))
            row = await pipe.get(secret_key(subscription))
            if row is None:
                return
            pipe.multi()
            pipe.set(secret_key(subscription), self._cipher.seal(self._text(row)), keepttl=True)
            with contextlib.suppress(WatchError):  # who changed them used the first key
                await pipe.execute()

    async def create(self, subscription: str, ttl: int | None = None) -> str:
        """Create and return the first secret; it expires after `ttl` seconds, if set."""
        return await self._keep(subscription, Secrets(current=new_secret()), ttl)

    async def rotate(self, subscription: str) -> str:
        """Create and return a new secret; the current one stays valid for `ROTATION_OVERLAP`."""
        present = (await self.several([subscription]))[0]
        until = self._clock() + ROTATION_OVERLAP
        secrets = Secrets(current=new_secret(), previous=present.current if present else None, previous_until=until)
        return await self._keep(subscription, secrets)

    async def _keep(self, subscription: str, secrets: Secrets, ttl: int | None = None) -> str:
        await self._redis.set(secret_key(subscription), self._cipher.seal(secrets.model_dump_json()), ex=ttl)
        return secrets.current

    async def several(self, subscriptions: Sequence[str]) -> list[Secrets | None]:
        """Return the secrets of subscriptions, in order; None for one that has none, or none that can be read."""
        rows = await self._redis.mget([secret_key(id_) for id_ in subscriptions]) if subscriptions else []
        return [self._readable(row) if row else None for row in rows]

    def _readable(self, row: bytes) -> Secrets | None:
        try:
            return self._decoded(row)
        except (InvalidToken, ValueError):
            return None

    def _text(self, row: bytes) -> str:
        """Decrypt a row; those from before secrets were encrypted are JSON."""
        return row.decode() if row.startswith(b"{") else self._cipher.open(row.decode())

    async def forget(self, subscription: str) -> None:
        """Delete the secrets of a subscription."""
        await self._redis.delete(secret_key(subscription))

    def seal(self, settings: S) -> S:
        """Return settings, such as those of a channel, with their secrets encrypted, to store them."""
        return settings.replace_secrets(self._sealed)

    def open(self, settings: S) -> S:
        """Return settings with their secrets decrypted, for an attempt; raises InvalidToken for another key's."""
        return settings.replace_secrets(
            lambda secret: Secret(self._cipher.open(secret.value), secret.hint, mark=secret.mark)
        )

    def _sealed(self, secret: Secret) -> Secret:
        if secret.sealed:
            return secret
        return Secret(self._cipher.seal(secret.value), secret.hint, sealed=True, mark=self._cipher.mark(secret.value))


def secret_key(subscription: str) -> str:
    """Return the key of the secrets of a subscription."""
    return f"secret:{subscription}"
