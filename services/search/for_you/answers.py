"""The answer to a request for recommendations: a page of papers, each with the reasons for it."""

from dataclasses import dataclass
from typing import Any

from services.search.api.parameters import ForYouParameters
from services.search.api.reader import Json, Reader, following, page_of
from services.search.api.responses import listed
from services.search.for_you.recommender import Recommended, Recommender
from services.search.for_you.scoring import reasons
from services.search.for_you.taste import Taste
from services.search.query import cursor
from services.search.ranking.engine import Ranked
from services.search.ranking.qdrant_filter import where


@dataclass(frozen=True, slots=True)
class Recommendations:
    """Answers requests for recommendations."""

    reader: Reader
    recommender: Recommender

    async def answer(self, taste: Taste, asked: ForYouParameters) -> Json:
        """Return one page of what a taste recommends.

        A cursor stays valid while the taste changes: what was shown does not come again.

        Raises:
            Problem: 422 for a cursor of another request.

        """
        search = cursor.digest("for you", asked.filters(), asked.like, asked.unlike)
        page = page_of(asked, search)
        found = await self.recommender.recommend(taste, asked.filters())
        ranked = Ranked(where(asked.filters()), found.order, 0.0)
        results = await self.reader.engine.find(ranked, None, page)
        rows = [
            {**row, "reasons": _reasons(taste, found, hit.point)}
            for row, hit in zip(listed(results.hits), results.hits, strict=True)
        ]
        return {
            "results": rows,
            "next_cursor": following(results, search),
            "liked": len(taste.liked),
            "days": found.days,
        }


def _reasons(taste: Taste, found: Recommended, point: str) -> list[str]:
    payload: Any = found.payloads[point]
    return reasons(taste, found.close[point], payload)
