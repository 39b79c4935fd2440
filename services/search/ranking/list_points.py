"""The points of the papers of reading lists, which are kept for a minute: to find those of 10,000 ids takes long."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from services.search.ranking.own_lists import OwnLists
from services.search.ranking.qdrant_filter import known_as
from shared.qdrant import PAPERS, Qdrant, read_or

KEPT_S: Final = 60.0
"""Seconds that points are kept: works that turn out to be one meanwhile are missing from a list until then."""
MOST: Final = 16
"""Lists that are kept; a point takes 130 bytes."""


class ListPoints:
    """Finds the points of lists. `clock` returns seconds."""

    def __init__(self, client: Qdrant, clock: Callable[[], float]) -> None:
        """The caller closes the client."""
        self._client = client
        self._clock = clock
        self._kept: OrderedDict[frozenset[str], tuple[float, frozenset[str]]] = OrderedDict()

    async def of(self, own: OwnLists) -> OwnLists:
        """Return the points in place of ids. Raises TransientError."""
        return OwnLists(tuple([await self._points(ids) for ids in own.wanted]), await self._points(own.unwanted))

    async def _points(self, ids: frozenset[str]) -> frozenset[str]:
        if not ids:
            return ids
        until, points = self._kept.get(ids, (0.0, ids))
        if until <= (now := self._clock()):
            reading = self._client.ask(
                PAPERS, "/scroll", {"filter": known_as([list(ids)], ()), "limit": len(ids), "with_payload": False}
            )
            if (found := await read_or(reading, None)) is None:
                return frozenset()  # there is no collection yet, and there may be one in a moment
            points = frozenset(point["id"] for point in found["points"])
            self._kept[ids] = (now + KEPT_S, points)
            self._kept.move_to_end(ids)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return points
