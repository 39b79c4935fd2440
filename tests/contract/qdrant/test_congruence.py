"""INVARIANT: the embedded server answers as Qdrant does, whatever is asked in whatever order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from qdrant_client import models

from tests.contract.qdrant.parties import Party, Step, agree, ask, fresh_name
from tests.contract.qdrant.steps import stories
from tests.contract.qdrant.world import INDEXES, SIZE

PATIENCE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


@pytest.fixture(scope="session")
def collection(runner: asyncio.Runner, parties: list[Party]) -> Iterator[str]:
    """One collection for all stories: creating one, with its indexes, takes longer than telling a story."""
    name = fresh_name()
    for party in parties:
        runner.run(prepare(party, name))
    yield name
    for party in parties:
        runner.run(party.client.delete_collection(name))


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=PATIENCE)
@given(story=stories)
def test_all_parties_agree(runner: asyncio.Runner, parties: list[Party], collection: str, story: list[Step]) -> None:
    """Every step of a generated story has the same answer from everyone."""
    runner.run(tell(parties, collection, story))


async def tell(parties: list[Party], collection: str, story: list[Step]) -> None:
    """Tell everyone the story, and compare after every step."""
    for step in [("delete", {"points_selector": models.Filter()}), *story]:
        reference, *others = [await ask(party, collection, step) for party in parties]
        for party, answer in zip(parties[1:], others, strict=True):
            assert agree(step, reference, answer), f"{step}\n{parties[0].name}: {reference}\n{party.name}: {answer}"


async def prepare(party: Party, name: str) -> None:
    """Create the collection of all stories."""
    await party.client.create_collection(
        name,
        vectors_config={"dense": models.VectorParams(size=SIZE, distance=models.Distance.COSINE)},
        sparse_vectors_config={"sparse": models.SparseVectorParams(modifier=models.Modifier.IDF)},
    )
    for field, schema in INDEXES.items():
        await ask(party, name, ("create_payload_index", {"field_name": field, "field_schema": schema}))
