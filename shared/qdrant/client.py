"""The client of Qdrant, and the meaning of its failures."""

import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from json import JSONDecodeError
from typing import Any, Final, TypeVar

import aiohttp
import httpx
import orjson
from httpx_aiohttp import AiohttpTransport
from pydantic import BaseModel
from yarl import URL

from shared.errors import AccessRefusedError, TransientError
from shared.qdrant.client_library import (
    ApiException,
    AsyncQdrantClient,
    QdrantException,
    ResponseHandlingException,
    UnexpectedResponse,
)
from shared.qdrant.located import Located
from shared.settings import Settings
from shared.time_limit import uncounted

T = TypeVar("T")
PORT: Final = 6333
TIMEOUT: Final = 30
"""Seconds."""
_JSON: Final = {"Content-Type": "application/json"}
_NO_ACCESS: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_NO_VECTOR = b"Not existing vector name"
_FULL: Final = b"No space left on device"
_UNTRUSTED: Final = "CERTIFICATE_VERIFY_FAILED"
_NAMED: Final = re.compile(r"/([^/?]+)(.*)", re.DOTALL)
"""A collection, and what follows it in an address."""
_ADDRESS: Final = re.compile(r"https?://\S+")


class Qdrant(AsyncQdrantClient):
    """Qdrant's client with its requests sent by aiohttp, and a way around its models for what every search asks.

    Requests about `papers` and `subscriptions` reach their generation with vectors of the client's model.
    """

    def __init__(
        self, url: str, api_key: str | None, model: str | None = None, places: Mapping[str, str] | None = None
    ) -> None:
        """`url` may end in a path; without a port it means Qdrant's own. Nothing is sent before the first request.

        `model` and `places` say which generation of a collection is meant, as `Located` does.
        """
        self._session: aiohttp.ClientSession | None = None
        address = URL(url.rstrip("/"))
        if address.explicit_port is None:
            address = address.with_port(PORT)
        self._points = address / "collections"
        self.located = Located(self._described, model, places)
        self._key = {"api-key": api_key} if api_key else {}
        super().__init__(
            url=str(address),
            api_key=api_key,
            timeout=TIMEOUT,
            check_compatibility=False,
            # httpx's own connections cost a third of a search: with each request it looks at every one of them.
            transport=_Transport(self.located, self._points.raw_path, self._open),
            # No text is sent to be embedded there; without this the client searches every vector for such texts.
            cloud_inference=True,
        )

    async def ask(self, collection: str, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401  # any JSON value
        """Query points with JSON of the REST API, and return the `result`. Raises as the client does.

        Models and numpy arrays may be values of the body. Two rankings of 200 and 28 papers cost 4 milliseconds less
        than as the client's models, which is as much as the engine takes for them.
        """
        content = orjson.dumps(body, default=_json, option=orjson.OPT_SERIALIZE_NUMPY)
        place = self.located.known.get(collection) or await self.located.look_up(collection)
        try:
            return await self._result("POST", self._points / place / f"points{path}", content)
        except UnexpectedResponse as error:
            if error.status_code == HTTPStatus.NOT_FOUND:
                self.located.doubt(collection)
            raise

    async def _described(self, path: str) -> Any:  # noqa: ANN401  # any JSON value
        return await self._result("GET", self._points / path if path else self._points)

    async def _result(self, method: str, url: URL, content: bytes | None = None) -> Any:  # noqa: ANN401  # as above
        try:
            # Not to where an answer redirects: the key is for this address only.
            request = self._open().request(method, url, data=content, headers=self._key | _JSON, allow_redirects=False)
            async with request as response:
                answer = await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ResponseHandlingException(error) from error
        if response.status != HTTPStatus.OK:
            raise UnexpectedResponse(response.status, response.reason or "", answer, httpx.Headers(response.headers))
        try:
            return orjson.loads(answer)["result"]
        except (ValueError, LookupError, TypeError) as error:
            raise ResponseHandlingException(error) from error

    async def ping(self) -> None:
        """Ask whether the server answers; raises errors of aiohttp."""
        async with self._open().get(self._points.parent / "healthz", headers=self._key) as answer:
            await answer.read()

    async def not_started(self) -> str | None:
        """Return why the server does not answer, if a later attempt may succeed; else None."""
        try:
            async with outages():
                await self.get_collections()
        except UnexpectedResponse:
            return None
        except TransientError as error:
            refused = isinstance(error.__cause__, UnexpectedResponse) and error.__cause__.status_code in _NO_ACCESS
            return None if refused else str(error)
        return None

    async def close(self, grpc_grace: float | None = None, **kwargs: Any) -> None:  # noqa: ANN401  # the client's own
        """Close every connection."""
        await super().close(grpc_grace, **kwargs)
        if self._session:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ssl=self._tls()),
                timeout=aiohttp.ClientTimeout(total=TIMEOUT),
                cookie_jar=aiohttp.DummyCookieJar(),
                middlewares=(_once_more,),
            )
        return self._session

    def _tls(self) -> ssl.SSLContext | bool:
        """Return the certificates to trust: SSL_CERT_FILE may be younger than those of aiohttp."""
        return ssl.create_default_context() if self._points.scheme == "https" else True


