"""The HTTP client of all sources: host budgets, conditional requests, remembered redirects and limits."""

import asyncio
import contextlib
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from time import time
from typing import Any, Final
from urllib.parse import urljoin

import aiohttp
from redis.asyncio import Redis
from yarl import URL

from shared.bus import scripts
from shared.errors import PermanentError, TransientError
from shared.moments import parse_retry_after
from shared.outbound import ExchangeError, Failure, Received, exchange

Cursor = dict[str, Any]
"""What a caller stores of an answer: the validators `etag` and `modified`, and whatever else it needs."""
Permit = Callable[[str], Awaitable[None]]
"""Raises PermanentError for an address that is not to be requested."""
MAX_REDIRECTS: Final = 5
MAX_ADDRESS: Final = 4_000
REMEMBERED_S: Final = 30 * 86_400
"""How long a permanent redirect is stored before the old address is requested again."""
_MOVED_FOR_GOOD: Final = (301, 308)
_MOVED: Final = (301, 302, 303, 307, 308)
_GONE: Final = (404, 410)
_TOO_MANY: Final = 429
_OVERLOADED: Final = 503
WAIT_BOUNDS: Final = (30.0, 86_400.0)
"""The shortest and the longest wait, in seconds, that an answer can ask for."""
MAX_VALIDATOR: Final = 1_000
"""Characters of an ETag or a date; a longer one is not stored."""
PATIENCE_S: Final = 60.0
"""The longest wait inside a poll; before a longer one the poll ends, and its source is due again after it."""
LOOK_S: Final = (0.02, 10.0)
"""The bounds of the time after which a waiting request checks its place in the line again."""
GONE_MS: Final = 30_000
"""A request that has not checked its place for this long is removed from the line: its process was killed."""
_PARTS: Final = ("places", "free", "quiet", "line", "seen", "booked")
_GO: Final = 0
_COME_BACK: Final = 2


class HostBusyError(TransientError):
    """A host is silenced, or its line is long: the source that wanted to request it has not failed."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a host allows: seconds between the starts of two requests, and how many at once."""

    name: str
    interval: float
    places: int
    quiet: float = 60.0
    """Seconds of silence after an answer of 429, at least."""
    slack: float = 0.0
    """Seconds by which a request may start early if the one before it waited in line and started late. It keeps the
    average interval on a busy machine, and is 0 where the host itself has named the interval."""


