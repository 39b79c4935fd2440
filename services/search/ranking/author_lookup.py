"""From a name as it was typed to the keys that the index has."""

from dataclasses import replace

from services.search.query.filters import Filters
from services.search.query.name_variants import beginnings, near, spellings
from services.search.ranking.paper_index import PaperIndex
from services.search.ranking.qdrant_filter import where


async def spelled(filters: Filters, papers: PaperIndex) -> Filters:
    """Replace the authors of filters by the keys they have in the index; one that nobody has stays as it was."""
    if not filters.authors:
        return filters
    keys = [key for author in filters.authors for key in await keys_of(author, papers)]
    return replace(filters, authors=tuple(dict.fromkeys(keys)))


async def keys_of(author: str, papers: PaperIndex) -> list[str]:
    """Give the keys of an author: the surest spelling that anybody has, else those that are one slip away."""
    for key in spellings(author):
        if await papers.count(where(Filters(authors=(key,)))):
            return [key]
    return near(author, await papers.author_keys(beginnings(author))) or [author]
