"""What the tests of pictures share: wishes, a store on a real Redis, and a search that may reach this machine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from redis.asyncio import Redis

from services.fetcher.http.polite import Allowance, Budgets, Polite
from services.fetcher.http.robots import Robots
from services.fetcher.pictures.picture_process import PictureProcess
from services.fetcher.pictures.picture_search import Found, PictureSearch
from services.fetcher.pictures.picture_tasks import answer
from services.fetcher.pictures.small_picture import MAX_BYTES, SmallPicture
from shared.board.picture_wishes import drop_pictures, drop_wishes, want
from shared.board.rows import ORIGINS, Origin, PictureWish
from shared.errors import PermanentError
from shared.outbound import outbound_session
from tests.integration.fetcher.support import HERE
from tests.support import NOW

TODAY = NOW.timestamp()
FOUND = Found("project", SmallPicture(b"RIFF a picture", 480, 270))


def wish(age_days: float = 0, **fields: Any) -> PictureWish:
    return PictureWish(published=TODAY - age_days * 86_400, **fields)


async def wanted(redis: "Redis[bytes]", **wishes: PictureWish) -> None:
    async with redis.pipeline(transaction=True) as pipe:
        want(pipe, wishes)
        await pipe.execute()


async def withdrawn(redis: "Redis[bytes]", *works: str) -> None:
    async with redis.pipeline(transaction=True) as pipe:
        drop_pictures(pipe, works)
        drop_wishes(pipe, works)
        await pipe.execute()


class ProcessHere(PictureProcess):
    """Does the work of the process, without starting one for each test."""

    async def _call(self, task: dict[str, str], body: bytes) -> bytes:
        result = answer(orjson.dumps(task) + b"\n" + body)
        if result.startswith(b"-"):
            raise PermanentError(result[1:].decode())
        return result


@asynccontextmanager
async def searching(
    redis: "Redis[bytes]", site: str, origins: tuple[Origin, ...] = ORIGINS, *, total: float = 10.0
) -> AsyncIterator[PictureSearch]:
    """Make a search as the fetcher has it, of which `site` is arXiv."""
    async with outbound_session(HERE, "Paperwire/test (+https://x.example)", total=total) as session:
        budgets = Budgets(redis, Allowance("", interval=0, places=4))
        robots = Robots(Polite(session, redis, budgets, max_body=MAX_BYTES), redis)
        polite = Polite(session, redis, budgets, max_body=MAX_BYTES, permit=robots.check)
        yield PictureSearch(polite, ProcessHere(), origins, site)
