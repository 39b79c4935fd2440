"""The OpenAPI document of each service: its process writes it, search serves all of them as one."""

from collections.abc import Iterable
from typing import Any, Final

import orjson
from redis.asyncio import Redis

from shared.http.api import Api
from shared.http.openapi import document
from shared.versions import own_version

_KEY: Final = "apis"


async def write_documents(redis: "Redis[bytes]", apis: Iterable[Api]) -> None:
    """Write the documents of some APIs, each under its tag."""
    rows = {api.tag: orjson.dumps(document([api], version=own_version())) for api in apis}
    if rows:
        await redis.hset(_KEY, mapping=rows)


async def read_documents(redis: "Redis[bytes]") -> list[dict[str, Any]]:
    """Return the documents of all services, in the order of their tags."""
    return [orjson.loads(row) for _, row in sorted((await redis.hgetall(_KEY)).items())]
