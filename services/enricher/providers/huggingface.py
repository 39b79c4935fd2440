"""Hugging Face: upvotes and comments of a paper, and the models, datasets and spaces that name it."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.enricher.providers.asking import each
from services.enricher.providers.client import NOT_HERE, Client
from services.enricher.providers.facts import Facts
from services.enricher.providers.huggingface_parse import NAME, parse
from services.enricher.providers.port import Answers
from services.enricher.providers.quotas import Quota
from services.enricher.works.work import Work


@dataclass(frozen=True, slots=True)
class HuggingFace:
    """Asks `GET /api/papers/{id}`, one after the other: there is no way to ask about many."""

    client: Client
    name: str = NAME
    batch: int = 8

    @property
    def quota(self) -> Quota:
        """Tell what it allows."""
        return self.client.quota

    def wants(self, work: Work) -> bool:
        """Tell whether it can know a work."""
        return "arxiv" in work.paper.identifiers

    async def ask(self, works: Sequence[Work]) -> Answers:
        """Ask about works."""
        return await each(works, self._one)

    async def _one(self, work: Work) -> Facts:
        answer = await self.client.get(f"/api/papers/{work.paper.identifiers['arxiv']}", accept=NOT_HERE)
        return Facts(provider=NAME) if answer.status in NOT_HERE else parse(answer.json)
