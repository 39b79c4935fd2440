"""The budget of a day (UTC): requests and tokens, which all processes share."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from redis.asyncio import Redis

from shared.bus import scripts
from shared.moments import from_unix

_KEPT_S: Final = 2 * 86_400


class Budget(NamedTuple):
    """What may be spent in a day."""

    requests: int
    tokens: int


class DayBudget:
    """Spends a budget. `clock` returns Unix seconds."""

    def __init__(self, redis: "Redis[bytes]", budget: Budget, clock: Callable[[], float]) -> None:
        """The caller closes `redis`."""
        self._redis = redis
        self._budget = budget
        self._clock = clock
        self._spend = scripts.register(redis, __package__ or "", "spend_budget")

    async def spend(self, tokens: int, share: float) -> str | None:
        """Spend one request and `tokens`, if no more than a `share` of the budget is spent then.

        Return the day that they are of, or None if the budget is used up.
        """
        most, day = self._budget, self._day()
        arguments = [int(most.requests * share), int(most.tokens * share), tokens, _KEPT_S]
        return day if await self._spend(keys=[_key(day)], args=arguments) else None

    async def correct(self, day: str, by: int) -> None:
        """Correct the tokens of a request of a day, once the endpoint has counted them; midnight may lie between."""
        if by:
            await self._redis.hincrby(_key(day), "tokens", by)

    async def requests_left(self) -> int:
        """Return how many requests are left today; none if the tokens are spent."""
        requests, tokens = await self._redis.hmget(_key(self._day()), "requests", "tokens")
        if int(tokens or 0) >= self._budget.tokens:
            return 0
        return max(self._budget.requests - int(requests or 0), 0)

    def renewed_in(self) -> float:
        """Return the seconds until the next day begins."""
        now = from_unix(self._clock()).astimezone(UTC)
        midnight = datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)
        return (midnight - now).total_seconds()

    def _day(self) -> str:
        return f"{from_unix(self._clock()):%Y-%m-%d}"


def _key(day: str) -> str:
    return f"llm:spent:{day}"
