"""Our collections in Qdrant: vector names, payload fields, indexes, and the one client.

A collection remembers the embedding model it was made with, in its metadata; another model stops the start.
"""

from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final, TypeVar

import aiohttp
import httpx
import orjson
from httpx_aiohttp import AiohttpTransport
from pydantic import BaseModel
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse
from yarl import URL

from shared.errors import ConfigurationError, TransientError
from shared.settings import Settings

T = TypeVar("T")
TIMEOUT: Final = 30
"""Seconds."""
_JSON: Final = {"Content-Type": "application/json"}
PAPERS: Final = "papers"
SUBSCRIPTIONS: Final = "subscriptions"
DENSE: Final = "dense"
BM25: Final = "bm25"
INTEREST: Final = "interest"
"""The vector of a subscription: its interest with −θ appended, so that one Dot query answers for every threshold."""

# One byte a dimension beside the floats: a scan is four times as fast, and with the best scored again by the floats
# (`EXACTLY`) its order is the same. docs/adr/0020 has the measurements.
_COMPACT = models.TurboQuantization(turbo=models.TurboQuantQuantizationConfig(bits=models.TurboQuantBitSize.BITS8))
EXACTLY: Final = models.SearchParams(quantization=models.QuantizationSearchParams(rescore=True))
"""How the dense vectors of papers are searched."""

_TEXT = models.TextIndexParams(
    type=models.TextIndexType.TEXT,
    tokenizer=models.TokenizerType.WORD,
    lowercase=True,
    phrase_matching=True,
)
# The payload of a paper's point: `paper` is the public JSON of the work, the rest is derived from it for filters.
PAPER_FIELDS: Final[Mapping[str, models.PayloadFieldSchema]] = {
    "ids": models.PayloadSchemaType.KEYWORD,  # every id the work is known by, as `names.canonical_id` spells it
    "author_keys": models.KeywordIndexParams(  # as `names.author_keys` gives them; beginnings find misspelled ones
        type=models.KeywordIndexType.KEYWORD, prefix=True
    ),
    "source_names": models.PayloadSchemaType.KEYWORD,
    "year": models.PayloadSchemaType.INTEGER,
    "has_code": models.PayloadSchemaType.BOOL,
    "published_at": models.PayloadSchemaType.DATETIME,  # RFC 3339; orders "newest"
    "indexed_at": models.PayloadSchemaType.DATETIME,
    "trending": models.PayloadSchemaType.FLOAT,
    "paper.authors[].name": models.PayloadSchemaType.KEYWORD,  # to count, as they are spelled
    "paper.categories": models.PayloadSchemaType.KEYWORD,
    "paper.status": models.PayloadSchemaType.KEYWORD,
    "paper.title": _TEXT,  # phrases
    "paper.abstract": _TEXT,
}
SUBSCRIPTION_FIELDS: Final[Mapping[str, models.PayloadFieldSchema]] = {
    "owner": models.PayloadSchemaType.KEYWORD,
    "changes": models.PayloadSchemaType.KEYWORD,
    "categories": models.PayloadSchemaType.KEYWORD,  # "*" stands for any
    "author_keys": models.PayloadSchemaType.KEYWORD,
    "source_names": models.PayloadSchemaType.KEYWORD,
    "paper_ids": models.PayloadSchemaType.KEYWORD,
    "active": models.PayloadSchemaType.BOOL,
}


