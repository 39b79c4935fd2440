"""The reader that routes, feeds and pages share: from parameters to papers."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.search.api import parameters, responses
from services.search.api.instance_state import InstanceState
from services.search.api.sign_ins import SignedIn, SignIns, notes_of
from services.search.query import cursor
from services.search.query.filters import FACETS, Filters
from services.search.ranking.engine import Page, Ranked, Results, SearchEngine
from services.search.ranking.paper_index import Hit, PaperIndex, Sort
from services.search.similar.similar_papers import SimilarPapers
from shared.http import Problem
from shared.papers.names import canonical_id
from shared.qdrant.client_library import models

Json = dict[str, Any]
Counts = list[tuple[str | int | bool, int]]
MAX_FACET_VALUES: Final = 50
"""Values of one facet that the API returns."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads papers and the state of the instance; `now` returns the moment in UTC."""

    papers: PaperIndex
    engine: SearchEngine
    similar: SimilarPapers
    instance: InstanceState
    sign_ins: SignIns
    now: Callable[[], datetime]

    async def ranked(self, asked: parameters.Question, signed_in: SignedIn | None = None) -> Ranked:
        """Rank the papers that answer a question of a reader; nothing is in the lists of one who is not signed in."""
        own = await self.sign_ins.own(asked.q, signed_in)
        return await self.engine.rank(asked.q, asked.filters(), asked.mode, own)

    async def search(
        self, asked: parameters.SearchParameters, signed_in: SignedIn | None = None, ranked: Ranked | None = None
    ) -> Json:
        """Return one page of a search; `ranked` are its papers, where they are known already."""
        started = time.perf_counter()
        sort = None if asked.sort == "relevance" else Sort(asked.sort)
        search = cursor.digest(asked.q, asked.filters(), asked.mode, sort)
        page = page_of(asked, search)
        ranked = ranked or await self.ranked(asked, signed_in)
        results = await self.engine.find(ranked, sort, page)
        return {
            "query": asked.q.typed,
            "mode": asked.mode,
            "notes": [*asked.q.notes, *notes_of(asked.q, signed_in)],
            "results": await self.illustrated(responses.found(results.hits, asked.q.text)),
            "next_cursor": next_cursor(results, search),
            "took_ms": round((time.perf_counter() - started) * 1000, 1),
            "rerank_ms": ranked.rerank_ms and round(ranked.rerank_ms, 1),
        }

    async def listing(self, filters: Filters, sort: Sort, asked: parameters.Paged) -> Json:
        """Return one page of a list."""
        search = cursor.digest(filters, sort)
        results = await self.engine.listed(filters, sort, page_of(asked, search))
        rows = await self.illustrated(responses.listed(results.hits))
        return {"results": rows, "next_cursor": next_cursor(results, search)}

    async def similar_to(self, hit: Hit, asked: parameters.Similar) -> Json:
        """Return the papers most like one, or like a facet of it."""
        sort = Sort.NEWEST if asked.sort == "newest" else None
        hits, by = await self.similar.to_paper(hit, asked.filters(), sort, limit=asked.limit, by=asked.by)
        notes = [responses.no_facet(asked.by)] if asked.by and not by else []
        return {
            "results": await self.illustrated(responses.listed(hits)),
            "next_cursor": None,
            "by": by,
            "notes": notes,
        }

    async def illustrated(self, rows: list[Json]) -> list[Json]:
        """Add the pictures of papers to rows, which are read in one round trip."""
        ids = [row["paper"]["id"] for row in rows]
        for row, picture in zip(rows, await self.instance.pictures(ids), strict=True):
            row["picture"] = picture and responses.picture(row["paper"]["id"], picture)
        return rows

    async def facets(self, filters: models.Filter, *, limit: int = MAX_FACET_VALUES) -> dict[str, Counts]:
        """Count the values of every facet among the papers that a filter lets through."""
        counts = await asyncio.gather(
            *(self.papers.facet(facet.field, filters, limit=limit) for facet in FACETS.values())
        )
        return dict(zip(FACETS, counts, strict=True))

    async def paper(self, name: str) -> Hit:
        """Return one paper by any id; raises the problem 404."""
        (hit,) = await self.known([name])
        if hit is None:
            raise Problem(404, f"The paper {name} is not in the index.")
        return hit

    async def known(self, names: Iterable[str]) -> list[Hit | None]:
        """Find papers by any of their ids, each None where there is none."""
        keys = [canonical_id(name) for name in names]
        sound = [key for key in keys if key and key.isprintable()]
        found = await self.papers.known(sound) if sound else {}
        return [found.get(key) for key in keys]


def page_of(asked: parameters.Paged, search: bytes) -> Page:
    """Read the page that is asked for; raises the problem 422."""
    try:
        return Page(asked.limit, cursor.decode(asked.cursor, search) if asked.cursor else frozenset())
    except cursor.CursorError as error:
        raise Problem(422, str(error)) from error


def next_cursor(results: Results, search: bytes) -> str | None:
    """Return the cursor of the page after some results; None after the last one."""
    return cursor.encode(results.shown, search) if results.more else None
