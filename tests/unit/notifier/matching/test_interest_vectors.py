"""The vectors of subscriptions: sentences are embedded as queries, abstracts as papers."""

from typing import Any

import numpy as np

from services.notifier.matching.indexed_papers import IndexedPapers
from services.notifier.matching.interest_vectors import InterestVectors
from services.notifier.subscription.model import Criteria
from services.notifier.subscription.sensitivity import MIN_ABSTRACT_LENGTH
from services.notifier.subscription.store import Store
from shared.embedding.vectors import unpack_vector
from tests.integration.notifier.support import WordEmbedder, words


class QueryPrefixEmbedder(WordEmbedder):
    """An embedder that embeds queries and papers differently, as some models do."""

    async def query(self, text: str) -> Any:
        return words(f"query: {text}")


async def interest(query: str) -> Any:
    # Neither is asked: nothing is liked, nothing is stored.
    made = InterestVectors(IndexedPapers(None), QueryPrefixEmbedder(), Store(None))  # type: ignore[arg-type]
    return unpack_vector((await made.compute(Criteria(query=query))).vector)


async def test_a_sentence_is_embedded_as_a_query_and_an_abstract_as_a_paper() -> None:
    sentence, abstract = "folding cranes", "folding cranes " * (MIN_ABSTRACT_LENGTH // 15 + 1)
    assert np.allclose(await interest(sentence), words(f"query: {sentence}"), atol=1e-6)
    assert np.allclose(await interest(abstract), words(abstract.strip()), atol=1e-6)
