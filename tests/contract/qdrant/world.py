"""A small world of points to generate: few ids, few words, many coincidences."""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from qdrant_client import models

SIZE = 4
IDS: list[int | str] = [1, 2, 3, 4, 5, 2**40, str(UUID(int=7)), str(UUID(int=2**100))]
WORDS = ["graph", "neural", "retrieval", "of", "papers", "Zürich"]
CATEGORIES = ["cs.CL", "cs.IR", "math", "été 😀"]
DATES = [
    "2024-01-01T00:00:00Z",
    "2024-01-01T02:00:00+02:00",  # the same instant
    "2024-02-29T12:30:00.250Z",
    "2023-12-31T23:59:59Z",
    "1969-07-20T20:17:40Z",
]
INDEXES: dict[str, Any] = {
    "cat": "keyword",
    "n": "integer",
    "x": "float",
    "flag": "bool",
    "when": "datetime",
    "ref": "uuid",
    "items[].k": "integer",
    "title": models.TextIndexParams(
        type=models.TextIndexType.TEXT, tokenizer=models.TokenizerType.WORD, lowercase=True, phrase_matching=True
    ),
}

ids = st.sampled_from(IDS)
id_lists = st.lists(ids, min_size=1, max_size=4, unique=True)
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)
quarters = st.integers(-8, 8).map(lambda n: n / 4)
seeds = st.integers(0, 2**32)


def dense_of(seed: object) -> list[float]:
    """Return a dense vector."""
    source = random.Random(str(seed))
    return [source.uniform(-1, 1) for _ in range(SIZE)]


def sparse_of(seed: object) -> models.SparseVector:
    """Return a sparse vector."""
    source = random.Random(str(seed))
    indices = sorted(source.sample(range(8), source.randint(1, 5)))
    return models.SparseVector(indices=indices, values=[source.uniform(0.1, 2) for _ in indices])


dense = seeds.map(dense_of)
sparse = seeds.map(sparse_of)


def vectors_of(point_id: int | str, names: set[str], seed: int) -> dict[str, Any]:
    """Return a point's vectors.

    No two points have the same, so no two have the same score: a tie would give them ranks by chance, and what fusion
    makes of ranks could not be compared.
    """
    kinds: dict[str, Any] = {"dense": dense_of, "sparse": sparse_of}
    return {name: kinds[name]((point_id, seed)) for name in sorted(names)}


# A point never loses its sparse vector here: the engine (qdrant-edge 0.9.0) leaves the terms of one that was
# taken away in its index, and counts them again when the point gets another one. Replacing one by another is exact,
# and so is deleting the point; Paperwire does nothing else.
some_names = st.sampled_from([{"sparse"}, {"dense", "sparse"}])
all_names = st.just({"dense", "sparse"})
items = st.lists(st.fixed_dictionaries({"k": st.integers(0, 2), "v": st.sampled_from("ab")}), max_size=2)
payloads = st.fixed_dictionaries(
    {},
    optional={
        "cat": st.one_of(st.sampled_from(CATEGORIES), st.lists(st.sampled_from(CATEGORIES), max_size=3, unique=True)),
        "n": st.one_of(st.integers(-3, 3), st.sampled_from([2**53 + 1, -(2**62)])),
        "x": quarters,
        "flag": st.booleans(),
        "when": st.sampled_from(DATES),
        "ref": st.sampled_from([str(UUID(int=1)), str(UUID(int=2))]),
        "title": texts,
        "items": items,
        "plain": st.one_of(st.none(), st.integers(0, 2), st.sampled_from(["a", "b"]), st.just([])),
        "deep": st.fixed_dictionaries({"a": st.fixed_dictionaries({"b": st.integers(0, 2)})}),
    },
)


def points(names: st.SearchStrategy[set[str]]) -> st.SearchStrategy[models.PointStruct]:
    """Draw points with some vectors."""
    return st.builds(
        lambda point_id, wanted, seed, payload: models.PointStruct(
            id=point_id, vector=vectors_of(point_id, wanted, seed), payload=payload
        ),
        ids,
        names,
        seeds,
        payloads,
    )


