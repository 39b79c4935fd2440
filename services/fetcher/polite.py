"""The one way out: budgets kept, requests conditional, redirects remembered, answers bounded, failures in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

import aiohttp
from redis.asyncio import Redis
from yarl import URL

from services.fetcher.budget import Budgets
from services.fetcher.headers import freshness, retry_after, validators
from services.fetcher.sources.port import Cursor
from shared.errors import PermanentError, TransientError
from shared.net import read_capped

MAX_REDIRECTS: Final = 5
_MOVED_FOR_GOOD: Final = (301, 308)
_MOVED: Final = (301, 302, 303, 307, 308)
_OVERLOADED: Final = (429, 503)
REDIRECTS = "redirects"
"""The Redis hash of addresses that have moved for good."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `fresh_for` is how many seconds it stays as it is, by its own word; `cursor` its validators."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    cursor: Cursor
    fresh_for: float | None = None

    @property
    def unchanged(self) -> bool:
        """Whether this is a 304: nothing new since the cursor."""
        return self.status == 304  # noqa: PLR2004  # Not Modified


class Polite:
    """Asks hosts within their budgets."""

    def __init__(
        self, session: aiohttp.ClientSession, redis: "Redis[bytes]", budgets: Budgets, *, max_body: int
    ) -> None:
        """`max_body` is in bytes after decompression."""
        self._session = session
        self._redis = redis
        self._budgets = budgets
        self._max_body = max_body

    async def get(
        self,
        url: str,
        cursor: Cursor | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        accept_errors: tuple[int, ...] = (),
    ) -> Answer:
        """Ask for an address; with a cursor, only for what changed since.

        Statuses in `accept_errors` are answers and not failures: some sources explain themselves in them.

        Raises:
            TransientError: ask again later; `retry_after` says when, if the host did.
            PermanentError: it is not there, it is too large, or it leads nowhere.

        """
        moved = await self._redis.hget(REDIRECTS, url)
        address = moved.decode() if moved else url
        permanent = True
        asked = {**(headers or {}), **_conditions(cursor or {})}
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._exchange(address, asked, accept_errors)
            if answer.status not in _MOVED:
                return answer
            address = _target(address, answer.headers.get("Location"))
            permanent = permanent and answer.status in _MOVED_FOR_GOOD
            if permanent:
                await self._redis.hset(REDIRECTS, url, address)
        message = f"more than {MAX_REDIRECTS} redirects: it leads in a circle"
        raise PermanentError(message)

    async def _exchange(self, url: str, headers: Mapping[str, str], accept_errors: tuple[int, ...]) -> Answer:
        host = URL(url).host or ""
        try:
            async with (
                self._budgets.spend(host),
                self._session.get(URL(url, encoded=True), headers=headers, allow_redirects=False) as response,
            ):
                body, more = await read_capped(response, self._max_body)
        except TimeoutError as error:
            message = f"no whole answer within {self._session.timeout.total:.0f} s"
            raise TransientError(message) from error
        except (aiohttp.ClientError, OSError) as error:
            message = f"cannot be fetched: {error or type(error).__name__}"
            raise TransientError(message) from error
        if more:
            message = f"the answer is larger than {self._max_body:,} bytes"
            raise PermanentError(message)
        if response.status not in (200, 304, *_MOVED, *accept_errors):
            await self._refuse(host, response)
        return Answer(
            response.status, url, response.headers, body, validators(response.headers), freshness(response.headers)
        )

    async def _refuse(self, host: str, response: aiohttp.ClientResponse) -> None:
        message = f"the source answers {response.status} {response.reason or ''}".strip()
        if response.status in (404, 410):
            raise PermanentError(message)
        named = retry_after(response.headers.get("Retry-After"))
        if response.status in _OVERLOADED:
            named = await self._budgets.hush(host, named)
        raise TransientError(message, retry_after=named)


def _conditions(cursor: Cursor) -> dict[str, str]:
    pairs = (("If-None-Match", cursor.get("etag")), ("If-Modified-Since", cursor.get("modified")))
    return {name: str(value) for name, value in pairs if value}


def _target(url: str, location: str | None) -> str:
    target = urljoin(url, location or "")
    if not location or not target.startswith(("http://", "https://")):
        message = "a redirect to nowhere"
        raise PermanentError(message)
    return target
