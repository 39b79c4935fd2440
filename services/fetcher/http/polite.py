"""The one way out: budgets kept, requests conditional, redirects remembered, answers bounded, failures in words."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import Any, Final
from urllib.parse import urljoin

import aiohttp
from redis.asyncio import Redis
from yarl import URL

from services.fetcher.http.budget import Budgets
from services.fetcher.http.headers import WAIT_BOUNDS, conditions, freshness, validators
from shared.errors import PermanentError, TransientError
from shared.outbound import ExchangeError, Failure, Received, exchange
from shared.pauses import parse_retry_after

Cursor = dict[str, Any]
"""What a caller remembers of an answer: `etag` and `modified`, its validators, beside whatever is its own."""
MAX_REDIRECTS: Final = 5
MAX_ADDRESS: Final = 4_000
REMEMBERED_S: Final = 30 * 86_400
"""How long a permanent redirect is taken at its word before the old address is asked again."""
_MOVED_FOR_GOOD: Final = (301, 308)
_MOVED: Final = (301, 302, 303, 307, 308)
_GONE: Final = (404, 410)
_TOO_MANY: Final = 429
_OVERLOADED: Final = 503


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
        self,
        session: aiohttp.ClientSession,
        redis: "Redis[bytes]",
        budgets: Budgets,
        *,
        max_body: int,
        exchanges: int = 64,
    ) -> None:
        """`max_body` is in bytes after decompression; `exchanges` is how many may be under way at once."""
        self._session = session
        self._redis = redis
        self._budgets = budgets
        self._max_body = max_body
        self._exchanges = asyncio.Semaphore(exchanges)

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
        moved = await self._redis.get(_redirect(url))
        start = moved.decode() if moved else url
        try:
            answer, lasting = await self._follow(start, cursor or {}, headers or {}, accept_errors)
        except PermanentError:
            if moved:  # where it moved to is no longer right: the next poll asks at the old address
                await self._redis.delete(_redirect(url))
            raise
        if lasting not in (url, start) and answer.status not in accept_errors:
            await self._redis.set(_redirect(url), lasting, ex=REMEMBERED_S)
        return answer

    async def _follow(
        self, address: str, cursor: Cursor, headers: Mapping[str, str], accept_errors: tuple[int, ...]
    ) -> tuple[Answer, str]:
        """Follow redirects to an answer; give the address up to which all of them were permanent, too."""
        host, lasting, permanent = URL(address).host, address, True
        for _ in range(MAX_REDIRECTS + 1):
            # What is meant for one host, such as a password, is not told to another.
            own = headers if URL(address).host == host else {}
            answer = await self._exchange(address, {**own, **conditions(cursor)}, accept_errors)
            if answer.status not in _MOVED:
                return answer, lasting
            address = _target(address, answer.headers.get("Location"))
            permanent = permanent and answer.status in _MOVED_FOR_GOOD
            lasting = address if permanent else lasting
        message = f"more than {MAX_REDIRECTS} redirects: it leads in a circle"
        raise PermanentError(message)

    async def post_json(self, url: str, payload: object, *, accept_errors: tuple[int, ...] = ()) -> Answer:
        """Send JSON to an address, which may be a secret: a redirect is not followed. Raises as `get`."""
        answer = await self._exchange(url, {}, accept_errors, payload)
        if answer.status in _MOVED:
            message = "the source leads elsewhere what may go nowhere else"
            raise PermanentError(message)
        return answer

    async def _exchange(
        self, url: str, headers: Mapping[str, str], accept_errors: tuple[int, ...], payload: object = None
    ) -> Answer:
        host = URL(url).host or ""
        method = "GET" if payload is None else "POST"
        wanted = {200, *accept_errors}.__contains__
        request = {"headers": headers, "json": payload}
        try:
            async with self._budgets.spend(host), self._exchanges:
                address = URL(url, encoded=True)
                received = await exchange(
                    self._session, method, address, max_body=self._max_body, wanted=wanted, **request
                )
        except ExchangeError as error:
            raise _failed(error) from error
        except ValueError as error:
            raise TransientError(f"cannot be fetched: {error}") from error
        if received.more:
            message = f"the answer is larger than {self._max_body:,} bytes"
            raise PermanentError(message)
        if received.status not in (200, 304, *_MOVED, *accept_errors):
            await self._refuse(host, received)
        known, fresh_for = validators(received.headers), freshness(received.headers)
        return Answer(received.status, url, received.headers, received.body, known, fresh_for)

    async def _refuse(self, host: str, response: Received) -> None:
        message = f"the source answers {response.status} {response.reason}".strip()
        if response.status in _GONE:
            raise PermanentError(message)
        named = parse_retry_after(response.headers.get("Retry-After"), time(), WAIT_BOUNDS, lenient=True)
        least = self._budgets.allowance(host).quiet
        if response.status == _TOO_MANY:
            named = await self._budgets.silence(host, max(named or 0.0, least))
        elif response.status == _OVERLOADED:  # an OAI-PMH archive says by it when to go on: that is no reproach
            named = await self._budgets.silence(host, named or least)
        raise TransientError(message, retry_after=named)


def _failed(error: ExchangeError) -> PermanentError | TransientError:
    """Return what an exchange without an answer means for its source."""
    if error.failure is Failure.REFUSED:
        return PermanentError(str(error))
    return TransientError(str(error) if error.failure is Failure.TIME else f"cannot be fetched: {error}")


def _redirect(url: str) -> str:
    return f"redirect:{url}"


def _target(url: str, location: str | None) -> str:
    target = urljoin(url, location or "")
    if not location or len(target) > MAX_ADDRESS or not target.startswith(("http://", "https://")):
        message = "a redirect to nowhere"
        raise PermanentError(message)
    return target
