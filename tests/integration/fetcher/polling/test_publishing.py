"""Publishing what a poll brought."""

import threading
from typing import Any

from services.fetcher.polling.outcome import item_mark, publish_poll
from services.fetcher.sources.port import Poll
from shared.bus import Bus
from shared.papers.events import Item
from shared.papers.streams import FETCHED
from tests.support import entries, item


class Observed(Item):
    """An item that notes in which thread it is read."""

    def model_dump_json(self, **options: Any) -> str:
        threads.add(threading.current_thread())
        return super().model_dump_json(**options)


threads: set[threading.Thread] = set()


async def test_items_are_compared_outside_the_event_loop(bus: Bus) -> None:
    """INVARIANT: a long feed holds up nobody on the same loop: its items are read in a thread."""
    threads.clear()
    items: list[Item] = [Observed(**item(number).model_dump()) for number in range(3)]
    assert await publish_poll(bus, "cranes", Poll(items), {}, "poll-1") == 3
    assert threads
    assert threading.current_thread() not in threads
    assert len(await entries(bus, FETCHED)) == 3


async def test_items_are_published_with_the_trust_of_their_source(bus: Bus) -> None:
    """The enricher reads from the event whose words count more; a mark of an item does not depend on it."""
    items = [item(1).model_copy(update={"trust": 0}), item(2, source="a-blog"), item(3, source="huggingface")]
    await publish_poll(bus, "cranes", Poll(items), {}, "poll-1")
    assert [entry.event.item.trust for entry in await entries(bus, FETCHED)] == [3, 0, 1]
    assert item_mark(items[0]) == item_mark(items[0].model_copy(update={"trust": 2}))
