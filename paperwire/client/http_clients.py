"""The clients: they send calls, repeat those that are to be repeated, and follow pages."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final, Self

import httpx

from paperwire.client.answer_bounds import MAX_ANSWER_S, PACKING, Answer, Pages
from paperwire.client.calls import ApiError, Call, page_of, read, wait_of
from paperwire.client.operations import AsyncOperations, Operations

__all__ = ["ApiError", "AsyncClient", "Client"]

TIMEOUT_S: Final = 30.0
RETRIES: Final = 3
"""Times that a request is repeated."""
MAX_WAIT_S: Final = 60.0
"""The longest wait for a repetition; an answer that asks for a longer one is an error."""


def _options(url: str, key: str | None, timeout: float) -> dict[str, Any]:
    bare = (key or "").strip()
    if not (bare.isascii() and bare.isprintable()):  # httpx would show it in its error, and so in a log
        raise ValueError("The API key has characters that no key has: give it as it was printed.")
    headers = {"User-Agent": "paperwire-client", "Accept-Encoding": PACKING}
    headers |= {"Authorization": f"Bearer {bare}"} if bare else {}
    return {"base_url": url.rstrip("/"), "headers": headers, "timeout": timeout}


def _pause(response: httpx.Response, repeated: int, retries: int) -> float | None:
    """Return the seconds to wait before the next attempt, or None if the answer is final."""
    wait = wait_of(response, datetime.now(UTC))
    return None if wait is None or wait > MAX_WAIT_S or repeated >= retries else wait


class Client(Operations):
    """A client of an instance. Every operation of the API is a method, by its name in the OpenAPI document.

    A method raises `ApiError` when the API refuses the request or another server answers, and an `httpx.HTTPError` when
    there is no answer. A request that is answered 429 or 503 with `Retry-After` is repeated.
    """

    def __init__(  # noqa: PLR0913  # options, by name
        self,
        url: str,
        key: str | None = None,
        *,
        timeout: float = TIMEOUT_S,
        retries: int = RETRIES,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`url` is the address of the instance, `key` an API key.

        `timeout` is the seconds of each wait: for a connection, and for the next part of an answer. A whole answer
        takes at most ten minutes and 128 MiB. `clock` returns seconds.

        Raises:
            ValueError: the key has characters that no key has.

        """
        self._http = httpx.Client(**_options(url, key, timeout), transport=transport)
        self._retries, self._sleep, self._clock = retries, sleep, clock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _call(self, call: Call) -> Any:
        return read(call, self._sent(call))

    def _sent(self, call: Call) -> httpx.Response:
        request = call.request(self._http)
        for repeated in range(self._retries + 1):
            response = self._whole(request)
            wait = _pause(response, repeated, self._retries)
            if wait is None:
                break
            self._sleep(wait)
        return response

    def _whole(self, request: httpx.Request) -> httpx.Response:
        until = self._clock() + MAX_ANSWER_S
        response = self._http.send(request, stream=True)
        try:
            answer = Answer(response, until)
            for piece in response.iter_bytes():
                answer.take(piece, self._clock())
        finally:
            response.close()
        return answer.whole()

    def _each(self, call: Call, rows: str) -> Iterator[Any]:
        cursor, pages = call.query.get("cursor"), Pages(call)
        while True:
            asked = pages.at(cursor)
            found, cursor = page_of(asked, self._sent(asked), rows)
            yield from found
            if not cursor:
                return


class AsyncClient(AsyncOperations):
    """The same as `Client` for asyncio: methods are awaited, and lists are read with `async for`."""

    def __init__(  # noqa: PLR0913  # options, by name
        self,
        url: str,
        key: str | None = None,
        *,
        timeout: float = TIMEOUT_S,
        retries: int = RETRIES,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the same arguments as `Client`."""
        self._http = httpx.AsyncClient(**_options(url, key, timeout), transport=transport)
        self._retries, self._sleep, self._clock = retries, sleep, clock

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _call(self, call: Call) -> Any:
        return read(call, await self._sent(call))

    async def _sent(self, call: Call) -> httpx.Response:
        request = call.request(self._http)
        for repeated in range(self._retries + 1):
            response = await self._whole(request)
            wait = _pause(response, repeated, self._retries)
            if wait is None:
                break
            await self._sleep(wait)
        return response

    async def _whole(self, request: httpx.Request) -> httpx.Response:
        until = self._clock() + MAX_ANSWER_S
        response = await self._http.send(request, stream=True)
        try:
            answer = Answer(response, until)
            async for piece in response.aiter_bytes():
                answer.take(piece, self._clock())
        finally:
            await response.aclose()
        return answer.whole()

    async def _each(self, call: Call, rows: str) -> AsyncIterator[Any]:
        cursor, pages = call.query.get("cursor"), Pages(call)
        while True:
            asked = pages.at(cursor)
            found, cursor = page_of(asked, await self._sent(asked), rows)
            for row in found:
                yield row
            if not cursor:
                return
