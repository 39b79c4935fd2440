"""The explanation of a search result: the route `/v1/explain` with a query."""

import asyncio
import re
from collections.abc import Sequence
from typing import Final

from aiohttp import web
from pydantic import Field

from services.search.api.parameters import ExplainParameters
from services.search.api.reader import Reader
from services.search.query.conditions import Condition, conditions_of
from services.search.query.parser import Query
from services.search.ranking.author_lookup import spelled
from services.search.ranking.paper_index import Hit
from services.search.ranking.qdrant_filter import at
from shared.embedding.vectors import bm25_paper, bm25_query
from shared.http import Api
from shared.papers.paper import Model

MAX_WORDS: Final = 50
"""Words of a query that are explained."""
_WORD: Final = re.compile(r"\w+")


class ExplainedPaper(Model):
    """The paper that is explained."""

    id: str
    title: str


class Word(Model):
    """A word of the query that ranks."""

    word: str
    weight: float = Field(description="what it counts in this paper, before its rarity; 0 where the paper lacks it")


class Phrase(Model):
    """A phrase that a result must contain."""

    phrase: str
    occurs: bool


class QueryCondition(Model):
    """A condition of the query, written as in the query."""

    condition: str
    excluded: bool = Field(description="whether a result must not match it")
    matches: bool = Field(description="whether the paper matches it")


class SearchExplanation(Model):
    """The explanation why a search finds a paper, or does not."""

    query: str
    paper: ExplainedPaper
    verdict: str
    semantic: float | None = Field(description="how near the paper is in meaning; null for a query without words")
    words: tuple[Word, ...]
    phrases: tuple[Phrase, ...]
    conditions: tuple[QueryCondition, ...]


def register(api: Api, reader: Reader) -> None:
    """Add the route to an API."""

    @api.route(
        "GET",
        "/v1/explain",
        summary="Explain why a search finds a paper",
        response=SearchExplanation,
        query=ExplainParameters,
        problems=(404,),
        when="q",
    )
    async def explain(_: web.Request, asked: ExplainParameters) -> SearchExplanation:
        """Explain why a search with the query `q` finds a paper, or does not."""
        return await explanation(reader, asked.q, await reader.paper(asked.paper))


async def explanation(reader: Reader, query: Query, hit: Hit) -> SearchExplanation:
    """Compare a query with a paper, each condition in Qdrant as a search does."""
    paper, conditions = hit.payload["paper"], conditions_of(query)
    semantic, *matched = await asyncio.gather(
        reader.engine.closeness(query.text, hit.point), *(_matches(reader, each, hit.point) for each in conditions)
    )
    checks = tuple(
        QueryCondition(condition=each.text, excluded=each.excluded, matches=bool(matches))
        for each, matches in zip(conditions, matched, strict=True)
    )
    words = matched_words(query.text, f"{paper['title']}\n{paper.get('abstract', '')}")
    hidden = paper.get("status") == "withdrawn" and not query.wanted.ids
    return SearchExplanation(
        query=query.typed,
        paper=ExplainedPaper(id=paper["id"], title=paper["title"]),
        verdict=_verdict(checks, semantic, words, hidden=hidden),
        semantic=semantic,
        words=words,
        phrases=tuple(
            Phrase(phrase=each.phrase, occurs=check.matches)
            for each, check in zip(conditions, checks, strict=True)
            if each.phrase is not None
        ),
        conditions=checks,
    )


async def _matches(reader: Reader, condition: Condition, point: str) -> bool:
    return await reader.papers.count(at(point, await spelled(condition.filters, reader.papers))) > 0


def matched_words(query: str, text: str) -> tuple[Word, ...]:
    """Weigh the words of a query in a text; words that search does not count are left out."""
    paper = bm25_paper(text)
    weights = dict(zip(paper.indices, paper.values, strict=True))
    words = list(dict.fromkeys(_WORD.findall(query.lower())))[:MAX_WORDS]
    terms = ((word, bm25_query(word).indices) for word in words)
    return tuple(Word(word=word, weight=round(weights.get(ids[0], 0.0), 3)) for word, ids in terms if ids)


def _verdict(checks: Sequence[QueryCondition], semantic: float | None, words: Sequence[Word], *, hidden: bool) -> str:
    """Return one sentence on whether the paper is found, and why."""
    against = ["the paper was withdrawn, and searches leave withdrawn papers out"] if hidden else []
    against += [
        f"the query {'excludes' if check.excluded else 'requires'} {check.condition}, "
        f"which the paper {'matches' if check.matches else 'does not match'}"
        for check in checks
        if check.matches == check.excluded
    ]
    if against:
        return f"Not found: {'; '.join(against)}."
    passes = "The paper matches every condition. " if checks else ""
    if semantic is None:
        return f"{passes}The query has no words that rank it.".strip()
    has = [word.word for word in words if word.weight]
    lexical = f"it has {len(has)} of {len(words)} words ({', '.join(has)})" if has else "it has none of the words"
    if not words:
        lexical = "the query has no words that search counts"
    return f"{passes}Its semantic score is {semantic:.2f}, and {lexical}; search ranks by both."
