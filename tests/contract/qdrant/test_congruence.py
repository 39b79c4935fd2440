"""INVARIANT: the embedded server answers as Qdrant does, whatever is asked in whatever order."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from qdrant_client import models

from tests.contract.qdrant.parties import Party, Step, agree, ask, fresh_name
from tests.contract.qdrant.steps import growing_stories, stories
from tests.contract.qdrant.world import INDEXES, SIZE
from tests.support import examples

PATIENCE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


# A failure is shown whole and at once: shrinking a story told to two servers takes minutes.
PHASES = (Phase.explicit, Phase.generate)
SETTINGS = settings(deadline=None, derandomize=True, suppress_health_check=PATIENCE, phases=PHASES)


@pytest.mark.timeout(400)  # two servers follow 120 stories, and one of them syncs every write
@examples(120, SETTINGS)
@given(story=stories)
def test_all_parties_agree(runner: asyncio.Runner, parties: list[Party], story: list[Step]) -> None:
    """Every step of a generated story has the same answer from everyone."""
    runner.run(tell(parties, story, modifier=None))


@pytest.mark.timeout(400)  # as above
@examples(40, SETTINGS)
@given(story=growing_stories)
def test_all_parties_weigh_terms_alike(runner: asyncio.Runner, parties: list[Party], story: list[Step]) -> None:
    """Scores by inverse document frequency are the same, while points are added and changed."""
    runner.run(tell(parties, story, modifier=models.Modifier.IDF))


async def tell(parties: list[Party], story: list[Step], modifier: models.Modifier | None) -> None:
    """Tell everyone the story, and compare after every step."""
    name = fresh_name()
    await asyncio.gather(*(prepare(party, name, modifier) for party in parties))
    try:
        for number, step in enumerate(story, 1):
            reference, *others = [await ask(party, name, step) for party in parties]
            for party, answer in zip(parties[1:], others, strict=True):
                steps = "\n".join(map(str, story[:number]))
                assert agree(step, reference, answer), (
                    f"{steps}\n{parties[0].name}: {reference}\n{party.name}: {answer}"
                )
    finally:
        await asyncio.gather(*(party.client.delete_collection(name) for party in parties))


async def prepare(party: Party, name: str, modifier: models.Modifier | None) -> None:
    """Create the collection of a story."""
    await party.client.create_collection(
        name,
        vectors_config={"dense": models.VectorParams(size=SIZE, distance=models.Distance.COSINE)},
        sparse_vectors_config={"sparse": models.SparseVectorParams(modifier=modifier)},
    )
    for field, schema in INDEXES.items():
        await ask(party, name, ("create_payload_index", {"field_name": field, "field_schema": schema}))
