"""What a collection is made of: vectors and payload indexes, from JSON to the engine's configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import qdrant_edge as edge

from embedded.qdrant.errors import BadRequest, Invalid
from embedded.qdrant.translation.vectors import Dense, Shape, Sparse

Body = Mapping[str, Any]

MAX_SIZE = 65_536
DISTANCES = {name: getattr(edge.Distance, name) for name in ("Cosine", "Euclid", "Dot", "Manhattan")}
DATATYPES = {
    "float32": edge.VectorStorageDatatype.Float32,
    "float16": edge.VectorStorageDatatype.Float16,
    "uint8": edge.VectorStorageDatatype.Uint8,
}

BITS = {name.lower(): getattr(edge.TurboQuantBitSize, name) for name in ("Bits1", "Bits1_5", "Bits2", "Bits4", "Bits8")}


def dense_params(params: Body) -> dict[str, Body]:
    """Return the dense vectors of a collection by name; an unnamed one is called ""."""
    vectors = params.get("vectors") or {}
    return {"": vectors} if "size" in vectors else vectors


def shape_of(params: Body) -> Shape:
    """Return the specification of the vectors of a point."""
    dense = {
        name: Dense(each["size"], multi=bool(each.get("multivector_config")))
        for name, each in dense_params(params).items()
    }
    return {**dense, **{name: Sparse() for name in params.get("sparse_vectors") or {}}}


def edge_config(params: Body) -> edge.EdgeConfig:
    """Translate the vectors of a collection.

    Raises:
        Invalid: a vector has no size, or one that is too large.
    """
    dense = {name: _dense(name, each) for name, each in dense_params(params).items()}
    sparse = {name: _sparse(each or {}) for name, each in (params.get("sparse_vectors") or {}).items()}
    return edge.EdgeConfig(vectors=dense, sparse_vectors=sparse)


def new_vector(name: str, body: Body) -> tuple[str, dict[str, Any], edge.UpdateOperation]:
    """Translate a vector that is added to a collection: its kind, its parameters, and what makes it.

    Raises:
        BadRequest, Invalid: it is neither dense nor sparse, or has no size, or one that is too large.
    """
    given = {kind: {key: value for key, value in params.items() if value is not None} for kind, params in body.items()}
    if (params := given.get("dense")) is not None:
        dense = _dense(name, params)
        build = edge.UpdateOperation.create_dense_vector
        return "vectors", params, build(name, dense.size, dense.distance, dense.multivector_config, dense.datatype)
    if (params := given.get("sparse")) is not None:
        return "sparse_vectors", params, edge.UpdateOperation.create_sparse_vector(name, _sparse(params).modifier)
    raise BadRequest("Format error in JSON body: expected a dense or a sparse vector")


def _dense(name: str, body: Body) -> edge.EdgeVectorParams:
    size = body["size"]
    if not 1 <= size <= MAX_SIZE:
        field = f"vectors.{name}.size" if name else "vectors.size"
        raise Invalid(f"Validation error in JSON body: [{field}: value {size} invalid, must be from 1 to {MAX_SIZE}]")
    many = edge.MultiVectorConfig(edge.MultiVectorComparator.MaxSim) if body.get("multivector_config") else None
    return edge.EdgeVectorParams(
        size,
        DISTANCES[body["distance"]],
        multivector_config=many,
        datatype=DATATYPES[body.get("datatype") or "float32"],
        quantization_config=_quantization(body.get("quantization_config") or {}),
    )


def _quantization(body: Body) -> edge.TurboQuantQuantizationConfig | None:
    """Translate scalar quantization, which works without an optimizer; other kinds have no effect."""
    if (turbo := body.get("turbo")) is None:
        return None
    bits = turbo.get("bits")
    return edge.TurboQuantQuantizationConfig(bits=None if bits is None else BITS[bits])


def _sparse(body: Body) -> edge.EdgeSparseVectorParams:
    return edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf if body.get("modifier") == "idf" else None)


INDEX_TYPES: dict[str, tuple[edge.PayloadSchemaType, Callable[..., Any]]] = {
    "keyword": (edge.PayloadSchemaType.Keyword, edge.KeywordIndexParams),
    "integer": (edge.PayloadSchemaType.Integer, edge.IntegerIndexParams),
    "float": (edge.PayloadSchemaType.Float, edge.FloatIndexParams),
    "bool": (edge.PayloadSchemaType.Bool, edge.BoolIndexParams),
    "datetime": (edge.PayloadSchemaType.Datetime, edge.DatetimeIndexParams),
    "uuid": (edge.PayloadSchemaType.Uuid, edge.UuidIndexParams),
    "geo": (edge.PayloadSchemaType.Geo, edge.GeoIndexParams),
    "text": (edge.PayloadSchemaType.Text, edge.TextIndexParams),
}


def index_type(schema: Any) -> str:
    """Return the type a payload index has, whichever of the two forms ``schema`` takes.

    Raises:
        BadRequest: there is no such type.
    """
    name = schema["type"] if isinstance(schema, dict) else schema
    if name not in INDEX_TYPES:
        raise BadRequest(f"Format error in JSON body: unknown payload index type `{name}`")
    return str(name)


def edge_index(schema: Any) -> Any:
    """Translate the schema of a payload index: a type's name, or an object with its parameters."""
    plain, params = INDEX_TYPES[index_type(schema)]
    if not isinstance(schema, dict):
        return plain
    given = {name: value for name, value in schema.items() if name != "type" and value is not None}
    return params(**{name: INDEX_OPTIONS.get(name, _as_is)(value) for name, value in given.items()})


def _as_is(value: Any) -> Any:
    return value


def _capital(value: str) -> str:
    return value[:1].upper() + value[1:]


def _language(value: str) -> edge.Language:
    language: edge.Language = getattr(edge.Language, _capital(value))
    return language


def _stopwords(value: Any) -> Any:
    if isinstance(value, str):
        return _language(value)
    languages = {_language(each) for each in value.get("languages") or []}
    return edge.StopwordsSet(languages, set(value.get("custom") or []))


def _stemmer(value: Body) -> Any:
    if value["type"] == "none":
        return edge.DisabledStemmer()
    return edge.SnowballParams(getattr(edge.SnowballLanguage, _capital(value["language"])))


INDEX_OPTIONS: dict[str, Callable[[Any], Any]] = {
    "tokenizer": lambda value: getattr(edge.TokenizerType, _capital(value)),
    "stopwords": _stopwords,
    "stemmer": _stemmer,
    "memory": lambda value: getattr(edge.Memory, _capital(value)),
    "scoring": lambda value: value if isinstance(value, bool) else edge.TextScoringParams(),
}
