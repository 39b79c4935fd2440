"""Pictures of papers, wanted and kept: the enricher writes wishes, the fetcher stores pictures, search reads them.

- `pictures:wishes` has where each paper may have a picture, as JSON; `pictures:wanted` orders them by when the papers
  were published; `pictures:later` has those that are looked for now or again later, by when they are due, and
  `pictures:tries` how often each was looked for.
- `pictures` has what is known of the pictures that are kept, `pictures:bodies` the pictures themselves, and
  `pictures:kept` when each was stored, in ms since 1970.
"""

from collections.abc import Collection, Mapping
from typing import Final

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from shared.board.rows import PictureWish
from shared.board.table import PICTURES
from shared.bus import scripts

WISHES: Final = "pictures:wishes"
WANTED: Final = "pictures:wanted"
LATER: Final = "pictures:later"
TRIES: Final = "pictures:tries"
BODIES: Final = "pictures:bodies"
KEPT: Final = "pictures:kept"
MAX_WISHES: Final = 5_000
"""Papers that wait for a picture, the newest ones; a wish has some 200 bytes."""
_WANT: Final = scripts.source(__package__ or "", "want_pictures")


def want(pipe: "Pipeline[bytes]", wishes: Mapping[str, PictureWish]) -> None:
    """Add wishes by the ids of works, as part of a transaction; of too many, those of the oldest papers leave."""
    arguments: list[str | float] = [MAX_WISHES]
    for work_id, wish in wishes.items():
        arguments += [work_id, wish.published, wish.model_dump_json(exclude_none=True)]
    pipe.eval(_WANT, 4, WISHES, WANTED, LATER, TRIES, *arguments)


def drop_wishes(pipe: "Pipeline[bytes]", ids: Collection[str]) -> None:
    """Delete the wishes of works, at least one, as part of a transaction: what is looked for now is not stored."""
    pipe.hdel(WISHES, *ids)
    pipe.hdel(TRIES, *ids)
    pipe.zrem(WANTED, *ids)
    pipe.zrem(LATER, *ids)


def drop_pictures(pipe: "Pipeline[bytes]", ids: Collection[str]) -> None:
    """Delete the pictures of works, at least one, as part of a transaction."""
    PICTURES.drop(pipe, ids)
    pipe.hdel(BODIES, *ids)
    pipe.zrem(KEPT, *ids)


async def read_picture(redis: "Redis[bytes]", work_id: str) -> bytes | None:
    """Return the picture of a work, if one is kept."""
    body: bytes | None = await redis.hget(BODIES, work_id)
    return body
