"""Harvests over OAI-PMH: page by page, resumed, restarted, refused."""

from collections.abc import AsyncIterator, Mapping
from datetime import date

import pytest
from aiohttp import web

from services.fetcher.http.polite import Polite
from services.fetcher.sources.arxiv.api_client import ArxivApi
from services.fetcher.sources.arxiv.oai_harvest import ArxivOai
from services.fetcher.sources.port import Cursor
from shared.errors import PermanentError, TransientError
from tests.integration.fetcher.sources.arxiv.arxiv_site import (
    OAI,
    Answer,
    Archive,
    Clock,
    Record,
    archive,
    failure,
    listing,
    records,
    slice_of,
)

MONDAY, SUNDAY = date(2026, 3, 2), date(2026, 3, 8)


@pytest.fixture
async def served(redis_url: str) -> AsyncIterator[tuple[Archive, Polite]]:
    async with archive(redis_url) as both:
        yield both


def driver(served: tuple[Archive, Polite], days: int = 7) -> ArxivOai:
    return ArxivOai(served[1], base=f"{served[0].base}/oai", days=days)


def pages(query: Mapping[str, str]) -> Answer:
    """Give three pages of two papers."""
    page = int(query.get("resumptionToken", "page-0").removeprefix("page-"))
    return listing(records(range(2 * page, 2 * page + 2)), f"page-{page + 1}" if page < 2 else "")


async def harvested(oai: ArxivOai, start: Cursor | None = None, last: date = SUNDAY) -> tuple[list[str], Cursor]:
    names: list[str] = []
    cursor: Cursor = start or {}
    async for items, cursor in oai.harvest("cs", MONDAY, last, start):  # noqa: B007  # the last one is what counts
        names += [item.id for item in items]
    return names, cursor


async def test_a_window_is_read_to_its_last_page(served: tuple[Archive, Polite]) -> None:
    served[0].oai = pages
    names, cursor = await harvested(driver(served))
    assert names == [f"arXiv:2603.{number:05d}" for number in range(6)]
    assert (cursor["records"], cursor["refused"], cursor["done"]) == (6, 0, True)
    assert [query for _, query in served[0].asked] == [
        {"verb": "ListRecords", "metadataPrefix": "arXivRaw", "set": "cs", "from": "2026-03-02", "until": "2026-03-08"},
        {"verb": "ListRecords", "resumptionToken": "page-1"},
        {"verb": "ListRecords", "resumptionToken": "page-2"},
    ]
    assert await harvested(driver(served), cursor) == ([], cursor)


async def test_a_restart_continues_where_the_last_run_stopped(served: tuple[Archive, Polite]) -> None:
    """INVARIANT: after the cursor of a page was kept, that page is not asked for again."""
    served[0].oai = pages
    async for _items, cursor in driver(served).harvest("cs", MONDAY, SUNDAY):  # noqa: B007  # as above
        break
    names, _ = await harvested(driver(served), cursor)
    assert names == [f"arXiv:2603.{number:05d}" for number in range(2, 6)]
    assert served[0].count("oai") == 3


async def test_windows_follow_each_other_and_empty_ones_are_skipped(served: tuple[Archive, Polite]) -> None:
    served[0].oai = lambda query: listing(records([4]) if query["from"] <= "2026-03-04" <= query["until"] else [])
    names, cursor = await harvested(driver(served, days=3))
    assert names == ["arXiv:2603.00004"]
    windows = [(query["from"][8:], query["until"][8:]) for _, query in served[0].asked]
    assert windows == [("02", "04"), ("05", "07"), ("08", "08")]
    assert cursor["done"]


async def test_an_expired_token_restarts_the_window(served: tuple[Archive, Polite]) -> None:
    expired = {"page-1"}

    def answer(query: Mapping[str, str]) -> Answer:
        token = query.get("resumptionToken", "")
        if token in expired:
            expired.discard(token)
            return failure("badResumptionToken")
        return pages(query)

    served[0].oai = answer
    names, cursor = await harvested(driver(served), last=MONDAY)
    assert names == [f"arXiv:2603.{number:05d}" for number in (0, 1, *range(6))]
    assert cursor["done"]


async def test_a_day_that_outlasts_every_token_is_given_up(served: tuple[Archive, Polite]) -> None:
    served[0].oai = lambda query: failure("badResumptionToken") if "resumptionToken" in query else pages(query)
    with pytest.raises(PermanentError, match="take longer than a resumption token is valid"):
        await harvested(driver(served))


async def test_a_busy_archive_is_retried_at_the_time_it_names(served: tuple[Archive, Polite]) -> None:
    served[0].oai = lambda _: web.Response(status=503, headers={"Retry-After": "90"})
    with pytest.raises(TransientError, match="503") as failed:
        await harvested(driver(served))
    assert failed.value.retry_after == 90


@pytest.mark.parametrize(
    ("answer", "reason"),
    (
        ("<html><body>one moment</body></html>", "not an OAI-PMH document"),
        ("", "not XML"),
        (listing(records([1]))[:-40], "not XML"),
        (OAI.format("<ListRecords/>"), "neither records nor an error"),
    ),
)
async def test_an_incomplete_answer_is_requested_again(
    served: tuple[Archive, Polite], answer: str, reason: str
) -> None:
    """INVARIANT: a window counts as read only when the archive said so."""
    served[0].oai = lambda _: answer
    with pytest.raises(TransientError, match=reason):
        await harvested(driver(served))


async def test_an_archive_that_repeats_its_page_is_an_error(served: tuple[Archive, Polite]) -> None:
    served[0].oai = lambda _: listing(records([1]), "for-ever")
    with pytest.raises(TransientError, match="the same page twice"):
        await harvested(driver(served))


async def test_an_unknown_set_is_refused(served: tuple[Archive, Polite]) -> None:
    served[0].oai = lambda _: failure("badArgument")
    with pytest.raises(PermanentError, match="the archive reports the error badArgument: so it is"):
        await harvested(driver(served))


async def test_a_deleted_record_is_a_withdrawal_if_its_title_is_known(served: tuple[Archive, Polite]) -> None:
    there, polite = served
    there.oai = lambda _: listing([*records([1]), Record(2, deleted=True), Record(3, deleted=True)])
    there.api = lambda _: slice_of([Record(2)])
    api = ArxivApi(polite, Clock("2026-03-04T12:00+00:00"), base=f"{there.base}/api")
    oai = ArxivOai(polite, base=f"{there.base}/oai", by_id=api.by_ids)
    found = [item async for items, _ in oai.harvest(None, MONDAY, SUNDAY) for item in items]
    assert [(item.id, item.withdrawn) for item in found] == [("arXiv:2603.00001", False), ("arXiv:2603.00002", True)]
    assert there.asked[1][1]["id_list"] == "2603.00002,2603.00003"
    assert "set" not in there.asked[0][1]