new_vectors = st.builds(
    lambda point_id, wanted, seed: models.PointVectors(id=point_id, vector=vectors_of(point_id, wanted, seed)),
    ids,
    some_names,
    seeds,
)


def field(key: str, **condition: object) -> models.FieldCondition:
    """Return a condition on one field."""
    return models.FieldCondition.model_validate({"key": key, **condition})


def ranges(kind: type[models.Range | models.DatetimeRange], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw ranges, empty ones too."""
    return st.dictionaries(st.sampled_from(["gt", "gte", "lt", "lte"]), values, min_size=1, max_size=2).map(
        lambda bounds: kind(**bounds)
    )


def matching(key: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[models.FieldCondition]:
    """Draw conditions that compare a field with values."""
    lists = st.lists(values, min_size=1, max_size=2)
    return st.one_of(
        values.map(lambda value: field(key, match=models.MatchValue(value=value))),
        lists.map(lambda several: field(key, match=models.MatchAny(any=several))),
        lists.map(lambda several: field(key, match=models.MatchExcept(**{"except": several}))),
    )


KEYS = ["cat", "n", "when", "title", "plain", "deep.a.b", "items", "absent"]
conditions = st.one_of(
    matching("cat", st.sampled_from(CATEGORIES)),
    st.sampled_from(["cs", "cs.I", "été", "x"]).map(lambda text: field("cat", match=models.MatchPrefix(prefix=text))),
    matching("n", st.integers(-3, 3)),
    matching("plain", st.sampled_from(["a", "b"])),
    matching("deep.a.b", st.integers(0, 2)),
    matching("items[].v", st.sampled_from("ab")),
    matching("ref", st.just(str(UUID(int=1)))),
    st.booleans().map(lambda value: field("flag", match=models.MatchValue(value=value))),
    texts.map(lambda text: field("title", match=models.MatchText(text=text))),
    texts.map(lambda text: field("title", match=models.MatchTextAny(text_any=text))),
    texts.map(lambda text: field("title", match=models.MatchPhrase(phrase=text))),
    ranges(models.Range, st.integers(-3, 3)).map(lambda bounds: field("n", range=bounds)),
    ranges(models.Range, quarters).map(lambda bounds: field("x", range=bounds)),
    ranges(models.DatetimeRange, st.sampled_from(DATES)).map(lambda bounds: field("when", range=bounds)),
    st.integers(0, 3).map(lambda least: field("cat", values_count=models.ValuesCount(gte=least))),
    st.sampled_from(KEYS).map(lambda key: models.IsEmptyCondition(is_empty=models.PayloadField(key=key))),
    st.sampled_from(KEYS).map(lambda key: models.IsNullCondition(is_null=models.PayloadField(key=key))),
    id_lists.map(lambda some: models.HasIdCondition(has_id=some)),
    st.sampled_from(["dense", "sparse"]).map(lambda name: models.HasVectorCondition(has_vector=name)),
    st.tuples(st.integers(0, 2), st.sampled_from("ab")).map(
        lambda pair: models.NestedCondition(
            nested=models.Nested(
                key="items",
                filter=models.Filter(
                    must=[
                        field("k", match=models.MatchValue(value=pair[0])),
                        field("v", match=models.MatchValue(value=pair[1])),
                    ]
                ),
            )
        )
    ),
)


def combined(inner: st.SearchStrategy[Any], *, counted: bool = True) -> st.SearchStrategy[models.Filter]:
    """Draw filters over conditions, with ``counted`` some that want a number of them."""
    several = st.lists(inner, min_size=1, max_size=2)
    least = st.lists(inner, min_size=2, max_size=3).map(lambda some: models.MinShould(conditions=some, min_count=2))
    clauses = {"must": several, "should": several, "must_not": several, **({"min_should": least} if counted else {})}
    return st.fixed_dictionaries({}, optional=clauses).map(lambda given: models.Filter(**given))


filters = combined(st.one_of(conditions, combined(conditions)))
# A query's filter also narrows its prefetches. Where both have a min_should, the engine (a server's as well) pools
# their conditions and wants the larger count of the pool; local mode wants both.
prefetch_filters = combined(conditions, counted=False)
