"""Why a search finds a paper: how near it is in meaning, which words and phrases of the query it has."""

import re
from typing import Final

from services.notifier.insight.explain import Named
from services.notifier.matching.conditions import occurs, subject
from services.notifier.matching.indexed_papers import Known
from shared.embedding.embedder import Embedder
from shared.embedding.sparse import bm25_paper, bm25_query
from shared.papers.paper import Model

MOST_WORDS: Final = 50
_PHRASE: Final = re.compile(r'["“„]([^"“”„]+)["”“]')
_WORD: Final = re.compile(r"\w+")


class Word(Model):
    """A word of the query; `weight` is what it counts in this paper, before its rarity: 0 where it is missing."""

    word: str
    weight: float


class Phrase(Model):
    """A phrase of the query: a result has to have it."""

    phrase: str
    occurs: bool


class SearchExplanation(Model):
    """Why a search finds a paper, or does not."""

    query: str
    paper: Named
    verdict: str
    semantic: float
    words: tuple[Word, ...]
    phrases: tuple[Phrase, ...]


async def explain_search(query: str, paper: Known, embedder: Embedder) -> SearchExplanation:
    """Compare a query with a paper, the way search does."""
    one, near = paper.paper, await embedder.query(query)
    semantic = round(float(near.astype("f8") @ paper.vector.astype("f8")), 6)
    words = matched_words(query, f"{one.title}\n{one.abstract}")
    text = subject(one, ()).text
    spoken = dict.fromkeys(" ".join(found.split()) for found in _PHRASE.findall(query) if _WORD.search(found))
    phrases = tuple(Phrase(phrase=phrase, occurs=occurs(phrase, text)) for phrase in spoken)
    named = Named(id=one.id, title=one.title)
    verdict = _verdict(semantic, words, phrases)
    return SearchExplanation(query=query, paper=named, verdict=verdict, semantic=semantic, words=words, phrases=phrases)


def matched_words(query: str, text: str) -> tuple[Word, ...]:
    """Weigh the words of a query in a text; words that search does not count are left out."""
    paper = bm25_paper(text)
    weights = dict(zip(paper.indices, paper.values, strict=True))
    words = list(dict.fromkeys(_WORD.findall(query.lower())))[:MOST_WORDS]
    terms = ((word, bm25_query(word).indices) for word in words)
    return tuple(Word(word=word, weight=round(weights.get(ids[0], 0.0), 3)) for word, ids in terms if ids)


def _verdict(semantic: float, words: tuple[Word, ...], phrases: tuple[Phrase, ...]) -> str:
    missing = [f"“{one.phrase}”" for one in phrases if not one.occurs]
    if missing:
        return f"Not found: the paper lacks {', '.join(missing)}, and a phrase has to occur."
    has = [one.word for one in words if one.weight]
    spoken = f"it has {len(has)} of {len(words)} words ({', '.join(has)})" if has else "it has none of the words"
    return f"In meaning the paper scores {semantic:.2f}, and {spoken}; search ranks by both."
