"""Wishes and pictures in Redis: who gets a wish, how long a picture is kept, and what a withdrawal does."""

from typing import Any

from services.fetcher.pictures.picture_store import LEASE_S, MAX_TRIES, PictureStore
from shared.board import PICTURE_STOCK, PICTURES
from shared.board.picture_wishes import KEPT, MAX_WISHES, WISHES, read_picture, want
from shared.board.rows import version_of_picture
from tests.integration.fetcher.pictures.pictures import FOUND, wanted, wish, withdrawn
from tests.integration.fetcher.support import Clock


async def kept(redis: Any) -> set[str]:
    rows = set(await PICTURES.rows(redis))
    assert rows == {name for name in rows if await read_picture(redis, name)}
    assert len(rows) == await redis.zcard(KEPT)
    return rows


async def test_the_newest_papers_come_first(redis: Any, store: PictureStore) -> None:
    await wanted(redis, a=wish(3), b=wish(1), c=wish(2, project="https://c.example"))
    assert list(await store.claim(2)) == ["b", "c"]
    assert await store.claim(2) == {"a": wish(3)}
    assert await store.claim(2) == {}


async def test_a_lease_that_ends_is_claimed_again_a_few_times(redis: Any, store: PictureStore, clock: Clock) -> None:
    """INVARIANT: a picture that kills its fetcher is not looked for for ever."""
    await wanted(redis, a=wish())
    for _ in range(MAX_TRIES):
        assert list(await store.claim(2)) == ["a"]
        assert await store.claim(2) == {}
        clock.forward(seconds=LEASE_S + 1)
    assert await store.claim(2) == {}
    assert await redis.exists(WISHES) == 0


async def test_a_try_that_does_not_count_may_be_repeated(redis: Any, store: PictureStore, clock: Clock) -> None:
    await wanted(redis, a=wish())
    for _ in range(MAX_TRIES + 2):
        assert list(await store.claim(1)) == ["a"]
        await store.postpone("a", 60, counted=False)
        clock.forward(seconds=61)
    assert list(await store.claim(1)) == ["a"]


async def test_a_turn_is_not_lost_when_the_clock_is_put_right(redis: Any, store: PictureStore, clock: Clock) -> None:
    await wanted(redis, a=wish(-400))
    clock.forward(days=400)
    await store.claim(1)
    clock.forward(days=-400)
    assert await store.claim(1) == {}
    clock.forward(days=1, seconds=1)
    assert list(await store.claim(1)) == ["a"]


async def test_a_picture_is_stored_and_its_wish_is_fulfilled(redis: Any, store: PictureStore, clock: Clock) -> None:
    await wanted(redis, a=wish())
    await store.claim(1)
    assert await store.store("a", FOUND)
    version = version_of_picture(FOUND.picture.body)
    row = {"version": version, "width": 480, "height": 270, "size": 14, "origin": "project"}
    assert await PICTURES.rows(redis) == {"a": row}
    assert await read_picture(redis, "a") == FOUND.picture.body
    clock.forward(seconds=LEASE_S + 1)
    assert await store.claim(1) == {}


async def test_a_paper_that_is_withdrawn_loses_its_picture_and_gets_no_other(redis: Any, store: PictureStore) -> None:
    """INVARIANT: also not one that is being looked for at that moment."""
    await wanted(redis, a=wish(), b=wish())
    await store.claim(2)
    await store.store("a", FOUND)
    await withdrawn(redis, "a", "b")
    assert not await store.store("b", FOUND)
    assert await kept(redis) == set()


async def test_of_too_many_pictures_the_oldest_leave(redis: Any, store: PictureStore, clock: Clock) -> None:
    await wanted(redis, a=wish(), b=wish(), c=wish())
    for name in ("b", "a", "c"):
        clock.forward(seconds=1)
        await store.store(name, FOUND)
    assert await kept(redis) == {"a", "c"}


async def test_old_pictures_leave(redis: Any, store: PictureStore, clock: Clock) -> None:
    await wanted(redis, a=wish(), b=wish())
    await store.store("a", FOUND)
    clock.forward(days=9)
    await store.store("b", FOUND)
    await store.expire()
    assert await kept(redis) == {"a", "b"}
    clock.forward(days=2)
    await store.expire()
    assert await kept(redis) == {"b"}


async def test_old_papers_get_no_picture(redis: Any, store: PictureStore) -> None:
    await wanted(redis, young=wish(9), old=wish(11))
    assert list(await store.claim(5)) == ["young"]
    assert await redis.hkeys(WISHES) == [b"young"]


async def test_a_lower_number_of_pictures_applies_at_once(redis: Any, store: PictureStore, clock: Clock) -> None:
    await wanted(redis, a=wish(), b=wish())
    for name in ("a", "b"):
        clock.forward(seconds=1)
        await store.store(name, FOUND)
    await PictureStore(redis, most=1, days=10, clock=clock).expire()
    assert await kept(redis) == {"b"}


async def test_a_picture_from_the_future_is_as_old_as_now(redis: Any, store: PictureStore, clock: Clock) -> None:
    await wanted(redis, a=wish())
    clock.forward(days=400)
    await store.store("a", FOUND)
    clock.forward(days=-400)
    await store.expire()
    assert await redis.zscore(KEPT, "a") == clock.now.timestamp() * 1000
    clock.forward(days=11)
    await store.expire()
    assert await kept(redis) == set()


async def test_wishes_are_bounded_and_those_of_the_newest_papers_stay(redis: Any, store: PictureStore) -> None:
    many = {str(number): wish(5 + number / 10_000) for number in range(MAX_WISHES + 50)}
    async with redis.pipeline(transaction=True) as pipe:
        want(pipe, many)
        want(pipe, {"new": wish()})
        await pipe.execute()
    assert await redis.hlen(WISHES) == MAX_WISHES
    assert list(await store.claim(2)) == ["new", "0"]
    assert not await redis.hexists(WISHES, str(MAX_WISHES + 49))


async def test_the_board_shows_what_is_kept(redis: Any, store: PictureStore, clock: Clock) -> None:
    await wanted(redis, a=wish(), b=wish())
    await store.store("a", FOUND)
    for outcome in ("found", "none", "none", "failed"):
        await store.count(outcome)
    shown = await store.show(("project",), "project: the host does not answer")
    assert shown == {
        "origins": ["project"],
        "kept": 1,
        "bytes": 14,
        "wanted": 1,
        "found": 1,
        "none": 2,
        "failed": 1,
        "last_error": "project: the host does not answer",
        "checked": clock.now.isoformat(timespec="seconds"),
    }
    assert await PICTURE_STOCK.rows(redis) == {"all": shown}
