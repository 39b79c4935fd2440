"""The Redis that a process starts on: whether it lets us in, keeps what it is given, and has data that we can read."""

from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from redis.exceptions import RedisError, ResponseError

from shared.bus.bus import open_redis
from shared.errors import ConfigurationError
from shared.outages import NoRightError, refused_login
from shared.shown_address import shown
from shared.versions import DATA_VERSION, KEY, check_data_version

if TYPE_CHECKING:
    from redis.asyncio import Redis

_UNTRUSTED: Final = "CERTIFICATE_VERIFY_FAILED"


async def check_access(url: str) -> None:
    """Check that the Redis at `url` answers.

    Raises:
        ConfigurationError: it does not; the text says what to change, and shows no password.

    """
    redis = open_redis(url)
    try:
        await redis.ping()
    except (RedisError, OSError) as error:
        raise ConfigurationError(explained(error, url)) from error
    finally:
        await redis.aclose()


async def check_server(redis: "Redis[bytes]", url: str) -> None:
    """Check that the Redis at `url` is fit for an instance, and note the version of its data.

    Raises:
        ConfigurationError: it does not answer, may lose subscriptions and pending alerts, or has data of a later
            version.

    """
    place = f"The Redis at {shown(url)}"
    try:
        memory, persistence = await redis.info("memory"), await redis.info("persistence")
        version = await redis.get(KEY)
    except (RedisError, OSError) as error:
        raise ConfigurationError(explained(error, url)) from error
    if memory["maxmemory_policy"] != "noeviction":
        message = f"{place} may evict keys ({memory['maxmemory_policy']}): set maxmemory-policy noeviction."
        raise ConfigurationError(message)
    if not persistence["aof_enabled"]:
        message = f"{place} keeps no append-only file, so a restart would lose alerts: set appendonly yes."
        raise ConfigurationError(message)
    check_data_version(place, version)
    if version is None:
        await redis.set(KEY, DATA_VERSION, nx=True)


def explained(error: Exception, url: str) -> str:
    """Return one sentence on why the Redis at `url` cannot be used, and what to do."""
    address, user = shown(url), unquote(urlsplit(url).username or "") or "default"
    if login := refused_login(error):
        return f"The Redis at {address} {login} for user {user!r}: set both in PAPERWIRE_REDIS_URL."
    if isinstance(error, NoRightError):
        return f"{error} (user {user!r} at {address})."
    if _UNTRUSTED in str(error):
        return (
            f"The certificate of the Redis at {address} is not trusted: set SSL_CERT_FILE to that of its issuer, "
            "or add ?ssl_ca_certs=FILE to PAPERWIRE_REDIS_URL."
        )
    if isinstance(error, ResponseError) or isinstance(error.__cause__, ResponseError):
        return f"The Redis at {address} cannot be used ({error}): check PAPERWIRE_REDIS_URL."
    return f"No Redis answers at {address} ({error}): start it, or set PAPERWIRE_REDIS_URL."
