"""The HTTP client of a place of liked papers: one request at a time, within a quota, as slowly as the place asks."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from time import time
from typing import Any, Final

import aiohttp
import orjson
from redis.asyncio import Redis
from yarl import URL

from services.notifier.following.port import PlaceError
from shared.coordination.quotas import Quota, SharedBuckets
from shared.moments import parse_retry_after
from shared.outbound import ExchangeError, Failure, exchange

PATIENCE_S: Final = 20.0
"""Seconds that a visit waits before its next request; after a longer wait it ends."""
_MAX_QUIET_S: Final = 86_400.0
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer; `json` is None for a status without a body."""

    status: int
    headers: Mapping[str, str]
    json: Any = None


@dataclass(frozen=True, slots=True)
class PlaceClient:
    """Sends requests to one service. `id` names its quota, which all processes share; `sleep` waits some seconds."""

    session: aiohttp.ClientSession
    redis: "Redis[bytes]"
    id: str
    name: str
    base: str
    quota: Quota
    max_body: int
    sleep: Callable[[float], Awaitable[None]]
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    async def ask(
        self,
        path: str,
        parameters: Mapping[str, str],
        *,
        headers: Mapping[str, str] | None = None,
        refusals: Mapping[int, str] | None = None,
        accept: tuple[int, ...] = (),
        body: Any = None,  # noqa: ANN401  # JSON
    ) -> Answer:
        """Request a path, by POST if there is a `body`.

        `refusals` are sentences for statuses; those in `accept` are answers without a body.

        Raises:
            PlaceError: there is no answer, it is an error, or the service wants no request now.

        """
        await self._wait_for_turn()
        url = URL(self.base.rstrip("/") + path).update_query(parameters)
        sent: dict[str, Any] = {"headers": {**self.headers, **(headers or {})}}
        sent |= {} if body is None else {"json": body}
        method = "GET" if body is None else "POST"
        try:
            received = await exchange(
                self.session, method, url, max_body=self.max_body, wanted=lambda status: status == _OK, **sent
            )
        except ExchangeError as error:
            raise PlaceError(self._words(error)) from error
        wait = await self._keep_quiet(received.headers)
        if received.status in accept:
            return Answer(received.status, received.headers)
        if received.status != _OK:
            usual = f"{self.name} answers {received.status} {received.reason}".strip() + "."
            raise PlaceError((refusals or {}).get(received.status, usual), retry_after=wait or None)
        if received.more:
            raise PlaceError(f"{self.name} sent more than {self.max_body:,} bytes.")
        return Answer(received.status, received.headers, await asyncio.to_thread(self._json, received.body))

    async def _wait_for_turn(self) -> None:
        """Wait for the end of a pause that the service asked for, and for the quota."""
        buckets = SharedBuckets(self.redis)
        while wait := max(await self.redis.pttl(self._pause), 0) / 1000 or await buckets.take(self._bucket, self.quota):
            if wait > PATIENCE_S:
                raise PlaceError(f"{self.name} asked for a pause of {wait:.0f} more seconds.", retry_after=wait)
            await self.sleep(wait)

    async def _keep_quiet(self, headers: Mapping[str, str]) -> float:
        """Keep the pause that an answer asks for, for all processes; return its seconds, or 0."""
        bounds = (0.0, _MAX_QUIET_S)
        named = [parse_retry_after(headers.get(name), time(), bounds) for name in ("Backoff", "Retry-After")]
        wait = max(seconds or 0.0 for seconds in named)
        if wait:
            await self.redis.set(self._pause, "1", px=int(wait * 1000))
        return wait

    @property
    def _bucket(self) -> str:
        return f"quota:{self.id}"

    @property
    def _pause(self) -> str:
        return f"pause:{self.id}"

    def _words(self, error: ExchangeError) -> str:
        if error.failure is Failure.TIME:
            return f"{self.name} did not answer completely within {self.session.timeout.total:g} seconds."
        return f"The request to {self.name} failed: {error}."

    def _json(self, body: bytes) -> Any:  # noqa: ANN401  # a stranger's JSON
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise PlaceError(f"{self.name} sent an answer that is not JSON.") from error
