"""What counts as an outage."""

import errno

import pytest
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.errors import PermanentError, TransientError
from shared.outages import POSSIBLE_OUTAGES, RefusedError, outage


def wrapped(error: Exception) -> RedisConnectionError:
    """Wrap an error as redis-py does while it connects."""
    outer = RedisConnectionError(str(error))
    outer.__cause__ = error
    return outer


IN_A_TRANSACTION = "Command # 1 (SET x OOM is a word of this title) of pipeline caused error: "


@pytest.mark.parametrize(
    ("error", "received"),
    [
        (
            ResponseError("MISCONF Errors writing to the AOF file: No space left on device"),
            "disk: No",
        ),
        (ResponseError(f"{IN_A_TRANSACTION}('MISCONF Errors writing to the AOF file',)"), "cannot write to its disk"),
        (
            ResponseError("ERR Error running script: @user_script:1: -MISCONF Errors writing"),
            "cannot write to its disk",
        ),
        (ResponseError("Transaction discarded because of: MISCONF Errors writing"), "cannot write to its disk"),
        (OutOfMemoryError("command not allowed when used memory > 'maxmemory'."), "no memory left"),
        (ReadOnlyError("You can't write against a read only replica."), "read-only"),
        (ResponseError("NOREPLICAS Not enough good replicas to write."), "too few replicas"),
        (BusyLoadingError("Redis is loading the dataset in memory"), "loading"),
        (ResponseError("BUSY Redis is busy running a script."), "busy with a script"),
        (AuthenticationError("invalid username-password pair or user is disabled."), "refuses the password"),
        (wrapped(AuthenticationError("Authentication required.")), "asks for a password"),
        (wrapped(AuthenticationError("HELLO must be called with the client already authenticated")), "asks for a pass"),
        (NoPermissionError("this user has no permissions to run the 'set' command"), "the 'set' command"),
        (NoPermissionError(f'{IN_A_TRANSACTION}("this user has no permissions",)'), "(this user has no permissions)"),
        (
            ResponseError("The user executing the script can't run this command or subcommand script: 29, on @user:1."),
            "can't run this command or subcommand): grant it",
        ),
        (
            ResponseError("ACL failure in script: User less has no permissions to run the 'set' command script: 2"),
            "the 'set' command)",
        ),
        (RedisConnectionError("Error 111 connecting to redis.internal:6379"), "cannot be reached"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk is full"),
        (OSError(errno.EMFILE, "Too many open files"), "no file handle left"),
        (ConnectionResetError(), "connection"),
        (TransientError("Qdrant does not answer."), "Qdrant does not answer"),
    ],
)
def test_an_outage_is_told_in_one_clause(error: Exception, received: str) -> None:
    what = outage(error)
    assert what is not None
    assert received in what
    assert not what.endswith(".")
    assert "redis.internal" not in what
    assert isinstance(error, POSSIBLE_OUTAGES)


@pytest.mark.parametrize(
    "error",
    [
        PermanentError("never"),
        ValueError("OOM"),
        ResponseError("BUSYGROUP Consumer Group name already exists"),
        ResponseError("WRONGTYPE Operation against a key holding the wrong kind of value"),
        ResponseError(f"{IN_A_TRANSACTION}('WRONGTYPE Operation against a key',)"),
        FileNotFoundError(errno.ENOENT, "No such file or directory"),
        TimeoutError("the handler took too long"),
    ],
)
def test_an_error_that_a_retry_does_not_mend_is_none(error: Exception) -> None:
    assert outage(error) is None


@pytest.mark.parametrize(
    ("cause", "received"),
    [
        (RedisTimeoutError("Timeout reading from /redis.sock"), "does not answer in time"),
        (BusyLoadingError("Redis is loading the dataset in memory"), "loading"),
        (ConnectionRefusedError(), "cannot be reached"),
    ],
)
def test_the_reason_for_which_no_connection_was_made_is_told(cause: Exception, received: str) -> None:
    error = RedisConnectionError("Timeout reading from /redis.sock")
    error.__cause__ = cause
    assert received in str(outage(error))


def test_a_refusal_is_transient_and_an_error_of_redis() -> None:
    error = RefusedError("Redis cannot write to its disk")
    assert isinstance(error, TransientError)
    assert outage(error) == str(error) == "Redis cannot write to its disk"
