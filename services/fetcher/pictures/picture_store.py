"""Leases wishes for pictures, stores the pictures that were found, and deletes those that are too old or too many."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from redis.asyncio import Redis

from services.fetcher.pictures.picture_search import Found
from shared.board import PICTURE_STOCK, PICTURES, PictureStockRow
from shared.board.picture_wishes import BODIES, KEPT, LATER, TRIES, WANTED, WISHES, drop_pictures, drop_wishes
from shared.board.rows import PictureRow, PictureWish, version_of_picture
from shared.bus import scripts
from shared.moments import from_unix

LEASE_S: Final = 600.0
MAX_WAIT_S: Final = 86_400.0
MAX_TRIES: Final = 4
COUNTS: Final = "pictures:counts"
"""How many pictures were found, how many papers have none, and how many searches failed."""
_DAY_S: Final = 86_400.0


class PictureStore:
    """The wishes and pictures in Redis."""

    def __init__(
        self, redis: "Redis[bytes]", *, most: int, days: float, clock: Callable[[], datetime] | None = None
    ) -> None:
        """Keep up to `most` pictures for `days`. The time is that of Redis, unless a `clock` returns it in UTC."""
        self._redis = redis
        self._most = most
        self._days = days
        self._clock = clock
        self._claim = scripts.register(redis, __package__ or "", "claim_pictures")
        self._store = scripts.register(redis, __package__ or "", "store_picture")

    async def claim(self, most: int) -> dict[str, PictureWish]:
        """Lease up to `most` wishes, those of the newest papers first; one without a result is claimed again later.

        Wishes of papers that are older than pictures may be leave.
        """
        times = [int(LEASE_S * 1000), int(MAX_WAIT_S * 1000)]
        arguments = [self._ms(), *times, MAX_TRIES, most, self._days * _DAY_S]
        found = await self._claim(keys=[WISHES, WANTED, LATER, TRIES], args=arguments)
        pairs = zip(found[::2], found[1::2], strict=True)
        return {work.decode(): PictureWish.model_validate_json(wish) for work, wish in pairs if wish}

    async def store(self, work_id: str, found: Found) -> bool:
        """Store a picture; return False if its paper was withdrawn meanwhile."""
        small = found.picture
        row = PictureRow(
            version=version_of_picture(small.body),
            width=small.width,
            height=small.height,
            size=len(small.body),
            origin=found.origin,
        )
        keys = [PICTURES.key, BODIES, KEPT, WISHES, WANTED, LATER, TRIES]
        arguments = [self._ms(), work_id, PICTURES.dump(row), small.body, self._most]
        return bool(await self._store(keys=keys, args=arguments))

    async def forget(self, work_ids: Sequence[str]) -> None:
        """End wishes that cannot be fulfilled."""
        async with self._redis.pipeline(transaction=True) as pipe:
            drop_wishes(pipe, work_ids)
            await pipe.execute()

    async def postpone(self, work_id: str, seconds: float, *, counted: bool) -> None:
        """Look for a picture again after some time; if this try is not `counted`, as often as before."""
        due = await self._now() + min(seconds, MAX_WAIT_S) * 1000
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.zadd(LATER, {work_id: due})
            if not counted:
                pipe.hincrby(TRIES, work_id, -1)
            await pipe.execute()

    async def count(self, outcome: str) -> None:
        """Count a result: `found`, `none` or `failed`."""
        await self._redis.hincrby(COUNTS, outcome, 1)

    async def expire(self) -> None:
        """Delete pictures that are too old or too many."""
        now = await self._now()
        old = await self._redis.zrangebyscore(KEPT, "-inf", now - self._days * _DAY_S * 1000)
        excess = await self._redis.zcard(KEPT) - self._most
        many = await self._redis.zrange(KEPT, 0, excess - 1) if excess > 0 else []
        ahead = await self._redis.zrangebyscore(KEPT, f"({now}", "+inf")  # from before the clock was put right
        async with self._redis.pipeline(transaction=True) as pipe:
            if gone := {*old, *many}:
                drop_pictures(pipe, [work.decode() for work in gone])
            if ahead:
                pipe.zadd(KEPT, dict.fromkeys(ahead, now), xx=True)
            await pipe.execute()

    async def show(self, origins: Sequence[str], last_error: str | None) -> PictureStockRow:
        """Write to the board how many pictures are kept, and return that."""
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.hgetall(COUNTS)
            pipe.hlen(WISHES)
            counts, wanted = await pipe.execute()
        rows = await PICTURES.rows(self._redis)
        row: PictureStockRow = {
            "origins": list(origins),
            "kept": len(rows),
            "bytes": sum(each["size"] for each in rows.values()),
            "wanted": wanted,
            "found": int(counts.get(b"found", 0)),
            "none": int(counts.get(b"none", 0)),
            "failed": int(counts.get(b"failed", 0)),
            "last_error": last_error,
            "checked": from_unix(await self._now() / 1000).isoformat(timespec="seconds"),
        }
        await PICTURE_STOCK.put(self._redis, {"all": row})
        return row

    def _ms(self) -> int | str:
        """Return the time in ms for a script, or nothing, which means the time of Redis."""
        return int(self._clock().timestamp() * 1000) if self._clock else ""

    async def _now(self) -> float:
        """Return the time in ms since 1970."""
        if self._clock:
            return self._clock().timestamp() * 1000
        seconds, micros = await self._redis.time()
        return float(seconds * 1000 + micros / 1000)