class Qdrant(AsyncQdrantClient):
    """Qdrant's client with its requests sent by aiohttp, and a way around its models for what every search asks."""

    def __init__(self, url: str, api_key: str | None) -> None:
        """`url` may end in a path. Nothing is sent before the first request."""
        self._session: aiohttp.ClientSession | None = None
        self._points = URL(url.rstrip("/") + "/collections")
        self._key = {"api-key": api_key} if api_key else {}
        super().__init__(
            url=url,
            api_key=api_key,
            timeout=TIMEOUT,
            check_compatibility=False,
            # httpx's own connections cost a third of a search: with each request it looks at every one of them.
            transport=AiohttpTransport(client=self._open),
            # No text is sent to be embedded there; without this the client searches every vector for such texts.
            cloud_inference=True,
        )

    async def ask(self, collection: str, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401  # any JSON value
        """Ask about a collection's points in REST's own JSON; gives its `result`. Raises what the client does.

        Models and numpy arrays may be values of the body. Two rankings of 200 and 28 papers cost 4 milliseconds less
        than as the client's models, which is as much as the engine takes for them.
        """
        content = orjson.dumps(body, default=_json, option=orjson.OPT_SERIALIZE_NUMPY)
        url = self._points / collection / f"points{path}"
        try:
            async with self._open().post(url, data=content, headers=self._key | _JSON) as response:
                answer = await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ResponseHandlingException(error) from error
        if response.status != HTTPStatus.OK:
            raise UnexpectedResponse(response.status, response.reason or "", answer, httpx.Headers(response.headers))
        return orjson.loads(answer)["result"]

    async def close(self, grpc_grace: float | None = None, **kwargs: Any) -> None:  # noqa: ANN401  # the client's own
        """Close every connection."""
        await super().close(grpc_grace, **kwargs)
        if self._session:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                timeout=aiohttp.ClientTimeout(total=TIMEOUT),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def open_qdrant(settings: Settings) -> Qdrant:
    """Make the one kind of Qdrant client; the caller closes it."""
    key = settings.qdrant_api_key.get_secret_value() if settings.qdrant_api_key else None
    return Qdrant(settings.qdrant_url, key)


def _json(model: BaseModel) -> orjson.Fragment:
    return orjson.Fragment(model.model_dump_json(exclude_none=True))


@asynccontextmanager
async def outages() -> AsyncIterator[None]:
    """Turn an unreachable or overloaded Qdrant into `TransientError`; a request it refuses stays an error."""
    try:
        yield
    except ResponseHandlingException as error:
        message = f"Qdrant does not answer: {error}"
        raise TransientError(message) from error
    except UnexpectedResponse as error:
        if error.status_code is not None and error.status_code < 500 and error.status_code != 429:  # noqa: PLR2004
            raise
        message = f"Qdrant is in trouble: status {error.status_code}"
        raise TransientError(message) from error
    except ApiException as error:
        message = f"Qdrant does not answer: {error}"
        raise TransientError(message) from error


async def read_or(reading: Awaitable[T], nothing: T) -> T:
    """Give what was read, or `nothing` when the collection, or a point just deleted, is not there; as `outages`."""
    try:
        async with outages():
            return await reading
    except UnexpectedResponse as error:
        if error.status_code != HTTPStatus.NOT_FOUND:
            raise
        return nothing


async def check_papers(client: AsyncQdrantClient, model: str) -> None:
    """Check that the `papers` collection, when there is one, was made with this model; raises as `ensure_papers`."""
    async with outages():
        if await client.collection_exists(PAPERS):
            _check_model(await client.get_collection(PAPERS), PAPERS, model)


async def ensure_papers(client: AsyncQdrantClient, model: str, size: int) -> None:
    """Create the `papers` collection, owned by the indexer, or check that it was made with this model.

    Raises:
        ConfigurationError: it holds vectors of another model.
        TransientError: Qdrant does not answer.

    """
    await _ensure(
        client,
        PAPERS,
        model,
        vectors={DENSE: models.VectorParams(size=size, distance=models.Distance.COSINE, quantization_config=_COMPACT)},
        sparse={BM25: models.SparseVectorParams(modifier=models.Modifier.IDF)},
        fields=PAPER_FIELDS,
    )


async def ensure_subscriptions(client: AsyncQdrantClient, model: str, size: int) -> None:
    """Create the `subscriptions` collection, owned by the notifier, or check its model; raises as `ensure_papers`."""
    await _ensure(
        client,
        SUBSCRIPTIONS,
        model,
        vectors={INTEREST: models.VectorParams(size=size + 1, distance=models.Distance.DOT)},
        sparse={},
        fields=SUBSCRIPTION_FIELDS,
    )


async def _ensure(
    client: AsyncQdrantClient,
    name: str,
    model: str,
    *,
    vectors: Mapping[str, models.VectorParams],
    sparse: Mapping[str, models.SparseVectorParams],
    fields: Mapping[str, models.PayloadFieldSchema],
) -> None:
    async with outages():
        if not await client.collection_exists(name):
            try:
                await client.create_collection(
                    name, vectors_config=vectors, sparse_vectors_config=sparse, metadata={"embedding_model": model}
                )
            except UnexpectedResponse as error:
                if error.status_code != 409:  # noqa: PLR2004  # another process made it at the same moment
                    raise
        info = await client.get_collection(name)
        _check_model(info, name, model)
        for field, schema in fields.items():
            if field not in info.payload_schema:
                await client.create_payload_index(name, field, field_schema=schema, wait=True)


def _check_model(info: models.CollectionInfo, name: str, model: str) -> None:
    made_with = (info.config.metadata or {}).get("embedding_model")
    if made_with != model:
        message = (
            f"The collection {name!r} holds vectors of {made_with}, but PAPERWIRE_EMBEDDING_MODEL is {model}: "
            "set it back, or start with an empty data directory and import again."
        )
        raise ConfigurationError(message)
