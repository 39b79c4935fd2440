"""The enricher on a real Redis: every work is created once by any number of enrichers."""

import asyncio
import os
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from services.enricher.handlers import enrich
from services.enricher.works.records import read_known, unpack
from shared.board.picture_wishes import BODIES, WANTED, WISHES
from shared.board.rows import PictureWish
from shared.bus import Bus, Entry, Handler, Hop, open_redis
from shared.bus.dead import letters
from shared.papers.events import PaperEnriched, PaperFetched
from shared.papers.streams import ENRICHED, FETCHED
from shared.settings import Settings
from tests.support import entries, fetched, publish, settled, until

WORKS = 150
Start = Callable[..., Awaitable[Bus]]


@asynccontextmanager
async def another(settings: Settings) -> AsyncIterator[Bus]:
    redis = open_redis(settings.redis_url)
    bus = Bus(settings, redis)
    yield bus
    await bus.stop()
    await redis.aclose()


@pytest.fixture
async def start(settings: Settings) -> AsyncIterator[Start]:
    """Start an enricher with small batches, so that enrichers often handle the same works."""
    async with AsyncExitStack() as stack:

        async def run(handler: Any = enrich, *, batch: int = 16) -> Bus:
            bus = await stack.enter_async_context(another(settings))
            bus.consume(FETCHED, "enricher", handler, batch=batch)
            await bus.start()
            return bus

        yield run


async def published(bus: Bus) -> list[PaperEnriched]:
    await until(lambda: settled(bus, FETCHED, "enricher"))
    return [entry.event for entry in await entries(bus, ENRICHED)]


def kinds(events: Sequence[PaperEnriched]) -> list[list[str]]:
    return [[change.kind.value for change in event.changes] for event in events]


def sightings() -> list[PaperFetched]:
    """Return 500 sightings of 150 works: by arXiv id, by another source's id and DOI, by title and author alone."""
    seen = [fetched(n) for n in range(WORKS)]
    seen += [fetched(n) for n in range(WORKS)]
    seen += [fetched(n, source="huggingface", id=f"https://arxiv.org/abs/2401.{n:05d}v1") for n in range(100)]
    seen += [fetched(n, source="blog", id=f"https://blog.example/{n}", authors=("A. Origami",)) for n in range(100)]
    random.Random(7).shuffle(seen)
    return seen


async def test_two_enrichers_create_every_work_once(bus: Bus, start: Start) -> None:
    """INVARIANT: however many enrichers run, a work is new exactly once."""
    seen = sightings()
    assert len(seen) == 500
    for index in range(0, len(seen), 50):
        await publish(bus, FETCHED, *seen[index : index + 50], correlation="import-test")
    busy = Counter[int]()

    def counting(number: int) -> Handler[PaperFetched]:
        async def handle(batch: Sequence[Entry[PaperFetched]], hop: Hop) -> None:
            busy[number] += 1
            await enrich(batch, hop)

        return handle

    await asyncio.gather(start(counting(1)), start(counting(2)))
    events = await published(bus)
    assert min(busy[1], busy[2]) > 3, "one enricher did everything, so this shows nothing"
    news = Counter(event.paper.title for event in events if "new" in kinds([event])[0])
    assert len(news) == WORKS
    assert set(news.values()) == {1}
    assert {name for event in events for name in event.merged} <= {f"https://blog.example/{n}" for n in range(100)}
    works = [unpack("", await bus.redis.get(key)) for key in await bus.redis.keys("work:*")]
    assert {work.paper.id for work in works} == {f"arXiv:2401.{n:05d}" for n in range(WORKS)}
    assert sum(len(work.paper.sources) for work in works) == 150 + 100 + 100
    assert await letters(bus.redis, FETCHED.name) == []
    progress = await bus.redis.hgetall("progress:import-test")
    assert progress[b"enricher"] == b"500"
    assert int(progress[ENRICHED.name.encode()]) == len(events)


async def test_the_revisions_of_a_work_follow_each_other(bus: Bus, start: Start) -> None:
    """INVARIANT: no two states of a work have the same revision, whichever enricher wrote them."""
    await publish(bus, FETCHED, *(fetched(1, version=n, abstract=f"Text {n}.") for n in range(1, 61)))
    await asyncio.gather(start(batch=4), start(batch=4))
    revisions = [event.revision for event in await published(bus)]
    assert sorted(revisions) == list(range(1, len(revisions) + 1))
    assert revisions == sorted(revisions)
    work = unpack("", await bus.redis.get("work:arXiv:2401.00001"))
    assert work.revision == len(revisions)
    assert work.paper.abstract == "Text 60."


