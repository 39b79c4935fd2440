"""What providers say, asked over a real connection, and what becomes of it."""

from typing import Any

import pytest

from shared.papers.events import PaperEnriched
from shared.papers.paper import ChangeKind, CodeLink, Signals
from tests.integration.enricher.providers.provider_server import World
from tests.integration.enricher.refresh.refreshing import Asker, Clock
from tests.integration.enricher.refresh.refreshing import recent as fetched

CODE = (CodeLink(url="https://github.com/old/cranes"),)
SCHOLAR = {"title": "x", "venue": "Folds", "citationCount": 4, "influentialCitationCount": 1, "externalIds": {}}


def kinds(event: PaperEnriched) -> list[str]:
    return [change.kind.value for change in event.changes]


async def test_a_paper_is_told_before_anybody_was_asked_and_amended_after(asker: Asker, world: World) -> None:
    world.scholar["ARXIV:2401.00001"] = SCHOLAR
    first = (await asker.take_in(fetched(1)))[0]
    assert world.asked.total() == 0
    assert kinds(first) == ["new"]
    assert first.paper.trending is not None, "recency alone gives a key"
    await asker.ask("semantic-scholar")
    _, amended = await asker.told()
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
    assert world.seen[0].headers["x-api-key"] == "key-of-s2"


async def test_a_batch_is_one_question_and_null_is_an_answer(asker: Asker, world: World, clock: Clock) -> None:
    world.scholar["ARXIV:2401.00002"] = SCHOLAR
    await asker.take_in(*(fetched(n) for n in range(40)))
    await asker.ask("semantic-scholar")
    assert world.asked["semantic-scholar"] == 1
    assert len(world.bodies[0]["ids"]) == 40
    told = (await asker.told())[40:]
    assert [event.paper.id for event in told] == ["arXiv:2401.00002"]
    clock.pass_(hours=3)
    await asker.ask("semantic-scholar")
    assert len(world.bodies[1]["ids"]) == 1, "what it does not know is not asked for again so soon"


async def test_signals_that_move_are_told_and_those_that_rest_are_not(asker: Asker, world: World, clock: Clock) -> None:
    row: dict[str, Any] = {"id": "2401.00001", "upvotes": 10, "numComments": 2, "numTotalModels": 1}
    world.huggingface["2401.00001"] = row
    await asker.take_in(fetched(1))
    for upvotes in (10, 10, 14):
        row["upvotes"] = upvotes
        await asker.ask("huggingface")
        clock.pass_(hours=3)
    told = (await asker.told())[1:]
    assert [kinds(event) for event in told] == [["signals"], ["signals"]]
    assert told[-1].paper.signals == Signals(upvotes=14, comments=2, models=1)
    assert [reading.signals.upvotes for reading in told[-1].readings] == [10, 14]
    assert told[0].changes[0].version != told[1].changes[0].version


async def test_signals_of_a_feed_are_readings_too(asker: Asker, clock: Clock) -> None:
    await asker.take_in(fetched(1, source="huggingface", signals=Signals(upvotes=5)))
    clock.pass_(days=1)
    later = fetched(1, source="huggingface", signals=Signals(upvotes=50)).model_copy(update={"fetched_at": clock()})
    events = await asker.take_in(later)
    assert [reading.signals.upvotes for reading in events[-1].readings] == [5, 50]
    assert events[-1].trend


async def test_a_renamed_repository_is_followed_and_is_no_news(asker: Asker, world: World, clock: Clock) -> None:
    world.moved["old/cranes"] = "new/cranes"
    world.github["new/cranes"] = {"stargazers_count": 321, "archived": True}
    await asker.take_in(fetched(1, code=CODE))
    await asker.ask("github")
    told = (await asker.told())[-1]
    assert told.paper.links.code == (CodeLink(url="https://github.com/new/cranes", stars=321, archived=True),)
    assert told.paper.signals.stars == 321
    assert kinds(told) == ["signals"]
    clock.pass_(hours=3)
    await asker.ask("github")
    assert world.seen[-1].path == "/github/repos/new/cranes", "it is asked for where it is now"


async def test_a_repository_that_did_not_change_is_asked_for_conditionally(
    asker: Asker, world: World, clock: Clock
) -> None:
    world.github["old/cranes"] = {"stargazers_count": 7, "archived": False}
    await asker.take_in(fetched(1, code=CODE))
    await asker.ask("github")
    clock.pass_(hours=3)
    await asker.ask("github")
    assert [bool(request.headers.get("If-None-Match")) for request in world.seen] == [False, True]
    assert (await asker.work()).paper.links.code[0].stars == 7


async def test_a_retraction_withdraws_a_work(asker: Asker, world: World, clock: Clock) -> None:
    notice = {"DOI": "10.1000/notice", "update-to": [{"DOI": "10.1000/x", "type": "retraction"}]}
    world.crossref["updates:10.1000/x"] = [notice]
    await asker.take_in(fetched(1, identifiers={"doi": "10.1000/x"}))
    await asker.ask("crossref")
    told = (await asker.told())[-1]
    assert kinds(told) == ["withdrawn"]
    assert told.changes[0].version == "10.1000/notice"
    assert (told.paper.status, told.paper.trending, told.trend) == ("withdrawn", None, None)
    clock.pass_(days=1)
    before = world.asked["crossref"]
    await asker.ask("crossref")
    assert world.asked["crossref"] == before, "it is left alone"


