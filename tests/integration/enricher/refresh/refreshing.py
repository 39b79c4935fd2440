"""Enrichers that ask: the parts of the composition root, on a clock that is moved by hand."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from ipaddress import ip_network
from typing import Any

from services.enricher.bootstrap_providers import open_providers
from services.enricher.handlers import enrich
from services.enricher.providers.quotas import Quotas
from services.enricher.refresh.due_works import DueWorks
from services.enricher.refresh.enrollment import Enrollment
from services.enricher.refresh.refresher import Refresher
from services.enricher.settings import EnricherSettings
from services.enricher.works.known_works import KnownWorks
from services.enricher.works.records import read_known
from services.enricher.works.samples import Samples
from services.enricher.works.work import Work
from shared.bus import Bus, open_redis
from shared.bus.upkeep import ensure_groups
from shared.net import outbound_session
from shared.papers.events import PaperEnriched, PaperFetched
from shared.papers.streams import ENRICHED, FETCHED
from shared.settings import Settings
from tests.integration.enricher.providers.provider_server import World
from tests.support import NOW, entries, fetched, publish, settled, until


def recent(number: int = 1, **fields: Any) -> PaperFetched:
    """Make the sighting of a paper that came out yesterday."""
    return fetched(number, **{"published": "2026-03-03", **fields})


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Sleep as long as nothing, and find that the time has passed."""
        self.pass_(seconds=seconds)

    def pass_(self, **by: float) -> None:
        self.now += timedelta(**by)


class Asker:
    """One enricher: it takes in what is fetched, and asks when it is told to."""

    def __init__(self, bus: Bus, refreshes: dict[str, Refresher], enrollment: Enrollment, clock: Clock) -> None:
        self.bus = bus
        self.refreshes = refreshes
        self.enrollment = enrollment
        self.clock = clock

    async def take_in(self, *seen: PaperFetched) -> list[PaperEnriched]:
        """Enrich sightings; give all that has been told so far."""
        if not self.bus.consumers:
            self.bus.consume(FETCHED, "enricher", partial(enrich, enrollment=self.enrollment))
            await self.bus.start()
        await publish(self.bus, FETCHED, *seen)
        await until(lambda: settled(self.bus, FETCHED, "enricher"))
        return await self.told()

    async def ask(self, name: str) -> float:
        """Let a provider have its round, and show how it is."""
        refresh = self.refreshes[name]
        wait = await refresh.run_round()
        await refresh.show()
        return wait

    async def told(self) -> list[PaperEnriched]:
        return [entry.event for entry in await entries(self.bus, ENRICHED)]

    async def known(self, *names: str) -> KnownWorks:
        async with self.bus.hop("test") as hop:
            return await read_known(hop, names)

    async def work(self, name: str = "arXiv:2401.00001") -> Work:
        work = (await self.known(name)).find(name)
        assert work
        return work

    def due(self, name: str) -> DueWorks:
        return DueWorks(self.bus.redis, name)


@asynccontextmanager
async def asking(
    base: Settings, world: World, clock: Clock, jitter: Callable[[], float] = lambda: 1.0, **more: Any
) -> AsyncIterator[Asker]:
    """Make an enricher that asks all five providers."""
    given = base.model_dump(exclude_unset=True) | world.settings()
    names = "semantic-scholar,openalex,crossref,github,huggingface"
    keys = {"semantic_scholar_key": "key-of-s2", "openalex_key": "key-of-oa", "github_token": "token-of-gh"}
    options = {"provider_timeout": 5.0, "provider_body": 1_000_000, "providers": names, **keys, **more}
    allowed = {"allow_private_endpoints": (ip_network("127.0.0.1/32"),)}
    settings = EnricherSettings.load(**{**given, **options, **allowed})
    async with AsyncExitStack() as stack:
        redis = open_redis(settings.redis_url)
        stack.push_async_callback(redis.aclose)
        bus = Bus(settings, redis)
        await ensure_groups(redis)
        await bus.broker.connect()
        stack.push_async_callback(bus.stop)
        total = settings.provider_timeout
        session = outbound_session(settings.allow_private_endpoints, "Paperwire/test", total=total)
        await stack.enter_async_context(session)
        providers = open_providers(settings, session, redis, Quotas(redis, clock, clock.sleep))
        samples = Samples(redis, clock)
        refreshes = {each.id: Refresher(each, bus, samples, clock, jitter) for each in providers}
        yield Asker(bus, refreshes, Enrollment(samples, providers, redis), clock)
