"""Which papers of the index the items of a place are: by DOI and arXiv id, and by title where none of them is known."""

from collections.abc import Iterator, Sequence
from typing import Final

from services.notifier.following.port import Item
from services.notifier.matching.indexed_papers import IndexedPapers
from shared.papers.titles import title_letters

_BY_IDS: Final = 100
_BY_TITLES: Final = 25
"""Items of one request."""


class KnownItems:
    """Finds papers. Every method raises TransientError if Qdrant does not answer."""

    def __init__(self, papers: IndexedPapers) -> None:
        self._papers = papers

    async def of(self, items: Sequence[Item]) -> dict[str, str]:
        """Return the ids of the papers that some items are, by the keys of the items, in their order."""
        found: dict[str, str] = {}
        for part in _parts(items, _BY_IDS):
            named = await self._papers.named([id_ for item in part for id_ in item.ids])
            found |= {item.key: name for item in part if (name := next(filter(None, map(named.get, item.ids)), None))}
        rest = [item for item in items if item.key not in found and title_letters(item.title)]
        for part in _parts(rest, _BY_TITLES):
            titled = await self._papers.titled([item.title for item in part])
            found |= {item.key: titled[item.title] for item in part if item.title in titled}
        return {item.key: found[item.key] for item in items if item.key in found}


def _parts(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))
