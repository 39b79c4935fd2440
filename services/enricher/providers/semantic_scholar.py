"""Semantic Scholar: citations and venues, five hundred works at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.enricher.providers.client import Client
from services.enricher.providers.port import Answers
from services.enricher.providers.quotas import Quota
from services.enricher.providers.semantic_scholar_parse import FIELDS, NAME, paper_id, parse
from services.enricher.works.work import Work


@dataclass(frozen=True, slots=True)
class SemanticScholar:
    """Asks `POST /paper/batch`."""

    client: Client
    name: str = NAME
    batch: int = 500

    @property
    def quota(self) -> Quota:
        """Tell what it allows."""
        return self.client.quota

    def wants(self, work: Work) -> bool:
        """Tell whether it can know a work."""
        return paper_id(work.paper.identifiers) is not None

    async def ask(self, works: Sequence[Work]) -> Answers:
        """Ask about works."""
        ids = [name for work in works if (name := paper_id(work.paper.identifiers))]
        answer = await self.client.post("/paper/batch", {"fields": FIELDS}, {"ids": ids})
        return {work.paper.id: facts for work, facts in zip(works, parse(answer.json, ids), strict=True)}
