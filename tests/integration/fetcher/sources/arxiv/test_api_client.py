"""The API of arXiv: short pages, errors, windows, and a query as a source."""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime

import pytest
from aiohttp import web

from services.fetcher.http.polite import HostBusyError, Polite
from services.fetcher.sources.arxiv.api_client import ArxivApi
from services.fetcher.sources.arxiv.api_query import ArxivQuery
from services.fetcher.sources.port import Cursor
from shared.errors import PermanentError, TransientError
from tests.integration.fetcher.sources.arxiv.arxiv_site import (
    Answer,
    Archive,
    Clock,
    Record,
    archive,
    records,
    slice_of,
)

ERROR = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>https://arxiv.org/api/errors#bad_query</id>'
    "<title>Error</title><summary>the query has no end</summary></entry></feed>"
)
SINCE, UNTIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 15, tzinfo=UTC)


@pytest.fixture
async def served(redis_url: str) -> AsyncIterator[tuple[Archive, Polite]]:
    async with archive(redis_url) as both:
        yield both


def api(
    served: tuple[Archive, Polite], page: int = 2, depth: int = 10_000, at: str = "2026-03-04T12:00+00:00"
) -> ArxivApi:
    return ArxivApi(served[1], Clock(at), base=f"{served[0].base}/api", page=page, depth=depth)


def paged(papers: list[Record]) -> Callable[[Mapping[str, str]], Answer]:
    """Answer as the API does: a slice of what is asked for."""

    def answer(query: Mapping[str, str]) -> Answer:
        found = papers
        if "submittedDate" in query["search_query"]:
            begin, end = query["search_query"].split("submittedDate:[")[1].rstrip("]").split(" TO ")
            found = [paper for paper in papers if begin <= f"{paper.submitted:%Y%m%d%H%M}" <= end]
        start, most = int(query["start"]), int(query["max_results"])
        return slice_of(found[start : start + most], len(found))

    return answer


def lapsing(answers: list[str], then: Callable[[Mapping[str, str]], Answer]) -> Callable[[Mapping[str, str]], Answer]:
    """Give some answers first."""
    return lambda query: answers.pop(0) if answers else then(query)


async def harvested(driver: ArxivApi, start: Cursor | None = None) -> tuple[list[str], Cursor]:
    names: list[str] = []
    cursor: Cursor = start or {}
    async for items, cursor in driver.harvest("cat:cs.RO", SINCE, UNTIL, start):  # noqa: B007  # the last one is what counts
        names += [item.id[-5:] for item in items]
    return names, cursor


async def test_a_short_page_is_requested_again(served: tuple[Archive, Polite]) -> None:
    papers = records(range(3))
    served[0].api = lapsing([slice_of([], 3), slice_of(papers[:1], 3)], paged(papers))
    found = await api(served).slice(search_query="cat:cs.RO")
    assert (found.total, found.entries) == (3, 2)
    assert served[0].count("api") == 3


async def test_a_page_that_stays_short_is_accepted(served: tuple[Archive, Polite]) -> None:
    papers = records(range(3))
    served[0].api = lambda _: slice_of(papers[:1], 3)
    found = await api(served).slice(search_query="cat:cs.RO")
    assert (found.total, found.entries) == (3, 1)
    assert served[0].count("api") == 3


async def test_an_empty_answer_is_accepted_the_second_time(served: tuple[Archive, Polite]) -> None:
    served[0].api = lambda _: slice_of([])
    assert (await api(served).slice(search_query="cat:cs.RO")).entries == 0
    assert served[0].count("api") == 2


@pytest.mark.parametrize("status", (200, 400))
async def test_an_error_is_explained_for_every_status(served: tuple[Archive, Polite], status: int) -> None:
    served[0].api = lambda _: web.Response(text=ERROR, status=status)
    with pytest.raises(PermanentError, match="the query has no end"):
        await api(served).slice(search_query="(")


async def test_status_429_pauses_every_arxiv_interface(served: tuple[Archive, Polite]) -> None:
    served[0].api = lambda _: web.Response(text="Rate exceeded.", status=429)
    with pytest.raises(TransientError, match="429"):
        await api(served).slice(search_query="cat:cs.RO")
    with pytest.raises(TransientError, match="are paused"):
        await api(served).slice(search_query="cat:cs.RO")
    assert served[0].count("api") == 1


async def test_many_ids_are_fetched_in_several_requests(served: tuple[Archive, Polite]) -> None:
    served[0].api = lambda query: slice_of(records(int(name[5:]) for name in query["id_list"].split(",")))  # type: ignore[arg-type]  # any iterable
    items = await api(served).by_ids([f"arXiv:2603.{number:05d}" for number in range(130)])
    assert len({item.id for item in items}) == 130
    assert [query["max_results"] for _, query in served[0].asked] == ["100", "100"]


async def test_a_backfill_goes_through_windows_and_pages(served: tuple[Archive, Polite]) -> None:
    papers = [Record(day, submitted=datetime(2026, 3, day, 23, 59, tzinfo=UTC)) for day in range(1, 16)]
    served[0].api = paged(papers)
    names, cursor = await harvested(api(served))
    assert names == [f"{day:05d}" for day in range(1, 15)]  # the end is not part of it
    assert (cursor["records"], cursor["missing"], cursor["done"]) == (14, 0, True)


