"""Amendments by the answers of providers on a real server."""

from typing import Any

import pytest

from shared.papers.events import PaperEnriched
from shared.papers.paper import ChangeKind, CodeLink, Signals
from tests.integration.enricher.providers.provider_server import ProviderServer
from tests.integration.enricher.refresh.instance import Clock, EnricherInstance
from tests.integration.enricher.refresh.instance import recent as fetched

CODE = (CodeLink(url="https://github.com/old/cranes"),)
SCHOLAR = {"title": "x", "venue": "Folds", "citationCount": 4, "influentialCitationCount": 1, "externalIds": {}}


def kinds(event: PaperEnriched) -> list[str]:
    return [change.kind.value for change in event.changes]


async def test_a_paper_is_published_before_provider_requests_and_amended_after(
    enricher: EnricherInstance, server: ProviderServer
) -> None:
    server.scholar["ARXIV:2401.00001"] = SCHOLAR
    first = (await enricher.take_in(fetched(1)))[0]
    assert server.asked.total() == 0
    assert kinds(first) == ["new"]
    assert first.paper.trending is not None, "a paper without signals has a key by its date"
    await enricher.ask("semantic-scholar")
    _, amended = await enricher.published()
    assert kinds(amended) == ["published", "signals"]
    assert amended.paper.signals == Signals(citations=4, influential_citations=1)
    assert amended.paper.venue == "Folds"
    assert amended.fingerprint == first.fingerprint, "its text is not embedded again"
    assert (first.revision, amended.revision) == (1, 2)
    assert [row.signals.citations for row in amended.readings] == [4]
    assert amended.trend
    assert {part.signal for part in amended.trend.components} == {"citations", "influential_citations"}
    assert amended.paper.trending == amended.trend.key
    assert [event.kind for event in amended.paper.life] == [ChangeKind.PUBLISHED]
    assert server.seen[0].headers["x-api-key"] == "key-of-s2"


async def test_a_batch_is_one_request_and_null_is_an_answer(
    enricher: EnricherInstance, server: ProviderServer, clock: Clock
) -> None:
    server.scholar["ARXIV:2401.00002"] = SCHOLAR
    await enricher.take_in(*(fetched(n) for n in range(40)))
    await enricher.ask("semantic-scholar")
    assert server.asked["semantic-scholar"] == 1
    assert len(server.bodies[0]["ids"]) == 40
    published = (await enricher.published())[40:]
    assert [event.paper.id for event in published] == ["arXiv:2401.00002"]
    clock.advance(hours=3)
    await enricher.ask("semantic-scholar")
    assert len(server.bodies[1]["ids"]) == 1, "unknown works are not requested again so soon"


async def test_only_changed_signals_make_a_change(
    enricher: EnricherInstance, server: ProviderServer, clock: Clock
) -> None:
    row: dict[str, Any] = {"id": "2401.00001", "upvotes": 10, "numComments": 2, "numTotalModels": 1}
    server.huggingface["2401.00001"] = row
    await enricher.take_in(fetched(1))
    for upvotes in (10, 10, 14):
        row["upvotes"] = upvotes
        await enricher.ask("huggingface")
        clock.advance(hours=3)
    published = (await enricher.published())[1:]
    assert [kinds(event) for event in published] == [["signals"], ["signals"]]
    assert published[-1].paper.signals == Signals(upvotes=14, comments=2, models=1)
    assert [reading.signals.upvotes for reading in published[-1].readings] == [10, 14]
    assert published[0].changes[0].version != published[1].changes[0].version


async def test_signals_of_a_feed_become_readings(enricher: EnricherInstance, clock: Clock) -> None:
    await enricher.take_in(fetched(1, source="huggingface", signals=Signals(upvotes=5)))
    clock.advance(days=1)
    later = fetched(1, source="huggingface", signals=Signals(upvotes=50)).model_copy(update={"fetched_at": clock()})
    events = await enricher.take_in(later)
    assert [reading.signals.upvotes for reading in events[-1].readings] == [5, 50]
    assert events[-1].trend


async def test_a_renamed_repository_is_followed_without_a_code_change(
    enricher: EnricherInstance, server: ProviderServer, clock: Clock
) -> None:
    server.moved["old/cranes"] = "new/cranes"
    server.github["new/cranes"] = {"stargazers_count": 321, "archived": True}
    await enricher.take_in(fetched(1, code=CODE))
    await enricher.ask("github")
    published = (await enricher.published())[-1]
    assert published.paper.links.code == (CodeLink(url="https://github.com/new/cranes", stars=321, archived=True),)
    assert published.paper.signals.stars == 321
    assert kinds(published) == ["signals"]
    clock.advance(hours=3)
    await enricher.ask("github")
    assert server.seen[-1].path == "/github/repos/new/cranes", "it is requested at its new address"


async def test_a_known_repository_is_requested_conditionally(
    enricher: EnricherInstance, server: ProviderServer, clock: Clock
) -> None:
    server.github["old/cranes"] = {"stargazers_count": 7, "archived": False}
    await enricher.take_in(fetched(1, code=CODE))
    await enricher.ask("github")
    clock.advance(hours=3)
    await enricher.ask("github")
    assert [bool(request.headers.get("If-None-Match")) for request in server.seen] == [False, True]
    assert (await enricher.work()).paper.links.code[0].stars == 7


async def test_a_retraction_withdraws_a_work(enricher: EnricherInstance, server: ProviderServer, clock: Clock) -> None:
    notice = {"DOI": "10.1000/notice", "update-to": [{"DOI": "10.1000/x", "type": "retraction"}]}
    server.crossref["updates:10.1000/x"] = [notice]
    await enricher.take_in(fetched(1, identifiers={"doi": "10.1000/x"}))
    await enricher.ask("crossref")
    published = (await enricher.published())[-1]
    assert kinds(published) == ["withdrawn"]
    assert published.changes[0].version == "10.1000/notice"
    assert (published.paper.status, published.paper.trending, published.trend) == ("withdrawn", None, None)
    clock.advance(days=1)
    before = server.asked["crossref"]
    await enricher.ask("crossref")
    assert server.asked["crossref"] == before, "it is not asked meanwhile"


