"""A cache of answers of providers, so that an answer lost on its way is not requested again."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from redis.asyncio import Redis

from services.enricher.providers.facts import Facts
from shared.papers.paper import Model

KNOWN_S: Final = 3_600
"""Shorter than any turn of the schedule: a turn brings news."""


class Kept(Model):
    """An answer, and until when it is valid (seconds since 1970)."""

    until: float
    facts: Facts


class Cache:
    """The answers of one provider."""

    def __init__(self, redis: "Redis[bytes]", provider: str, clock: Callable[[], datetime], unknown_s: int) -> None:
        """The caller closes the client; `clock` returns the time in UTC.

        An answer without facts is kept for `unknown_s` seconds.
        """
        self._redis = redis
        self._provider = provider
        self._clock = clock
        self._unknown_s = unknown_s

    async def get(self, works: Sequence[str]) -> dict[str, Facts]:
        """Return the cached answers, by the id of the work."""
        rows = await self._redis.mget([self._key(work) for work in works]) if works else []
        kept = {work: Kept.model_validate_json(row) for work, row in zip(works, rows, strict=True) if row}
        now = self._clock().timestamp()
        return {work: row.facts for work, row in kept.items() if now < row.until}

    async def put(self, answers: Mapping[str, Facts]) -> None:
        """Store answers."""
        now, nothing = self._clock().timestamp(), Facts(provider=self._provider)
        async with self._redis.pipeline(transaction=False) as pipe:
            for work, facts in answers.items():
                seconds = self._unknown_s if facts == nothing else KNOWN_S
                row = Kept(until=now + seconds, facts=facts)
                pipe.set(self._key(work), row.model_dump_json(exclude_defaults=True), ex=seconds)
            await pipe.execute()

    def _key(self, work: str) -> str:
        return f"answer:{self._provider}:{work}"
