"""`paperwire import` where nobody works on its papers: it says so, and ends."""

import itertools
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from services.cli.commands.import_papers import import_files
from services.cli.commands.standstill import PATH, Patience, Standstill, StandstillError
from shared.bus import Bus, Entry, Hop, open_redis
from shared.bus.dead import letters
from shared.errors import PermanentError, TransientError
from shared.papers.events import PaperFetched
from shared.papers.streams import FETCHED, STREAMS
from shared.settings import Settings
from tests.support import fetched, publish, settled, until

SHORT = Patience(quiet=0.1, silence=1.5, absence=0.2)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of papers."""
    path = tmp_path / "papers.jsonl"
    path.write_text("\n".join(json.dumps({"title": f"Crane number {n} folded by a robot"}) for n in range(400)))
    return path


def test_the_path_names_the_groups_of_its_streams() -> None:
    assert [(s.name, s.groups[0]) for s in STREAMS if (s.name, s.groups[0]) in PATH] == list(PATH)


async def test_an_import_ends_when_the_fuse_is_blown(
    bus: Bus, settings: Settings, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """INVARIANT: an import whose papers nobody handles any more does not wait for ever without a word."""

    async def fail(_: Sequence[Entry[PaperFetched]], __: Hop) -> None:
        raise PermanentError("The records are of the old world.")

    bus.consume(FETCHED, "enricher", fail, batch=64)
    await bus.start()
    with pytest.raises(StandstillError, match=r"The import stands still: the fuse of .* is blown") as end:
        await import_files(settings, [file], patience=SHORT)
    assert "do not import them again" in str(end.value)
    assert "waiting, since the fuse of papers.fetched.v1 is blown" in capsys.readouterr().err
    assert 50 <= len(await letters(bus.redis, FETCHED.name, limit=500)) < 400


async def test_an_import_ends_when_nobody_reads(settings: Settings, bus: Bus, file: Path) -> None:
    assert bus.redis
    with pytest.raises(StandstillError, match=r"no enricher reads papers\.fetched\.v1: start one"):
        await import_files(settings, [file], patience=SHORT)


async def test_a_living_consumer_that_waits_for_an_outage_is_told_and_waited_for(bus: Bus) -> None:
    """INVARIANT: an import outlasts an outage, however long it takes."""
    released: list[bool] = []

    async def handle(_: Sequence[Entry[PaperFetched]], __: Hop) -> None:
        if not released:
            raise TransientError("Qdrant does not answer", retry_after=0.1)

    await publish(bus, FETCHED, fetched())
    bus.consume(FETCHED, "enricher", handle)
    await bus.start()
    standstill, seconds = Standstill(bus.redis, Patience()), itertools.count(0, 100)
    assert await standstill.look(0, next(seconds)) is None, "an import that has just begun is given time"
    told = await until(lambda: standstill.look(0, next(seconds)))
    assert told == "papers.fetched.v1 waits: Qdrant does not answer"
    released.append(True)
    await until(lambda: settled(bus, FETCHED, "enricher"))


async def test_a_service_that_starts_again_in_time_is_waited_for(bus: Bus, settings: Settings) -> None:
    await publish(bus, FETCHED, fetched())
    standstill = Standstill(bus.redis, Patience())
    assert await standstill.look(0, 0.0) is None
    assert await standstill.look(0, 10.0) == "no enricher reads papers.fetched.v1: start one"
    assert await standstill.look(1, 30.0) is None, "there was progress"
    assert await standstill.look(1, 40.0)
    reading = open_redis(settings.redis_url)
    await reading.xreadgroup("enricher", "again", {FETCHED.name: ">"})
    await reading.aclose()
    assert await standstill.look(1, 60.0) is None
    await bus.redis.xgroup_delconsumer(FETCHED.name, "enricher", "again")
    await publish(bus, FETCHED, fetched(2))
    assert await standstill.look(1, 70.0)
    with pytest.raises(StandstillError):
        await standstill.look(1, 90.0)