class _Transport(AiohttpTransport):
    """Sends the requests of the library where `Located` says."""

    def __init__(self, located: Located, path: str, client: Callable[[], aiohttp.ClientSession]) -> None:
        """`path` is that of all collections."""
        # The session checks certificates; the context that `verify` saves would be read from files and never used.
        super().__init__(client=client, verify=False)
        self._located = located
        self._path = path

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request. Where a collection cannot be looked up, the answer to that is the answer."""
        path = request.url.raw_path.decode("ascii")
        named = _NAMED.fullmatch(path, len(self._path)) if path.startswith(self._path) else None
        if named is None:
            return await super().handle_async_request(request)
        collection, rest = named.groups()
        try:
            place = self._located.known.get(collection) or await self._located.look_up(collection)
        except UnexpectedResponse as error:
            return httpx.Response(error.status_code or HTTPStatus.BAD_GATEWAY, content=error.content, request=request)
        if place != collection:
            request.url = request.url.copy_with(raw_path=f"{self._path}/{place}{rest}".encode("ascii"))
        response = await super().handle_async_request(request)
        if response.status_code == HTTPStatus.NOT_FOUND:
            self._located.doubt(collection)
        return response


async def _once_more(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Send a request again whose kept connection was closed just then: all that we ask and write can be repeated."""
    try:
        return await send(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
        return await send(request)


def open_qdrant(settings: Settings, places: Mapping[str, str] | None = None) -> Qdrant:
    """Return a Qdrant client for the model of the settings, or for the generations `places`; the caller closes it."""
    key = settings.qdrant_api_key.get_secret_value() if settings.qdrant_api_key else None
    return Qdrant(settings.qdrant_url, key, settings.embedding_model, places)


def _json(model: BaseModel) -> orjson.Fragment:
    return orjson.Fragment(model.model_dump_json(exclude_none=True))


@asynccontextmanager
async def outages() -> AsyncIterator[None]:
    """Turn a Qdrant that is out of reach, overloaded or wants another key into `TransientError`.

    A request that it refuses stays an error. Waiting for Qdrant does not count for the time limit of a handler.
    """
    try:
        with uncounted():
            yield
    except UnexpectedResponse as error:
        if error.status_code in _NO_ACCESS:
            message = f"Qdrant refused access (status {error.status_code}): set PAPERWIRE_QDRANT_API_KEY to a valid key"
            raise AccessRefusedError(message) from error
        if error.status_code is not None and error.status_code < 500 and error.status_code != 429:  # noqa: PLR2004
            raise
        message = f"Qdrant failed with status {error.status_code}"
        if _FULL in error.content:
            message = "Qdrant has no space left on its disk"
        raise TransientError(message) from error
    except (ApiException, QdrantException, JSONDecodeError) as error:
        if _UNTRUSTED in (reason := _reason(error)):
            message = "The certificate of Qdrant is not trusted: set SSL_CERT_FILE to that of its issuer"
            raise AccessRefusedError(message) from error
        message = f"Qdrant does not answer: {reason}"
        raise TransientError(message) from error


def lacks_vector(error: UnexpectedResponse) -> bool:
    """Return whether Qdrant refused a request because the collection does not have the vector that it names."""
    return error.status_code == HTTPStatus.BAD_REQUEST and _NO_VECTOR in error.content


def _reason(error: Exception) -> str:
    """Return one line on what went wrong, without the address, which is a secret where Qdrant is embedded."""
    source = error.source if isinstance(error, ResponseHandlingException) else error
    line = str(source).strip().partition("\n")[0]
    return _ADDRESS.sub("its address", line) or type(source).__name__


async def read_or(reading: Awaitable[T], nothing: T) -> T:
    """Return what was read, or `nothing` when the collection or a point is not there. Raises as `outages`."""
    try:
        async with outages():
            return await reading
    except UnexpectedResponse as error:
        if error.status_code != HTTPStatus.NOT_FOUND:
            raise
        return nothing
