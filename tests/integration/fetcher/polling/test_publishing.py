"""Publishing what a poll brought."""

import threading
from typing import Any

from services.fetcher.polling.publishing import publish_poll
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


async def test_items_are_told_apart_beside_the_loop(bus: Bus) -> None:
    """INVARIANT: a long feed holds up nobody on the same loop: its items are read in a thread."""
    threads.clear()
    items: list[Item] = [Observed(**item(number).model_dump()) for number in range(3)]
    assert await publish_poll(bus, "cranes", Poll(items), {}, "poll-1") == 3
    assert threads
    assert threading.current_thread() not in threads
    assert len(await entries(bus, FETCHED)) == 3
