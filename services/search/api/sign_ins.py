"""Who is signed in, and what they marked papers with. Search only reads the lists; the notifier writes them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from aiohttp import web
from redis.asyncio import Redis

from services.search.query.filter_row import Marked
from services.search.query.filters import Filters
from services.search.query.parser import Query
from services.search.ranking.own_lists import OwnLists
from shared.moments import from_unix, parse_moment
from shared.outages import POSSIBLE_OUTAGES, outage
from shared.readers.api_key import KEYS, KeyInfo, Scope, digest_of_text, key_of
from shared.readers.known_ids import known_ids
from shared.readers.last_visit import Visit, note_visit
from shared.readers.reading_list import Mark, found_mark
from shared.readers.reading_store import ReadingLists
from shared.readers.sessions import COOKIE, read_session

log = structlog.get_logger("search")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A reader who is signed in."""

    owner: str


class PageMark(Mark):
    """The mark of a paper on a page; `new` says that it was first seen since the last visit of the reader."""

    new: bool = False


class Marks(dict[str, PageMark]):
    """The marks of the papers of a page by their ids; a paper without one has an empty mark."""

    def __missing__(self, _: str) -> PageMark:
        """Return the mark of a paper that is not marked."""
        return _NO_MARK


_NO_MARK: Final = PageMark()
NO_MARKS: Final = Marks()


@dataclass(frozen=True, slots=True)
class Own:
    """What a page shows of its reader: the marks of its papers, the counts of the list, and the last visit."""

    marks: Marks
    counts: Mapping[str, int]
    since: datetime | None


NOTHING: Final = Own(NO_MARKS, {}, None)


class SignIns:
    """Reads sessions and lists; while Redis does not answer, nobody is signed in and nothing is marked."""

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
            session = await read_session(self._redis, token)
        except POSSIBLE_OUTAGES as error:
            _log(error)
            return None
        return SignedIn(session.owner) if session else None

    async def asker(self, request: web.Request, query: Query) -> SignedIn | None:
        """Return who asks, if the query asks for a reading list."""
        return await self.caller(request) if is_personal(query) else None

    async def caller(self, request: web.Request) -> SignedIn | None:
        """Return who asks: the owner of the API key that was sent, else who is signed in."""
        if "Authorization" not in request.headers:
            return await self.of(request)
        name = digest_of_text(key_of(request.headers.get("Authorization", "")))
        raw = await self._redis.hget(KEYS, name) if name else None
        info = KeyInfo.model_validate_json(raw) if raw else None
        return SignedIn(info.id) if info and Scope.READ in info.scopes and not info.expired(self._now()) else None

    async def own(self, query: Query, reader: SignedIn | None) -> OwnLists | None:
        """Return the condition of `is:` and `tag:` in a query, or None where it has none."""
        wanted, unwanted = _labels(query.wanted), _labels(query.unwanted)
        if not wanted and not unwanted:
            return None
        lists = {label: await self._ids(reader, label) for labels in (*wanted, *unwanted) for label in labels}
        among = [frozenset(id_ for label in labels for id_ in lists[label]) for labels in wanted]
        return OwnLists(tuple(among), frozenset(id_ for labels in unwanted for label in labels for id_ in lists[label]))

    async def _ids(self, reader: SignedIn | None, label: str) -> list[str]:
        return await self.lists.ids(reader.owner, label) if reader else []

    async def show(self, reader: SignedIn | None, papers: Iterable[Mapping[str, Any]]) -> Own:
        """Return what a page shows of a reader, in one round trip, and note their visit."""
        if reader is None:
            return NOTHING
        found = list(papers)
        ids = {paper["id"]: known_ids(paper) for paper in found}
        now = self._now().timestamp()
        try:
            view = await self.lists.view(reader.owner, [id_ for each in ids.values() for id_ in each])
            visit = Visit.after(view.visit, now)
            if visit != view.visit:
                await note_visit(self._redis, reader.owner, visit)
        except POSSIBLE_OUTAGES as error:
            _log(error)
            return NOTHING
        since = from_unix(visit.since)
        marks = {
            paper["id"]: PageMark(**dict(found_mark(view.rows, ids[paper["id"]])), new=_is_new(paper, since))
            for paper in found
        }
        return Own(Marks(marks), view.counts, since)


def is_personal(query: Query) -> bool:
    """Return whether a query asks for a reading list."""
    return bool(_labels(query.wanted) or _labels(query.unwanted))


def notes_of(query: Query, reader: SignedIn | None) -> Sequence[str]:
    """Return what a reader who is not signed in is told about operators that ask for a reading list."""
    asked = [label for labels in (*_labels(query.wanted), *_labels(query.unwanted)) for label in labels]
    if reader or not asked:
        return ()
    return (f"“{asked[0]}” asks for your reading list. Sign in, or send an API key: until then the list is empty.",)


def _labels(filters: Filters) -> list[list[str]]:
    """Return the labels that filters ask for: of each list one is enough."""
    rows = ((row.condition, value) for _, row, value in filters.given())
    return [[f"{kind.label}{value}" for value in values] for kind, values in rows if isinstance(kind, Marked)]


def _is_new(paper: Mapping[str, Any], since: datetime) -> bool:
    seen = [parse_moment(source["seen_at"]) for source in paper.get("sources") or () if source.get("seen_at")]
    return bool(seen) and min(seen) > since


def _log(error: Exception) -> None:
    """Log an outage; raise any other error again."""
    if (what := outage(error)) is None:
        raise error
    log.warning("marks unavailable", reason=what)
