"""Secrets at rest: encrypted, and decrypted only with the key."""

from pathlib import Path

import pytest
from redis.asyncio import Redis
from standardwebhooks import Webhook

from services.notifier.bootstrap import build
from services.notifier.secrets.cipher import KEY_FILE, Cipher, load_cipher
from services.notifier.secrets.vault import Vault
from services.notifier.settings import NotifierSettings
from shared.bus import Bus
from shared.errors import ConfigurationError
from shared.papers.paper import Paper
from shared.runtime import running
from tests.integration.notifier.support import Receiver, Wire, indexed, notifier

OLD, NEW = "an old key of at least 32 characters", "a new key of at least 32 characters"


def vault(redis: Redis, *keys: str) -> Vault:
    return Vault(redis, lambda: 1_000.0, Cipher(keys or (OLD,)))


async def everything(redis: Redis) -> bytes:
    """Return all values that Redis holds."""
    keys = [key async for key in redis.scan_iter()]
    return b"\n".join([*keys, *[await redis.dump(key) or b"" for key in keys]])


async def test_secrets_are_encrypted_at_rest_and_not_shown(bus: Bus) -> None:
    kept = vault(bus.redis)
    first = await kept.create("s")
    second = await kept.rotate("s")
    (secrets,) = await kept.several(["s"])
    assert secrets
    assert secrets.valid(1_000.0) == (second, first)
    assert secrets.valid(1_000.0 + 86_400) == (second,)
    stored = await everything(bus.redis)
    assert not any(secret.removeprefix("whsec_").encode() in stored for secret in (first, second))
    await kept.forget("s")
    assert await kept.several(["s"]) == [None]


async def test_the_first_of_two_keys_encrypts_and_both_decrypt(bus: Bus) -> None:
    secret = await vault(bus.redis, OLD).create("s")
    (found,) = await vault(bus.redis, NEW, OLD).several(["s"])
    assert found
    assert found.current == secret
    assert await vault(bus.redis, NEW).several(["s"]) == [None]


async def test_a_notifier_with_another_key_does_not_start(redis_url: str, qdrant_url: str, tmp_path: Path) -> None:
    async with notifier(redis_url, qdrant_url, tmp_path, secret_key=OLD):
        pass
    settings = NotifierSettings.load(
        redis_url=redis_url, qdrant_url=qdrant_url, data_dir=tmp_path, http_port=0, secret_key=NEW
    )
    with pytest.raises(ConfigurationError, match="encrypted with another key"):
        async with running([build], settings):
            pass


async def test_a_new_key_takes_over_and_the_previous_one_can_be_removed(
    redis_url: str, qdrant_url: str, tmp_path: Path, receiver: Receiver
) -> None:
    channel = {"type": "slack", "url": receiver.url("/services/T/B/secret")}
    async with notifier(redis_url, qdrant_url, tmp_path, secret_key=OLD) as wire:
        hooked = await wire.subscribe(receiver.url(), categories=["cs.CL"])
        await wire.call("POST", "/v1/subscriptions", {"categories": ["cs.CL"], "channel": channel}, status=201)
        hook = await wire.call("PUT", "/v1/operational-webhook", {"url": receiver.url("/ops")}, status=200)
        key = wire.key
    async with notifier(redis_url, qdrant_url, tmp_path, secret_key=f"{NEW},{OLD}"):
        pass
    async with notifier(redis_url, qdrant_url, tmp_path, secret_key=NEW) as wire:
        wire.key = key
        receiver.answer("/hook", 410)
        await wire.publish(indexed(Paper(id="arXiv:2603.00001", title="cranes", categories=("cs.CL",))))
        arrived = {one.path: one for one in await receiver.count(3)}
        for path, secret in (("/hook", hooked["secret"]), ("/ops", hook["secret"])):
            Webhook(secret).verify(arrived[path].body, arrived[path].headers)
        assert "/services/T/B/secret" in arrived


@pytest.mark.parametrize("given", (" , ", "short", f"{OLD},short"))
def test_a_short_key_is_refused_and_not_logged(given: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="at least 32 random characters") as refused:
        load_cipher(given, tmp_path)
    assert "short" not in str(refused.value)


def test_the_first_start_creates_a_private_key_file(tmp_path: Path) -> None:
    token = load_cipher(None, tmp_path / "data").seal("text")
    file = tmp_path / "data" / KEY_FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == [KEY_FILE]
    assert load_cipher(None, tmp_path / "data").open(token) == "text"
    file.write_text("cut")
    with pytest.raises(ConfigurationError, match="too short"):
        load_cipher(None, tmp_path / "data")


async def test_no_secret_is_in_redis_in_clear_text(wire: Wire, receiver: Receiver) -> None:
    made = await wire.subscribe(receiver.url(), categories=["cs.CL"])
    assert made["secret"].removeprefix("whsec_").encode() not in await everything(wire.runtime.redis)
