"""Outages: which errors pass by themselves, so that work is tried again and nothing becomes a dead letter.

A dependency is down or refuses writes, the disk is full, or the process has no file handle left.
"""

import errno
import re
from typing import Final

from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    ClusterDownError,
    MasterDownError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.errors import AccessRefusedError, TransientError

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
    (RedisTimeoutError, "Redis does not answer in time"),
    (RedisConnectionError, "Redis cannot be reached"),
    (ConnectionError, "a connection was closed or refused"),
)
"""What an error of a connection means, the special ones first."""
_RIGHT: Final = re.compile(r"^ACL failure in script|user executing the script can't (?:run|access)")
"""How Redis 7 names a missing right of a script, in an error of no class."""
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


class NoRightError(RefusedError, AccessRefusedError):
    """Redis refuses a right to the user that we log in as, until its operator grants it."""


def outage(error: BaseException) -> str | None:
    """Return what is out of order, as a clause without a full stop, if an error is an outage; else None."""
    if isinstance(error, TransientError):
        return str(error).removesuffix(".")
    if isinstance(error, RedisConnectionError) and isinstance(error.__cause__, RedisError):
        return outage(error.__cause__)  # redis-py hides why a server that was reached gave no connection
    if isinstance(error, RedisError) and (refused := refusal(error)):
        return str(refused)
    if login := refused_login(error):
        return f"Redis {login}"
    if isinstance(error, OSError) and error.errno in _SHORTAGES:
        return _SHORTAGES[error.errno]
    return next((what for class_, what in _BROKEN if isinstance(error, class_)), None)


def refusal(error: RedisError) -> RefusedError | None:
    """Return what Redis refuses for now, if an answer of it means that; else None."""
    if not isinstance(error, ResponseError | BusyLoadingError):
        return None
    text = str(error).rpartition(_QUOTED)[2]
    if isinstance(error, NoPermissionError) or _RIGHT.search(text):
        reason = text.removeprefix("ACL failure in script: ").partition(" script:")[0].strip("()\"',. ")
        return NoRightError(f"Redis refuses a right to its user ({reason}): grant it, see docs/servers.md")
    if code := _code(error, text):
        return RefusedError(_REFUSALS[code] + (f": {_FULL}" if _FULL in str(error) else ""))
    return None


def refused_login(error: BaseException) -> str | None:
    """Return what Redis does instead of a login, such as "refuses the password", if an error means that; else None."""
    for each in (error, error.__cause__):  # redis-py wraps what it meets while it connects
        if isinstance(each, AuthenticationError | AuthorizationError):
            asks = "required" in str(each) or "already authenticated" in str(each)
            return "asks for a password" if asks else "refuses the password"
    return None


def _code(error: RedisError, text: str) -> str | None:
    for class_, code in _CLASSES:
        if isinstance(error, class_):
            return code
    found = _CODE.search(text)
    return found[1] if found else None
