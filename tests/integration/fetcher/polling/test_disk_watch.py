"""A disk that gets full: a warning, a pause of fetching, and the end of it, each by itself. The space is given."""

from structlog.testing import capture_logs

from services.fetcher.polling.disk_space import GIB, DiskState, DiskWatch, Space
from services.fetcher.polling.poller import Poller
from services.fetcher.polling.source_store import SourceStore
from services.fetcher.sources.port import Poll
from shared.board import DISK
from shared.bus import Bus
from shared.papers.streams import FETCHED
from tests.integration.fetcher.polling.test_poller import Unwritten
from tests.integration.fetcher.support import Clock, Scripted, config
from tests.support import entries, item


async def test_fetching_pauses_while_the_disk_is_nearly_full_and_resumes_by_itself(bus: Bus) -> None:
    clock, free = Clock(), [4]
    disk = DiskWatch(bus.redis, lambda: Space(100 * GIB, free[0] * GIB), clock)
    source = Scripted("cranes", Poll([item(1)]), Poll([item(1)]))
    await SourceStore(bus.redis).seed([config("cranes")])
    polling = Poller(bus, lambda _: source, Unwritten(), disk=disk, clock=clock)
    await disk.check()
    await polling.round()
    await polling.settled()
    assert await entries(bus, FETCHED) == []
    free[0] = 6
    await disk.check()
    await polling.round()
    await polling.settled()
    assert len(await entries(bus, FETCHED)) == 1


async def test_each_shortage_is_one_log_line_and_is_shown_on_the_board(bus: Bus) -> None:
    clock, free = Clock(), [50]
    disk = DiskWatch(bus.redis, lambda: Space(100 * GIB, free[0] * GIB), clock)
    states = []
    with capture_logs() as lines:
        for left in (50, 9, 9, 4, 4, 50):
            free[0] = left
            await disk.check()
            states.append((await DISK.rows(bus.redis))["data"]["state"])
    assert states == ["ok", "low", "low", "paused", "paused", "ok"]
    assert [(line["log_level"], line["state"]) for line in lines] == [
        ("warning", DiskState.LOW),
        ("warning", DiskState.PAUSED),
    ]
