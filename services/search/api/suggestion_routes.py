"""The JSON API of search: completions of what a reader types into the search box."""

import asyncio
from collections.abc import Callable
from typing import Final, Literal

from aiohttp import web
from pydantic import Field

from services.search.api.reader import Json
from services.search.query.filters import Filters
from services.search.query.suggestions import MOST, Suggestion, SuggestionIndex, operators
from services.search.query.values import Text
from services.search.ranking.paper_index import PaperIndex, Sort
from services.search.ranking.qdrant_filter import where
from shared.http import Api
from shared.http.api import Query
from shared.papers.paper import Model

PAPERS_READ: Final = 2_000
"""The newest papers, whose titles and authors are suggested."""
MAX_AGE_S: Final = 120.0
"""Seconds after which they are read again."""


class SuggestionParameters(Query):
    """What a reader has typed."""

    q: Text = Field(description="the beginning of a title, of a name, of a word in one of them, or of an operator")


class OneSuggestion(Model):
    """A title, an author, or an operator and what it does. The text is plain and must be escaped."""

    kind: Literal["paper", "author", "operator"]
    text: str
    query: str = Field(description="the search that finds it")


class SuggestionAnswer(Model):
    """The suggestions: operators, then those of the newest papers first."""

    suggestions: list[OneSuggestion] = Field(description=f"at most {MOST}")


class Suggestions:
    """Suggestions from the newest papers, which one process keeps in memory. `clock` returns monotonic seconds."""

    def __init__(self, papers: PaperIndex, clock: Callable[[], float]) -> None:
        self._papers = papers
        self._clock = clock
        self._index: SuggestionIndex | None = None
        self._read_at = 0.0
        self._reading = asyncio.Lock()

    async def of(self, typed: str) -> list[Suggestion]:
        """Return the suggestions for what was typed; raises as `index`."""
        return [*operators(typed), *(await self.index()).find(typed)][:MOST]

    async def index(self) -> SuggestionIndex:
        """Return the index; the first request after `MAX_AGE_S` reads it again, the others get the one before.

        Raises:
            TransientError: Qdrant does not answer.

        """
        if self._index is None or (self._is_old() and not self._reading.locked()):
            async with self._reading:
                if self._index is None or self._is_old():
                    self._index = await self._read()
                    self._read_at = self._clock()
        return self._index

    def _is_old(self) -> bool:
        return self._clock() - self._read_at >= MAX_AGE_S

    async def _read(self) -> SuggestionIndex:
        fields = ("paper.title", "paper.authors")
        hits = await self._papers.ordered(where(Filters()), Sort.NEWEST, limit=PAPERS_READ, fields=fields)
        return await asyncio.to_thread(SuggestionIndex, [hit.payload["paper"] for hit in hits])


def register(api: Api, suggestions: Suggestions) -> None:
    """Add the route to an API."""

    @api.route(
        "GET",
        "/v1/suggest",
        summary="Complete a query",
        response=SuggestionAnswer,
        query=SuggestionParameters,
    )
    async def suggest(_: web.Request, asked: SuggestionParameters) -> Json:
        """Complete what a reader has typed, from the operators, and the titles and authors of the newest papers."""
        found = await suggestions.of(asked.q)
        return {"suggestions": [{"kind": one.kind, "text": one.text, "query": one.query} for one in found]}