async def test_an_identical_import_publishes_nothing(bus: Bus, start: Start) -> None:
    """INVARIANT: a file that is imported twice makes changes once."""
    seen = [fetched(n, identifiers={"doi": f"10.1000/{n}"}) for n in range(40)]
    await publish(bus, FETCHED, *seen)
    await start()
    before = await published(bus)
    keys = await bus.redis.dbsize()
    await publish(bus, FETCHED, *seen, *seen)
    assert await published(bus) == before
    assert len(before) == 40
    assert await bus.redis.dbsize() == keys


async def test_a_revision_is_published_once(bus: Bus, start: Start) -> None:
    revised = fetched(1, version=2, abstract="We fold better cranes.")
    await publish(bus, FETCHED, fetched(1, version=1), revised, revised)
    await start()
    first, second = await published(bus)
    assert kinds([first, second]) == [["new"], ["revised"]]
    assert second.changes[0].fields == ("abstract",)
    assert (first.revision, second.revision) == (1, 2)


async def test_a_failed_transaction_leaves_nothing_behind(bus: Bus, start: Start) -> None:
    """INVARIANT: work, aliases and event are written together or not at all."""
    attempts = 0

    async def failing(batch: Sequence[Entry[PaperFetched]], hop: Hop) -> None:
        nonlocal attempts
        attempts += 1
        await enrich(batch, hop)
        if attempts == 1:
            assert await bus.redis.keys("work:*") == []
            message = "lost"
            raise ConnectionError(message)

    await publish(bus, FETCHED, fetched(1))
    await start(failing)
    assert kinds(await published(bus)) == [["new"]]
    assert attempts == 2


async def test_two_papers_of_one_archive_with_one_title_are_two_works(bus: Bus, start: Start) -> None:
    title = "A survey of paper folding"
    await publish(bus, FETCHED, *(fetched(n, title=title, abstract=f"Part {n}.") for n in (1, 2)))
    await publish(bus, FETCHED, fetched(3, id="https://blog.example/1", source="blog", title=title, abstract="Part 1."))
    await start(batch=1)
    events = await published(bus)
    assert [event.paper.id for event in events] == ["arXiv:2401.00001", "arXiv:2401.00002", "arXiv:2401.00001"]
    assert kinds(events) == [["new"], ["new"], []]


async def test_a_paper_that_fails_does_not_stop_the_others(bus: Bus, start: Start) -> None:
    hostile = fetched(
        2, title="<b>" * 400 + "$" + "{" * 900 + "$", abstract="\\alpha{" * 20_000, identifiers={"arxiv": "x"}
    )
    await publish(bus, FETCHED, fetched(1), hostile, fetched(3))
    await start()
    assert len(await published(bus)) == 3


async def test_a_work_takes_less_than_a_kilobyte(bus: Bus, start: Start) -> None:
    """The state of a million works fits in a gigabyte; benchmarks/enrichment.py measures real abstracts."""
    dice = random.Random(3)
    words = [
        "crane",
        "fold",
        "paper",
        "robot",
        "crease",
        "gripper",
        "wing",
        "valley",
        "motion",
        "sheet",
        "we",
        "of",
        "the",
    ]
    text = [" ".join(dice.choices(words, k=200)) for _ in range(50)]
    await publish(bus, FETCHED, *(fetched(n, abstract=text[n]) for n in range(50)))
    await start()
    await published(bus)
    sizes = [await bus.redis.memory_usage(key) for key in await bus.redis.keys("work:*")]
    sizes += [await bus.redis.memory_usage(key) for key in await bus.redis.keys("alias:*")]
    assert sum(sizes) / 50 < 1_024


JOINED = ("arXiv:2401.00001", "doi:10.1000/1", "https://blog.example/1")


