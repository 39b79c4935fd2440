"""What the processes of an instance answer, where any of them finds it: one OpenAPI document a service, in Redis."""

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any, Final

import orjson
from redis.asyncio import Redis

from shared.http.api import Api
from shared.http.openapi import document

APIS: Final = "apis"
"""The hash of documents, by the tag of their operations."""


async def enter(redis: "Redis[bytes]", apis: Iterable[Api]) -> None:
    """Write down the operations of a process that is about to serve them."""
    rows = {api.tag: orjson.dumps(document([api], version=version("paperwire"))) for api in apis}
    if rows:
        await redis.hset(APIS, mapping=rows)


async def documents(redis: "Redis[bytes]") -> list[dict[str, Any]]:
    """Give the documents of all services, whichever processes they run in."""
    return [orjson.loads(row) for _, row in sorted((await redis.hgetall(APIS)).items())]
