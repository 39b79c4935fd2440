"""Builds the foundation of the notifier: its settings, the store, the vault and the clock."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.notifier.secrets.cipher import Cipher, load_cipher
from services.notifier.secrets.rekey import rekey
from services.notifier.secrets.vault import Vault
from services.notifier.settings import NotifierSettings
from services.notifier.subscription.store import Store
from shared.runtime import Runtime

if TYPE_CHECKING:
    from redis.asyncio import Redis


@dataclass(frozen=True, slots=True)
class ClockAndRandom:
    """The parts that tests replace: `clock` returns Unix seconds, `random` a number from 0 to 1."""

    clock: Callable[[], float] = time.time
    random: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class Foundation:
    """The parts that the others are built on."""

    runtime: Runtime
    settings: NotifierSettings
    store: Store
    vault: Vault
    cipher: Cipher
    clock: Callable[[], float]
    random: Callable[[], float]

    @property
    def redis(self) -> "Redis[bytes]":
        """Return the Redis client of the process."""
        return self.runtime.redis


async def lay_foundation(runtime: Runtime, clock_and_random: ClockAndRandom) -> Foundation:
    """Open the store and the vault; if the secret key changed, encrypt the secrets again."""
    settings = NotifierSettings.load(**runtime.settings.model_dump())
    key, store, clock = settings.secret_key, Store(runtime.redis), clock_and_random.clock
    cipher = load_cipher(key.get_secret_value() if key else None, settings.data_dir)
    vault = Vault(runtime.redis, clock, cipher)
    await vault.check_key()
    if cipher.changing:
        await rekey(runtime.redis, store, vault)
    return Foundation(runtime, settings, store, vault, cipher, clock, clock_and_random.random)
