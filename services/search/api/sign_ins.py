"""Who is signed in, and what they marked the papers of a page with. Search only reads what the notifier writes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from aiohttp import web
from redis.asyncio import Redis

from shared.outages import POSSIBLE_OUTAGES, outage
from shared.readers.known_ids import known_ids
from shared.readers.reading_list import NO_MARK, Mark, found_mark
from shared.readers.reading_store import ReadingLists
from shared.readers.sessions import COOKIE, read_session

log = structlog.get_logger("search")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A reader who is signed in."""

    owner: str


class Marks(dict[str, Mark]):
    """The marks of the papers of a page by their ids; a paper without one has an empty mark."""

    def __missing__(self, _: str) -> Mark:
        """Return the mark of a paper that is not marked."""
        return NO_MARK


NO_MARKS: Final = Marks()


class SignIns:
    """Reads sessions and marks; while Redis does not answer, nobody is signed in and nothing is marked."""

    def __init__(self, redis: "Redis[bytes]", now: Callable[[], datetime]) -> None:
        """`now` returns the moment in UTC."""
        self._redis = redis
        self.lists = ReadingLists(redis)
        self._now = now

    async def of(self, request: web.Request) -> SignedIn | None:
        """Return who is signed in by the cookie of a request; without a cookie this asks nobody."""
        token = request.cookies.get(COOKIE)
        if not token:
            return None
        try:
            session = await read_session(self._redis, token, self._now().timestamp())
        except POSSIBLE_OUTAGES as error:
            _log(error)
            return None
        return SignedIn(session.owner) if session else None

    async def marks(self, reader: SignedIn | None, papers: Iterable[Mapping[str, Any]]) -> Marks:
        """Return the marks of papers, as the index holds them, in one round trip."""
        if reader is None:
            return NO_MARKS
        ids = {paper["id"]: known_ids(paper) for paper in papers}
        try:
            rows = await self.lists.rows(reader.owner, [id_ for each in ids.values() for id_ in each])
        except POSSIBLE_OUTAGES as error:
            _log(error)
            return NO_MARKS
        return Marks({id_: found_mark(rows, each) for id_, each in ids.items()}) if rows else NO_MARKS


def _log(error: Exception) -> None:
    """Log an outage; raise any other error again."""
    if (what := outage(error)) is None:
        raise error
    log.warning("marks unavailable", reason=what)
