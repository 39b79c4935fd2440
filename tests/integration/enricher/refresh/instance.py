"""An enricher with providers: the parts of its bootstrap, on a clock that tests advance."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from ipaddress import ip_network
from typing import Any

from services.enricher.bootstrap_providers import open_llm, open_providers
from services.enricher.handlers import Enrollment, enrich
from services.enricher.providers.port import Asked
from services.enricher.providers.quotas import Quotas
from services.enricher.refresh.due_works import DueWorks
from services.enricher.refresh.refresher import Refresher
from services.enricher.settings import EnricherSettings
from services.enricher.works.intake import KnownWorks
from services.enricher.works.records import Samples, read_known
from services.enricher.works.work import Work
from shared.bus import Bus, open_redis
from shared.bus.upkeep import ensure_groups
from shared.outbound import outbound_session
from shared.papers.events import PaperEnriched, PaperFetched
from shared.papers.streams import ENRICHED, FETCHED
from shared.settings import Settings
from tests.integration.enricher.providers.provider_server import ProviderServer
from tests.support import NOW, entries, fetched, publish, settled, until


def recent(number: int = 1, **fields: Any) -> PaperFetched:
    """Return the sighting of a paper that was published yesterday."""
    return fetched(number, **{"published": "2026-03-03", **fields})


class Clock:
    """A clock that tests advance."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Advance the clock instead of sleeping."""
        self.advance(seconds=seconds)

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


class EnricherInstance:
    """One enricher, which asks a provider when a test calls `ask`."""

    def __init__(self, bus: Bus, refreshes: dict[str, Refresher], enrollment: Enrollment, clock: Clock) -> None:
        self.bus = bus
        self.refreshes = refreshes
        self.enrollment = enrollment
        self.clock = clock

    async def take_in(self, *seen: PaperFetched) -> list[PaperEnriched]:
        """Enrich sightings; return all events so far."""
        if not self.bus.consumers:
            self.bus.consume(FETCHED, "enricher", partial(enrich, enrollment=self.enrollment))
            await self.bus.start()
        await publish(self.bus, FETCHED, *seen)
        await until(lambda: settled(self.bus, FETCHED, "enricher"))
        return await self.published()

    async def ask(self, name: str) -> float:
        """Run one round of a provider, and show its state."""
        refresh = self.refreshes[name]
        wait = await refresh.run_round()
        await refresh.show()
        return wait

    async def published(self) -> list[PaperEnriched]:
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
async def running_enricher(
    base: Settings, server: ProviderServer, clock: Clock, jitter: Callable[[], float] = lambda: 1.0, **more: Any
) -> AsyncIterator[EnricherInstance]:
    """Run an enricher with all five providers."""
    given = base.model_dump(exclude_unset=True) | server.settings()
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
        providers: list[Asked] = [*open_providers(settings, session, redis, Quotas(redis, clock, clock.sleep))]
        providers += open_llm(settings, redis, stack.push_async_callback, clock)
        samples = Samples(redis, clock)
        enrollment = Enrollment(samples, providers, redis)
        refreshes = {
            each.id: Refresher(each, bus, samples, clock, jitter, enrollment.write_trending) for each in providers
        }
        yield EnricherInstance(bus, refreshes, enrollment, clock)