async def test_a_published_version_is_told_and_found_by_its_doi(asker: Asker, world: World) -> None:
    article = {"DOI": "10.1000/j", "title": ["x"], "container-title": ["Folds"], "type": "journal-article"}
    relation = {"has-preprint": [{"id-type": "doi", "id": "10.48550/arXiv.2401.00001"}]}
    world.crossref["relation.object:10.48550/arxiv.2401.00001"] = [{**article, "relation": relation}]
    await asker.take_in(fetched(1))
    await asker.ask("crossref")
    told = (await asker.told())[-1]
    assert kinds(told) == ["published"]
    assert told.changes[0].version == "10.1000/j"
    assert told.paper.venue == "Folds"
    assert told.paper.identifiers["doi"] == "10.1000/j"
    assert (await asker.work("doi:10.1000/j")).paper.id == "arXiv:2401.00001"


async def test_a_preprint_joins_its_published_version(asker: Asker, world: World) -> None:
    """Both were here under ids of their own; what Crossref says makes them one, and one of their points is lost."""
    relation = {"has-preprint": [{"id": "arXiv:2401.00001"}]}
    title = "Folding cranes with a robot arm"
    article = {"DOI": "10.1000/j", "title": [title], "type": "journal-article", "relation": relation}
    world.crossref["relation.object:10.48550/arxiv.2401.00001"] = [article]
    await asker.take_in(
        fetched(1, title="Folding paper cranes with robot arms"),
        fetched(2, source="folds", id="doi:10.1000/j", title=title),
    )
    await asker.ask("crossref")
    told = (await asker.told())[2:]
    joined = next(event for event in told if event.merged)
    assert joined.paper.id == "arXiv:2401.00001"
    assert joined.merged == ("doi:10.1000/j",)
    assert {ref.source for ref in joined.paper.sources} == {"arxiv", "folds"}
    assert (await asker.work("doi:10.1000/j")).paper.id == "arXiv:2401.00001"
    assert await asker.bus.redis.get("work:doi:10.1000/j") is None


async def test_a_doi_of_another_paper_is_an_oddity_and_nothing_else(asker: Asker, world: World) -> None:
    other = {
        "DOI": "10.1000/x",
        "title": ["Gravitational waves"],
        "container-title": ["Waves"],
        "is-referenced-by-count": 9,
    }
    world.crossref["doi:10.1000/x"] = [{**other, "updated-by": [{"DOI": "10.1000/n", "type": "retraction"}]}]
    await asker.take_in(fetched(1, identifiers={"doi": "10.1000/x"}))
    await asker.ask("crossref")
    told = (await asker.told())[-1]
    assert told.changes == ()
    assert (told.paper.venue, told.paper.status, told.paper.signals) == (None, "active", Signals())
    assert told.paper.oddities == ("crossref knows a DOI of this work as another one: Gravitational waves",)


async def test_an_abstract_with_holes_fills_an_empty_place_only(asker: Asker, world: World) -> None:
    index = {"We": [0], "fold": [1], "cranes.": [3]}
    world.openalex = [
        {"doi": f"https://doi.org/10.48550/arXiv.2401.0000{n}", "abstract_inverted_index": index} for n in (1, 2)
    ]
    await asker.take_in(fetched(1, abstract=""), fetched(2))
    await asker.ask("openalex")
    empty, full = await asker.work("arXiv:2401.00001"), await asker.work("arXiv:2401.00002")
    assert empty.paper.abstract == "We fold … cranes."
    assert empty.paper.oddities == ("the abstract from openalex is incomplete: words missing: 1",)
    assert full.paper.abstract.startswith("We fold cranes in 2 steps.")
    assert full.paper.oddities == ()
    assert world.seen[0].query["api_key"] == "key-of-oa"


@pytest.mark.parametrize("name", ("openalex", "semantic-scholar"))
async def test_of_two_counts_of_citations_the_higher_stands(asker: Asker, world: World, name: str) -> None:
    world.scholar["ARXIV:2401.00001"] = {"citationCount": 30}
    world.openalex = [{"doi": "https://doi.org/10.48550/arxiv.2401.00001", "cited_by_count": 3}]
    await asker.take_in(fetched(1))
    await asker.ask(name)
    await asker.ask({"openalex": "semantic-scholar", "semantic-scholar": "openalex"}[name])
    assert (await asker.work()).paper.signals.citations == 30


async def test_a_published_version_that_is_told_again_changes_nothing(asker: Asker, world: World, clock: Clock) -> None:
    """INVARIANT: an answer that says nothing new makes no revision, however often it comes."""
    own = "10.1101/2026.03.01.000001"
    relation = {"is-preprint-of": [{"id": "10.1000/j"}]}
    world.crossref[f"doi:{own}"] = [{"DOI": own, "type": "posted-content", "relation": relation}]
    await asker.take_in(fetched(1, id=f"doi:{own}", source="biorxiv"))
    for _ in range(3):
        await asker.ask("crossref")
        clock.pass_(hours=4)
    told = await asker.told()
    assert list(map(kinds, told)) == [["new"], ["published"]]
    assert world.asked["crossref"] == 6
