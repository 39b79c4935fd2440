"""Fixtures for tests with providers."""

from collections.abc import AsyncIterator

import pytest

from shared.settings import Settings
from tests.integration.enricher.providers.provider_server import ProviderServer, providers
from tests.integration.enricher.refresh.instance import Clock, EnricherInstance, running_enricher


@pytest.fixture
async def server() -> AsyncIterator[ProviderServer]:
    """A server for the five providers."""
    async with providers() as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    """A clock that tests advance."""
    return Clock()


@pytest.fixture
async def enricher(settings: Settings, server: ProviderServer, clock: Clock) -> AsyncIterator[EnricherInstance]:
    """An enricher with the providers of the server."""
    async with running_enricher(settings, server, clock) as opened:
        yield opened
