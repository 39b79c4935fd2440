"""The handlers of points: changes, queries and other reads."""

from __future__ import annotations

import asyncio
from typing import Any

import qdrant_edge as edge

from embedded.qdrant.errors import NotFound, engine, parsing
from embedded.qdrant.http import responses
from embedded.qdrant.http.call import Call, Handler, Routes
from embedded.qdrant.queries.query import kind_of, limit_of, to_order, to_query
from embedded.qdrant.queries.references import References
from embedded.qdrant.translation.filters import to_filter
from embedded.qdrant.translation.selection import top_level, with_payload, with_vector
from embedded.qdrant.translation.updates import to_update

Json = dict[str, Any]


def change(name: str) -> Handler:
    """Return the handler of one kind of change."""

    async def handler(call: Call) -> Json:
        collection = call.collection
        with parsing():
            update = to_update(name, call.body, collection.shape)
        return responses.updated(await collection.apply(update))

    return handler


async def change_batch(call: Call) -> list[Json]:
    """Carry out several changes in their order; each has its own answer."""
    collection = call.collection
    with parsing():
        updates = [
            to_update(name, body, collection.shape)
            for each in call.body["operations"]
            for ((name, body),) in [each.items()]  # one operation each
        ]
    return [responses.updated(await collection.apply(update)) for update in updates]


async def query(call: Call) -> Json:
    """Answer one query."""
    collection = call.collection
    with parsing():
        request = to_query(call.body, References(call.collections, collection))
    return responses.scored(await collection.batcher.query(request, kind_of(call.body)))


async def query_batch(call: Call) -> list[Json]:
    """Answer several queries."""
    collection, references = call.collection, References(call.collections, call.collection)
    with parsing():
        requests = [(to_query(each, references), kind_of(each)) for each in call.body["searches"]]
    found = await asyncio.gather(*(collection.batcher.query(*each) for each in requests))
    return [responses.scored(each) for each in found]


async def retrieve(call: Call) -> list[Json]:
    """Return points by id; those that do not exist are left out."""
    body = call.body
    with parsing():
        ids, payload, vector = body["ids"], with_payload(body, default=True), with_vector(body)
        edge.UpdateOperation.delete_points(ids)  # raises what is not an id; never carried out
        fields = top_level(payload)
    with engine():
        found = call.collection.shard.retrieve(ids, payload if fields is None else True, vector)
    return responses.records(found, fields)


async def retrieve_one(call: Call) -> Json:
    """Return one point whole."""
    text = call.path["id"]
    with parsing():
        point_id: edge.PointId = int(text) if text.isdecimal() else text
        edge.UpdateOperation.delete_points([point_id])
    with engine():
        found = call.collection.shard.retrieve([point_id], with_payload=True, with_vector=True)
    if not found:
        raise NotFound(f"Not found: Point with id {text} does not exists!")
    return responses.records(found)[0]


async def scroll(call: Call) -> Json:
    """Return points page by page, by id or in the order of a field."""
    body = call.body
    with parsing():
        request = edge.ScrollRequest(
            offset=body.get("offset"),
            limit=limit_of(body),
            filter=to_filter(body.get("filter")),
            with_payload=with_payload(body, default=True),
            with_vector=with_vector(body),
            order_by=to_order(body["order_by"]) if body.get("order_by") is not None else None,
        )
    with engine():
        found, following = call.collection.shard.scroll(request)
    return {"points": responses.records(found), "next_page_offset": following}


async def count(call: Call) -> Json:
    """Count points, always exactly: there is no index from which an estimate would come faster."""
    with parsing():
        request = edge.CountRequest(exact=True, filter=to_filter(call.body.get("filter")))
    with engine():
        return {"count": call.collection.shard.count(request)}


async def facet(call: Call) -> Json:
    """Count the values of an indexed field.

    The engine's "exact" mode runs one filter a value, seconds for a field such as authors. Its other mode is exact too
    in a collection of one segment, which ours are; it differs where a server holds points twice while it optimizes.
    """
    body = call.body
    with parsing():
        where = to_filter(body.get("filter"))
        request = edge.FacetRequest(body["key"], limit_of(body), exact=False, filter=where)
    with engine():
        hits = call.collection.shard.facet(request).hits
    return {"hits": [{"value": hit.value, "count": hit.count} for hit in hits]}


POINTS = "/collections/{name}/points"
READS = [
    ("POST", f"{POINTS}/query", query),
    ("POST", f"{POINTS}/query/batch", query_batch),
    ("POST", POINTS, retrieve),
    ("POST", f"{POINTS}/scroll", scroll),
    ("POST", f"{POINTS}/count", count),
    ("POST", "/collections/{name}/facet", facet),
    ("GET", f"{POINTS}/{{id}}", retrieve_one),
]
"""What changes nothing: it is dropped when its client has left."""
CHANGES: Routes = [
    ("PUT", POINTS, change("upsert")),
    ("POST", f"{POINTS}/delete", change("delete")),
    ("POST", f"{POINTS}/payload", change("set_payload")),
    ("PUT", f"{POINTS}/payload", change("overwrite_payload")),
    ("POST", f"{POINTS}/payload/delete", change("delete_payload")),
    ("POST", f"{POINTS}/payload/clear", change("clear_payload")),
    ("PUT", f"{POINTS}/vectors", change("update_vectors")),
    ("POST", f"{POINTS}/vectors/delete", change("delete_vectors")),
    ("POST", f"{POINTS}/batch", change_batch),
]
