"""OpenAlex: citations, and abstracts that nobody else gave."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import SecretStr

from services.enricher.providers.client import Client
from services.enricher.providers.facts import Facts
from services.enricher.providers.openalex_parse import FIELDS, NAME, parse, work_doi
from services.enricher.providers.port import Answers
from services.enricher.providers.quotas import Quota
from services.enricher.works.work import Work


@dataclass(frozen=True, slots=True)
class OpenAlex:
    """Asks `GET /works` for a list of DOIs; its key stands in the address."""

    client: Client
    key: SecretStr = field(repr=False)
    name: str = NAME
    batch: int = 50

    @property
    def quota(self) -> Quota:
        """Tell what it allows."""
        return self.client.quota

    def wants(self, work: Work) -> bool:
        """Tell whether it can know a work."""
        return work_doi(work.paper.identifiers) is not None

    async def ask(self, works: Sequence[Work]) -> Answers:
        """Ask about works."""
        names = {work.paper.id: name for work in works if (name := work_doi(work.paper.identifiers))}
        parameters = {
            "filter": "doi:" + "|".join(dict.fromkeys(names.values())),
            "select": FIELDS,
            "per-page": "200",
            "api_key": self.key.get_secret_value(),
        }
        found = parse((await self.client.get("/works", parameters)).json)
        nothing = Facts(provider=NAME)
        return {work.paper.id: _useful(work, found.get(names[work.paper.id], nothing)) for work in works}


def _useful(work: Work, facts: Facts) -> Facts:
    """Leave out an abstract where there is a better one, and with it what is odd about it."""
    return facts.model_copy(update={"abstract": None, "oddities": ()}) if work.paper.abstract else facts
