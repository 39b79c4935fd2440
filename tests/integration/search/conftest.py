"""One instance of search over a dozen papers, shared by all tests that only read."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.integration.search.instance import in_thread


@pytest.fixture(scope="session")
def instance_url(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[str]:
    """The address of the instance."""
    with in_thread(tmp_path_factory.mktemp("search"), models) as url:
        yield url


@pytest.fixture
def http(instance_url: str) -> Iterator[httpx.Client]:
    """A client of the instance."""
    with httpx.Client(base_url=instance_url, timeout=20) as client:
        yield client
