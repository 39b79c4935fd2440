"""The registry of providers: what every row has to fulfil."""

import pytest

from services.enricher.providers.facts import Facts
from services.enricher.providers.registry import PROVIDERS
from services.enricher.works.work import Work
from shared.papers.paper import CodeLink, Links, Paper

IDENTIFIERS = {"arxiv": "2401.00001", "doi": "10.1000/x"}
LINKS = Links(code=(CodeLink(url="https://github.com/fold/cranes"),))


class EmptyConnection:
    """Answers every request as each provider does when it knows nothing."""

    async def get(self, path: str, _: object = None) -> object:
        return {"/works": {"results": [], "message": {"items": []}}}.get(path)

    async def get_if_changed(self, *_: object) -> None:
        return None

    async def post(self, _: str, __: object, payload: dict[str, list[str]]) -> object:
        return [None] * len(payload["ids"])


def work(**fields: object) -> Work:
    paper = Paper.model_validate({"id": "x:1", "title": "Paper cranes", **fields})
    return Work(paper=paper, aliases=("x:1",), text_source="x")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_wants_works_by_their_ids_or_links_only(provider: str) -> None:
    assert PROVIDERS[provider].wants(work(identifiers=IDENTIFIERS, links=LINKS))
    assert not PROVIDERS[provider].wants(work())


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_work_that_a_provider_does_not_know_gets_an_answer_without_facts(provider: str) -> None:
    asked = [work(identifiers=IDENTIFIERS, links=LINKS)]
    answers = await PROVIDERS[provider].ask(EmptyConnection(), asked)  # type: ignore[arg-type]  # it parses nothing
    assert answers == {"x:1": Facts(provider=provider)}
