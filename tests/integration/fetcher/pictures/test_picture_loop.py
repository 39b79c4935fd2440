"""The loop and its search: which requests are made for a paper, in which order, and what follows from the answers."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from services.fetcher.pictures.picture_loop import AGAIN_S, PictureLoop
from services.fetcher.pictures.picture_process import PictureProcess
from services.fetcher.pictures.picture_store import PictureStore
from services.fetcher.pictures.small_picture import MAX_BYTES
from shared.board import PICTURE_STOCK, PICTURES
from shared.board.picture_wishes import read_picture
from shared.board.rows import Origin, PictureWish
from shared.errors import PermanentError
from shared.worker.protocol import Limits
from tests.integration.fetcher.http.polite import site
from tests.integration.fetcher.pictures.pictures import searching, wanted, wish, withdrawn
from tests.integration.fetcher.support import Clock
from tests.unit.fetcher.pictures.images import decoded, drawing, encoded, png

PICTURE = encoded(drawing())
OFFER = b'<html><head><meta property="og:image" content="/teaser.png"></head></html>'
FIGURE = b'<base href="/html/2401.00001v2/"><figure class="ltx_figure"><img src="x1.png"></figure>'


class World:
    """A site that is Hugging Face, a project and arXiv at once, and writes down what it was asked for."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes | int | str] = {}
        self.asked: list[str] = []

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(request.path_qs)
        answer = self.answers.get(request.path_qs, 404)
        if isinstance(answer, int):
            return web.Response(status=answer, headers={"Retry-After": "90"} if answer == 429 else {})
        if isinstance(answer, str):
            return web.Response(status=302, headers={"Location": answer})
        return web.Response(body=answer)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def url(world: World) -> AsyncIterator[str]:
    async with site(world.handle) as address:
        yield address


def everywhere(url: str) -> PictureWish:
    return wish(thumbnail=f"{url}/thumbnail.png", project=f"{url}/project", arxiv="2401.00001v2")


async def looked(redis: Any, store: PictureStore, url: str, *origins: Origin, given: PictureWish | None = None) -> str:
    """Look once for the picture of a paper; return where it was found."""
    await wanted(redis, paper=given or everywhere(url))
    async with searching(redis, url, origins or ("huggingface", "project", "arxiv")) as search:
        await PictureLoop(store, search).round()
    return (await PICTURES.rows(redis)).get("paper", {}).get("origin", "")


async def test_the_thumbnail_of_a_source_is_fetched(redis: Any, store: PictureStore, world: World, url: str) -> None:
    world.answers["/thumbnail.png"] = PICTURE
    assert await looked(redis, store, url) == "huggingface"
    assert world.asked == ["/robots.txt", "/thumbnail.png"]
    assert decoded(await read_picture(redis, "paper") or b"").size == (352, 198)


async def test_the_page_of_a_project_names_its_picture(redis: Any, store: PictureStore, world: World, url: str) -> None:
    world.answers = {"/project": OFFER, "/teaser.png": PICTURE}
    assert await looked(redis, store, url, "project") == "project"
    assert world.asked == ["/robots.txt", "/project", "/teaser.png"]


async def test_the_first_figure_at_arxiv_is_the_last_choice(
    redis: Any, store: PictureStore, world: World, url: str
) -> None:
    world.answers = {"/html/2401.00001v2": FIGURE, "/html/2401.00001v2/x1.png": PICTURE}
    assert await looked(redis, store, url) == "arxiv"
    assert world.asked[1:3] == ["/thumbnail.png", "/project"]


async def test_only_places_of_the_setting_are_asked(redis: Any, store: PictureStore, world: World, url: str) -> None:
    assert await looked(redis, store, url, "huggingface", given=wish(arxiv="2401.00001", project=f"{url}/a")) == ""
    assert world.asked == []
    stock = (await PICTURE_STOCK.rows(redis))["all"]
    assert (stock["wanted"], stock["none"]) == (0, 0)


@pytest.mark.parametrize("rules", ("User-agent: *\nDisallow: /teaser", "User-agent: paperwire\nDisallow: /project"))
async def test_a_site_may_forbid_it(redis: Any, store: PictureStore, world: World, url: str, rules: str) -> None:
    """INVARIANT: what robots.txt forbids is not requested."""
    world.answers = {"/robots.txt": rules.encode(), "/project": OFFER, "/teaser.png": PICTURE}
    assert await looked(redis, store, url, "project") == ""
    assert "/teaser.png" not in world.asked


