"""The second look at the best papers of a search: at titles, last sentences, and pairs of neighbouring words.

They cost too much for all papers of the index, and little for those that the first look found.
"""

import itertools
from collections.abc import Sequence
from typing import Any, Final

from services.search.ranking.fusion import Ranking
from services.search.ranking.qdrant_filter import among
from services.search.ranking.retrieval import Vectors
from shared.embedding.stopwords import STOPWORDS
from shared.embedding.vectors import typed_words
from shared.qdrant import ENDINGS, PAPERS, TITLE, Qdrant, lacks_vector, read_or
from shared.qdrant.client_library import UnexpectedResponse

LOOKED_AT: Final = 30
"""Papers that have a second look: on public test sets more of them change nothing among the first ten."""
MAX_PAIRS: Final = 6
"""Pairs that are looked for; those at the end of a longer query are left out."""
Json = dict[str, Any]


def word_pairs(text: str) -> list[tuple[str, str]]:
    """Return the pairs of neighbouring words of a query, without those that have a stopword."""
    pairs = itertools.pairwise(typed_words(text))
    return list(dict.fromkeys(pair for pair in pairs if STOPWORDS.isdisjoint(pair)))[:MAX_PAIRS]


async def second_look(
    client: Qdrant, text: str, vectors: Vectors, points: Sequence[str]
) -> tuple[Ranking, dict[str, float]]:
    """Return papers by how close a query is to their titles or endings, and the share of its pairs of words in each.

    Raises:
        TransientError: Qdrant does not answer.

    """
    pairs = word_pairs(text)
    parts = [_closest(name, vectors, points) for name in (TITLE, ENDINGS)]
    searches: list[Json] = [*parts, *([_pairs(pairs, points)] if pairs else [])]
    try:
        answers = await read_or(client.ask(PAPERS, "/query/batch", {"searches": searches}), [])
    except UnexpectedResponse as error:
        if not lacks_vector(error):
            raise
        return (), {}  # an indexer of an earlier version made the collection, and none of this version has started yet
    found = [{row["id"]: float(row["score"]) for row in answer["points"]} for answer in answers]
    titles, endings, *others = found or [{}, {}]
    closest = {point: max(score, endings.get(point, score)) for point, score in titles.items()}
    shares = {point: count / len(pairs) for counts in others for point, count in counts.items() if count}
    return list(closest.items()), shares


def _closest(part: str, vectors: Vectors, points: Sequence[str]) -> Json:
    return {"query": vectors.dense, "using": part, "filter": among(points), "limit": len(points)}


def _pairs(pairs: Sequence[tuple[str, str]], points: Sequence[str]) -> Json:
    """Return the query that counts the pairs that each paper has, in its title or its abstract."""
    phrases = [" ".join(pair) for pair in pairs]
    has = [
        {"should": [{"key": f"words.{field}", "match": {"phrase": phrase}} for field in ("title", "abstract")]}
        for phrase in phrases
    ]
    these = {"filter": among(points), "limit": len(points)}
    return {"prefetch": these, "query": {"formula": {"sum": has}}, "limit": len(points)}
