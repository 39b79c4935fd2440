"""Reads the taste of a reader: from their reading list, or from papers that the request names."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from services.search.for_you.taste import MAX_AWAY, MAX_LIKED, Liked, Taste, Verb
from services.search.ranking.paper_index import Hit, PaperIndex
from shared.papers.names import canonical_id
from shared.readers.reading_list import ALL
from shared.readers.reading_store import ReadingLists

LOOK_BACK: Final = 1_000
"""Papers of a list that are looked up at most: those that the index no longer has do not count."""
_AT_ONCE: Final = MAX_LIKED
_VERBS: Final[Mapping[str, Verb]] = {"is:saved": "saved", "is:liked": "liked"}
"""The labels of the papers that a taste is made of; a paper that is liked and saved is liked."""
_AWAY: Final = ("is:disliked", "is:hidden")
"""The labels of the papers that were turned down: those for which a reader clicked "Not this" count before others."""


class Choices:
    """Reads tastes; raises TransientError if Qdrant does not answer, and the errors of Redis."""

    def __init__(self, lists: ReadingLists, papers: PaperIndex) -> None:
        self._lists = lists
        self._papers = papers

    async def of_reader(self, owner: str) -> Taste:
        """Return the taste of the owner of a reading list."""
        chosen: dict[str, tuple[float, Verb]] = {}
        for label, verb in _VERBS.items():
            moments = await self._lists.scores(owner, label)
            chosen |= {id_: (at, verb) for id_, at in moments.items()}
        away = [id_ for label in _AWAY for id_ in await self._lists.ids(owner, label)]
        liked = sorted(chosen.keys() - set(away), key=lambda id_: chosen[id_][0], reverse=True)
        seen = await self._lists.ids(owner, ALL)
        return await self._taste({id_: chosen[id_][1] for id_ in liked}, list(dict.fromkeys(away)), seen)

    async def named(self, like: Sequence[str], unlike: Sequence[str]) -> Taste:
        """Return the taste of which a request names the papers, the last one first, by any of their ids."""
        liked: dict[str, Verb] = dict.fromkeys(map(canonical_id, reversed(like)), "named")
        away = list(dict.fromkeys(map(canonical_id, reversed(unlike))))
        return await self._taste(liked, away, [*liked, *away])

    async def _taste(self, liked: Mapping[str, Verb], away: Sequence[str], seen: Sequence[str]) -> Taste:
        near, far = await self._known(liked, MAX_LIKED), await self._known(away, MAX_AWAY)
        ids = {id_ for hit in (*near.values(), *far.values()) for id_ in hit.payload["ids"]}
        papers = tuple(_liked(hit, liked[id_]) for id_, hit in near.items())
        return Taste(papers, tuple(hit.point for hit in far.values()), frozenset(ids.union(seen)))

    async def _known(self, ids: Iterable[str], most: int) -> dict[str, Hit]:
        """Return the first papers that are in the index, each once and by its first id: at most `most`."""
        names = [id_ for id_ in ids if id_ and id_.isprintable()][:LOOK_BACK]
        found: dict[str, tuple[str, Hit]] = {}
        for start in range(0, len(names), _AT_ONCE):
            part = names[start : start + _AT_ONCE]
            known = await self._papers.known(part)
            for id_ in part:
                if id_ in known:
                    found.setdefault(known[id_].point, (id_, known[id_]))
            if len(found) >= most:
                break
        return dict(list(found.values())[:most])


def _liked(hit: Hit, verb: Verb) -> Liked:
    paper: Mapping[str, Any] = hit.payload["paper"]
    return Liked(hit.point, paper["title"], verb, tuple(paper.get("keywords") or ()))
