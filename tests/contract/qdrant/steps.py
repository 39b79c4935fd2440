"""What can be asked: each step is a method of the client and its arguments."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from qdrant_client import models

from tests.contract.qdrant.parties import Step
from tests.contract.qdrant.world import (
    all_names,
    dense,
    filters,
    id_lists,
    ids,
    new_vectors,
    payloads,
    points,
    prefetch_filters,
    quarters,
    some_names,
    sparse,
)


def step(method: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    """Draw calls of one method."""
    return st.fixed_dictionaries(arguments).map(lambda drawn: (method, drawn))


targets = st.one_of(id_lists, filters)
keys = st.sampled_from([None, "deep", "deep.a", "fresh"])
writes = st.one_of(
    step("upsert", points=st.lists(points(some_names), min_size=1, max_size=6, unique_by=lambda point: point.id)),
    step("upsert", points=st.lists(points(some_names), min_size=3, max_size=8, unique_by=lambda point: point.id)),
    step("set_payload", payload=payloads, points=targets, key=keys),
    step("overwrite_payload", payload=payloads, points=targets),
    step(
        "delete_payload",
        keys=st.lists(st.sampled_from(["cat", "n", "deep.a"]), min_size=1, unique=True),
        points=targets,
    ),
    step("clear_payload", points_selector=targets),
    step("delete", points_selector=targets),
    step(
        "update_vectors",
        points=st.lists(new_vectors, min_size=1, max_size=3, unique_by=lambda each: each.id),
    ),
    step("delete_vectors", vectors=st.just(["dense"]), points=targets),
)

maybe_prefetch = st.one_of(st.none(), prefetch_filters)
maybe_filter = st.one_of(st.none(), filters)
limits = st.sampled_from([2, 3, 100])
parts = st.one_of(
    st.booleans(),
    st.just(["cat", "deep.a"]),
    st.just(models.PayloadSelectorExclude(exclude=["title", "items"])),
)
vector_parts = st.one_of(st.booleans(), st.just(["dense"]))
examples = st.lists(st.one_of(ids, dense), min_size=1, max_size=2)

dense_prefetch = st.builds(models.Prefetch, query=dense, using=st.just("dense"), limit=limits, filter=maybe_prefetch)
sparse_prefetch = st.builds(models.Prefetch, query=sparse, using=st.just("sparse"), limit=limits, filter=maybe_prefetch)
prefetches = st.tuples(dense_prefetch, sparse_prefetch).map(list)
fusions = st.one_of(
    st.builds(models.FusionQuery, fusion=st.sampled_from(models.Fusion)),
    st.builds(models.RrfQuery, rrf=st.builds(models.Rrf, k=st.sampled_from([None, 1, 10, 60]))),
)
recommendations = st.builds(
    models.RecommendInput,
    positive=examples,
    negative=st.one_of(st.none(), examples),
    strategy=st.sampled_from([None, *models.RecommendStrategy]),
).map(lambda wanted: models.RecommendQuery(recommend=wanted))
boosts = quarters.map(
    lambda weight: models.FormulaQuery(
        formula=models.SumExpression(sum=["$score", models.MultExpression(mult=[weight, "x"])]), defaults={"x": 0.5}
    )
)


def query(**arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    """Draw queries, with everything that all kinds of queries have."""
    return step("query_points", query_filter=maybe_filter, limit=limits, with_payload=parts, **arguments)


offsets = st.sampled_from([0, 1])
thresholds = st.sampled_from([None, 0.0, 0.3])
queries = st.one_of(
    query(query=fusions, prefetch=prefetches, offset=offsets),
    query(query=fusions, prefetch=prefetches, score_threshold=thresholds),
    query(query=dense, using=st.just("dense"), offset=offsets, score_threshold=thresholds, with_vectors=vector_parts),
    query(query=sparse, using=st.just("sparse"), offset=offsets, score_threshold=thresholds),
    query(query=ids, using=st.sampled_from(["dense", "sparse"])),
    query(query=recommendations, using=st.just("dense")),
    query(query=dense, using=st.just("dense"), prefetch=sparse_prefetch),
    query(query=boosts, prefetch=dense_prefetch),
)
orders = st.builds(models.OrderBy, key=st.sampled_from(["n", "x", "when"]), direction=st.sampled_from(models.Direction))
reads = st.one_of(
    queries,
    queries,
    step("scroll", scroll_filter=maybe_filter, limit=limits, with_payload=parts, with_vectors=vector_parts),
    step("scroll", scroll_filter=maybe_filter, limit=limits, offset=ids),
    step("scroll", scroll_filter=maybe_filter, limit=limits, order_by=orders),
    step("retrieve", ids=id_lists, with_payload=parts, with_vectors=vector_parts),
    step("count", count_filter=maybe_filter),
    step("facet", key=st.sampled_from(["cat", "n", "flag"]), facet_filter=maybe_filter, limit=limits),
)


def telling(*kinds: st.SearchStrategy[Step]) -> st.SearchStrategy[list[Step]]:
    """Draw stories: a world worth asking about first, then anything."""
    world = st.lists(points(all_names), min_size=4, max_size=8, unique_by=lambda point: point.id)
    return st.tuples(step("upsert", points=world), st.lists(st.one_of(*kinds), min_size=6, max_size=14)).map(
        lambda story: [story[0], *story[1]]
    )


stories = telling(writes, reads, reads)
# The engine counts deleted vectors in its document frequencies until a segment is rewritten, as a server does too;
# local mode forgets them at once. So where frequencies weigh, no sparse vector is removed.
growth = step("upsert", points=st.lists(points(all_names), min_size=1, max_size=6, unique_by=lambda point: point.id))
weighing = st.one_of(
    query(query=fusions, prefetch=prefetches),
    query(query=sparse, using=st.just("sparse"), score_threshold=thresholds),
    query(query=ids, using=st.just("sparse")),
)
growing_stories = telling(weighing, growth)
