"""Finds the authors in the index that a name means: one with a typing error means those who are one letter away."""

from dataclasses import replace

from services.search.query.filters import Filters
from services.search.query.name_variants import near, prefixes
from services.search.ranking.paper_index import PaperIndex
from services.search.ranking.qdrant_filter import where
from shared.papers.person_names import person_key


async def spelled(filters: Filters, papers: PaperIndex) -> Filters:
    """Correct the authors of filters; an unknown author stays unchanged."""
    if not filters.authors:
        return filters
    names = [name for author in filters.authors for name in await corrected(author, papers)]
    return replace(filters, authors=tuple(dict.fromkeys(names)))


async def corrected(author: str, papers: PaperIndex) -> list[str]:
    """Return a name if the index has it, else the names one typing error away, else the name."""
    if await papers.count(where(Filters(authors=(author,)))):
        return [author]
    key = person_key(author)
    return near(key, await papers.author_keys(prefixes(key))) or [author]
