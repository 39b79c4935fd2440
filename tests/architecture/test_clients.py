"""Each vendor client is created in one place, which decides its timeouts and retries."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import modules, name, tree

PLACES = {
    "Redis.from_url": {"shared/bus/bus.py"},
    "RedisBroker": {"shared/bus/bus.py"},
    "AsyncQdrantClient": {"shared/qdrant/client.py"},
    "Qdrant": {"shared/qdrant/client.py"},
    "TextEmbedding": {"shared/embedding/embedder.py"},
    "ClientSession": {
        "shared/outbound.py",  # to addresses of others, with the guard against private ones
        "shared/qdrant/client.py",  # to Qdrant, under its own client and beside it
        "services/gateway/proxy.py",  # to our own services, with bodies passed on unchanged
        "services/cli/instance/api.py",  # to the instance that uses the data directory
        "services/cli/up/supervisor.py",  # to the health endpoints of its children
    },
}


def calls(path: Path) -> Iterator[str]:
    """Return the dotted name of every call in a file."""
    return (ast.unparse(node.func) for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


@pytest.mark.parametrize("client", PLACES)
def test_a_client_is_created_in_one_place(client: str) -> None:
    made = {name(path) for path in modules() for call in calls(path) if f".{call}".endswith(f".{client}")}
    assert made <= PLACES[client], f"{client} is also created elsewhere: use the client that exists"
