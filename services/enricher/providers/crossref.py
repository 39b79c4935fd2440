"""Crossref: who published a preprint, and what was retracted."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.enricher.providers.client import Client
from services.enricher.providers.crossref_parse import FIELDS, NAME, Registered, askable, facts, parse
from services.enricher.providers.port import Answers
from services.enricher.providers.quotas import Quota
from services.enricher.works.work import Work

_ROWS = "100"


@dataclass(frozen=True, slots=True)
class Crossref:
    """Asks `GET /works` in three ways: for the DOIs, for notices about them, and for what was a preprint at arXiv."""

    client: Client
    mailto: str | None = None
    name: str = NAME
    batch: int = 20

    @property
    def quota(self) -> Quota:
        """Tell what it allows."""
        return self.client.quota

    def wants(self, work: Work) -> bool:
        """Tell whether it can know a work."""
        return "arxiv" in work.paper.identifiers or bool(askable(work.paper.identifiers))

    async def ask(self, works: Sequence[Work]) -> Answers:
        """Ask about works."""
        known = [work.paper.identifiers for work in works]
        dois = list(dict.fromkeys(name for ids in known for name in askable(ids)))
        arxiv = list(dict.fromkeys(f"10.48550/arxiv.{ids['arxiv']}" for ids in known if "arxiv" in ids))
        records: dict[str, Registered] = {}
        for kind, values in (("doi", dois), ("updates", dois), ("relation.object", arxiv)):
            if values:
                records |= {each.doi: each for each in await self._records(kind, values)}
        return {work.paper.id: facts(work.paper.identifiers, records) for work in works}

    async def _records(self, kind: str, values: Sequence[str]) -> list[Registered]:
        parameters = {"filter": ",".join(f"{kind}:{value}" for value in values), "rows": _ROWS, "select": FIELDS}
        polite = {"mailto": self.mailto} if self.mailto else {}
        return parse((await self.client.get("/works", parameters | polite)).json)
