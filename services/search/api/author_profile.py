"""An author: their papers, and the years, categories and co-authors of them."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Final

from services.search.api import parameters, responses
from services.search.api.reader import MAX_FACET_VALUES, Json, Reader
from services.search.query.filters import Filters
from services.search.ranking.author_lookup import corrected
from services.search.ranking.paper_index import Hit, Sort
from services.search.ranking.qdrant_filter import where
from shared.http import Problem
from shared.papers.person_names import is_among, known_keys, wanted_keys

MAX_YEARS: Final = 100
LIKE_NEWEST: Final = 20
"""Papers of an author that others are like: the newest."""


async def profile(reader: Reader, name: str, asked: parameters.AuthorParameters) -> Json:
    """Return the papers of an author with their years, categories and co-authors; raises the problem 404."""
    filters, count = await _named(reader, name)
    listing, years, categories, newest = await asyncio.gather(
        reader.listing(filters, asked.sort, asked),
        reader.papers.facet("year", where(filters), limit=MAX_YEARS),
        reader.papers.facet("paper.categories", where(filters), limit=MAX_FACET_VALUES),
        # Not by a facet: to find the few names of a few papers, the engine goes through all names that there are.
        reader.papers.ordered(where(filters), Sort.NEWEST, limit=responses.COAUTHOR_PAPERS, fields=("paper.authors",)),
    )
    own, coauthors = _people(newest, filters.authors)
    return {
        "name": own[0] if own else name,
        "papers": count,
        "years": responses.counts(sorted(years)),
        "categories": responses.counts(categories),
        "coauthors": responses.counts(coauthors[:MAX_FACET_VALUES]),
        **listing,
    }


async def by_others(reader: Reader, name: str, wanted: Filters, *, limit: int) -> list[Hit]:
    """Return the papers by others that are most like the newest ones of an author; raises the problem 404."""
    filters, _ = await _named(reader, name)
    own = await reader.papers.ordered_points(where(filters), Sort.NEWEST, limit=LIKE_NEWEST)
    return await reader.similar.to_papers(own, [], where(wanted, unwanted=filters), limit=limit)


async def _named(reader: Reader, name: str) -> tuple[Filters, int]:
    """Return the filters of an author's papers, and how many these are; raises the problem 404."""
    readable = name.isprintable() and wanted_keys(name)
    filters = Filters(authors=tuple(await corrected(name, reader.papers)) if readable else ())
    if not filters.authors or not (count := await reader.papers.count(where(filters))):
        raise Problem(404, f"No paper in the index has an author named {name!r}.")
    return filters, count


def _people(hits: Sequence[Hit], authors: Sequence[str]) -> tuple[list[str], list[tuple[str, int]]]:
    """Return the author's own spellings and the co-authors with their papers, each the most frequent first."""
    named = [dict.fromkeys(author["name"] for author in hit.payload["paper"]["authors"]) for hit in hits]
    people = Counter(name for names in named for name in names).most_common()  # two of one name on a paper are one
    own = [name for name, _ in people if any(is_among(author, known_keys(name)) for author in authors)]
    return own, [(name, papers) for name, papers in people if name not in own]
