"""A feed over HTTP: conditional requests, bounded answers, and clear words for what went wrong."""

import asyncio
from email.utils import parsedate_to_datetime
from time import time

import aiohttp

from services.fetcher.sources.feed import parse_feed
from services.fetcher.sources.port import Cursor, Poll
from shared.errors import PermanentError, TransientError
from shared.net import read_capped

MAX_REDIRECTS = 5
WAIT_BOUNDS = (30.0, 86_400.0)
"""Seconds: whatever Retry-After says, not sooner and not later."""


class HttpFeed:
    """Any RSS or Atom address."""

    def __init__(self, name: str, url: str, session: aiohttp.ClientSession, *, max_body: int, max_items: int) -> None:
        """`max_body` is in bytes after decompression."""
        self.name = name
        self._url = url
        self._session = session
        self._max_body = max_body
        self._max_items = max_items

    async def poll(self, cursor: Cursor) -> Poll:
        """Ask for the feed; one that has not changed since `cursor` answers with nothing. Raises as every source."""
        try:
            async with self._session.get(
                self._url, headers=_conditions(cursor), max_redirects=MAX_REDIRECTS
            ) as response:
                if response.status == 304:  # noqa: PLR2004  # Not Modified
                    return Poll(cursor=cursor, detail="unchanged")
                _check(response)
                body, more = await read_capped(response, self._max_body)
                base = str(response.url)
                validators = _validators(response)
        except TimeoutError as error:
            message = f"no whole answer within {self._session.timeout.total:.0f} s"
            raise TransientError(message) from error
        except (aiohttp.ClientError, OSError) as error:
            message = f"cannot be fetched: {error or type(error).__name__}"
            raise TransientError(message) from error
        if more:
            message = f"the feed is larger than {self._max_body:,} bytes"
            raise PermanentError(message)
        poll = await asyncio.to_thread(parse_feed, body, self.name, base, self._max_items)
        return Poll(poll.items, poll.refusals, validators, poll.detail)


def _conditions(cursor: Cursor) -> dict[str, str]:
    pairs = (("If-None-Match", cursor.get("etag")), ("If-Modified-Since", cursor.get("modified")))
    return {name: str(value) for name, value in pairs if value}


def _validators(response: aiohttp.ClientResponse) -> Cursor:
    pairs = {"etag": response.headers.get("ETag"), "modified": response.headers.get("Last-Modified")}
    return {name: value for name, value in pairs.items() if value}


def _check(response: aiohttp.ClientResponse) -> None:
    if response.status == 200:  # noqa: PLR2004  # OK
        return
    message = f"the source answers {response.status} {response.reason or ''}".strip()
    if response.status in (404, 410):
        raise PermanentError(message)
    raise TransientError(message, retry_after=retry_after(response.headers.get("Retry-After")))


def retry_after(value: str | None, now: float | None = None) -> float | None:
    """Read a Retry-After header, seconds or a date, into bounded seconds; None where it says nothing usable."""
    if value is None:
        return None
    try:
        seconds = (
            float(value) if not value.endswith("GMT") else parsedate_to_datetime(value).timestamp() - (now or time())
        )
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, WAIT_BOUNDS[0]), WAIT_BOUNDS[1]) if seconds == seconds else None  # noqa: PLR0124  # NaN
