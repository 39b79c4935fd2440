"""The handlers of collections and their payload indexes."""

from __future__ import annotations

from typing import Any

from embedded.qdrant.errors import BadRequest, parsing
from embedded.qdrant.http import responses
from embedded.qdrant.http.call import Call, Routes

Json = dict[str, Any]


async def listing(call: Call) -> Json:
    """List all collections."""
    return {"collections": [{"name": name} for name in call.collections]}


async def exists(call: Call) -> Json:
    """Return whether a collection exists."""
    return {"exists": call.name in call.collections}


async def create(call: Call) -> bool:
    """Create a collection."""
    config = {name: call.body.get(name) or {} for name in ("vectors", "sparse_vectors", "metadata")}
    call.collections.create(call.name, {**config, "indexes": {}})
    return True


async def describe(call: Call) -> Json:
    """Describe a collection."""
    return responses.info(call.collection)


async def update(call: Call) -> bool:
    """Merge new metadata in. Index parameters are accepted without effect, as there is no index."""
    collection, metadata = call.collection, call.body.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise BadRequest("Format error in JSON body: metadata: expected an object")
    collection.config["metadata"] = {**collection.config["metadata"], **metadata}
    collection.save()
    return True


async def delete(call: Call) -> bool:
    """Delete a collection; false when there was none."""
    return call.collections.delete(call.name)


async def create_index(call: Call) -> Json:
    """Index a payload field."""
    with parsing():
        field, schema = call.body["field_name"], call.body["field_schema"]
    return responses.updated(await call.collection.create_index(field, schema))


async def delete_index(call: Call) -> Json:
    """Remove the index of a payload field."""
    return responses.updated(await call.collection.delete_index(call.path["field"]))


async def create_vector(call: Call) -> Json:
    """Add a named vector."""
    return responses.updated(await call.collection.create_vector(call.path["vector"], call.body))


async def delete_vector(call: Call) -> Json:
    """Remove a named vector."""
    return responses.updated(await call.collection.delete_vector(call.path["vector"]))


ROUTES: Routes = [
    ("GET", "/collections", listing),
    ("GET", "/collections/{name}/exists", exists),
    ("PUT", "/collections/{name}", create),
    ("GET", "/collections/{name}", describe),
    ("PATCH", "/collections/{name}", update),
    ("DELETE", "/collections/{name}", delete),
    ("PUT", "/collections/{name}/index", create_index),
    ("DELETE", "/collections/{name}/index/{field}", delete_index),
    ("PUT", "/collections/{name}/vectors/{vector}", create_vector),
    ("DELETE", "/collections/{name}/vectors/{vector}", delete_vector),
]
