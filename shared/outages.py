"""Outages: which errors pass by themselves, so that work is tried again and nothing becomes a dead letter.

A dependency is down or refuses writes, the disk is full, or the process has no file handle left.
"""

import errno
import re
from typing import Final

from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    ClusterDownError,
    MasterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.errors import TransientError

POSSIBLE_OUTAGES: Final = (TransientError, RedisError, OSError)
"""The errors to catch where `outage` then tells the outages among them."""
RETRY_S: Final = 5.0
"""Seconds after which a client may try again."""
_REFUSALS: Final = {
    "MISCONF": "Redis cannot write to its disk",
    "OOM": "Redis has no memory left (maxmemory)",
    "READONLY": "Redis is read-only",
    "NOREPLICAS": "Redis has too few replicas to accept writes (min-replicas-to-write)",
    "LOADING": "Redis is still loading its data",
    "BUSY": "Redis is busy with a script",
    "MASTERDOWN": "Redis has lost its master",
    "CLUSTERDOWN": "the Redis cluster is down",
    "TRYAGAIN": "the Redis cluster is moving its keys",
}
"""What Redis means by the first word of an error, where a later attempt may succeed."""
_CLASSES: Final = (
    (OutOfMemoryError, "OOM"),
    (ReadOnlyError, "READONLY"),
    (BusyLoadingError, "LOADING"),
    (MasterDownError, "MASTERDOWN"),
    (ClusterDownError, "CLUSTERDOWN"),
    (TryAgainError, "TRYAGAIN"),
)
"""The classes with which redis-py replaces that word."""
_BROKEN: Final = (
    (AuthenticationError, "Redis refuses the password"),
    (RedisTimeoutError, "Redis does not answer in time"),
    (RedisConnectionError, "Redis cannot be reached"),
    (ConnectionError, "a connection was closed or refused"),
)
"""What an error of a connection means, the special ones first."""
_CODE: Final = re.compile(rf"\b({'|'.join(_REFUSALS)})\b")
_QUOTED: Final = "of pipeline caused error: "
"""What redis-py writes between a command of a transaction, which may hold any text, and its error."""
_FULL: Final = "No space left on device"
_SHORTAGES: Final = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EMFILE: "the process has no file handle left: raise `ulimit -n`",
    errno.ENFILE: "the system has no file handle left: raise fs.file-max",
    errno.ENOMEM: "the system has no memory left",
}


class RefusedError(RedisError, TransientError):  # type: ignore[misc]  # redis has no types
    """Redis refuses a command that it will accept later. It is caught both as an error of Redis and as transient."""


def outage(error: BaseException) -> str | None:
    """Return what is out of order, as a clause without a full stop, if an error is an outage; else None."""
    if isinstance(error, TransientError):
        return str(error).removesuffix(".")
    if isinstance(error, ResponseError | BusyLoadingError) and (code := _code(error)):
        return _REFUSALS[code] + (f": {_FULL}" if _FULL in str(error) else "")
    if isinstance(error, OSError) and error.errno in _SHORTAGES:
        return _SHORTAGES[error.errno]
    return next((what for class_, what in _BROKEN if isinstance(error, class_)), None)


def _code(error: Exception) -> str | None:
    for class_, code in _CLASSES:
        if isinstance(error, class_):
            return code
    found = _CODE.search(str(error).rpartition(_QUOTED)[2])
    return found[1] if found else None
