"""An instance that clients ask which other programs made from its OpenAPI document."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest

from services.notifier.access.api_keys import ApiKeys
from services.notifier.bootstrap import build as notifier
from services.search.bootstrap import build as search
from shared.runtime import Runtime
from tests.integration.search.instance import in_thread

BUILT: Final = Path(__file__).parents[3] / "build" / "clients"
"""The folder that `make clients` and `make node-clients` fill."""


@dataclass(frozen=True)
class Instance:
    """The address of an instance, an API key, and the file with its OpenAPI document."""

    url: str
    key: str
    document: Path


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Instance]:
    """Search and the notifier in one process."""
    directory = tmp_path_factory.mktemp("clients")
    keys = []

    async def prepare(runtime: Runtime) -> None:
        keys.append((await ApiKeys(runtime.redis).create("client"))[1])

    with in_thread(directory, models, prepare=prepare, builders=(search, notifier)) as url:
        document = directory / "openapi.json"
        document.write_bytes(httpx.get(f"{url}/openapi.json").raise_for_status().content)
        yield Instance(url, keys[0], document)


def program(path: Path, install: str) -> str:
    """Return the path of a program; where it is missing a test is skipped, and fails in CI."""
    if found := shutil.which(path):
        return found
    problem = f"NO {path.name.upper()}: {install} installs what this test needs"
    if os.environ.get("CI"):
        pytest.fail(problem)
    pytest.skip(problem)