async def test_a_window_with_too_many_results_is_split(served: tuple[Archive, Polite]) -> None:
    papers = [Record(day, submitted=datetime(2026, 3, day, 12, tzinfo=UTC)) for day in range(1, 15)]
    served[0].api = paged(papers)
    names, cursor = await harvested(api(served, depth=4))
    assert names == [f"{day:05d}" for day in range(1, 15)]
    assert cursor["missing"] == 0
    assert all(int(query["start"]) < 4 for _, query in served[0].asked)


async def test_a_backfill_continues_where_it_stopped(served: tuple[Archive, Polite]) -> None:
    papers = [Record(day, submitted=datetime(2026, 3, day, 12, tzinfo=UTC)) for day in range(1, 15)]
    served[0].api = paged(papers)
    before: list[str] = []
    async for items, cursor in api(served).harvest("cat:cs.RO", SINCE, UNTIL):  # noqa: B007  # as above
        before += [item.id[-5:] for item in items]
        if len(before) == 4:
            break
    names, _ = await harvested(api(served), cursor)
    assert before + names == [f"{day:05d}" for day in range(1, 15)]


async def test_missing_results_are_counted(served: tuple[Archive, Polite]) -> None:
    served[0].api = lambda _: slice_of(records([1]), 2)
    _, cursor = await harvested(api(served))
    assert cursor["missing"] > 0


async def test_a_query_returns_new_and_revised_papers(served: tuple[Archive, Polite]) -> None:
    clock = Clock("2026-03-04T12:00+00:00")
    source = ArxivQuery("cranes", "ti:crane", api(served), clock)
    papers = records([3, 2, 1])
    served[0].api = paged(papers)
    poll = await source.poll({})
    assert [item.id[-1] for item in poll.items] == ["3", "2", "1"]
    assert {item.announced for item in poll.items} == {"new"}
    assert served[0].asked[0][1] == {
        "search_query": "ti:crane",
        "sortBy": "lastUpdatedDate",
        "sortOrder": "descending",
        "start": "0",
        "max_results": "2",
    }
    served[0].api = paged([Record(2, version=2), papers[0], papers[2]])
    poll = await source.poll(poll.cursor)
    assert [(item.id[-1], item.version, item.announced) for item in poll.items] == [("2", 2, "replace")]
    assert [(seen.day, seen.received, seen.expected) for seen in poll.observed] == [("2026-03-04", 4, 4)]
    assert poll.observed[0].counts == {"new": 3, "revised": 1}
    assert (await source.poll(poll.cursor)).items == []


async def test_a_query_stops_at_known_papers(served: tuple[Archive, Polite]) -> None:
    old = [Record(number, submitted=datetime(2026, 1, 1, tzinfo=UTC)) for number in range(10, 90)]
    served[0].api = paged([*records([1]), *old])
    poll = await ArxivQuery("cranes", "ti:crane", api(served), Clock("2026-03-04T12:00+00:00")).poll({})
    assert [item.id[-5:] for item in poll.items] == ["00001"]
    assert served[0].count("api") == 1


async def test_a_query_with_fewer_entries_than_its_total_is_partial(served: tuple[Archive, Polite]) -> None:
    served[0].api = lambda query: slice_of(records([1]) if query["start"] == "0" else [], 2)
    source = ArxivQuery("cranes", "ti:crane", api(served), Clock("2026-03-04T12:00+00:00"))
    poll = await source.poll({"known": ["2602.00009|1"]})
    assert (poll.state, len(poll.items), poll.observed[0].missing) == ("partial", 1, 1)
    assert poll.cursor["known"] == ["2602.00009|1", "2603.00001|1"]
    served[0].api = lambda _: slice_of([], 2)
    with pytest.raises(TransientError, match="counts 2 results but returned none"):
        await source.poll({})


@pytest.mark.parametrize("at", ("2026-03-05T00:00+00:00", "2026-03-05T00:40+00:00", "2026-03-04T19:59-05:00"))
async def test_no_request_is_sent_during_the_nightly_index_update(served: tuple[Archive, Polite], at: str) -> None:
    """INVARIANT: neither a query nor a backfill nor a paper by its id asks between 00:00 and 01:00 UTC."""
    served[0].api = paged(records([1]))
    driver = api(served, at=at)
    for question in (driver.slice(search_query="all:crane"), driver.by_ids(["2603.00001"]), harvested(driver)):
        with pytest.raises(HostBusyError, match="nightly index update until 01:00 UTC") as caught:
            await question
        end = datetime.fromisoformat(at).timestamp() + (caught.value.retry_after or 0)
        assert datetime.fromtimestamp(end, UTC) == datetime(2026, 3, 5, 1, tzinfo=UTC)
    assert served[0].asked == []


async def test_requests_continue_after_the_nightly_index_update(served: tuple[Archive, Polite]) -> None:
    served[0].api = paged(records([1]))
    assert (await api(served, at="2026-03-05T01:00+00:00").slice(search_query="all:crane")).entries == 1
