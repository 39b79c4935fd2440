"""The HTTP client of one provider: within its quota, bounded in bytes and seconds, with error texts without secrets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from math import inf
from time import time
from typing import Any, Final
from urllib.parse import urljoin

import aiohttp
import orjson
from yarl import URL

from services.enricher.providers.quotas import Quotas
from shared.coordination.quotas import Quota
from shared.errors import TransientError
from shared.moments import parse_retry_after
from shared.outbound import ExchangeError, Failure, exchange

MAX_REDIRECTS: Final = 3
NOT_HERE: Final = (404, 410, 451)
"""Answers about one thing that asking again does not change: it is nowhere, gone, or withheld by law."""
_MOVED: Final = (301, 302, 307, 308)
_UNAUTHORIZED: Final = 401
_RESET: Final = "X-RateLimit-Reset"


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer; `json` is None if there is no body to read."""

    status: int
    headers: Mapping[str, str]
    json: Any = None

    @property
    def limited(self) -> bool:
        """Return whether the provider limits the rate, rather than refusing access."""
        return "Retry-After" in self.headers or self.headers.get("X-RateLimit-Remaining") == "0"


@dataclass(frozen=True, slots=True)
class Client:
    """Sends requests to one provider. `secret` headers go to its own host only; `key` is the setting with the key."""

    session: aiohttp.ClientSession
    quotas: Quotas
    name: str
    quota: Quota
    base: str
    max_body: int
    secret: Mapping[str, str] = field(default_factory=dict, repr=False)
    key: str | None = None

    async def get(
        self,
        path: str,
        parameters: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        accept: Sequence[int] = (),
    ) -> Answer:
        """Request a path, following redirects within the host; statuses in `accept` are answers too.

        Raises:
            QuotaSpentError: there is no token for it now.
            TransientError: it fails, or answers what is no JSON.

        """
        url = URL(self.base + path).update_query(parameters or {})
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._exchange("GET", url, accept=(*accept, *_MOVED), headers=headers)
            if answer.status not in _MOVED:
                return answer
            url = self._target(url, answer.headers.get("Location", ""))
        raise TransientError(f"{self.name} redirected more than {MAX_REDIRECTS} times")

    async def post(self, path: str, parameters: Mapping[str, str], payload: object) -> Answer:
        """Send JSON; raises as `get`."""
        return await self._exchange("POST", URL(self.base + path).update_query(parameters), payload=payload)

    async def _exchange(
        self,
        method: str,
        url: URL,
        *,
        accept: Sequence[int] = (),
        headers: Mapping[str, str] | None = None,
        payload: object = None,
    ) -> Answer:
        await self.quotas.take(self.name, self.quota)
        sent = {**(headers or {}), **self.secret}
        request = {"headers": sent, "json": payload}
        try:
            received = await exchange(self.session, method, url, max_body=self.max_body, wanted=_is_ok, **request)
        except ExchangeError as error:
            if error.failure is Failure.TIME:
                total = self.session.timeout.total
                raise TransientError(f"{self.name} did not answer completely within {total:g} s") from error
            raise TransientError(f"the request to {self.name} failed: {error}") from error
        if received.more:
            raise TransientError(f"{self.name} sent more than {self.max_body:,} bytes")
        if _is_ok(received.status):
            return Answer(received.status, received.headers, self._json(received.body))
        answer = Answer(received.status, received.headers)
        if received.status not in accept:
            raise self.failure(answer, received.reason)
        return answer

    def failure(self, answer: Answer, reason: str | None = None) -> TransientError:
        """Return the error of a failed answer; `reason` is the text beside its status."""
        message = f"{self.name} answers {answer.status} {reason or ''}".strip()
        if answer.status == _UNAUTHORIZED and self.key:
            message += f": it refuses the key in {self.key}, correct it"
        return TransientError(message, retry_after=_named(answer.headers))

    def _json(self, body: bytes) -> Any:  # noqa: ANN401  # a stranger's JSON
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise TransientError(f"{self.name} sent an answer that is not JSON") from error

    def _target(self, url: URL, location: str) -> URL:
        target = URL(urljoin(str(url), location))
        if target.origin() != url.origin():
            raise TransientError(f"{self.name} redirects to another host")
        return target


def _is_ok(status: int) -> bool:
    return status == HTTPStatus.OK


def _named(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait, by the clock of the provider.

    That is Retry-After, or the moment at which a spent limit is reset.
    """
    try:
        now = parsedate_to_datetime(headers.get("Date", "")).timestamp()
        reset = float(int(headers[_RESET])) if headers.get("X-RateLimit-Remaining") == "0" else None
    except (ValueError, KeyError, OverflowError, TypeError):
        now, reset = time(), None
    given = headers.get("Retry-After")
    if given is None and reset is not None:
        return max(reset - now, 0.0)
    return parse_retry_after(given, now, (0.0, inf))
