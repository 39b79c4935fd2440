"""The API of the instance: one request, and the calls of one API key."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
import orjson

from shared.errors import ConfigurationError

TIMEOUT_S: Final = 60
MAX_ANSWER: Final = 128 * 1024 * 1024
"""Bytes of an answer at most."""
MAX_REPEATS: Final = 20
"""Times that a request is repeated when the API limits the rate."""
MAX_WAIT_S: Final = 120.0
"""The longest wait for a repetition."""
_ERRORS: Final = 400
_TOO_MANY: Final = 429
JsonObject = dict[str, Any]


class ApiError(ConfigurationError):
    """The API answered with an error. Its text explains why; `retry_after` is in seconds."""

    def __init__(self, status: int, detail: str, retry_after: str) -> None:
        super().__init__(detail)
        self.status = status
        self.retry_after = float(retry_after) if retry_after.isdigit() else 1.0


async def ask(
    url: str,
    method: str = "GET",
    *,
    parameters: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
    body: JsonObject | None = None,
    key: str | None = None,
) -> Any:  # noqa: ANN401  # JSON
    """Send one request to the API and return its answer.

    Raises:
        ApiError: the API answered with an error.
        ConfigurationError: nothing answers at the address.

    """
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as session,
            session.request(method, url, params=parameters, json=body, headers=_authorization(key)) as response,
        ):
            answer = orjson.loads(await _body(response) or b"null")
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise _unanswered(url, error) from error
    if response.status >= _ERRORS:
        raise _failure(response, answer)
    return answer


async def download(
    url: str, parameters: Sequence[tuple[str, str]], take: Callable[[bytes], None], *, key: str | None = None
) -> Mapping[str, str]:
    """Request a file, pass it on piece by piece, and return the headers of the answer.

    Raises:
        ApiError: the API answered with an error.
        ConfigurationError: nothing answers at the address, or the file broke off.

    """
    headers = _authorization(key)
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=TIMEOUT_S, sock_read=TIMEOUT_S)
    begun = False
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(url, params=parameters, headers=headers) as response,
        ):
            if response.status >= _ERRORS:
                raise _failure(response, orjson.loads(await _body(response) or b"null"))
            async for piece in response.content.iter_any():
                begun = True
                take(piece)
    except (aiohttp.ClientError, TimeoutError, ConnectionError, ValueError) as error:
        if begun:
            message = "The file broke off, so what was written is not whole. Try again."
            raise ConfigurationError(message) from error
        raise _unanswered(url, error) from error
    return response.headers


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > MAX_ANSWER:
            message = f"The answer of {response.url.host} is larger than {MAX_ANSWER >> 20} MiB: ask for less."
            raise ConfigurationError(message)
    return bytes(body)


def _authorization(key: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def _unanswered(url: str, error: Exception) -> ConfigurationError:
    return ConfigurationError(f"No Paperwire answers at {url} ({error or type(error).__name__}).")


def _failure(response: aiohttp.ClientResponse, answer: Any) -> ApiError:  # noqa: ANN401  # JSON
    detail = str(answer.get("detail") or answer) if isinstance(answer, dict) else str(answer)
    return ApiError(response.status, detail, response.headers.get("Retry-After", "1"))


@dataclass(frozen=True, slots=True)
class Api:
    """The API of an instance, for one key."""

    url: str
    key: str
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep

    async def call(self, path: str, method: str = "GET", *, body: JsonObject | None = None, **parameters: str) -> Any:  # noqa: ANN401  # JSON
        """Send a request; when the API limits the rate, wait as long as it asks and send it again.

        Raises:
            ApiError: the API answered with an error, or limits the rate however often it is asked.

        """
        for _ in range(MAX_REPEATS):
            try:
                return await ask(self.url + path, method, parameters=parameters, body=body, key=self.key)
            except ApiError as error:
                if error.status != _TOO_MANY or error.retry_after > MAX_WAIT_S:
                    raise
                await self.sleep(error.retry_after)
        return await ask(self.url + path, method, parameters=parameters, body=body, key=self.key)

    async def subscriptions(self) -> list[JsonObject]:
        """Return all subscriptions of the key."""
        rows: list[JsonObject] = []
        cursor: str | None = "0"
        seen: set[str] = set()
        while cursor is not None:
            if cursor in seen:
                message = f"The list of subscriptions has no end: {self.url} repeats a page."
                raise ConfigurationError(message)
            seen.add(cursor)
            page = await self.call("/v1/subscriptions", limit="200", cursor=cursor)
            rows, cursor = rows + page["subscriptions"], page["next_cursor"]
        return rows
