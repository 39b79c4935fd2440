"""One request to one endpoint, and what it answered."""

import time
from collections.abc import Mapping

import aiohttp

from services.notifier.channels.exchange import Answer
from shared.net import AddressRefusedError, read_capped

EXCERPT = 16 * 1024
"""Bytes of an answer that are kept."""


class Post:
    """Sends requests to strangers."""

    def __init__(self, session: aiohttp.ClientSession, timeout: float) -> None:
        """`session` is guarded against private addresses and ends an exchange after `timeout` seconds."""
        self._session = session
        self._timeout = timeout

    async def send(self, url: str, body: bytes, headers: Mapping[str, str], *, method: str = "POST") -> Answer:
        """Send a body; whatever goes wrong is in the answer."""
        started = time.perf_counter()
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, allow_redirects=False
            ) as response:
                excerpt, more = await read_capped(response, EXCERPT)
                if more:
                    response.close()  # nobody reads the rest
                status, retry_after = response.status, response.headers.get("Retry-After")
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return Answer(_since(started), error=self._reason(error))
        text = excerpt.decode("utf-8", "replace")
        return Answer(_since(started), status, _objection(status), text, retry_after)

    def _reason(self, error: Exception) -> str:
        refused = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
        if isinstance(refused, AddressRefusedError):
            return str(refused)
        if isinstance(error, TimeoutError):
            return f"no whole answer within {self._timeout:g} s"
        return f"{type(error).__name__}: {error}"[:500]


def _objection(status: int) -> str | None:
    """Say why an answer is no success, where that is not plain from its status."""
    return "redirects are not followed" if 300 <= status < 400 else None  # noqa: PLR2004


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)
