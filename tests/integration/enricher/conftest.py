"""Fixtures of what asks providers."""

from collections.abc import AsyncIterator

import pytest

from shared.settings import Settings
from tests.integration.enricher.providers.provider_server import World, providers
from tests.integration.enricher.refresh.refreshing import Asker, Clock, asking


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Five providers on a server of the test's own."""
    async with providers() as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    """A clock that is moved by hand."""
    return Clock()


@pytest.fixture
async def asker(settings: Settings, world: World, clock: Clock) -> AsyncIterator[Asker]:
    """One enricher that asks them."""
    async with asking(settings, world, clock) as opened:
        yield opened
