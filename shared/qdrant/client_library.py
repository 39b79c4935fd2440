"""What Paperwire uses of Qdrant's client library, whose models are built when they are first used.

The library completes its 400 models at import, which is half of the time that its import takes; each process uses some
thirty of them. Everything imports the library from here, so that no import comes before this one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from pydantic import BaseModel


@contextmanager
def built_when_used() -> Iterator[None]:
    """Let pydantic models that are imported meanwhile be completed by pydantic when they are first used."""
    rebuild = BaseModel.__dict__["model_rebuild"]
    BaseModel.model_rebuild = classmethod(lambda _: None)  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        BaseModel.model_rebuild = rebuild  # type: ignore[method-assign]


with built_when_used():
    from qdrant_client import AsyncQdrantClient, models
    from qdrant_client.common.client_exceptions import QdrantException
    from qdrant_client.embed import type_inspector
    from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse
    from qdrant_client.http.models import QueryResponse

# Each client would copy tables of what may hold texts to embed. None is sent, so all may have the same.
type_inspector.ModelSchemaParser = cache(type_inspector.ModelSchemaParser)  # type: ignore[attr-defined,assignment]

__all__ = [
    "ApiException",
    "AsyncQdrantClient",
    "QdrantException",
    "QueryResponse",
    "ResponseHandlingException",
    "UnexpectedResponse",
    "models",
]
