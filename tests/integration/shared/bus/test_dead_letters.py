"""Dead letters: an entry becomes one, whichever consumers hold it."""

import json
from collections.abc import Sequence

import pytest
from faststream.redis.message import bDATA_KEY

from shared.bus import Bus, Entry, Hop
from shared.bus.dead import add_dead_letter, letters
from shared.bus.hop import raw_entry
from shared.papers.events import PaperFetched
from shared.papers.streams import FETCHED
from tests.support import fetched, publish, settled, until

GROUP = FETCHED.groups[0]


async def bury(bus: Bus, entry: tuple[bytes, dict[bytes, bytes]]) -> int:
    """Move an entry as a consumer does that holds it; return whether it was moved."""
    async with bus.redis.pipeline(transaction=True) as pipe:
        add_dead_letter(pipe, FETCHED.name, GROUP, raw_entry(*entry), "no paper", 1)
        (moved,) = await pipe.execute()
    return int(moved)


async def test_an_entry_that_two_consumers_hold_becomes_one_dead_letter(bus: Bus) -> None:
    """INVARIANT: a slow consumer whose entry was reclaimed adds no second dead letter, and counts it no second time."""
    await publish(bus, FETCHED, fetched(1), fetched(2), correlation="import-1")
    ((_, (first, second)),) = await bus.redis.xreadgroup(GROUP, "slow", {FETCHED.name: ">"})
    await bus.redis.xclaim(FETCHED.name, GROUP, "quick", 0, [first[0]])
    assert [await bury(bus, first), await bury(bus, first), await bury(bus, second)] == [1, 0, 1]
    found = await letters(bus.redis, FETCHED.name)
    assert [letter.entry for letter in found] == [first[0].decode(), second[0].decode()]
    assert {letter.reason for letter in found} == {"no paper"}
    assert await bus.redis.hgetall("progress:import-1") == {GROUP.encode(): b"2", b"dead": b"2"}
    assert (await bus.redis.xpending(FETCHED.name, GROUP))["pending"] == 0


@pytest.mark.parametrize("headers", [None, 7, "text", ["a", "b"], {"correlation_id": 5, "traceparent": None}])
@pytest.mark.parametrize("body", ["{}", fetched(9).model_dump_json()], ids=["no event", "an event"])
async def test_headers_of_another_form_stop_nothing(bus: Bus, headers: object, body: str) -> None:
    """INVARIANT: whatever an entry holds, those beside it are handled, and it is handled or dead."""
    await publish(bus, FETCHED, fetched(1))
    await bus.redis.xadd(FETCHED.name, {bDATA_KEY: json.dumps({"data": body, "headers": headers}).encode()})
    await publish(bus, FETCHED, fetched(2))
    seen: list[str] = []

    async def handle(entries: Sequence[Entry[PaperFetched]], _: Hop) -> None:
        seen.extend(entry.event.item.id for entry in entries)

    bus.consume(FETCHED, GROUP, handle)
    await bus.start()
    await until(lambda: settled(bus, FETCHED, GROUP))
    expected = {fetched(number).item.id for number in ((1, 2) if body == "{}" else (1, 2, 9))}
    assert set(seen) == expected
    assert len(await letters(bus.redis, FETCHED.name)) == 3 - len(expected)
