"""The state of each provider on the board, which `/v1/status` and `paperwire status` show."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from redis.asyncio import Redis

from services.enricher.providers.port import Asked
from services.enricher.refresh.due_works import Backlog
from shared.board import PROVIDERS, ProviderRow
from shared.coordination.breaker import Standing

SHOWN_S: Final = 5.0
"""Seconds between two showings, when nothing has happened."""


class Board:
    """The row of one provider, which every enricher may write."""

    def __init__(self, redis: "Redis[bytes]", provider: Asked, clock: Callable[[], datetime]) -> None:
        """The caller closes the client."""
        self._redis = redis
        self._provider = provider
        self._clock = clock
        self._news: ProviderRow = {}
        self._shown = 0.0

    def succeeded(self) -> None:
        """Record a successful answer."""
        self._news |= {"last_success": self._moment(), "failing": None}

    def failed(self, reason: str) -> None:
        """Record why a request failed."""
        self._news |= {"last_error": reason, "last_failure": self._moment(), "failing": reason}

    async def show(self, standing: Standing, backlog: Backlog) -> None:
        """Write the row if it has changed, or if the last one is some seconds old."""
        now = self._clock().timestamp()
        if not self._news and 0 <= now - self._shown < SHOWN_S:
            return
        name = self._provider.id
        (before,) = await PROVIDERS.some(self._redis, [name])
        row = (before or {}) | self._news
        row |= {
            "name": name,
            "state": standing.state(now),
            "detail": row.get("failing") if standing.failures else None,
            "quota": self._provider.requests,
            "quota_left": await self._provider.left(),
            "due": backlog.works,
            "behind_s": round(backlog.behind_s),
        }
        await PROVIDERS.put(self._redis, {name: row})
        self._news, self._shown = {}, now

    def _moment(self) -> str:
        return self._clock().isoformat(timespec="seconds")


async def list_providers(redis: "Redis[bytes]", providers: Sequence[Asked], *, offline: bool) -> list[str]:
    """Write the rows of the chosen providers; return those that had none. While offline, each is shown as offline.

    While offline, it says that none of them is asked.
    """
    names = {provider.id for provider in providers}
    listed = await PROVIDERS.ids(redis)
    if gone := listed - names:
        await PROVIDERS.drop(redis, gone)
    for provider in providers:
        if offline or provider.id not in listed:
            most, state = provider.requests, "offline" if offline else "closed"
            row: ProviderRow = {"name": provider.id, "state": state, "quota": most, "quota_left": most, "due": 0}
            await PROVIDERS.put(redis, {provider.id: row})
    return sorted(names - listed)
