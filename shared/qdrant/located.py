"""Where a collection is: its generation with vectors of the model of the process."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from shared.qdrant.client_library import ResponseHandlingException
from shared.qdrant.generations import Generation, generations_of, used_by

PAPERS: Final = "papers"
SUBSCRIPTIONS: Final = "subscriptions"
_GENERATED: Final = frozenset({PAPERS, SUBSCRIPTIONS})


class Located:
    """Knows where the collections are: looked up once, and again after an answer that one is not there."""

    def __init__(
        self, read: Callable[[str], Awaitable[Any]], model: str | None, places: Mapping[str, str] | None = None
    ) -> None:
        """`read` returns the JSON of a path below `collections`, and raises as the client of Qdrant does.

        Without a `model` each collection is where its name says; `places` names the generation of some for good.
        """
        self._read = read
        self._model = model
        self.known = dict(places or {})
        """Where collections are that need not be looked up."""
        self._places = frozenset(self.known)
        self._before: dict[str, str] = {}

    async def look_up(self, collection: str) -> str:
        """Return the name of the generation that requests about a collection reach; raises as `read`."""
        if self._model is None or collection not in _GENERATED:
            return collection
        names = await self._names(collection)
        if not names:
            return collection
        before = self._before.get(collection)
        # The metadata of a single `papers` is checked at each start.
        alone = names == [collection] and before in {None, collection}
        found = [] if alone else [await self._generation(name) for name in names]
        name = used_by(self._model, collection, found, before)
        self.known[collection] = self._before[collection] = name
        return name

    def doubt(self, collection: str) -> None:
        """Have a collection looked up again before the next request, after an answer that it is not there."""
        if collection not in self._places:
            self.known.pop(collection, None)

    async def generations(self, collection: str) -> list[Generation]:
        """Return all generations of a collection, oldest first; raises as `read`."""
        return [await self._generation(name) for name in await self._names(collection)]

    async def _names(self, collection: str) -> list[str]:
        try:
            return generations_of(collection, [str(each["name"]) for each in (await self._read(""))["collections"]])
        except (LookupError, TypeError) as error:
            raise ResponseHandlingException(error) from error

    async def _generation(self, name: str) -> Generation:
        try:
            return Generation.of(name, (await self._read(name))["config"].get("metadata"))
        except (LookupError, TypeError, AttributeError) as error:
            raise ResponseHandlingException(error) from error