class Budgets:
    """Spends the budgets of hosts. `sleep` waits for so many seconds."""

    def __init__(  # noqa: PLR0913  # its collaborators, and the clock that tests move by hand
        self,
        redis: "Redis[bytes]",
        default: Allowance,
        allowances: Mapping[str, Allowance] | None = None,
        *,
        hold: float = 150.0,
        yielding: bool = False,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        """`allowances` are by host, `default` is for all other hosts; a `yielding` client lets all others go first.

        A place is free again after `hold` seconds, longer than any exchange, if its process was killed. The time is
        that of Redis, unless `clock` returns it in seconds since 1970.
        """
        self._redis = redis
        self._default = default
        self._allowances = allowances or {}
        self._hold = hold
        self._yielding = yielding
        self._clock = clock
        self._sleep = sleep
        self._enter = scripts.register(redis, __package__ or "", "enter_line")
        self._silence = scripts.register(redis, __package__ or "", "silence_host")
        self._leave = scripts.register(redis, __package__ or "", "leave_line")

    def allowance(self, host: str) -> Allowance:
        """Return what a host allows."""
        return self._allowances.get(host) or replace(self._default, name=host)

    @contextlib.asynccontextmanager
    async def spend(self, host: str) -> AsyncIterator[None]:
        """Wait for the host's turn, and hold one of its places for the time of the block.

        Raises:
            HostBusyError: the turn is more than a minute away; `retry_after` is the number of seconds.

        """
        allowance = self.allowance(host)
        token = secrets.token_hex(8)
        keys = [f"budget:{allowance.name}:{part}" for part in _PARTS]
        try:
            while wait := await self._look(allowance, token, keys):
                await self._sleep(min(max(wait, LOOK_S[0]), LOOK_S[1]))
            yield
        finally:
            await self._leave(keys=[keys[_PARTS.index(part)] for part in ("places", "line", "seen")], args=[token])

    async def _look(self, allowance: Allowance, token: str, keys: list[str]) -> float:
        """Return 0 if it is the turn of this request, else the seconds until the next check."""
        interval, hold, patience = (int(value * 1000) for value in (allowance.interval, self._hold, PATIENCE_S))
        rank = int(self._yielding)
        patience = patience if not self._yielding else patience * 60  # a backfill has no poll to come back to
        arguments = [
            self._now(),
            interval,
            allowance.places,
            token,
            hold,
            rank,
            patience,
            GONE_MS,
            int(allowance.slack * 1000),
        ]
        word, wait = await self._enter(keys=keys, args=arguments)
        if word == _COME_BACK:
            message = f"requests to {allowance.name} are paused for {wait / 1000:.0f} s"
            raise HostBusyError(message, retry_after=wait / 1000)
        return 0.0 if word == _GO else max(wait / 1000, LOOK_S[0])

    async def silence(self, host: str, seconds: float) -> float:
        """Send no request of any process to a host for so many seconds; return them."""
        allowance = self.allowance(host)
        await self._silence(keys=[f"budget:{allowance.name}:quiet"], args=[self._now(), max(int(seconds * 1000), 1)])
        return seconds

    def _now(self) -> int | str:
        """Return the time in ms for a script, or nothing, which means the time of Redis."""
        return int(self._clock() * 1000) if self._clock else ""


def validators(headers: Mapping[str, str]) -> dict[str, Any]:
    """Return what the next conditional request needs; bytes that are no ASCII can be neither stored nor sent."""
    pairs = {"etag": headers.get("ETag"), "modified": headers.get("Last-Modified")}
    return {name: value for name, value in pairs.items() if value and value.isascii() and len(value) <= MAX_VALIDATOR}


def conditions(cursor: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers that request only what changed since the validators of a cursor."""
    pairs = (("If-None-Match", cursor.get("etag")), ("If-Modified-Since", cursor.get("modified")))
    return {name: str(value) for name, value in pairs if value}


def freshness(headers: Mapping[str, str]) -> float | None:
    """Return for how many seconds an answer stays valid (Cache-Control: max-age), at most a day; None if unknown."""
    found = re.search(r"(?:^|[\s,])max-age=(\d{1,9})", headers.get("Cache-Control", ""), re.IGNORECASE)
    return min(float(found[1]), WAIT_BOUNDS[1]) if found else None


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. It stays valid for `fresh_for` seconds, as its headers say; `cursor` holds its validators."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    cursor: Cursor
    fresh_for: float | None = None

    @property
    def unchanged(self) -> bool:
        """Whether this is 304 Not Modified: nothing is new since the cursor."""
        return self.status == 304  # noqa: PLR2004  # Not Modified


class Polite:
    """Requests hosts within their budgets."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        redis: "Redis[bytes]",
        budgets: Budgets,
        *,
        max_body: int,
        exchanges: int = 64,
        permit: Permit | None = None,
    ) -> None:
        """`max_body` is in bytes after decompression; `exchanges` is how many may be under way at once.

        `permit` is called before each request of `get`, also those that redirects lead to, and raises as `get` does.
        """
        self._session = session
        self._redis = redis
        self._budgets = budgets
        self._max_body = max_body
        self._exchanges = asyncio.Semaphore(exchanges)
        self._permit = permit

    async def get(
        self,
        url: str,
        cursor: Cursor | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        accept_errors: tuple[int, ...] = (),
    ) -> Answer:
        """Request an address; with a cursor, only what changed since.

        Statuses in `accept_errors` are answers and not failures: some sources explain an error in the body.

        Raises:
            TransientError: try again later; `retry_after` says when, if the host did.
            PermanentError: it does not exist, is too large, or redirects to an invalid address.

        """
        moved = await self._redis.get(_redirect(url))
        start = moved.decode() if moved else url
        try:
            answer, lasting = await self._follow(start, cursor or {}, headers or {}, accept_errors)
        except PermanentError:
            if moved:  # the stored redirect is outdated: the next poll requests the old address
                await self._redis.delete(_redirect(url))
            raise
        if lasting not in (url, start) and answer.status not in accept_errors:
            await self._redis.set(_redirect(url), lasting, ex=REMEMBERED_S)
        return answer

    async def _follow(
        self, address: str, cursor: Cursor, headers: Mapping[str, str], accept_errors: tuple[int, ...]
    ) -> tuple[Answer, str]:
        """Follow redirects to an answer; return it and the last address reached by permanent redirects only."""
        host, lasting, permanent = URL(address).host, address, True
        for _ in range(MAX_REDIRECTS + 1):
            # Headers for one host, such as a password, are not sent to another.
            own = headers if URL(address).host == host else {}
            if self._permit:
                await self._permit(address)
            answer = await self._exchange(address, {**own, **conditions(cursor)}, accept_errors)
            if answer.status not in _MOVED:
                return answer, lasting
            address = _target(address, answer.headers.get("Location"))
            permanent = permanent and answer.status in _MOVED_FOR_GOOD
            lasting = address if permanent else lasting
        message = f"more than {MAX_REDIRECTS} redirects"
        raise PermanentError(message)

    async def post_json(self, url: str, payload: object, *, accept_errors: tuple[int, ...] = ()) -> Answer:
        """Send JSON to an address, which may be a secret: a redirect is not followed. Raises as `get`."""
        answer = await self._exchange(url, {}, accept_errors, payload)
        if answer.status in _MOVED:
            message = "the source redirects a request that holds a secret, which is not followed"
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
            raise TransientError(f"the request failed: {error}") from error
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
        elif response.status == _OVERLOADED:  # OAI-PMH archives use it to say when to continue
            named = await self._budgets.silence(host, named or least)
        raise TransientError(message, retry_after=named)


def _failed(error: ExchangeError) -> PermanentError | TransientError:
    """Return what an exchange without an answer means for its source."""
    if error.failure is Failure.REFUSED:
        return PermanentError(str(error))
    return TransientError(str(error) if error.failure is Failure.TIME else f"the request failed: {error}")


def _redirect(url: str) -> str:
    return f"redirect:{url}"


def _target(url: str, location: str | None) -> str:
    target = urljoin(url, location or "")
    if not location or len(target) > MAX_ADDRESS or not target.startswith(("http://", "https://")):
        message = "the redirect has no http or https address, or one that is too long"
        raise PermanentError(message)
    return target
