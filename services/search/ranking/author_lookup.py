"""Finds the keys of authors in the index for a name as it was typed."""

from dataclasses import replace

from services.search.query.filters import Filters
from services.search.query.name_variants import near, prefixes, spellings
from services.search.ranking.paper_index import PaperIndex
from services.search.ranking.qdrant_filter import where


async def spelled(filters: Filters, papers: PaperIndex) -> Filters:
    """Replace the authors of filters by their keys in the index; an unknown author stays unchanged."""
    if not filters.authors:
        return filters
    keys = [key for author in filters.authors for key in await keys_of(author, papers)]
    return replace(filters, authors=tuple(dict.fromkeys(keys)))


async def keys_of(author: str, papers: PaperIndex) -> list[str]:
    """Return the keys of an author: the most likely variant that the index has, else those one typing error away."""
    for key in spellings(author):
        if await papers.count(where(Filters(authors=(key,)))):
            return [key]
    return near(author, await papers.author_keys(prefixes(author))) or [author]
