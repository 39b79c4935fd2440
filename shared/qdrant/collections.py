"""Our collections in Qdrant: vector names, payload fields, indexes.

A collection remembers in its metadata the embedding model and the version of its data; another model and a later
version stop the start.
"""

from collections.abc import Mapping
from typing import Any, Final

from shared.errors import ConfigurationError
from shared.qdrant.client import outages
from shared.qdrant.client_library import AsyncQdrantClient, UnexpectedResponse, models
from shared.qdrant.generations import FILLING, MODEL
from shared.qdrant.located import PAPERS, SUBSCRIPTIONS
from shared.versions import DATA_VERSION, FIELD, check_data_version

DENSE: Final = "dense"
TITLE: Final = "title"
"""The dense vector of a title alone, with which a search compares the papers that it found by the others."""
ENDINGS: Final = "endings"
"""The dense vectors of the last sentences of an abstract, as one multivector; they serve as that of the title does."""
BM25: Final = "bm25"
ANALYSED: Final = "analysis"
"""The field with the version of the analysis by which the words and names of a point were read."""
INTEREST: Final = "interest"
"""The vector of a subscription: its interest with −c appended, so that one Dot query answers for every threshold."""
WORDS: Final = "words"
"""The weights of the words of a subscription, by the ids of their terms."""

# One byte a dimension beside the floats: a scan is four times as fast, and with the best scored again by the floats
# (`EXACTLY`) its order is the same. docs/adr/0020 has the measurements.
_COMPACT = models.TurboQuantization(turbo=models.TurboQuantQuantizationConfig(bits=models.TurboQuantBitSize.BITS8))
EXACTLY: Final = models.SearchParams(quantization=models.QuantizationSearchParams(rescore=True))
"""How the dense vectors of papers are searched."""

# They are only compared with papers that were found already, so that half the bytes and no graph will do.
_PART: Final[Mapping[str, Any]] = {"distance": models.Distance.COSINE, "datatype": models.Datatype.FLOAT16}
_CLOSEST: Final = models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM)
_PARTS: Final[Mapping[str, Mapping[str, Any]]] = {TITLE: _PART, ENDINGS: {**_PART, "multivector_config": _CLOSEST}}
_UNGRAPHED: Final = models.HnswConfigDiff(m=0)

