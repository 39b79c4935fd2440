"""Where secrets rest: the one place that seals and opens them.

A secret in Redis is a Fernet token (AES-128-CBC and HMAC-SHA256). The key comes from `PAPERWIRE_SECRET_KEY`, or from a
file in the data directory that the first start makes. Several keys may be given: the first seals, each opens.
"""

import base64
import hmac
import os
import secrets as dice
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import structlog
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from redis.asyncio import Redis

from services.notifier.channel import AnyChannel, Webhook
from services.notifier.secret import Secret
from services.notifier.signing import new_secret
from shared.errors import ConfigurationError
from shared.paper import Model

OVERLAP = 86_400.0
"""Seconds that the secret before the last rotation stays valid."""
KEY_FILE: Final = "secret.key"
LEAST: Final = 32
"""Characters of a key."""
_PROOF = "vault:proof"
log = structlog.get_logger("notifier")


class Box:
    """Seals and opens texts with some keys, the newest first."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Each key is any text of at least `LEAST` characters."""
        self._fernet = MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key, b"seal"))) for key in keys])
        self._marker = _derived(keys[0], b"mark")
        self.open = lru_cache(maxsize=4_096)(self._opened)

    def seal(self, text: str) -> str:
        """Seal a text."""
        return self._fernet.encrypt(text.encode()).decode()

    def _opened(self, token: str) -> str:
        """Open what was sealed with one of the keys; raises `InvalidToken`."""
        return self._fernet.decrypt(token.encode()).decode()

    def mark(self, text: str) -> str:
        """Give what is the same for equal texts and tells nothing of them."""
        return hmac.digest(self._marker, text.encode(), "sha256")[:8].hex()


def open_box(given: str | None, data_dir: Path) -> Box:
    """Make the box with the keys of `PAPERWIRE_SECRET_KEY`, or with the key file of the data directory.

    Raises:
        ConfigurationError: a key is too short, or the file can be neither read nor made.

    """
    if given is None:
        return Box([_from_file(data_dir / KEY_FILE)])
    keys = [key.strip() for key in given.split(",") if key.strip()]
    if not keys or any(len(key) < LEAST for key in keys):
        raise ConfigurationError(
            f"PAPERWIRE_SECRET_KEY is not usable: give at least {LEAST} random characters, several keys with commas."
        )
    return Box(keys)


def _from_file(path: Path) -> str:
    try:
        if not path.exists():
            _make(path)
        key = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The key in {path} cannot be had ({error}): set PAPERWIRE_SECRET_KEY.") from error
    if len(key) < LEAST:
        raise ConfigurationError(f"The key in {path} is too short: restore it, or set PAPERWIRE_SECRET_KEY.")
    return key


def _make(path: Path) -> None:
    """Write a key file at one stroke: of several processes that start together one wins, and no one reads half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{dice.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(dice.token_urlsafe(32) + "\n")
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()
    log.warning("made the key that secrets are sealed with: keep it, or set PAPERWIRE_SECRET_KEY", path=str(path))


def _derived(key: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"paperwire " + purpose).derive(key.encode())


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

    def __init__(self, redis: Redis, clock: Callable[[], float], box: Box) -> None:
        """`clock` gives Unix seconds."""
        self._redis = redis
        self._clock = clock
        self._box = box
        self._decoded = lru_cache(maxsize=4_096)(lambda row: Secrets.model_validate_json(box.open(row.decode())))

    async def prove(self) -> None:
        """Find out whether this process can open what others sealed.

        Raises:
            ConfigurationError: it cannot.

        """
        await self._redis.set(_PROOF, self._box.seal("open"), nx=True)
        try:
            self._box.open((await self._redis.get(_PROOF)).decode())
        except InvalidToken as error:
            message = "The secrets in Redis were sealed with another key: give that one in PAPERWIRE_SECRET_KEY."
            raise ConfigurationError(message) from error

    async def create(self, subscription: str) -> str:
        """Make a first secret and give it."""
        return await self._keep(subscription, Secrets(current=new_secret()))

    async def rotate(self, subscription: str) -> str:
        """Make a new secret and give it; the present one stays valid for `OVERLAP`."""
        present = (await self.several([subscription]))[0]
        until = self._clock() + OVERLAP
        secrets = Secrets(current=new_secret(), previous=present.current if present else None, previous_until=until)
        return await self._keep(subscription, secrets)

    async def _keep(self, subscription: str, secrets: Secrets) -> str:
        await self._redis.set(_key(subscription), self._box.seal(secrets.model_dump_json()))
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
        return _each(channel, self._sealed)

    def open(self, channel: AnyChannel) -> AnyChannel:
        """Open the secrets of a channel, for an attempt."""
        return _each(channel, lambda secret: Secret(self._box.open(secret.value), secret.hint, mark=secret.mark))

    def _sealed(self, secret: Secret) -> Secret:
        if secret.sealed:
            return secret
        return Secret(self._box.seal(secret.value), secret.hint, sealed=True, mark=self._box.mark(secret.value))


def _each(channel: AnyChannel, change: Callable[[Secret], Secret]) -> AnyChannel:
    """Change every secret of a channel."""
    changed: dict[str, object] = {name: change(value) for name, value in channel if isinstance(value, Secret)}
    if isinstance(channel, Webhook) and channel.headers:
        changed["headers"] = {name: change(value) for name, value in channel.headers.items()}
    return channel.model_copy(update=changed) if changed else channel


def _key(subscription: str) -> str:
    return f"secret:{subscription}"
