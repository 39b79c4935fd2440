"""What the services of a process open is closed when it ends."""

import pytest

from shared.errors import ConfigurationError
from shared.runtime import Runtime, Service, running
from shared.settings import Settings


async def test_what_one_service_opened_is_closed_if_another_cannot_be_built(settings: Settings) -> None:
    closed: list[str] = []

    async def close(name: str) -> None:
        closed.append(name)

    async def opens(runtime: Runtime) -> Service:
        runtime.at_end(lambda: close("first"))
        runtime.at_end(lambda: close("second"))
        return Service("opens")

    async def refuses(runtime: Runtime) -> Service:
        runtime.at_end(lambda: close("its own"))
        raise ConfigurationError("a key is missing")

    with pytest.raises(ConfigurationError, match="a key is missing"):
        async with running([opens, refuses], settings, http=False):
            pass
    assert closed == ["its own", "second", "first"]
