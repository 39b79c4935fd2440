"""Requests to servers outside: one exchange, bounded in bytes and time, with failures in words that are safe to show.

Who may be reached is decided in `shared.net`; budgets, redirects, conditions and retries are the callers'.
"""

import os
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import aiohttp
from yarl import URL

from shared.net import AddressRefusedError, read_capped


class Failure(Enum):
    """The reason why there is no complete answer."""

    REFUSED = "the address is private"
    TIME = "the time is over"
    BROKEN = "the connection or the answer is broken"


class ExchangeError(Exception):
    """There is no complete answer. The text contains neither the address, which may hold a key, nor received bytes."""

    def __init__(self, failure: Failure, text: str) -> None:
        """`text` says what happened."""
        super().__init__(text)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Received:
    """An answer. `body` is empty for a status that was not wanted; `more` means that it exceeded the limit."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes
    more: bool


async def exchange(
    session: aiohttp.ClientSession,
    method: str,
    url: str | URL,
    *,
    max_body: int,
    wanted: Callable[[int], bool],
    **request: Any,  # noqa: ANN401  # headers, json and data, as aiohttp takes them
) -> Received:
    """Send a request and read up to `max_body` bytes of its answer, if its status is `wanted`; follow no redirect.

    Raises:
        ExchangeError: there is no whole answer within the time of the session.

    """
    try:
        async with session.request(method, url, allow_redirects=False, **request) as response:
            body, more = await read_capped(response, max_body) if wanted(response.status) else (b"", False)
            if more:
                response.close()  # nobody reads the rest
            return Received(response.status, response.reason or "", response.headers, body, more)
    except TimeoutError as error:
        raise ExchangeError(Failure.TIME, f"no complete answer within {session.timeout.total:g} s") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        cause = getattr(error, "os_error", error)
        if isinstance(cause, AddressRefusedError):
            raise ExchangeError(Failure.REFUSED, str(cause)) from error
        raise ExchangeError(Failure.BROKEN, _words(error, cause)) from error


def _words(error: Exception, cause: Exception) -> str:
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the answer breaks off, or is not encoded as its headers say"
    if isinstance(error, aiohttp.ClientResponseError):
        return "the answer is no proper HTTP, or longer than its headers say"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return str(error.certificate_error)
    if isinstance(cause, ssl.SSLError | socket.gaierror):
        return cause.strerror or type(error).__name__
    # asyncio puts the address that was dialled into `strerror`, and joins the errors of several.
    number = getattr(cause, "errno", None)
    return os.strerror(number) if number else type(error).__name__