async def test_two_known_works_become_one_and_every_id_resolves_to_it(bus: Bus, start: Start) -> None:
    """INVARIANT: only the ids of a joined work are left, and they resolve to the other work."""
    title = "Cranes of folded paper by arms"
    await publish(bus, FETCHED, fetched(1), fetched(2, id=JOINED[1], source="crossref", title=title))
    await publish(bus, FETCHED, fetched(2, id=JOINED[2], source="blog", title=title))
    await start(batch=1)
    assert [event.paper.id for event in await published(bus)] == ["arXiv:2401.00001", "doi:10.1000/1", "doi:10.1000/1"]
    await publish(bus, FETCHED, fetched(1, source="semantic", id="s2:7", identifiers={"doi": "10.1000/1"}))
    events = await published(bus)
    assert [event.merged for event in events] == [(), (), (), ("doi:10.1000/1",)]
    assert kinds(events) == [["new"], ["new"], [], []]
    assert events[-1].revision > max(event.revision for event in events[:-1])
    assert await bus.redis.keys("work:*") == [b"work:arXiv:2401.00001"]
    async with bus.hop("test") as hop:
        known = await read_known(hop, JOINED)
    assert {name: work.paper.id for name in JOINED if (work := known.find(name))} == dict.fromkeys(JOINED, JOINED[0])


def chains(count: int) -> list[PaperFetched]:
    """Return sightings of works under three ids that only later sightings join, each id from many sources."""
    seen = []
    for n in range(count):
        titles = (f"Folding crane number {n} by hand", f"Bending crane number {n} by hand")
        doi = {"doi": f"10.1000/{n}"}
        for source in ("a", "b"):
            seen += [
                fetched(n, source=source, title=titles[0]),
                fetched(n, source=source, id=f"blog:{source}:{n}", title=titles[1]),
                fetched(n, source=source, id=f"doi:10.1000/{n}", title=titles[1]),
                fetched(n, source=source, title=titles[0], identifiers=doi),
            ]
    random.Random(11).shuffle(seen)
    return seen


async def test_two_processes_join_works_without_a_duplicate_event(bus: Bus, settings: Settings) -> None:
    """INVARIANT: identity is decided in Redis, so independent processes create the same works."""
    count = 60
    for event in chains(count):
        await publish(bus, FETCHED, event)
    environment = {**os.environ, "PAPERWIRE_REDIS_URL": settings.redis_url, "PAPERWIRE_HTTP_PORT": "0"}
    environment |= {"PAPERWIRE_BATCH": "5", "PAPERWIRE_LOG_LEVEL": "error"}
    command = (sys.executable, "-m", "services.enricher")
    processes = [await asyncio.create_subprocess_exec(*command, env=environment) for _ in range(2)]
    try:
        events = await published(bus)
        names = {row["name"].rpartition(b"-")[0] for row in await bus.redis.xinfo_consumers(FETCHED.name, "enricher")}
        assert len({name.rpartition(b"-")[0] for name in names}) == 2
    finally:
        for process in processes:
            process.terminate()
        await asyncio.gather(*(process.wait() for process in processes))
    works = {key.decode().removeprefix("work:") for key in await bus.redis.keys("work:*")}
    assert works == {f"arXiv:2401.{n:05d}" for n in range(count)}
    gone = [name for event in events for name in event.merged]
    assert len(gone) == len(set(gone))
    told_new = Counter(event.paper.id for event in events if "new" in kinds([event])[0])
    assert set(told_new.values()) == {1}
    for name in works:
        revisions = [event.revision for event in events if event.paper.id == name]
        assert revisions == sorted(set(revisions))
    async with bus.hop("test") as hop:
        known = await read_known(hop, [f"blog:a:{n}" for n in range(count)])
    assert all((work := known.find(f"blog:a:{n}")) and len(work.aliases) == 4 for n in range(count))


async def test_a_new_work_wishes_for_a_picture_and_a_withdrawn_one_loses_it(bus: Bus, start: Start) -> None:
    picture = {b"arXiv:2401.00002": b"RIFF"}
    await bus.redis.hset(BODIES, mapping=picture)
    await start()
    await publish(
        bus, FETCHED, fetched(1, version=1, project="https://cranes.example/", thumbnail="https://x.example/1")
    )
    await publish(bus, FETCHED, fetched(2))
    await published(bus)
    wishes = {work: PictureWish.model_validate_json(wish) for work, wish in (await bus.redis.hgetall(WISHES)).items()}
    assert wishes[b"arXiv:2401.00001"] == PictureWish(
        thumbnail="https://x.example/1",
        project="https://cranes.example/",
        arxiv="2401.00001v1",
        published=1_704_153_600,
    )
    await publish(bus, FETCHED, fetched(2, withdrawn=True))
    await published(bus)
    assert await bus.redis.hkeys(WISHES) == [b"arXiv:2401.00001"]
    assert await bus.redis.zrange(WANTED, 0, -1) == [b"arXiv:2401.00001"]
    assert await bus.redis.hgetall(BODIES) == {}
