"""Sends one HTTP request to an endpoint, and reads its answer within limits."""

import time
from collections.abc import Mapping

import aiohttp

from services.notifier.channels.exchange import Answer
from shared.outbound import ExchangeError, Failure, exchange

MAX_EXCERPT = 16 * 1024
"""Bytes of an answer that are kept."""


class Post:
    """Sends requests to endpoints of subscribers."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        """`session` refuses private addresses and ends an exchange after some time."""
        self._session = session

    async def send(self, url: str, body: bytes, headers: Mapping[str, str], *, method: str = "POST") -> Answer:
        """Send a body; failures are in the answer."""
        started = time.perf_counter()
        request = {"data": body, "headers": headers}
        try:
            received = await exchange(
                self._session, method, url, max_body=MAX_EXCERPT, wanted=lambda _: True, **request
            )
        except ExchangeError as error:
            return Answer(_since(started), error=_reason(error))
        text, retry_after = received.body.decode("utf-8", "replace"), received.headers.get("Retry-After")
        return Answer(_since(started), received.status, _error(received.status), text, retry_after)


def _any(_: int) -> bool:
    return True


def _reason(error: ExchangeError) -> str:
    """Return the text of an error; the owner of an endpoint may read all that is known of a broken exchange."""
    if error.failure is Failure.BROKEN:
        return f"{type(error.__cause__).__name__}: {error.__cause__}"[:500]
    return str(error)


def _error(status: int) -> str | None:
    """Return why a status is no success, where the status does not say so itself."""
    return "redirects are not followed" if 300 <= status < 400 else None  # noqa: PLR2004


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)
