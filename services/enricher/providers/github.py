"""GitHub: the stars of a work's repositories, whether they are archived, and where they have moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from redis.asyncio import Redis

from services.enricher.providers.asking import each
from services.enricher.providers.client import NOT_HERE, Client
from services.enricher.providers.facts import Facts, Repository
from services.enricher.providers.github_parse import NAME, parse, repository
from services.enricher.providers.port import Answers
from services.enricher.providers.quotas import Quota
from services.enricher.works.work import Work
from shared.papers.paper import Signals

MOST: Final = 3
"""Repositories of a work that are asked about."""
KEPT_S: Final = 30 * 86_400
"""How long an answer is kept with its ETag: unchanged since, it costs GitHub nothing to say so."""
_UNCHANGED: Final = 304
_FORBIDDEN: Final = 403
"""A repository that GitHub has blocked, or one that asks too much, which `limited` tells apart."""


@dataclass(frozen=True, slots=True)
class GitHub:
    """Asks `GET /repos/{owner}/{name}`."""

    client: Client
    redis: "Redis[bytes]"
    name: str = NAME
    batch: int = 8

    @property
    def quota(self) -> Quota:
        """Tell what it allows."""
        return self.client.quota

    def wants(self, work: Work) -> bool:
        """Tell whether it can know a work."""
        return bool(_repositories(work))

    async def ask(self, works: Sequence[Work]) -> Answers:
        """Ask about works."""
        return await each(works, self._one)

    async def _one(self, work: Work) -> Facts:
        found = [await self._look(url, name) for url, name in _repositories(work)[:MOST]]
        here = tuple(each for each in found if each)
        stars = max((each.stars for each in here if each.stars is not None), default=None)
        return Facts(provider=NAME, repositories=here, signals=Signals(stars=stars))

    async def _look(self, url: str, name: str) -> Repository | None:
        key = f"repository:{name.lower()}"
        etag, kept = await self.redis.hmget(key, "etag", "answer")
        headers = {"Accept": "application/vnd.github+json"} | (
            {"If-None-Match": etag.decode()} if etag and kept else {}
        )
        expected = (_UNCHANGED, _FORBIDDEN, *NOT_HERE)
        answer = await self.client.get(f"/repos/{name}", headers=headers, accept=expected)
        if answer.status == _FORBIDDEN and answer.limited:
            raise self.client.failure(answer, "Forbidden")
        if answer.status in (_FORBIDDEN, *NOT_HERE):
            return None
        if answer.status == _UNCHANGED and kept:
            return Repository.model_validate_json(kept).model_copy(update={"asked": url})
        found = parse(answer.json, url)
        if etag := answer.headers.get("ETag"):
            async with self.redis.pipeline(transaction=True) as pipe:
                pipe.hset(key, mapping={"etag": etag, "answer": found.model_dump_json()})
                pipe.expire(key, KEPT_S)
                await pipe.execute()
        return found


def _repositories(work: Work) -> list[tuple[str, str]]:
    return [(link.url, name) for link in work.paper.links.code if (name := repository(link.url))]
