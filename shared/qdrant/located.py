"""Requests about a collection are sent to its generation, the one with vectors of the process's model."""

import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import httpx
from httpx_aiohttp import AiohttpTransport

from shared.qdrant.client_library import ResponseHandlingException, UnexpectedResponse
from shared.qdrant.generations import Generation, generations_of, used_by

PAPERS: Final = "papers"
SUBSCRIPTIONS: Final = "subscriptions"
_GENERATED: Final = frozenset({PAPERS, SUBSCRIPTIONS})
_NAME: Final = re.compile(r"/([^/?]+)(.*)", re.DOTALL)


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
        self._places = dict(places or {})
        self._found: dict[str, str] = {}
        self._doubted: set[str] = set()

    async def name(self, collection: str) -> str:
        """Return the name of the generation that requests about a collection reach; raises as `read`."""
        if collection in self._places or self._model is None or collection not in _GENERATED:
            return self._places.get(collection, collection)
        if collection in self._found and collection not in self._doubted:
            return self._found[collection]
        names = await self._names(collection)
        if not names:
            return collection
        before = self._found.get(collection)
        # The metadata of a single `papers` is checked at each start.
        alone = names == [collection] and before in {None, collection}
        found = [] if alone else [await self._generation(name) for name in names]
        self._found[collection] = used_by(self._model, collection, found, before)
        self._doubted.discard(collection)
        return self._found[collection]

    def doubt(self, collection: str, status: int) -> None:
        """Look a collection up again before the next request, if the status of an answer says that it is not there."""
        if status == HTTPStatus.NOT_FOUND:
            self._doubted.add(collection)

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


class LocatedTransport(AiohttpTransport):
    """Sends the requests of the client library where `Located` says."""

    def __init__(self, located: Located, path: str, client: Callable[[], Any]) -> None:
        """`path` is that of all collections; `client` opens the session of aiohttp, which checks certificates."""
        # The context that `verify` saves would be read from files and never used.
        super().__init__(client=client, verify=False)
        self._located = located
        self._path = path

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request. Where a collection cannot be looked up, the answer to that is the answer."""
        path = request.url.raw_path.decode("ascii")
        named = _NAME.fullmatch(path, len(self._path)) if path.startswith(self._path) else None
        if named is None:
            return await super().handle_async_request(request)
        collection, rest = named.groups()
        try:
            place = await self._located.name(collection)
        except UnexpectedResponse as error:
            return httpx.Response(error.status_code or HTTPStatus.BAD_GATEWAY, content=error.content, request=request)
        if place != collection:
            request.url = request.url.copy_with(raw_path=f"{self._path}/{place}{rest}".encode("ascii"))
        response = await super().handle_async_request(request)
        self._located.doubt(collection, response.status_code)
        return response
