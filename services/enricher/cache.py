"""What a provider has answered: kept for a while, so that an answer that was lost on its way is not asked for again."""

from collections.abc import Mapping, Sequence
from typing import Final

from redis.asyncio import Redis

from services.enricher.facts import Facts

KNOWN_S: Final = 3_600
"""Shorter than any turn of the schedule: a turn brings news."""
UNKNOWN_S: Final = 12 * 3_600
"""Who does not know a work will not know it in three hours; asking half a day later is soon enough."""


class Cache:
    """The answers of one provider."""

    def __init__(self, redis: "Redis[bytes]", provider: str) -> None:
        """Use a client that stays the caller's."""
        self._redis = redis
        self._provider = provider

    async def get(self, works: Sequence[str]) -> dict[str, Facts]:
        """Give the answers that are kept, by the id of the work."""
        rows = await self._redis.mget([self._key(work) for work in works]) if works else []
        return {work: Facts.model_validate_json(row) for work, row in zip(works, rows, strict=True) if row}

    async def put(self, answers: Mapping[str, Facts]) -> None:
        """Keep answers."""
        nothing = Facts(provider=self._provider)
        async with self._redis.pipeline(transaction=False) as pipe:
            for work, facts in answers.items():
                kept = UNKNOWN_S if facts == nothing else KNOWN_S
                pipe.set(self._key(work), facts.model_dump_json(exclude_defaults=True), ex=kept)
            await pipe.execute()

    def _key(self, work: str) -> str:
        return f"answer:{self._provider}:{work}"