async def test_a_published_version_makes_a_change_and_resolves_by_its_doi(
    enricher: EnricherInstance, server: ProviderServer
) -> None:
    article = {"DOI": "10.1000/j", "title": ["x"], "container-title": ["Folds"], "type": "journal-article"}
    relation = {"has-preprint": [{"id-type": "doi", "id": "10.48550/arXiv.2401.00001"}]}
    server.crossref["relation.object:10.48550/arxiv.2401.00001"] = [{**article, "relation": relation}]
    await enricher.take_in(fetched(1))
    await enricher.ask("crossref")
    published = (await enricher.published())[-1]
    assert kinds(published) == ["published"]
    assert published.changes[0].version == "10.1000/j"
    assert published.paper.venue == "Folds"
    assert published.paper.identifiers["doi"] == "10.1000/j"
    assert (await enricher.work("doi:10.1000/j")).paper.id == "arXiv:2401.00001"


async def test_a_preprint_joins_its_published_version(enricher: EnricherInstance, server: ProviderServer) -> None:
    """Both are known under their own ids; Crossref's answer joins them, and one of their points is deleted."""
    relation = {"has-preprint": [{"id": "arXiv:2401.00001"}]}
    title = "Folding cranes with a robot arm"
    article = {"DOI": "10.1000/j", "title": [title], "type": "journal-article", "relation": relation}
    server.crossref["relation.object:10.48550/arxiv.2401.00001"] = [article]
    await enricher.take_in(
        fetched(1, title="Folding paper cranes with robot arms"),
        fetched(2, source="folds", id="doi:10.1000/j", title=title),
    )
    await enricher.ask("crossref")
    published = (await enricher.published())[2:]
    joined = next(event for event in published if event.merged)
    assert joined.paper.id == "arXiv:2401.00001"
    assert joined.merged == ("doi:10.1000/j",)
    assert {ref.source for ref in joined.paper.sources} == {"arxiv", "folds"}
    assert (await enricher.work("doi:10.1000/j")).paper.id == "arXiv:2401.00001"
    assert await enricher.bus.redis.get("work:doi:10.1000/j") is None


async def test_a_doi_of_another_paper_only_adds_an_oddity(enricher: EnricherInstance, server: ProviderServer) -> None:
    other = {
        "DOI": "10.1000/x",
        "title": ["Gravitational waves"],
        "container-title": ["Waves"],
        "is-referenced-by-count": 9,
    }
    server.crossref["doi:10.1000/x"] = [{**other, "updated-by": [{"DOI": "10.1000/n", "type": "retraction"}]}]
    await enricher.take_in(fetched(1, identifiers={"doi": "10.1000/x"}))
    await enricher.ask("crossref")
    published = (await enricher.published())[-1]
    assert published.changes == ()
    assert (published.paper.venue, published.paper.status, published.paper.signals) == (None, "active", Signals())
    assert published.paper.oddities == ("crossref knows a DOI of this work as another one: Gravitational waves",)


async def test_an_incomplete_abstract_only_fills_a_missing_one(
    enricher: EnricherInstance, server: ProviderServer
) -> None:
    index = {"We": [0], "fold": [1], "cranes.": [3]}
    server.openalex = [
        {"doi": f"https://doi.org/10.48550/arXiv.2401.0000{n}", "abstract_inverted_index": index} for n in (1, 2)
    ]
    await enricher.take_in(fetched(1, abstract=""), fetched(2))
    await enricher.ask("openalex")
    empty, full = await enricher.work("arXiv:2401.00001"), await enricher.work("arXiv:2401.00002")
    assert empty.paper.abstract == "We fold … cranes."
    assert empty.paper.oddities == ("the abstract from openalex is incomplete: words missing: 1",)
    assert full.paper.abstract.startswith("We fold cranes in 2 steps.")
    assert full.paper.oddities == ()
    assert server.seen[0].query["api_key"] == "key-of-oa"


@pytest.mark.parametrize("name", ("openalex", "semantic-scholar"))
async def test_the_higher_count_of_citations_stays(
    enricher: EnricherInstance, server: ProviderServer, name: str
) -> None:
    server.scholar["ARXIV:2401.00001"] = {"citationCount": 30}
    server.openalex = [{"doi": "https://doi.org/10.48550/arxiv.2401.00001", "cited_by_count": 3}]
    await enricher.take_in(fetched(1))
    await enricher.ask(name)
    await enricher.ask({"openalex": "semantic-scholar", "semantic-scholar": "openalex"}[name])
    assert (await enricher.work()).paper.signals.citations == 30


async def test_the_same_published_version_again_changes_nothing(
    enricher: EnricherInstance, server: ProviderServer, clock: Clock
) -> None:
    """INVARIANT: an answer without anything new makes no revision, however often it is repeated."""
    own = "10.1101/2026.03.01.000001"
    relation = {"is-preprint-of": [{"id": "10.1000/j"}]}
    server.crossref[f"doi:{own}"] = [{"DOI": own, "type": "posted-content", "relation": relation}]
    await enricher.take_in(fetched(1, id=f"doi:{own}", source="biorxiv"))
    for _ in range(3):
        await enricher.ask("crossref")
        clock.advance(hours=4)
    published = await enricher.published()
    assert list(map(kinds, published)) == [["new"], ["published"]]
    assert server.asked["crossref"] == 6
