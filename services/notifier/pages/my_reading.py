"""The reading list on /my: its tabs, its search, its files and its feed, and the end of it."""

from collections.abc import Mapping
from http import HTTPStatus
from math import ceil
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web
from pydantic import ConfigDict, Field

from services.notifier.pages.page import Page, answered, read_form
from services.notifier.pages.visits import PATH, Visits
from services.notifier.reading.list_export import ExportFormat, exported
from services.notifier.reading.list_feed import ListFeeds
from services.notifier.reading.list_search import matching
from services.notifier.reading.marked_papers import MarkedPapers
from shared.errors import PermanentError
from shared.http import Problem
from shared.http.api import Query, read_query
from shared.http.patience import patient
from shared.http.site import address, path_to
from shared.readers.reading_list import MAX_PAPERS, ListRow, State, Tag
from shared.time_limit import in_thread

PAGE_SIZE: Final = 50
TABS: Final[tuple[State, ...]] = ("saved", "unread", "read", "hidden", "liked")
FILES: Final = (("json", "JSON"), ("jsonl", "JSON Lines"), ("bibtex", "BibTeX"), ("ris", "RIS"), ("csl", "CSL-JSON"))
"""The formats of files, with their names."""
_TAGS_SHOWN: Final = 40


class MyListQuery(Query):
    """The part of the list that the page shows; `done` is what was just done.

    Others are ignored: the address to sign in has one more, and a reader may be signed in when they follow it.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)
    state: State = "saved"
    tag: Tag | None = None
    q: str = Field(default="", max_length=200)
    page: int = Field(default=1, ge=1, le=MAX_PAPERS // PAGE_SIZE)
    done: str = Field(default="", max_length=200)

    def part(self, **changes: object) -> str:
        """Return the address of another part of the list."""
        kept = {"state": self.state, "tag": self.tag, "q": self.q, **changes}
        return path_to(f"{PATH}?{urlencode({name: value for name, value in kept.items() if value})}")


class MyExportQuery(Query):
    """The format and the part of a file."""

    format: ExportFormat = "json"
    state: State | None = None
    tag: Tag | None = None


class MyReading:
    """Shows the list of a reader who is signed in, and answers its forms."""

    def __init__(self, visits: Visits, marked: MarkedPapers, feeds: ListFeeds) -> None:
        self._visits = visits
        self._marked = marked
        self._feeds = feeds

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return the routes."""
        return [
            web.get(f"{PATH}/export", patient(self.export)),
            web.post(f"{PATH}/list/delete", answered(self.delete)),
            web.post(f"{PATH}/list/feed", answered(self.rotate)),
        ]

    async def context(self, owner: str, request: web.Request) -> Mapping[str, Any]:
        """Return the variables of the part of a list that a request asks for."""
        asked = read_query(request, MyListQuery)
        shown, total = await self._shown(owner, asked)
        if await self._marked.settle(owner, [row.id for row in shown]):
            shown, total = await self._shown(owner, asked)
        counts = await self._marked.lists.counts(owner)
        tags = sorted((-count, label[4:]) for label, count in counts.items() if label.startswith("tag:"))
        return {
            "asked": asked,
            "back": path_to(request.rel_url.raw_path_qs),
            "tabs": [(state, counts.get(f"is:{state}", 0)) for state in TABS],
            "tags": [(tag, -count) for count, tag in tags[:_TAGS_SHOWN]],
            "total": total,
            "last": max(1, ceil(total / PAGE_SIZE)),
            "papers": [pair async for part in self._marked.papers(shown) for pair in part],
            "files": [(name, f"{path_to(PATH)}/export?{urlencode({'format': form})}") for form, name in FILES],
            "feed": await self._feeds.addresses(owner, address()),
        }

    async def _shown(self, owner: str, asked: MyListQuery) -> tuple[list[ListRow], int]:
        """Return the rows of the part of a list, and how many it has with those of its other pages."""
        labels = (f"is:{asked.state}", *((f"tag:{asked.tag}",) if asked.tag else ()))
        ids = [place.id for place in await self._marked.places(owner, labels)]
        start = (asked.page - 1) * PAGE_SIZE
        if not asked.q:
            return await self._marked.lists.listed(owner, ids[start : start + PAGE_SIZE]), len(ids)
        found = await in_thread(matching, await self._marked.lists.listed(owner, ids), asked.q)
        return found[start : start + PAGE_SIZE], len(found)

    async def export(self, request: web.Request) -> web.Response:
        """Return the list as a file."""
        asked = read_query(request, MyExportQuery)
        labels = (*((f"is:{asked.state}",) if asked.state else ()), *((f"tag:{asked.tag}",) if asked.tag else ()))
        rows = await self._marked.exported(await self._owner(request), labels)
        return exported(asked.format, self._marked.papers(rows))

    async def delete(self, request: web.Request) -> Page:
        """Delete the whole list, with its feed."""
        owner = await self._owner(request)
        if (await read_form(request)).get("sure") != "yes":
            raise PermanentError("Check the box first: a deleted reading list cannot be restored.")
        await self._marked.lists.clear(owner)
        raise web.HTTPSeeOther(path_to(f"{PATH}?{urlencode({'done': 'Your reading list was deleted.'})}"))

    async def rotate(self, request: web.Request) -> Page:
        """Make the feed of the list, or give it another address."""
        await self._feeds.rotate(await self._owner(request))
        done = "The feed has a new address. A previous one no longer works."
        raise web.HTTPSeeOther(path_to(f"{PATH}?{urlencode({'done': done})}#feed"))

    async def _owner(self, request: web.Request) -> str:
        visit = await self._visits.by_cookie(request)
        if visit is None:
            raise Problem(HTTPStatus.UNAUTHORIZED, f"You are not signed in. Sign in at {path_to(PATH)}.")
        return visit.owner