async def test_a_redirect_is_checked_too(redis: Any, store: PictureStore, world: World, url: str) -> None:
    world.answers = {"/robots.txt": b"User-agent: *\nDisallow: /x", "/thumbnail.png": "/x/1.png", "/x/1.png": PICTURE}
    assert await looked(redis, store, url, "huggingface") == ""
    assert world.asked == ["/robots.txt", "/thumbnail.png"]


async def test_private_addresses_are_refused(redis: Any, store: PictureStore, world: World, url: str) -> None:
    """INVARIANT: neither a page nor a redirect of a stranger leads the fetcher to what is inside."""
    inner = b'<meta property="og:image" content="http://169.254.169.254/latest/meta-data.png">'
    world.answers = {"/project": inner, "/thumbnail.png": "http://10.0.0.1/a.png"}
    assert await looked(redis, store, url, "huggingface", "project") == ""
    assert (await PICTURE_STOCK.rows(redis))["all"]["wanted"] == 0


@pytest.mark.parametrize(
    "body",
    (
        pytest.param(b"<html>a challenge page</html>", id="no picture"),
        pytest.param(png(20_000, 20_000), id="bomb"),
        pytest.param(PICTURE[:500], id="truncated"),
        pytest.param(PICTURE + bytes(MAX_BYTES), id="too large"),
    ),
)
async def test_a_bad_picture_is_no_picture(
    redis: Any, store: PictureStore, world: World, url: str, body: bytes
) -> None:
    world.answers["/thumbnail.png"] = body
    assert await looked(redis, store, url, "huggingface") == ""
    async with searching(redis, url) as search:
        await PictureLoop(store, search).round()
    assert world.asked.count("/thumbnail.png") == 1
    assert (await PICTURE_STOCK.rows(redis))["all"]["none"] == 1


async def test_a_failure_is_tried_again_later(
    redis: Any, store: PictureStore, world: World, url: str, clock: Clock
) -> None:
    world.answers["/thumbnail.png"] = 500
    assert await looked(redis, store, url, "huggingface") == ""
    stock = (await PICTURE_STOCK.rows(redis))["all"]
    async with searching(redis, url) as search:
        loop = PictureLoop(store, search)
        await loop.round()
        assert world.asked.count("/thumbnail.png") == 1
        world.answers["/thumbnail.png"] = PICTURE
        clock.forward(seconds=AGAIN_S + 1)
        await loop.round()
    assert "paper" in await PICTURES.rows(redis)
    stock = await store.show((), None)
    assert (stock["found"], stock["failed"], stock["wanted"]) == (1, 1, 0)


async def test_a_host_that_asks_for_a_pause_gets_one(redis: Any, store: PictureStore, world: World, url: str) -> None:
    world.answers["/thumbnail.png"] = 429
    await wanted(redis, one=everywhere(url), two=everywhere(url), three=everywhere(url))
    async with searching(redis, url, ("huggingface",)) as search:
        await PictureLoop(store, search).round()
    assert world.asked.count("/thumbnail.png") <= 2
    assert (await store.show((), None))["wanted"] == 3


async def test_a_paper_that_is_withdrawn_meanwhile_gets_none(
    redis: Any, store: PictureStore, world: World, url: str
) -> None:
    async def withdraw(_: web.Request) -> web.Response:
        await withdrawn(redis, "paper")
        return web.Response(body=PICTURE)

    async with site(withdraw) as there:
        assert await looked(redis, store, url, given=wish(thumbnail=f"{there}/a.png")) == ""
    assert world.asked == []


async def test_nothing_is_fetched_while_the_disk_is_full(
    redis: Any, store: PictureStore, world: World, url: str
) -> None:
    await wanted(redis, paper=everywhere(url))
    async with searching(redis, url) as search:
        await PictureLoop(store, search, paused=lambda: True).round()
    assert world.asked == []
    assert (await PICTURE_STOCK.rows(redis))["all"]["wanted"] == 1


async def test_the_process_shrinks_finds_and_ends_what_takes_too_much() -> None:
    process = PictureProcess()
    small = await process.shrink(PICTURE)
    assert decoded(small.body).size == (small.width, small.height) == (352, 198)
    assert await process.find("project", OFFER, "https://a.example/") == "https://a.example/teaser.png"
    assert await process.find("project", b"", "https://a.example/") is None
    with pytest.raises(PermanentError, match="no picture in one of the formats"):
        await process.shrink(b"nothing")
    await process.close()
    narrow = PictureProcess(Limits(seconds=30.0, memory=200 * 1024 * 1024))
    with pytest.raises(PermanentError, match="needs too much memory"):
        await narrow.shrink(png(6_300, 6_300, rows=bytes(6_300 * 18_901)))
    await narrow.close()