_TEXT = models.TextIndexParams(
    type=models.TextIndexType.TEXT,
    tokenizer=models.TokenizerType.WHITESPACE,  # `words` did the rest
    lowercase=False,
    phrase_matching=True,
)
# The payload of a paper's point: `paper` is the public JSON of the work, the rest is derived from it for filters.
PAPER_FIELDS: Final[Mapping[str, models.PayloadFieldSchema]] = {
    "ids": models.PayloadSchemaType.KEYWORD,  # every id the work is known by, as `names.canonical_id` spells it
    "author_keys": models.KeywordIndexParams(  # `person_names.known_keys`; beginnings find misspelled ones
        type=models.KeywordIndexType.KEYWORD, prefix=True
    ),
    "source_names": models.PayloadSchemaType.KEYWORD,
    "year": models.PayloadSchemaType.INTEGER,  # of papers with a date only
    "has_code": models.PayloadSchemaType.BOOL,
    "published_at": models.PayloadSchemaType.DATETIME,  # RFC 3339; orders "newest", also papers without a date
    "published_until": models.PayloadSchemaType.DATETIME,  # the end of a year or a month, where no day is known
    "first_seen": models.PayloadSchemaType.DATETIME,  # when the first source showed it
    "indexed_at": models.PayloadSchemaType.DATETIME,
    "trending": models.PayloadSchemaType.FLOAT,
    "paper.authors[].name": models.PayloadSchemaType.KEYWORD,  # to count, as they are spelled
    "paper.categories": models.PayloadSchemaType.KEYWORD,
    "paper.status": models.PayloadSchemaType.KEYWORD,
    ANALYSED: models.PayloadSchemaType.INTEGER,
    "words.title": _TEXT,  # phrases; as `words` gives them, separated by spaces
    "words.abstract": _TEXT,
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


async def check_papers(client: AsyncQdrantClient, model: str) -> None:
    """Check that the `papers` collection, when there is one, was made with this model; raises as `ensure_papers`."""
    async with outages():
        if await client.collection_exists(PAPERS):
            _check_metadata(await client.get_collection(PAPERS), PAPERS, model)


async def ensure_papers(client: AsyncQdrantClient, model: str, size: int, *, filling: bool = False) -> None:
    """Create the `papers` collection, owned by the indexer, or check that it was made with this model.

    One that is created `filling` is used once `mark_filled` was called.

    Raises:
        ConfigurationError: it holds vectors of another model, or data of a later version.
        TransientError: Qdrant does not answer.

    """
    await _ensure(
        client,
        PAPERS,
        _metadata(model, filling=filling),
        vectors={
            DENSE: models.VectorParams(size=size, distance=models.Distance.COSINE, quantization_config=_COMPACT),
            **{name: models.VectorParams(size=size, **part, hnsw_config=_UNGRAPHED) for name, part in _PARTS.items()},
        },
        sparse={BM25: models.SparseVectorParams(modifier=models.Modifier.IDF)},
        fields=PAPER_FIELDS,
    )


async def ensure_subscriptions(client: AsyncQdrantClient, model: str, size: int, *, filling: bool = False) -> None:
    """Create the `subscriptions` collection, owned by the notifier, or check its model; works as `ensure_papers`."""
    await _ensure(
        client,
        SUBSCRIPTIONS,
        _metadata(model, filling=filling),
        vectors={INTEREST: models.VectorParams(size=size + 1, distance=models.Distance.DOT)},
        sparse={WORDS: models.SparseVectorParams()},
        fields=SUBSCRIPTION_FIELDS,
    )


async def mark_filled(client: AsyncQdrantClient, collection: str) -> None:
    """Note that all is in a collection that was created `filling`; raises TransientError."""
    async with outages():
        await client.update_collection(collection, metadata={FILLING: False})


def _metadata(model: str, *, filling: bool) -> dict[str, Any]:
    return {MODEL: model, FIELD: DATA_VERSION} | ({FILLING: True} if filling else {})


async def _ensure(
    client: AsyncQdrantClient,
    name: str,
    metadata: Mapping[str, Any],
    *,
    vectors: Mapping[str, models.VectorParams],
    sparse: Mapping[str, models.SparseVectorParams],
    fields: Mapping[str, models.PayloadFieldSchema],
) -> None:
    async with outages():
        if not await client.collection_exists(name):
            try:
                await client.create_collection(
                    name,
                    vectors_config=vectors,
                    sparse_vectors_config=sparse,
                    metadata=dict(metadata),
                )
            except UnexpectedResponse as error:
                if error.status_code != 409:  # noqa: PLR2004  # another process made it at the same moment
                    raise
        info = await client.get_collection(name)
        _check_metadata(info, name, metadata[MODEL])
        present = set(info.config.params.vectors or ())
        for part in vectors.keys() & _PARTS.keys() - present:  # an earlier version made the collection
            await _add(client, part, vectors[part].size)
        if WORDS in sparse and WORDS not in (info.config.params.sparse_vectors or ()):  # as above
            words = models.SparseVectorNameConfig(sparse=models.SparseVectorConfig())
            await client.create_vector_name(name, WORDS, words)
        for field, schema in fields.items():
            if field not in info.payload_schema:
                await client.create_payload_index(name, field, field_schema=schema, wait=True)


async def _add(client: AsyncQdrantClient, part: str, size: int) -> None:
    vector = models.DenseVectorNameConfig(dense=models.DenseVectorConfig(size=size, **_PARTS[part]))
    await client.create_vector_name(PAPERS, part, vector)


def _check_metadata(info: models.CollectionInfo, name: str, model: str) -> None:
    metadata = info.config.metadata or {}
    check_data_version(f"The collection {name!r}", metadata.get(FIELD))
    made_with = metadata.get(MODEL)
    if made_with != model:
        message = (
            f"The collection {name!r} holds vectors of {made_with}, but PAPERWIRE_EMBEDDING_MODEL is {model}: "
            f"set it back, start, and run `paperwire reindex --model {model}` beside it, which says what to do next."
        )
        raise ConfigurationError(message)
